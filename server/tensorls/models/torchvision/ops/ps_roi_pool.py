"""torchvision.ops.ps_roi_pool."""

from torchvision.ops.regions import PSRoIPool, ps_roi_pool
