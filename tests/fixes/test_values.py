"""Rewrites that claim to keep the value are executed on real tensors in both forms."""

from __future__ import annotations

import ast
import itertools
import random

import pytest
import torch
from tensorls.fixes.unsqueeze import new_axes

PIECES = ("None", ":", "...")
INDICES = [p for n in range(1, 5) for p in itertools.product(PIECES, repeat=n)]


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_unsqueeze_gives_what_indexing_with_none_gives(rank: int) -> None:
    x = torch.rand([random.Random(rank).randrange(2, 5) for _ in range(rank)])
    checked = 0
    for pieces in INDICES:
        text = f"x[{', '.join(pieces)}]"
        index = ast.parse(text, mode="eval").body
        assert isinstance(index, ast.Subscript)
        dims = new_axes(index.slice.elts if isinstance(index.slice, ast.Tuple) else [index.slice])
        if dims is None or pieces.count(":") > rank:
            continue
        expected = eval(text)
        actual = x
        for dim in dims:
            actual = actual.unsqueeze(dim)
        assert actual.shape == expected.shape, text
        assert torch.equal(actual, expected), text
        assert actual.stride() == expected.stride() or 1 in expected.shape, text
        checked += 1
    assert checked >= 5
