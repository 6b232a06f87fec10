"""Data sets in folders: how many images there are, and how large, is known only there."""

from __abstract__ import integer, integers, text, unknown
from PIL import Image
from torchvision.datasets.vision import VisionDataset


def pil_loader(path):
    return Image.open(path).convert("RGB")


def default_loader(path):
    return pil_loader(path)


class DatasetFolder(VisionDataset):
    def __init__(self, root, loader, extensions=None, transform=None, target_transform=None, is_valid_file=None, allow_empty=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.loader = loader
        self.extensions = extensions
        self.classes = unknown("classes in a folder")
        self.class_to_idx = unknown("classes in a folder")
        self.samples = [(text(), integer()) for _ in unknown("files in a folder")]
        self.targets = integers()

    def __getitem__(self, index):
        path, _ = self.samples[index]
        return self._pair(self.loader(path), integer())

    def __len__(self):
        return integer()


class ImageFolder(DatasetFolder):
    def __init__(self, root, transform=None, target_transform=None, loader=default_loader, is_valid_file=None, allow_empty=False):
        super().__init__(root, loader, None, transform, target_transform, is_valid_file)
        self.imgs = self.samples
