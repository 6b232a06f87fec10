"""timm.models."""

from timm.models import factory, layers, vision_transformer
from timm.models.factory import create_model
from timm.models.vision_transformer import VisionTransformer
from __abstract__ import unknown


def register_model(fn):
    return fn


def load_checkpoint(model, checkpoint_path, *args, **kwargs):
    return unknown("what a checkpoint lacks")
