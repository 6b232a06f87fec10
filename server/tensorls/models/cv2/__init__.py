"""cv2: images as arrays (H, W, C); where a name is missing nothing is known."""

import numpy
from __abstract__ import array, integer, like

IMREAD_UNCHANGED, IMREAD_GRAYSCALE, IMREAD_COLOR = -1, 0, 1
INTER_NEAREST, INTER_LINEAR, INTER_CUBIC, INTER_AREA, INTER_LANCZOS4 = 0, 1, 2, 3, 4
COLOR_BGR2BGRA, COLOR_BGR2RGBA, COLOR_BGR2RGB, COLOR_RGB2BGR, COLOR_BGR2GRAY, COLOR_RGB2GRAY, COLOR_GRAY2BGR, COLOR_GRAY2RGB = (
    0,
    2,
    4,
    4,
    6,
    7,
    8,
    8,
)
COLOR_BGR2HSV, COLOR_RGB2HSV, COLOR_HSV2BGR, COLOR_HSV2RGB = 40, 41, 54, 55


def imread(filename, flags=IMREAD_COLOR):
    if flags == IMREAD_COLOR:
        return numpy.zeros((integer(), integer(), 3), dtype=numpy.uint8)
    if flags == IMREAD_GRAYSCALE:
        return numpy.zeros((integer(), integer()), dtype=numpy.uint8)
    return array()


def resize(src, dsize, dst=None, fx=0, fy=0, interpolation=INTER_LINEAR):
    if dsize is None:
        return array(src.ndim)
    width, height = dsize
    if src.ndim == 2:
        return numpy.zeros((height, width), dtype=src.dtype)
    if src.shape[2] == 1:
        return numpy.zeros((height, width), dtype=src.dtype)
    return numpy.zeros((height, width, src.shape[2]), dtype=src.dtype)


def cvtColor(src, code, dst=None, dstCn=0):
    height, width = src.shape[0], src.shape[1]
    if code == 6 or code == 7:
        return numpy.zeros((height, width), dtype=src.dtype)
    if code == 4 or code == 8 or code == 40 or code == 41 or code == 54 or code == 55:
        return numpy.zeros((height, width, 3), dtype=src.dtype)
    return array()


def _same(src):
    """A single channel loses its axis."""
    if src.ndim == 3 and src.shape[2] == 1:
        return like(src[:, :, 0])
    return like(src)


def flip(src, flipCode, dst=None):
    return _same(src)


def GaussianBlur(src, ksize, sigmaX, dst=None, sigmaY=0, borderType=4):
    return _same(src)


def imwrite(filename, img, params=None):
    return True


def imshow(winname, mat):
    return None


def waitKey(delay=0):
    return integer()
