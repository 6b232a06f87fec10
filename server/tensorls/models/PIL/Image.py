"""PIL.Image: an image is its mode and its size."""

import numpy
from __abstract__ import array, integer, integers, known, text, unknown

NEAREST, LANCZOS, BILINEAR, BICUBIC, BOX, HAMMING = 0, 1, 2, 3, 4, 5
ANTIALIAS = LANCZOS
FLIP_LEFT_RIGHT, FLIP_TOP_BOTTOM, ROTATE_90, ROTATE_180, ROTATE_270, TRANSPOSE, TRANSVERSE = 0, 1, 2, 3, 4, 5, 6


class Resampling:
    NEAREST, LANCZOS, BILINEAR, BICUBIC, BOX, HAMMING = 0, 1, 2, 3, 4, 5


class Transpose:
    FLIP_LEFT_RIGHT, FLIP_TOP_BOTTOM, ROTATE_90, ROTATE_180, ROTATE_270, TRANSPOSE, TRANSVERSE = 0, 1, 2, 3, 4, 5, 6


class Image:
    """An image of a mode and a size; its pixels are not known."""

    def __init__(self, mode, width, height):
        self.mode = mode
        self.width = int(width)
        self.height = int(height)
        self.format = unknown("format of an image")
        self.info = unknown("info of an image")
        self.filename = unknown("file name of an image")

    @property
    def size(self):
        return (self.width, self.height)

    def __array__(self, dtype=None, copy=None):
        height, width = self.height, self.width
        if not known(self.mode):
            return array()
        if self.mode == "RGB" or self.mode == "YCbCr" or self.mode == "HSV" or self.mode == "LAB":
            return numpy.zeros((height, width, 3), dtype=numpy.uint8)
        if self.mode == "L" or self.mode == "P":
            return numpy.zeros((height, width), dtype=numpy.uint8)
        if self.mode == "RGBA" or self.mode == "CMYK" or self.mode == "RGBX" or self.mode == "RGBa":
            return numpy.zeros((height, width, 4), dtype=numpy.uint8)
        if self.mode == "LA" or self.mode == "La" or self.mode == "PA":
            return numpy.zeros((height, width, 2), dtype=numpy.uint8)
        if self.mode == "1":
            return numpy.zeros((height, width), dtype=numpy.bool_)
        if self.mode == "I":
            return numpy.zeros((height, width), dtype=numpy.int32)
        if self.mode == "F":
            return numpy.zeros((height, width), dtype=numpy.float32)
        return array()

    def getbands(self):
        if not known(self.mode):
            return integers()
        if self.mode == "RGB":
            return ("R", "G", "B")
        if self.mode == "L" or self.mode == "P" or self.mode == "1" or self.mode == "I" or self.mode == "F":
            return (self.mode,)
        if self.mode == "RGBA" or self.mode == "CMYK":
            return (self.mode[0], self.mode[1], self.mode[2], self.mode[3])
        return integers()

    def convert(self, mode=None, matrix=None, dither=None, palette=0, colors=256):
        if mode is None:
            return Image(text(), self.width, self.height)
        return Image(mode, self.width, self.height)

    def resize(self, size, resample=None, box=None, reducing_gap=None):
        return Image(self.mode, size[0], size[1])

    def crop(self, box=None):
        if box is None:
            return self.copy()
        left, top, right, bottom = box
        return Image(self.mode, round(right) - round(left), round(bottom) - round(top))

    def rotate(self, angle, resample=0, expand=0, center=None, translate=None, fillcolor=None):
        if expand:
            return Image(self.mode, integer(), integer())
        return self.copy()

    def transpose(self, method):
        if method == FLIP_LEFT_RIGHT or method == FLIP_TOP_BOTTOM or method == ROTATE_180:
            return self.copy()
        return Image(self.mode, self.height, self.width)

    def transform(self, size, method, data=None, resample=0, fill=1, fillcolor=None):
        return Image(self.mode, size[0], size[1])

    def thumbnail(self, size, resample=None, reducing_gap=2.0):
        self.width = integer()
        self.height = integer()

    def reduce(self, factor, box=None):
        return Image(self.mode, integer(), integer())

    def copy(self):
        return Image(self.mode, self.width, self.height)

    def filter(self, filter):
        return self.copy()

    def effect_spread(self, distance):
        return self.copy()

    def point(self, lut, mode=None):
        return Image(self.mode if mode is None else mode, self.width, self.height)

    def quantize(self, colors=256, method=None, kmeans=0, palette=None, dither=None):
        return Image("P", self.width, self.height)

    def split(self):
        if self.mode == "RGB":
            return (self.convert("L"), self.convert("L"), self.convert("L"))
        return unknown("bands of an image")

    def getchannel(self, channel):
        return self.convert("L")

    def putalpha(self, alpha):
        self.mode = text()

    def paste(self, im, box=None, mask=None):
        return None

    def putpixel(self, xy, value):
        return None

    def putpalette(self, data, rawmode="RGB"):
        self.mode = text()

    def save(self, fp, format=None, **params):
        return None

    def show(self, title=None):
        return None

    def load(self):
        return unknown("pixels of an image")

    def close(self):
        return None

    def verify(self):
        return None

    def seek(self, frame):
        return None

    def getpixel(self, xy):
        return unknown("pixel of an image")

    def getdata(self, band=None):
        return unknown("pixels of an image")

    def getbbox(self):
        return unknown("box of an image")

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None


def open(fp, mode="r", formats=None):
    return Image(text(), integer(), integer())


def new(mode, size, color=0):
    return Image(mode, size[0], size[1])


def fromarray(obj, mode=None):
    height, width = obj.shape[0], obj.shape[1]
    if mode is None:
        if obj.ndim == 2:
            if obj.dtype == numpy.uint8:
                mode = "L"
            elif obj.dtype == numpy.int32:
                mode = "I"
            elif obj.dtype == numpy.float32 or obj.dtype == numpy.float64:
                mode = "F"
            elif obj.dtype == numpy.uint16:
                mode = "I;16"
            elif obj.dtype == numpy.bool_:
                mode = "1"
            else:
                mode = text()
        elif obj.ndim == 3:
            mode = "RGB" if obj.shape[2] == 3 else "RGBA" if obj.shape[2] == 4 else "LA" if obj.shape[2] == 2 else text()
        else:
            mode = text()
    return Image(mode, width, height)


def frombytes(mode, size, data, decoder_name="raw", *args):
    return Image(mode, size[0], size[1])


def frombuffer(mode, size, data, decoder_name="raw", *args):
    return Image(mode, size[0], size[1])


def merge(mode, bands):
    return Image(mode, bands[0].width, bands[0].height)


def blend(im1, im2, alpha):
    return im1.copy()


def composite(image1, image2, mask):
    return image2.copy()


def alpha_composite(im1, im2):
    return im1.copy()
