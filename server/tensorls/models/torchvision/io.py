"""torchvision.io: images as tensors (C, H, W)."""

import torch
from __abstract__ import integer, tensor


class ImageReadMode:
    UNCHANGED, GRAY, GRAY_ALPHA, RGB, RGB_ALPHA = "UNCHANGED", "GRAY", "GRAY_ALPHA", "RGB", "RGB_ALPHA"


def read_image(path, mode=ImageReadMode.UNCHANGED, apply_exif_orientation=False):
    return decode_image(path, mode)


def decode_image(input, mode=ImageReadMode.UNCHANGED, apply_exif_orientation=False):
    if mode == "GRAY":
        return torch.zeros(1, integer(), integer(), dtype=torch.uint8, device="cpu")
    if mode == "RGB":
        return torch.zeros(3, integer(), integer(), dtype=torch.uint8, device="cpu")
    return tensor(3)


def write_png(input, filename, compression_level=6):
    return None


def write_jpeg(input, filename, quality=75):
    return None
