"""Pretrained weights: which there are and how their images are prepared; the numbers themselves do not matter to sizes."""

import enum
import torch
from __abstract__ import known, mapping, text, unknown
from torchvision.transforms import functional as F


class ImageClassification(torch.nn.Module):
    """An image as the network was trained on it: a normalized tensor (..., crop, crop)."""

    def __init__(self, crop_size, resize_size=256, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), **kwargs):
        super().__init__()
        self.crop_size = [crop_size]
        self.resize_size = [resize_size]
        self.mean = list(mean)
        self.std = list(std)

    def forward(self, img):
        img = F.center_crop(img, self.crop_size)
        if not isinstance(img, torch.Tensor):
            img = F.pil_to_tensor(img)
        return F.normalize(F.convert_image_dtype(img, torch.float), self.mean, self.std)


class Weights:
    """``crop``: the size of the images; None where they are prepared in another way."""

    def __init__(self, crop=None, classes=1000):
        self.crop = crop
        self.classes = classes
        self.url = text()

    @property
    def meta(self):
        entries = mapping()
        entries["categories"] = [text() for _ in range(self.classes)]
        return entries

    def transforms(self, **kwargs):
        return unknown("transforms of weights") if self.crop is None else ImageClassification(**{"crop_size": self.crop, **kwargs})


class WeightsEnum(enum.Enum):
    @classmethod
    def verify(cls, obj):
        return obj

    @property
    def url(self):
        return self.value.url

    @property
    def meta(self):
        return self.value.meta

    @property
    def transforms(self):
        return self.value.transforms

    def get_state_dict(self, *args, **kwargs):
        return mapping()


def trained_once(crop=224):
    class _Weights(WeightsEnum):
        IMAGENET1K_V1 = Weights(crop)
        DEFAULT = IMAGENET1K_V1

    return _Weights


def trained_twice(crop=224, newer=224):
    class _Weights(WeightsEnum):
        IMAGENET1K_V1 = Weights(crop)
        IMAGENET1K_V2 = Weights(newer)
        DEFAULT = IMAGENET1K_V2

    return _Weights


def get_model_builder(name):
    """The function of a name; networks that are not modelled are not known."""
    import torchvision.models

    return getattr(torchvision.models, name.lower()) if known(name) else unknown("network by name")


def get_model(name, **config):
    return get_model_builder(name)(**config)


def list_models(module=None, include=None, exclude=None):
    return unknown("names of networks")


def get_weight(name):
    return unknown("weights by name")


def get_model_weights(name):
    return unknown("weights of a network")
