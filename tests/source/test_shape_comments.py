"""Which comments state a shape, and what it is."""

from __future__ import annotations

import pytest
from tensorls.source.shape_comments import find_shape

SHAPES = {
    "# (B, T, C)": "B T C",
    "# [batch, seq, dim]": "batch seq dim",
    "# B x T x C": "B T C",
    "# BxTxC": "B T C",
    "# 3x224x224": "3 224 224",
    "# shape: (n, 3, 224, 224)": "n 3 224 224",
    "# Shape is (n, 3)": "n 3",
    "# (B, T, C) -> (B, nh, T, hs)": "B nh T hs",
    "# (B, nh, T, hs) x (B, nh, hs, T) -> (B, nh, T, T)": "B nh T T",
    "# (B, T, C) @ (C, C) => (B, T, C)": "B T C",
    "# -> (B, T)": "B T",
    "# torch.Size([2, 3])": "2 3",
    "# x: (N, C, H/2, W/2)": "N C H/2 W/2",
    "# x.shape = (N, C)": "N C",
    "# out: [B x C x H x W]": "B C H W",
    "# (B,)": "B",
    "# [B]": "B",
    "# (batch_size, seq_len, hidden // 2)": "batch_size seq_len hidden // 2",
    "# [bs, n_heads, ..., d_k]": "bs n_heads ... d_k",
    "# (B*T, 3*C).": "B*T 3*C",
    "# (N, *)": "N *",
    "# (batch, src_len, d_model)": "batch src_len d_model",
    "# context: [batch_size x len_q x n_heads * d_v]": "batch_size len_q n_heads * d_v",
    "# (B, T, C)  # checked": "B T C",
}
OTHERS = [
    "# (optional)", "# (x, y, z)", "# TODO (B, T)", "# (1)", "# see (Smith, 2019)", "# (B, T, C) after attention", "# (mean, std)",
    "# (low, high)", "# [start, end]", "# (int, float)", "# (True, False)", "# (a, b)", "# B, T, C", "# (min, max)", "# (train, test)",
    "# idx and targets are both (B,T) tensor of integers", "# 640x480", "# type: ignore", "# noqa: E501", "# (B, T", "# []", "# ()",
    "# (x1, y1, x2, y2)", "# (r, g, b)", "# 4 x faster", "# f(x) -> y", "# (B, T) or (T,)", "# (0.5, 0.5)", "# -> list", "# (see below)",
    "# (image, label)",
    "# (row, col)", "# (input, target)", "# (query, key, value)", "# (obs, action)", "# (model, data)",
]  # fmt: skip


@pytest.mark.parametrize("comment", SHAPES)
def test_shapes(comment: str) -> None:
    found = find_shape(f"x = f()  {comment}", 9)
    assert found is not None
    assert found.items == tuple(SHAPES[comment].split(" ")) or " ".join(found.items) == SHAPES[comment]
    assert found.written(found.items) in comment


@pytest.mark.parametrize("comment", OTHERS)
def test_what_is_none(comment: str) -> None:
    assert find_shape(f"x = f()  {comment}", 9) is None


def test_the_place_of_the_last_shape() -> None:
    line = "y = g(x)  # (B, T) -> [B, T, C]"
    found = find_shape(line, 10)
    assert found is not None
    assert line[found.start : found.end] == "[B, T, C]"
    assert found.written(("B", "T")) == "[B, T]"
