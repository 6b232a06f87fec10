"""skimage.io: what is in a file is not known."""

from __abstract__ import array


def imread(fname, as_gray=False, plugin=None, **plugin_args):
    return array(2) if as_gray else array()


def imsave(fname, arr, **kwargs):
    return None


def imshow(arr, **kwargs):
    return None


def show():
    return None
