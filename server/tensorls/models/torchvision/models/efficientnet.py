"""torchvision.models.efficientnet."""

import math
from functools import partial

import torch
from torch import nn
from torchvision.models._api import trained_once, trained_twice
from torchvision.models._utils import _make_divisible
from torchvision.ops.misc import Conv2dNormActivation, SqueezeExcitation
from torchvision.ops.stochastic_depth import StochasticDepth


class _MBConvConfig:
    def __init__(self, expand_ratio, kernel, stride, input_channels, out_channels, num_layers, block):
        self.expand_ratio = expand_ratio
        self.kernel = kernel
        self.stride = stride
        self.input_channels = input_channels
        self.out_channels = out_channels
        self.num_layers = num_layers
        self.block = block

    @staticmethod
    def adjust_channels(channels, width_mult, min_value=None):
        return _make_divisible(channels * width_mult, 8, min_value)

    def following(self):
        """The other blocks of the stage."""
        return _MBConvConfig(self.expand_ratio, self.kernel, 1, self.out_channels, self.out_channels, self.num_layers, self.block)


class MBConvConfig(_MBConvConfig):
    def __init__(self, expand_ratio, kernel, stride, input_channels, out_channels, num_layers, width_mult=1.0, depth_mult=1.0, block=None):
        super().__init__(
            expand_ratio,
            kernel,
            stride,
            self.adjust_channels(input_channels, width_mult),
            self.adjust_channels(out_channels, width_mult),
            self.adjust_depth(num_layers, depth_mult),
            block or MBConv,
        )

    @staticmethod
    def adjust_depth(num_layers, depth_mult):
        return math.ceil(num_layers * depth_mult)


class FusedMBConvConfig(_MBConvConfig):
    def __init__(self, expand_ratio, kernel, stride, input_channels, out_channels, num_layers, block=None):
        super().__init__(expand_ratio, kernel, stride, input_channels, out_channels, num_layers, block or FusedMBConv)


class _Residual(nn.Module):
    def _add(self, cnf, layers, stochastic_depth_prob):
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        self.block = nn.Sequential(*layers)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")
        self.out_channels = cnf.out_channels

    def forward(self, input):
        result = self.block(input)
        if self.use_res_connect:
            result = self.stochastic_depth(result)
            result += input
        return result


class MBConv(_Residual):
    def __init__(self, cnf, stochastic_depth_prob, norm_layer, se_layer=SqueezeExcitation):
        super().__init__()
        common = {"norm_layer": norm_layer, "activation_layer": nn.SiLU}
        wide = cnf.adjust_channels(cnf.input_channels, cnf.expand_ratio)
        layers = []
        if wide != cnf.input_channels:
            layers.append(Conv2dNormActivation(cnf.input_channels, wide, kernel_size=1, **common))
        layers.append(Conv2dNormActivation(wide, wide, kernel_size=cnf.kernel, stride=cnf.stride, groups=wide, **common))
        layers.append(se_layer(wide, max(1, cnf.input_channels // 4), activation=partial(nn.SiLU, inplace=True)))
        layers.append(Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, norm_layer=norm_layer, activation_layer=None))
        self._add(cnf, layers, stochastic_depth_prob)


class FusedMBConv(_Residual):
    def __init__(self, cnf, stochastic_depth_prob, norm_layer):
        super().__init__()
        common = {"kernel_size": cnf.kernel, "stride": cnf.stride, "norm_layer": norm_layer, "activation_layer": nn.SiLU}
        wide = cnf.adjust_channels(cnf.input_channels, cnf.expand_ratio)
        if wide == cnf.input_channels:
            layers = [Conv2dNormActivation(cnf.input_channels, cnf.out_channels, **common)]
        else:
            last = Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, norm_layer=norm_layer, activation_layer=None)
            layers = [Conv2dNormActivation(cnf.input_channels, wide, **common), last]
        self._add(cnf, layers, stochastic_depth_prob)


class EfficientNet(nn.Module):
    def __init__(self, inverted_residual_setting, dropout, stochastic_depth_prob=0.2, num_classes=1000, norm_layer=None, last_channel=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        common = {"norm_layer": norm_layer, "activation_layer": nn.SiLU}
        width = inverted_residual_setting[0].input_channels
        layers = [Conv2dNormActivation(3, width, kernel_size=3, stride=2, **common)]
        total = sum([cnf.num_layers for cnf in inverted_residual_setting])
        made = 0
        for cnf in inverted_residual_setting:
            stage = []
            for i in range(cnf.num_layers):
                block = cnf if i == 0 else cnf.following()
                stage.append(block.block(block, stochastic_depth_prob * made / total, norm_layer))
                made += 1
            layers.append(nn.Sequential(*stage))
        width = inverted_residual_setting[-1].out_channels
        last = 4 * width if last_channel is None else last_channel
        layers.append(Conv2dNormActivation(width, last, kernel_size=1, **common))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout, inplace=True), nn.Linear(last, num_classes))

    def _forward_impl(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

    def forward(self, x):
        return self._forward_impl(x)


# of each stage: expansion, kernel, stride, channels in and out, layers
_B = [
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
]
_FUSED = {
    "s": [(1, 3, 1, 24, 24, 2), (4, 3, 2, 24, 48, 4), (4, 3, 2, 48, 64, 4)],
    "m": [(1, 3, 1, 24, 24, 3), (4, 3, 2, 24, 48, 5), (4, 3, 2, 48, 80, 5)],
    "l": [(1, 3, 1, 32, 32, 4), (4, 3, 2, 32, 64, 7), (4, 3, 2, 64, 96, 7)],
}
_V2 = {
    "s": [(4, 3, 2, 64, 128, 6), (6, 3, 1, 128, 160, 9), (6, 3, 2, 160, 256, 15)],
    "m": [(4, 3, 2, 80, 160, 7), (6, 3, 1, 160, 176, 14), (6, 3, 2, 176, 304, 18), (6, 3, 1, 304, 512, 5)],
    "l": [(4, 3, 2, 96, 192, 10), (6, 3, 1, 192, 224, 19), (6, 3, 2, 224, 384, 25), (6, 3, 1, 384, 640, 7)],
}


def _b(width_mult, depth_mult, dropout, kwargs, **norm):
    settings = [MBConvConfig(*row, width_mult, depth_mult) for row in _B]
    return EfficientNet(settings, **{"dropout": dropout, **norm, **kwargs})


def _v2(size, dropout, kwargs):
    settings = [*[FusedMBConvConfig(*row) for row in _FUSED[size]], *[MBConvConfig(*row) for row in _V2[size]]]
    norm_layer = partial(nn.BatchNorm2d, eps=1e-03)
    return EfficientNet(settings, **{"dropout": dropout, "norm_layer": norm_layer, "last_channel": 1280, **kwargs})


def efficientnet_b0(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.0, 1.0, 0.2, kwargs)


def efficientnet_b1(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.0, 1.1, 0.2, kwargs)


def efficientnet_b2(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.1, 1.2, 0.3, kwargs)


def efficientnet_b3(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.2, 1.4, 0.3, kwargs)


def efficientnet_b4(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.4, 1.8, 0.4, kwargs)


def efficientnet_b5(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.6, 2.2, 0.4, kwargs, norm_layer=partial(nn.BatchNorm2d, eps=0.001, momentum=0.01))


def efficientnet_b6(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(1.8, 2.6, 0.5, kwargs, norm_layer=partial(nn.BatchNorm2d, eps=0.001, momentum=0.01))


def efficientnet_b7(weights=None, progress=True, pretrained=False, **kwargs):
    return _b(2.0, 3.1, 0.5, kwargs, norm_layer=partial(nn.BatchNorm2d, eps=0.001, momentum=0.01))


def efficientnet_v2_s(weights=None, progress=True, pretrained=False, **kwargs):
    return _v2("s", 0.2, kwargs)


def efficientnet_v2_m(weights=None, progress=True, pretrained=False, **kwargs):
    return _v2("m", 0.3, kwargs)


def efficientnet_v2_l(weights=None, progress=True, pretrained=False, **kwargs):
    return _v2("l", 0.4, kwargs)


EfficientNet_B0_Weights = trained_once()
EfficientNet_B1_Weights = trained_twice(240, 240)
EfficientNet_B2_Weights = trained_once(288)
EfficientNet_B3_Weights = trained_once(300)
EfficientNet_B4_Weights = trained_once(380)
EfficientNet_B5_Weights = trained_once(456)
EfficientNet_B6_Weights = trained_once(528)
EfficientNet_B7_Weights = trained_once(600)
EfficientNet_V2_S_Weights = trained_once(384)
EfficientNet_V2_M_Weights = trained_once(480)
EfficientNet_V2_L_Weights = trained_once(480)
