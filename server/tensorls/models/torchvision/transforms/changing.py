"""Transforms to another size or another number of channels."""

import torch
from __abstract__ import boolean
from torchvision.transforms import functional as F


class Resize(torch.nn.Module):
    def __init__(self, size, interpolation=F.InterpolationMode.BILINEAR, max_size=None, antialias=True):
        super().__init__()
        self.size = size
        self.interpolation = interpolation
        self.max_size = max_size
        self.antialias = antialias

    def forward(self, img):
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)


Scale = Resize


class _Crop(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = F._pair(size)

    def forward(self, img):
        return F.center_crop(img, self.size)


class CenterCrop(_Crop):
    pass


class RandomCrop(_Crop):
    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__(size)
        self.padding = padding


class RandomResizedCrop(_Crop):
    def __init__(self, size, scale=(0.08, 1.0), ratio=(3.0 / 4.0, 4.0 / 3.0), interpolation=F.InterpolationMode.BILINEAR, antialias=True):
        super().__init__(size)
        self.scale = scale
        self.ratio = ratio


RandomSizedCrop = RandomResizedCrop


class FiveCrop(_Crop):
    def forward(self, img):
        return F.five_crop(img, self.size)


class TenCrop(_Crop):
    def __init__(self, size, vertical_flip=False):
        super().__init__(size)

    def forward(self, img):
        return F.ten_crop(img, self.size)


class Pad(torch.nn.Module):
    def __init__(self, padding, fill=0, padding_mode="constant"):
        super().__init__()
        self.padding = padding

    def forward(self, img):
        return F.pad(img, self.padding)


class Grayscale(torch.nn.Module):
    def __init__(self, num_output_channels=1):
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        return F.rgb_to_grayscale(img, self.num_output_channels)


class RandomGrayscale(torch.nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, img):
        channels = F.get_image_num_channels(img)
        return F.rgb_to_grayscale(img, channels) if boolean() else img
