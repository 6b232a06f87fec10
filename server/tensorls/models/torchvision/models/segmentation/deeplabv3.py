"""torchvision.models.segmentation.deeplabv3."""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models.resnet import resnet50, resnet101
from torchvision.models.segmentation._utils import VocWeights, _SimpleSegmentationModel, assemble
from torchvision.models.segmentation.fcn import FCNHead


class DeepLabV3(_SimpleSegmentationModel):
    pass


class ASPPConv(nn.Sequential):
    def __init__(self, in_channels, out_channels, dilation):
        conv = nn.Conv2d(in_channels, out_channels, 3, padding=dilation, dilation=dilation, bias=False)
        super().__init__(conv, nn.BatchNorm2d(out_channels), nn.ReLU())


class ASPPPooling(nn.Sequential):
    def __init__(self, in_channels, out_channels):
        conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        super().__init__(nn.AdaptiveAvgPool2d(1), conv, nn.BatchNorm2d(out_channels), nn.ReLU())

    def forward(self, x):
        size = x.shape[-2:]
        for module in self:
            x = module(x)
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ASPP(nn.Module):
    def __init__(self, in_channels, atrous_rates, out_channels=256):
        super().__init__()
        first = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        modules = [nn.Sequential(first, nn.BatchNorm2d(out_channels), nn.ReLU())]
        modules += [ASPPConv(in_channels, out_channels, rate) for rate in atrous_rates]
        modules.append(ASPPPooling(in_channels, out_channels))
        self.convs = nn.ModuleList(modules)
        together = nn.Conv2d(len(modules) * out_channels, out_channels, 1, bias=False)
        self.project = nn.Sequential(together, nn.BatchNorm2d(out_channels), nn.ReLU(), nn.Dropout(0.5))

    def forward(self, x):
        return self.project(torch.cat([conv(x) for conv in self.convs], dim=1))


class DeepLabHead(nn.Sequential):
    def __init__(self, in_channels, num_classes, atrous_rates=(12, 24, 36)):
        super().__init__(
            ASPP(in_channels, atrous_rates),
            nn.Conv2d(256, 256, 3, padding=1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(),
            nn.Conv2d(256, num_classes, 1),
        )


def deeplabv3_resnet50(
    weights=None, progress=True, num_classes=None, aux_loss=None, weights_backbone=None, pretrained=False, pretrained_backbone=True
):
    return assemble(DeepLabV3, resnet50, DeepLabHead, FCNHead, weights, pretrained, num_classes, aux_loss)


def deeplabv3_resnet101(
    weights=None, progress=True, num_classes=None, aux_loss=None, weights_backbone=None, pretrained=False, pretrained_backbone=True
):
    return assemble(DeepLabV3, resnet101, DeepLabHead, FCNHead, weights, pretrained, num_classes, aux_loss)


DeepLabV3_ResNet50_Weights = VocWeights
DeepLabV3_ResNet101_Weights = VocWeights
