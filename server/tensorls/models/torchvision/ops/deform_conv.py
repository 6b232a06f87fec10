"""torchvision.ops.deform_conv."""

import torch
import torch.nn.functional as F
from __abstract__ import like
from torch import nn


def _pair(size):
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def deform_conv2d(input, offset, weight, bias=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), mask=None):
    """A convolution whose places of reading are shifted: its sizes are those of the convolution."""
    groups = input.size(1) // weight.size(1)
    out = F.conv2d(input, weight, bias, _pair(stride), _pair(padding), _pair(dilation), groups) + offset.sum()
    return like(out if mask is None else out + mask.sum())


class DeformConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True):
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = _pair(kernel_size)
        self.stride = _pair(stride)
        self.padding = _pair(padding)
        self.dilation = _pair(dilation)
        self.groups = groups
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels // groups, self.kernel_size[0], self.kernel_size[1]))
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.empty(out_channels))

    def forward(self, input, offset, mask=None):
        return deform_conv2d(input, offset, self.weight, self.bias, self.stride, self.padding, self.dilation, mask)
