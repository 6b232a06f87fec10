"""torchvision.models.mobilenetv3."""

from functools import partial

import torch
from torch import nn
from torchvision.models._api import trained_once, trained_twice
from torchvision.models._utils import _make_divisible
from torchvision.ops.misc import Conv2dNormActivation, SqueezeExcitation


class InvertedResidualConfig:
    def __init__(self, input_channels, kernel, expanded_channels, out_channels, use_se, activation, stride, dilation, width_mult):
        self.input_channels = self.adjust_channels(input_channels, width_mult)
        self.kernel = kernel
        self.expanded_channels = self.adjust_channels(expanded_channels, width_mult)
        self.out_channels = self.adjust_channels(out_channels, width_mult)
        self.use_se = use_se
        self.use_hs = activation == "HS"
        self.stride = stride
        self.dilation = dilation

    @staticmethod
    def adjust_channels(channels, width_mult):
        return _make_divisible(channels * width_mult, 8)


_squeeze = partial(SqueezeExcitation, scale_activation=nn.Hardsigmoid)


class InvertedResidual(nn.Module):
    def __init__(self, cnf, norm_layer, se_layer=_squeeze):
        super().__init__()
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        wide = cnf.expanded_channels
        common = {"norm_layer": norm_layer, "activation_layer": nn.Hardswish if cnf.use_hs else nn.ReLU}
        layers = []
        if wide != cnf.input_channels:
            layers.append(Conv2dNormActivation(cnf.input_channels, wide, kernel_size=1, **common))
        stride = 1 if cnf.dilation > 1 else cnf.stride
        layers.append(Conv2dNormActivation(wide, wide, kernel_size=cnf.kernel, stride=stride, dilation=cnf.dilation, groups=wide, **common))
        if cnf.use_se:
            layers.append(se_layer(wide, _make_divisible(wide // 4, 8)))
        layers.append(Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, norm_layer=norm_layer, activation_layer=None))
        self.block = nn.Sequential(*layers)
        self.out_channels = cnf.out_channels
        self._is_cn = cnf.stride > 1

    def forward(self, input):
        result = self.block(input)
        if self.use_res_connect:
            result += input
        return result


class MobileNetV3(nn.Module):
    def __init__(self, inverted_residual_setting, last_channel, num_classes=1000, block=None, norm_layer=None, dropout=0.2, **kwargs):
        super().__init__()
        block = block or InvertedResidual
        norm_layer = norm_layer or partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        common = {"norm_layer": norm_layer, "activation_layer": nn.Hardswish}
        width = inverted_residual_setting[0].input_channels
        layers = [Conv2dNormActivation(3, width, kernel_size=3, stride=2, **common)]
        for cnf in inverted_residual_setting:
            layers.append(block(cnf, norm_layer))
        width = inverted_residual_setting[-1].out_channels
        layers.append(Conv2dNormActivation(width, 6 * width, kernel_size=1, **common))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * width, last_channel),
            nn.Hardswish(inplace=True),
            nn.Dropout(p=dropout, inplace=True),
            nn.Linear(last_channel, num_classes),
        )

    def _forward_impl(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

    def forward(self, x):
        return self._forward_impl(x)


def _mobilenet_v3_conf(arch, width_mult=1.0, reduced_tail=False, dilated=False, **kwargs):
    part = 2 if reduced_tail else 1
    dilation = 2 if dilated else 1
    if arch == "mobilenet_v3_large":
        tail = (160 // part, 5, 960 // part, 160 // part, True, "HS", 1, dilation)
        rows = [
            (16, 3, 16, 16, False, "RE", 1, 1),
            (16, 3, 64, 24, False, "RE", 2, 1),
            (24, 3, 72, 24, False, "RE", 1, 1),
            (24, 5, 72, 40, True, "RE", 2, 1),
            (40, 5, 120, 40, True, "RE", 1, 1),
            (40, 5, 120, 40, True, "RE", 1, 1),
            (40, 3, 240, 80, False, "HS", 2, 1),
            (80, 3, 200, 80, False, "HS", 1, 1),
            (80, 3, 184, 80, False, "HS", 1, 1),
            (80, 3, 184, 80, False, "HS", 1, 1),
            (80, 3, 480, 112, True, "HS", 1, 1),
            (112, 3, 672, 112, True, "HS", 1, 1),
            (112, 5, 672, 160 // part, True, "HS", 2, dilation),
            tail,
            tail,
        ]
        last = 1280
    else:
        tail = (96 // part, 5, 576 // part, 96 // part, True, "HS", 1, dilation)
        rows = [
            (16, 3, 16, 16, True, "RE", 2, 1),
            (16, 3, 72, 24, False, "RE", 2, 1),
            (24, 3, 88, 24, False, "RE", 1, 1),
            (24, 5, 96, 40, True, "HS", 2, 1),
            (40, 5, 240, 40, True, "HS", 1, 1),
            (40, 5, 240, 40, True, "HS", 1, 1),
            (40, 5, 120, 48, True, "HS", 1, 1),
            (48, 5, 144, 48, True, "HS", 1, 1),
            (48, 5, 288, 96 // part, True, "HS", 2, dilation),
            tail,
            tail,
        ]
        last = 1024
    settings = [InvertedResidualConfig(*row, width_mult) for row in rows]
    return settings, InvertedResidualConfig.adjust_channels(last // part, width_mult)


_OF_SETTINGS = ("width_mult", "reduced_tail", "dilated")


def _mobilenet_v3(arch, kwargs):
    settings, last_channel = _mobilenet_v3_conf(arch, **{k: v for k, v in kwargs.items() if k in _OF_SETTINGS})
    return MobileNetV3(settings, last_channel, **{k: v for k, v in kwargs.items() if k not in _OF_SETTINGS})


def mobilenet_v3_large(weights=None, progress=True, pretrained=False, **kwargs):
    return _mobilenet_v3("mobilenet_v3_large", kwargs)


def mobilenet_v3_small(weights=None, progress=True, pretrained=False, **kwargs):
    return _mobilenet_v3("mobilenet_v3_small", kwargs)


MobileNet_V3_Large_Weights = trained_twice()
MobileNet_V3_Small_Weights = trained_once()
