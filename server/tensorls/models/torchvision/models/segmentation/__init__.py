"""torchvision.models.segmentation: a score of each class for each pixel."""

from torchvision.models.segmentation import deeplabv3, fcn
from torchvision.models.segmentation.deeplabv3 import (
    DeepLabV3,
    DeepLabV3_ResNet50_Weights,
    DeepLabV3_ResNet101_Weights,
    deeplabv3_resnet50,
    deeplabv3_resnet101,
)
from torchvision.models.segmentation.fcn import FCN, FCN_ResNet50_Weights, FCN_ResNet101_Weights, fcn_resnet50, fcn_resnet101
