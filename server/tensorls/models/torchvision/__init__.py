"""torchvision: what its data sets hold and what its transforms do to sizes."""

from torchvision import datasets, io, models, ops, transforms, tv_tensors, utils
from __abstract__ import text

__version__ = text()


def _is_tracing():
    return False


def set_image_backend(backend):
    return None


def disable_beta_transforms_warning():
    return None
