"""What a transform of one image is; of several things at once nothing is known."""

import torch
from __abstract__ import unknown


class Transform(torch.nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, *inputs):
        if len(inputs) != 1:
            return unknown("a transform of several things")
        if isinstance(inputs[0], (tuple, list, dict)):
            return unknown("a transform of several things")
        return self._one(inputs[0])
