"""Data sets that are held in memory: arrays of images of one size, and their labels."""

import numpy
import torch
from __abstract__ import integer, integers, unknown
from PIL import Image
from torchvision.datasets.vision import VisionDataset

DIGITS = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"]


class MNIST(VisionDataset):
    classes = DIGITS

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        self._hold(60000 if train else 10000)

    def _hold(self, count):
        self.data = torch.zeros(count, 28, 28, dtype=torch.uint8, device="cpu")
        self.targets = torch.zeros(count, dtype=torch.int64, device="cpu")

    @property
    def train_labels(self):
        return self.targets

    @property
    def test_labels(self):
        return self.targets

    @property
    def train_data(self):
        return self.data

    @property
    def test_data(self):
        return self.data

    @property
    def class_to_idx(self):
        return {name: index for index, name in enumerate(self.classes)}

    def __getitem__(self, index):
        image, target = self.data[index], int(self.targets[index])
        return self._pair(Image.fromarray(image.numpy()), target)

    def __len__(self):
        return len(self.data)


class FashionMNIST(MNIST):
    classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


class KMNIST(MNIST):
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]


class EMNIST(MNIST):
    classes = unknown("classes of EMNIST")

    def __init__(self, root, split, **kwargs):
        super().__init__(root, **kwargs)
        self.split = split
        if split == "byclass" or split == "bymerge":
            self._hold(697932 if self.train else 116323)
        elif split == "balanced":
            self._hold(112800 if self.train else 18800)
        elif split == "letters":
            self._hold(124800 if self.train else 20800)
        elif split == "digits":
            self._hold(240000 if self.train else 40000)
        elif split == "mnist":
            self._hold(60000 if self.train else 10000)
        else:
            self._hold(integer())


class QMNIST(MNIST):
    def __init__(self, root, what=None, compat=True, train=True, **kwargs):
        super().__init__(root, train, **kwargs)
        if what is None:
            what = "train" if train else "test"
        self.what = what
        self.compat = compat
        if what == "train" or what == "test":
            self._hold(60000)
        elif what == "test10k":
            self._hold(10000)
        elif what == "test50k":
            self._hold(50000)
        elif what == "nist":
            self._hold(402953)
        else:
            self._hold(integer())

    def _hold(self, count):
        self.data = torch.zeros(count, 28, 28, dtype=torch.uint8, device="cpu")
        self.targets = torch.zeros(count, 8, dtype=torch.int64, device="cpu")

    def __getitem__(self, index):
        target = int(self.targets[index][0]) if self.compat else self.targets[index]
        return self._pair(Image.fromarray(self.data[index].numpy()), target)


class _Arrays(VisionDataset):
    """Images and labels under these names; ``channels_first``: how the images lie in the array."""

    def __getitem__(self, index):
        return self._pair(Image.fromarray(self.data[index]), int(self.targets[index]))

    def __len__(self):
        return len(self.data)


class CIFAR10(_Arrays):
    classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        self.data = numpy.zeros((50000 if train else 10000, 32, 32, 3), dtype=numpy.uint8)
        self.targets = integers()

    @property
    def class_to_idx(self):
        return {name: index for index, name in enumerate(self.classes)}


class CIFAR100(CIFAR10):
    classes = unknown("classes of CIFAR100")


class SVHN(VisionDataset):
    def __init__(self, root, split="train", transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = split
        count = 73257 if split == "train" else 26032 if split == "test" else 531131 if split == "extra" else integer()
        self.data = numpy.zeros((count, 3, 32, 32), dtype=numpy.uint8)
        self.labels = numpy.zeros(count, dtype=numpy.int64)

    def __getitem__(self, index):
        image = Image.fromarray(numpy.transpose(self.data[index], (1, 2, 0)))
        return self._pair(image, int(self.labels[index]))

    def __len__(self):
        return len(self.data)


class STL10(SVHN):
    classes = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]

    def __init__(self, root, split="train", folds=None, transform=None, target_transform=None, download=False):
        super().__init__(root, split, transform, target_transform)
        count = 5000 if split == "train" else 8000 if split == "test" else 100000 if split == "unlabeled" else integer()
        if folds is not None:
            count = integer()
        self.data = numpy.zeros((count, 3, 96, 96), dtype=numpy.uint8)
        self.labels = unknown("labels of STL10")


class USPS(_Arrays):
    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.data = numpy.zeros((7291 if train else 2007, 16, 16), dtype=numpy.uint8)
        self.targets = integers()


class SEMEION(_Arrays):
    def __init__(self, root, transform=None, target_transform=None, download=True):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.data = numpy.zeros((1593, 16, 16), dtype=numpy.uint8)
        self.targets = integers()
        self.labels = unknown("labels of SEMEION")


class FakeData(VisionDataset):
    def __init__(self, size=1000, image_size=(3, 224, 224), num_classes=10, transform=None, target_transform=None, random_offset=0):
        super().__init__(None, transform=transform, target_transform=target_transform)
        self.size = size
        self.num_classes = num_classes
        self.image_size = image_size

    def __getitem__(self, index):
        channels, height, width = self.image_size
        mode = "RGB" if channels == 3 else "L" if channels == 1 else unknown("mode of a fake image")
        return self._pair(Image.new(mode, (width, height)), integer())

    def __len__(self):
        return self.size
