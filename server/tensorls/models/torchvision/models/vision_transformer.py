"""torchvision.models.vision_transformer."""

from collections import OrderedDict
from functools import partial

import torch
from torch import nn
from torchvision.models._api import Weights, WeightsEnum, trained_once
from torchvision.ops.misc import MLP


class MLPBlock(MLP):
    def __init__(self, in_dim, mlp_dim, dropout):
        super().__init__(in_dim, [mlp_dim, in_dim], activation_layer=nn.GELU, inplace=None, dropout=dropout)


_norm = partial(nn.LayerNorm, eps=1e-6)


class EncoderBlock(nn.Module):
    def __init__(self, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer=_norm):
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = norm_layer(hidden_dim)
        self.self_attention = nn.MultiheadAttention(hidden_dim, num_heads, dropout=attention_dropout, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = norm_layer(hidden_dim)
        self.mlp = MLPBlock(hidden_dim, mlp_dim, dropout)

    def forward(self, input):
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    def __init__(self, seq_length, num_layers, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer=_norm):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, seq_length, hidden_dim))
        self.dropout = nn.Dropout(dropout)
        layers = OrderedDict()
        for i in range(num_layers):
            layers["encoder_layer_" + str(i)] = EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer)
        self.layers = nn.Sequential(layers)
        self.ln = norm_layer(hidden_dim)

    def forward(self, input):
        return self.ln(self.layers(self.dropout(input + self.pos_embedding)))


class VisionTransformer(nn.Module):
    def __init__(
        self,
        image_size,
        patch_size,
        num_layers,
        num_heads,
        hidden_dim,
        mlp_dim,
        dropout=0.0,
        attention_dropout=0.0,
        num_classes=1000,
        representation_size=None,
        norm_layer=_norm,
    ):
        super().__init__()
        self.image_size = image_size
        self.patch_size = patch_size
        self.hidden_dim = hidden_dim
        self.mlp_dim = mlp_dim
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.num_classes = num_classes
        self.representation_size = representation_size
        self.norm_layer = norm_layer
        self.conv_proj = nn.Conv2d(3, hidden_dim, kernel_size=patch_size, stride=patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.seq_length = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(self.seq_length, num_layers, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer)
        heads = OrderedDict()
        if representation_size is None:
            heads["head"] = nn.Linear(hidden_dim, num_classes)
        else:
            heads["pre_logits"] = nn.Linear(hidden_dim, representation_size)
            heads["act"] = nn.Tanh()
            heads["head"] = nn.Linear(representation_size, num_classes)
        self.heads = nn.Sequential(heads)

    def _process_input(self, x):
        x = self.conv_proj(x)
        return x.reshape(x.shape[0], self.hidden_dim, x.shape[2] * x.shape[3]).permute(0, 2, 1)

    def forward(self, x):
        x = self._process_input(x)
        token = self.class_token.expand(x.shape[0], -1, -1)
        x = self.encoder(torch.cat([token, x], dim=1))
        return self.heads(x[:, 0])


def _transformer(patch_size, num_layers, num_heads, hidden_dim, mlp_dim, crop, kwargs):
    return VisionTransformer(**{
        "image_size": crop,
        "patch_size": patch_size,
        "num_layers": num_layers,
        "num_heads": num_heads,
        "hidden_dim": hidden_dim,
        "mlp_dim": mlp_dim,
        **kwargs,
    })  # fmt: skip


def _crop(weights, known):
    """The size of the images that some weights were trained on."""
    if weights is None or weights is False or weights is True:
        return 224
    return (known[weights] if isinstance(weights, str) else weights).value.crop


def _with_swag(end_to_end):
    class _Weights(WeightsEnum):
        IMAGENET1K_V1 = Weights(224)
        IMAGENET1K_SWAG_E2E_V1 = Weights(end_to_end)
        IMAGENET1K_SWAG_LINEAR_V1 = Weights(224)
        DEFAULT = IMAGENET1K_V1

    return _Weights


class ViT_H_14_Weights(WeightsEnum):
    IMAGENET1K_SWAG_E2E_V1 = Weights(518)
    IMAGENET1K_SWAG_LINEAR_V1 = Weights(224)
    DEFAULT = IMAGENET1K_SWAG_E2E_V1


ViT_B_16_Weights = _with_swag(384)
ViT_B_32_Weights = trained_once()
ViT_L_16_Weights = _with_swag(512)
ViT_L_32_Weights = trained_once()


def vit_b_16(weights=None, progress=True, pretrained=False, **kwargs):
    return _transformer(16, 12, 12, 768, 3072, _crop(weights, ViT_B_16_Weights), kwargs)


def vit_b_32(weights=None, progress=True, pretrained=False, **kwargs):
    return _transformer(32, 12, 12, 768, 3072, 224, kwargs)


def vit_l_16(weights=None, progress=True, pretrained=False, **kwargs):
    return _transformer(16, 24, 16, 1024, 4096, _crop(weights, ViT_L_16_Weights), kwargs)


def vit_l_32(weights=None, progress=True, pretrained=False, **kwargs):
    return _transformer(32, 24, 16, 1024, 4096, 224, kwargs)


def vit_h_14(weights=None, progress=True, pretrained=False, **kwargs):
    return _transformer(14, 32, 16, 1280, 5120, _crop(weights, ViT_H_14_Weights), kwargs)
