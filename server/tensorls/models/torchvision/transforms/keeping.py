"""Random transforms that leave the size, the type and the number of channels as they are."""

import torch
from __abstract__ import boolean, integer
from torchvision.transforms import functional as F
from torchvision.transforms.transform import Transform


class Keeping(Transform):
    def _one(self, img):
        return F._keep(img) if boolean() else img


class ColorJitter(Keeping):
    pass


class GaussianBlur(Keeping):
    pass


class RandomInvert(Keeping):
    pass


class RandomPosterize(Keeping):
    pass


class RandomSolarize(Keeping):
    pass


class RandomAdjustSharpness(Keeping):
    pass


class RandomAutocontrast(Keeping):
    pass


class RandomEqualize(Keeping):
    pass


class RandomPerspective(Keeping):
    pass


class RandomAffine(Keeping):
    pass


class ElasticTransform(Keeping):
    pass


class RandomErasing(Keeping):
    pass


class AutoAugment(Keeping):
    pass


class RandAugment(Keeping):
    pass


class TrivialAugmentWide(Keeping):
    pass


class AugMix(Keeping):
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
