"""torchvision.models.segmentation.fcn."""

from torch import nn
from torchvision.models.resnet import resnet50, resnet101
from torchvision.models.segmentation._utils import VocWeights, _SimpleSegmentationModel, assemble


class FCN(_SimpleSegmentationModel):
    pass


class FCNHead(nn.Sequential):
    def __init__(self, in_channels, channels):
        inner = in_channels // 4
        super().__init__(
            nn.Conv2d(in_channels, inner, 3, padding=1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Conv2d(inner, channels, 1),
        )


def fcn_resnet50(
    weights=None, progress=True, num_classes=None, aux_loss=None, weights_backbone=None, pretrained=False, pretrained_backbone=True
):
    return assemble(FCN, resnet50, FCNHead, FCNHead, weights, pretrained, num_classes, aux_loss)


def fcn_resnet101(
    weights=None, progress=True, num_classes=None, aux_loss=None, weights_backbone=None, pretrained=False, pretrained_backbone=True
):
    return assemble(FCN, resnet101, FCNHead, FCNHead, weights, pretrained, num_classes, aux_loss)


FCN_ResNet50_Weights = VocWeights
FCN_ResNet101_Weights = VocWeights
