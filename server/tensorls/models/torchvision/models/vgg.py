"""torchvision.models.vgg."""

import torch
from torch import nn
from torchvision.models._api import Weights, WeightsEnum, trained_once


class VGG(nn.Module):
    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def make_layers(cfg, batch_norm=False):
    layers = []
    width = 3
    for step in cfg:
        if step == "M":
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        layers.append(nn.Conv2d(width, step, kernel_size=3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(step))
        layers.append(nn.ReLU(inplace=True))
        width = step
    return nn.Sequential(*layers)


cfgs = {
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "B": [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "D": [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    "E": [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"],
}


def vgg11(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["A"]), **kwargs)


def vgg11_bn(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["A"], True), **kwargs)


def vgg13(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["B"]), **kwargs)


def vgg13_bn(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["B"], True), **kwargs)


def vgg16(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["D"]), **kwargs)


def vgg16_bn(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["D"], True), **kwargs)


def vgg19(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["E"]), **kwargs)


def vgg19_bn(weights=None, progress=True, pretrained=False, **kwargs):
    return VGG(make_layers(cfgs["E"], True), **kwargs)


class VGG16_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(224)
    IMAGENET1K_FEATURES = Weights()
    DEFAULT = IMAGENET1K_V1


VGG11_Weights = trained_once()
VGG11_BN_Weights = trained_once()
VGG13_Weights = trained_once()
VGG13_BN_Weights = trained_once()
VGG16_BN_Weights = trained_once()
VGG19_Weights = trained_once()
VGG19_BN_Weights = trained_once()
