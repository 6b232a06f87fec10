"""torchvision.datasets by family."""

from torchvision.datasets.arrays import CIFAR10, CIFAR100, EMNIST, KMNIST, MNIST, QMNIST, SEMEION, STL10, SVHN, USPS, FakeData, FashionMNIST
from torchvision.datasets.fixed import FER2013, PCAM, CelebA, EuroSAT, LFWPeople, Omniglot
from torchvision.datasets.folder import DatasetFolder, ImageFolder, default_loader, pil_loader
from torchvision.datasets.pictures import (
    DTD,
    GTSRB,
    Caltech101,
    Caltech256,
    CocoCaptions,
    CocoDetection,
    Country211,
    FGVCAircraft,
    Flickr8k,
    Flickr30k,
    Flowers102,
    Food101,
    ImageNet,
    OxfordIIITPet,
    Places365,
    StanfordCars,
    VOCDetection,
    VOCSegmentation,
)
from torchvision.datasets.vision import VisionDataset
