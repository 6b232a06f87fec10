"""Data sets in files whose images have one size."""

import torch
from __abstract__ import integer, text, unknown
from PIL import Image
from torchvision.datasets.vision import VisionDataset


class _Fixed(VisionDataset):
    mode = "RGB"
    size = (0, 0)
    count = None

    def __init__(self, root, split="train", transform=None, target_transform=None, download=False, **kwargs):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = split

    def _target(self):
        return integer()

    def __getitem__(self, index):
        return self._pair(Image.new(self.mode, self.size), self._target())

    def __len__(self):
        return integer()


class CelebA(_Fixed):
    size = (178, 218)

    def __init__(self, root, split="train", target_type="attr", transform=None, target_transform=None, download=False):
        super().__init__(root, split, transform, target_transform)
        self.target_type = target_type
        count = len(self)
        self.attr = torch.zeros(count, 40, dtype=torch.int64, device="cpu")
        self.identity = torch.zeros(count, 1, dtype=torch.int64, device="cpu")
        self.bbox = torch.zeros(count, 4, dtype=torch.int64, device="cpu")
        self.landmarks_align = torch.zeros(count, 10, dtype=torch.int64, device="cpu")

    def _target(self):
        if self.target_type == "attr":
            return self.attr[integer()]
        if self.target_type == "identity":
            return self.identity[integer(), 0]
        if self.target_type == "bbox":
            return self.bbox[integer()]
        if self.target_type == "landmarks":
            return self.landmarks_align[integer()]
        return unknown("targets of several types")

    def __len__(self):
        if self.split == "train":
            return 162770
        return 19867 if self.split == "valid" else 19962 if self.split == "test" else 202599


class EuroSAT(_Fixed):
    size = (64, 64)

    def __init__(self, root, transform=None, target_transform=None, download=False):
        super().__init__(root, "train", transform, target_transform)

    def __len__(self):
        return 27000


class FER2013(_Fixed):
    mode = "L"
    size = (48, 48)


class PCAM(_Fixed):
    size = (96, 96)

    def __len__(self):
        return 262144 if self.split == "train" else 32768


class LFWPeople(_Fixed):
    size = (250, 250)

    def __init__(self, root, split="10fold", image_set="funneled", transform=None, target_transform=None, download=False):
        super().__init__(root, split, transform, target_transform)


class Omniglot(_Fixed):
    mode = "L"
    size = (105, 105)

    def __init__(self, root, background=True, transform=None, target_transform=None, download=False):
        super().__init__(root, "train", transform, target_transform)
        self.background = background

    def __len__(self):
        return 19280 if self.background else 13180
