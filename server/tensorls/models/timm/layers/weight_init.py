"""timm.layers.weight_init: tensors filled in place."""

import torch


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        return tensor.normal_()


def trunc_normal_tf_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        return tensor.normal_()


def variance_scaling_(tensor, scale=1.0, mode="fan_in", distribution="normal"):
    with torch.no_grad():
        tensor.normal_()


def lecun_normal_(tensor):
    with torch.no_grad():
        tensor.normal_()
