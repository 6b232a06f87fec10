"""PIL.ImageOps: operations that keep the size or state the new one."""

from __abstract__ import integer
from PIL.Image import Image


def _same(image, *args, **kwargs):
    return image.copy()


autocontrast = equalize = flip = invert = mirror = posterize = solarize = _same


def grayscale(image):
    return image.convert("L")


def fit(image, size, method=3, bleed=0.0, centering=(0.5, 0.5)):
    return image.resize(size)


def pad(image, size, method=3, color=None, centering=(0.5, 0.5)):
    return image.resize(size)


def contain(image, size, method=3):
    return Image(image.mode, integer(), integer())


def exif_transpose(image, *, in_place=False):
    return Image(image.mode, integer(), integer())
