"""How each model is built and called for random sizes; apart from the models, which have no caller in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch

Sizes = random.Random


def _classifier(m: Any, sizes: Sizes) -> None:
    n, features, classes = sizes.randint(2, 6), sizes.randint(5, 40), sizes.randint(2, 9)
    logits = m.MLP(features, 2 * sizes.randint(3, 12), classes)(torch.randn(n, features))
    m.accuracy(logits, torch.randint(classes, (n,)))
    m.Net()(torch.randn(sizes.randint(2, 5), 1, 28, 28))


def _encoder(m: Any, sizes: Sizes) -> None:
    heads = sizes.randint(2, 4)
    length = sizes.randint(3, 12)
    model = m.TextClassifier(
        sizes.randint(20, 60), 2 * heads * sizes.randint(2, 5), heads, 2, sizes.randint(2, 9), length + sizes.randint(0, 9)
    )
    model(torch.randint(1, 20, (sizes.randint(2, 6), length)))


def _gpt(m: Any, sizes: Sizes) -> None:
    heads = sizes.randint(2, 5)
    length = sizes.randint(3, 12)
    config = m.GPTConfig(
        length + sizes.randint(0, 9), sizes.randint(30, 70), 12, heads, heads * sizes.randint(2, 9), 0.1, sizes.random() < 0.5
    )
    model = m.GPT(config)
    idx = torch.randint(config.vocab_size, (sizes.randint(2, 6), length))
    model(idx)
    model(idx, torch.randint(config.vocab_size, tuple(idx.shape)))
    model.generate(idx, 2, top_k=5)


def _moe(m: Any, sizes: Sizes) -> None:
    experts = sizes.randint(3, 7)
    dim = sizes.randint(4, 20)
    model = m.MoE(dim, sizes.randint(5, 30), experts, sizes.randint(1, experts))
    model(torch.randn(sizes.randint(2, 6), sizes.randint(3, 12), dim))


def _resnet(m: Any, sizes: Sizes) -> None:
    model = m.ResNet([sizes.randint(1, 2) for _ in range(4)], sizes.randint(2, 30))
    model(torch.randn(sizes.randint(2, 4), 3, sizes.randint(33, 90), sizes.randint(33, 90)))


def _rotary(m: Any, sizes: Sizes) -> None:
    heads = sizes.randint(2, 5)
    dim = heads * 2 * sizes.randint(2, 9)
    m.RotaryAttention(dim, heads)(torch.randn(sizes.randint(2, 6), sizes.randint(3, 12), dim))


def _seq2seq(m: Any, sizes: Sizes) -> None:
    batch = sizes.randint(2, 6)
    model = m.Seq2Seq(sizes.randint(20, 50), sizes.randint(20, 50), sizes.randint(4, 20), sizes.randint(4, 20), sizes.randint(1, 3))
    model(torch.randint(20, (batch, sizes.randint(3, 12))), torch.randint(20, (batch, sizes.randint(3, 12))))


def _swin(m: Any, sizes: Sizes) -> None:
    window, heads = sizes.randint(2, 4), sizes.randint(2, 4)
    h, w = 2 * window * sizes.randint(1, 3), 2 * window * sizes.randint(1, 3)
    dim, batch = heads * sizes.randint(2, 6), sizes.randint(2, 4)
    for shift in (0, 1):
        y = m.SwinBlock(dim, (h, w), heads, window, shift)(torch.randn(batch, h * w, dim))
    m.PatchMerging((h, w), dim)(y)


def _unet(m: Any, sizes: Sizes) -> None:
    channels = sizes.randint(1, 4)
    model = m.UNet(channels, sizes.randint(1, 5))
    model(torch.randn(sizes.randint(1, 3), channels, sizes.randint(16, 40), sizes.randint(16, 40)))


def _vae(m: Any, sizes: Sizes) -> None:
    channels = sizes.randint(1, 4)
    model = m.VAE(channels, sizes.randint(3, 12), sizes.randint(2, 12))
    x = torch.rand(sizes.randint(2, 6), channels, 28, 28)
    recon, mu, logvar = model(x)
    m.loss_function(recon, x, mu, logvar)
    model.sample(sizes.randint(2, 6))


def _vit(m: Any, sizes: Sizes) -> None:
    patch, heads, channels = sizes.randint(2, 5), sizes.randint(2, 4), sizes.randint(1, 4)
    size = patch * sizes.randint(2, 5)
    model = m.VisionTransformer(size, patch, channels, sizes.randint(2, 30), heads * sizes.randint(2, 8), 3, heads, 2.0)
    model(torch.randn(sizes.randint(2, 5), channels, size, size))


CASES: dict[str, Callable[[Any, Sizes], None]] = {
    name.lstrip("_"): case
    for name, case in dict(globals()).items()
    if name.startswith("_") and getattr(case, "__module__", None) == __name__ and callable(case)
}
