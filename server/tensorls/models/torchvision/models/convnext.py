"""torchvision.models.convnext."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models._api import trained_once
from torchvision.ops.misc import Conv2dNormActivation, Permute
from torchvision.ops.stochastic_depth import StochasticDepth


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        x = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class CNBlock(nn.Module):
    def __init__(self, dim, layer_scale, stochastic_depth_prob, norm_layer=None):
        super().__init__()
        norm_layer = norm_layer or partial(nn.LayerNorm, eps=1e-6)
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim, bias=True),
            Permute([0, 2, 3, 1]),
            norm_layer(dim),
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Linear(4 * dim, dim),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1) * layer_scale)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")

    def forward(self, input):
        result = self.stochastic_depth(self.layer_scale * self.block(input))
        result += input
        return result


class CNBlockConfig:
    def __init__(self, input_channels, out_channels, num_layers):
        self.input_channels = input_channels
        self.out_channels = out_channels
        self.num_layers = num_layers


class ConvNeXt(nn.Module):
    def __init__(self, block_setting, stochastic_depth_prob=0.0, layer_scale=1e-6, num_classes=1000, block=None, norm_layer=None, **kwargs):
        super().__init__()
        block = block or CNBlock
        norm_layer = norm_layer or partial(LayerNorm2d, eps=1e-6)
        first = {"kernel_size": 4, "stride": 4, "padding": 0, "norm_layer": norm_layer, "activation_layer": None, "bias": True}
        layers = [Conv2dNormActivation(3, block_setting[0].input_channels, **first)]
        for cnf in block_setting:
            width = cnf.input_channels
            layers.append(nn.Sequential(*[block(width, layer_scale, stochastic_depth_prob) for _ in range(cnf.num_layers)]))
            if cnf.out_channels is not None:
                layers.append(nn.Sequential(norm_layer(width), nn.Conv2d(width, cnf.out_channels, kernel_size=2, stride=2)))
                width = cnf.out_channels
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(norm_layer(width), nn.Flatten(1), nn.Linear(width, num_classes))

    def _forward_impl(self, x):
        return self.classifier(self.avgpool(self.features(x)))

    def forward(self, x):
        return self._forward_impl(x)


def _convnext(widths, depths, kwargs):
    return ConvNeXt([CNBlockConfig(*setting) for setting in zip(widths, [*widths[1:], None], depths, strict=True)], **kwargs)


def convnext_tiny(weights=None, progress=True, pretrained=False, **kwargs):
    return _convnext([96, 192, 384, 768], [3, 3, 9, 3], {"stochastic_depth_prob": 0.1, **kwargs})


def convnext_small(weights=None, progress=True, pretrained=False, **kwargs):
    return _convnext([96, 192, 384, 768], [3, 3, 27, 3], {"stochastic_depth_prob": 0.4, **kwargs})


def convnext_base(weights=None, progress=True, pretrained=False, **kwargs):
    return _convnext([128, 256, 512, 1024], [3, 3, 27, 3], {"stochastic_depth_prob": 0.5, **kwargs})


def convnext_large(weights=None, progress=True, pretrained=False, **kwargs):
    return _convnext([192, 384, 768, 1536], [3, 3, 27, 3], {"stochastic_depth_prob": 0.5, **kwargs})


ConvNeXt_Tiny_Weights = trained_once()
ConvNeXt_Small_Weights = trained_once()
ConvNeXt_Base_Weights = trained_once()
ConvNeXt_Large_Weights = trained_once()
