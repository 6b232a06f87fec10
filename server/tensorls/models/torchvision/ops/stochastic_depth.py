"""torchvision.ops.stochastic_depth."""

from torch import nn


def stochastic_depth(input, p, mode, training=True):
    return input if not training or p == 0.0 else input * 1.0


class StochasticDepth(nn.Module):
    def __init__(self, p, mode):
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, input):
        return stochastic_depth(input, self.p, self.mode, self.training)
