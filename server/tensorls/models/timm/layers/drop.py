"""timm.layers.drop."""

import torch
import torch.nn as nn


def drop_path(x, drop_prob=0.0, training=False, scale_by_keep=True):
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    shape = (x.shape[0],) + (1,) * (x.ndim - 1)
    random_tensor = x.new_empty(shape).bernoulli_(keep_prob)
    return x * random_tensor


class DropPath(nn.Module):
    def __init__(self, drop_prob=0.0, scale_by_keep=True):
        super().__init__()
        self.drop_prob = drop_prob
        self.scale_by_keep = scale_by_keep

    def forward(self, x):
        return drop_path(x, self.drop_prob, self.training, self.scale_by_keep)


def calculate_drop_path_rates(drop_path_rate, depths, stagewise=False):
    if isinstance(depths, int):
        return [x.item() for x in torch.linspace(0, drop_path_rate, depths)]
    if stagewise:
        return [x.tolist() for x in torch.linspace(0, drop_path_rate, sum(depths)).split(depths)]
    return [x.item() for x in torch.linspace(0, drop_path_rate, sum(depths))]
