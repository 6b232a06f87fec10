"""torchvision.ops.roi_align."""

from torchvision.ops.regions import RoIAlign, roi_align
