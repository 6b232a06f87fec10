"""torchvision.ops.ps_roi_align."""

from torchvision.ops.regions import PSRoIAlign, ps_roi_align
