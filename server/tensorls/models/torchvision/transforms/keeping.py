"""Random transforms that leave the size, the type and the number of channels as they are."""

import torch
from __abstract__ import boolean, integer
from torchvision.transforms import functional as F


class _Keeping(torch.nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, img):
        return F._keep(img) if boolean() else img


class ColorJitter(_Keeping):
    pass


class GaussianBlur(_Keeping):
    pass


class RandomInvert(_Keeping):
    pass


class RandomPosterize(_Keeping):
    pass


class RandomSolarize(_Keeping):
    pass


class RandomAdjustSharpness(_Keeping):
    pass


class RandomAutocontrast(_Keeping):
    pass


class RandomEqualize(_Keeping):
    pass


class RandomPerspective(_Keeping):
    pass


class RandomAffine(_Keeping):
    pass


class ElasticTransform(_Keeping):
    pass


class RandomErasing(_Keeping):
    pass


class AutoAugment(_Keeping):
    pass


class RandAugment(_Keeping):
    pass


class TrivialAugmentWide(_Keeping):
    pass


class AugMix(_Keeping):
    pass


class AutoAugmentPolicy:
    IMAGENET, CIFAR10, SVHN = "imagenet", "cifar10", "svhn"


class RandomHorizontalFlip(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, img):
        return F.hflip(img) if boolean() else img


class RandomVerticalFlip(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, img):
        return F.vflip(img) if boolean() else img


class RandomRotation(torch.nn.Module):
    def __init__(self, degrees, interpolation=F.InterpolationMode.NEAREST, expand=False, center=None, fill=0):
        super().__init__()
        self.expand = expand

    def forward(self, img):
        return F.rotate(img, integer(), expand=self.expand)
