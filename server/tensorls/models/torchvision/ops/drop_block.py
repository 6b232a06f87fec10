"""torchvision.ops.drop_block."""

from torch import nn


def drop_block2d(input, p, block_size, inplace=False, eps=1e-06, training=True):
    if not training or p == 0.0 or inplace:
        return input
    return input * 1.0


def drop_block3d(input, p, block_size, inplace=False, eps=1e-06, training=True):
    return drop_block2d(input, p, block_size, inplace, eps, training)


class DropBlock2d(nn.Module):
    def __init__(self, p, block_size, inplace=False, eps=1e-06):
        super().__init__()
        self.p = p
        self.block_size = block_size
        self.inplace = inplace
        self.eps = eps

    def forward(self, input):
        return drop_block2d(input, self.p, self.block_size, self.inplace, self.eps, self.training)


class DropBlock3d(DropBlock2d):
    pass
