"""What the operators share."""

import torch


def _upcast(t):
    """Wide enough to multiply."""
    if t.is_floating_point():
        return t if t.dtype in (torch.float32, torch.float64) else t.float()
    return t if t.dtype in (torch.int32, torch.int64) else t.int()
