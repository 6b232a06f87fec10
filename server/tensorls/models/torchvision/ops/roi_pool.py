"""torchvision.ops.roi_pool."""

from torchvision.ops.regions import RoIPool, roi_pool
