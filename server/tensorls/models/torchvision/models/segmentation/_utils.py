"""What the networks for segmentation share."""

from collections import OrderedDict

import torch.nn.functional as F
from torch import nn
from torchvision.models._api import Weights, WeightsEnum
from torchvision.models._utils import IntermediateLayerGetter


class _SimpleSegmentationModel(nn.Module):
    def __init__(self, backbone, classifier, aux_classifier=None):
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier
        self.aux_classifier = aux_classifier

    def forward(self, x):
        size = x.shape[-2:]
        features = self.backbone(x)
        result = OrderedDict()
        result["out"] = F.interpolate(self.classifier(features["out"]), size=size, mode="bilinear", align_corners=False)
        if self.aux_classifier is not None:
            result["aux"] = F.interpolate(self.aux_classifier(features["aux"]), size=size, mode="bilinear", align_corners=False)
        return result


def assemble(made, resnet, head, auxiliary, weights, pretrained, num_classes, aux_loss):
    """On the last two stages of a residual network; what was trained has the auxiliary one too."""
    if weights or pretrained:
        aux_loss = True
    num_classes = num_classes or 21
    layers = {"layer4": "out"}
    if aux_loss:
        layers["layer3"] = "aux"
    backbone = IntermediateLayerGetter(resnet(replace_stride_with_dilation=[False, True, True]), layers)
    return made(backbone, head(2048, num_classes), auxiliary(1024, num_classes) if aux_loss else None)


class VocWeights(WeightsEnum):
    COCO_WITH_VOC_LABELS_V1 = Weights(None, 21)
    DEFAULT = COCO_WITH_VOC_LABELS_V1
