"""Data sets of photographs: RGB images, each of its own size."""

from __abstract__ import integer, text, unknown
from PIL import Image
from torchvision.datasets.vision import VisionDataset


class _Pictures(VisionDataset):
    def __init__(self, root, split="train", transform=None, target_transform=None, download=False, **kwargs):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = split

    def _image(self):
        return Image.new("RGB", (integer(), integer()))

    def _target(self):
        return integer()

    def __getitem__(self, index):
        return self._pair(self._image(), self._target())

    def __len__(self):
        return integer()


class Flowers102(_Pictures):
    def __len__(self):
        return 6149 if self.split == "test" else 1020


class Food101(_Pictures):
    def __len__(self):
        return 75750 if self.split == "train" else 25250


class StanfordCars(_Pictures):
    def __len__(self):
        return 8144 if self.split == "train" else 8041


class GTSRB(_Pictures):
    def __len__(self):
        return 26640 if self.split == "train" else 12630


class Country211(_Pictures):
    pass


class ImageNet(_Pictures):
    def __len__(self):
        return 1281167 if self.split == "train" else 50000


class DTD(_Pictures):
    def __init__(self, root, split="train", partition=1, transform=None, target_transform=None, download=False):
        super().__init__(root, split, transform, target_transform)

    def __len__(self):
        return 1880


class FGVCAircraft(_Pictures):
    def __init__(self, root, split="trainval", annotation_level="variant", transform=None, target_transform=None, download=False):
        super().__init__(root, split, transform, target_transform)


class Caltech101(_Pictures):
    def __init__(self, root, target_type="category", transform=None, target_transform=None, download=False):
        super().__init__(root, "all", transform, target_transform)
        self.target_type = target_type

    def _target(self):
        return integer() if self.target_type == "category" else unknown("annotation")

    def __len__(self):
        return 8677


class Caltech256(_Pictures):
    def __init__(self, root, transform=None, target_transform=None, download=False):
        super().__init__(root, "all", transform, target_transform)

    def _image(self):
        return Image.open("")

    def __len__(self):
        return 30607


class OxfordIIITPet(_Pictures):
    def __init__(
        self, root, split="trainval", target_types="category", transforms=None, transform=None, target_transform=None, download=False
    ):
        super().__init__(root, split, transform, target_transform)
        self.transforms = transforms
        self.target_types = target_types

    def _target(self):
        return integer() if self.target_types == "category" else unknown("segmentation")

    def __len__(self):
        return 3680 if self.split == "trainval" else 3669


class Places365(_Pictures):
    def __init__(self, root, split="train-standard", small=False, download=False, transform=None, target_transform=None, loader=None):
        super().__init__(root, split, transform, target_transform)


class VOCSegmentation(_Pictures):
    def __init__(self, root, year="2012", image_set="train", download=False, transform=None, target_transform=None, transforms=None):
        super().__init__(root, image_set, transform, target_transform)
        self.transforms = transforms

    def __getitem__(self, index):
        image = self._image()
        return self._pair(image, Image.new("P", image.size))


class VOCDetection(VOCSegmentation):
    def __getitem__(self, index):
        return self._pair(self._image(), unknown("annotation"))


class CocoDetection(_Pictures):
    def __init__(self, root, annFile, transform=None, target_transform=None, transforms=None):
        super().__init__(root, "all", transform, target_transform)
        self.transforms = transforms

    def _target(self):
        return unknown("annotations")


class CocoCaptions(CocoDetection):
    pass


class Flickr8k(_Pictures):
    def __init__(self, root, ann_file, transform=None, target_transform=None):
        super().__init__(root, "all", transform, target_transform)

    def _target(self):
        return unknown("captions")


class Flickr30k(Flickr8k):
    pass
