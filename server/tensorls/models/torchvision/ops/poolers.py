"""torchvision.ops.poolers."""

from torchvision.ops.regions import MultiScaleRoIAlign
