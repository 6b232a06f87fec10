"""timm: its layers and its vision transformer, where the package itself is not installed.

What differs between its versions is left open.
"""

from timm import data, layers, loss, models, utils
from timm.models.factory import create_model
from __abstract__ import boolean, text, unknown

__version__ = text()


def list_models(*args, **kwargs):
    return unknown("names of models")


def is_model(model_name):
    return boolean()
