"""skimage.transform: other sizes."""

import numpy
from __abstract__ import array


def resize(image, output_shape, order=None, mode="reflect", cval=0, clip=True, preserve_range=False, **kwargs):
    if image.dtype == numpy.bool_:
        return array()
    if len(output_shape) == 2 and image.ndim == 2:
        return numpy.zeros(output_shape, dtype=_result(image))
    if len(output_shape) == 2 and image.ndim == 3:
        return numpy.zeros((output_shape[0], output_shape[1], image.shape[2]), dtype=_result(image))
    if len(output_shape) == 3:
        return numpy.zeros(output_shape, dtype=_result(image))
    return array()


def _result(image):
    """Small floats stay as they are, everything else is computed in double precision."""
    if image.dtype == numpy.float32 or image.dtype == numpy.float16:
        return numpy.float32
    return numpy.float64
