"""Comments that state a shape, annotations that declare one, and what a body requires of its parameters."""

from __future__ import annotations

import pytest

from tests.lsp.conftest import Opener

COMMENTS = """\
import torch

B, T, C = 4, 8, 32
x = torch.zeros(B, T, C)  # (B, T, C)
y = x.transpose(1, 2)  # (B, T, C)
z = x.mean(1)  # [B x T x C]
w = x.view(B * T, C)  # B x T x C -> (N, T)
"""


def test_a_comment_is_corrected(opened: Opener) -> None:
    document = opened(COMMENTS)
    found = document.diagnostics()
    assert [(d["code"], d["severity"], d["range"]["start"]["line"]) for d in found] == [("shape-comment", 4, n) for n in (4, 5, 6)]
    assert found[0]["range"]["start"] == document.at("1, 2)  # (B", "(B")
    for index, line in enumerate(
        ("y = x.transpose(1, 2)  # (B, C, T)", "z = x.mean(1)  # [B x C]", "w = x.view(B * T, C)  # B x T x C -> (N, C)")
    ):
        (action,) = document.actions(found[index])
        assert action["kind"] == "quickfix"
        assert line in document.apply(action).split("\n")
        assert document.apply(action).count("\n") == COMMENTS.count("\n")
    document.replace(document.apply(document.actions(found[0])[0]))
    assert len(document.diagnostics()) == 2


def test_a_comment_on_characters_beyond_the_first_plane(opened: Opener) -> None:
    document = opened('import torch\nname = "😀"; x = torch.zeros(2, 3)  # (3, 2)\n')
    (hint,) = document.diagnostics()
    (action,) = document.actions(hint)
    assert document.apply(action).split("\n")[1] == 'name = "😀"; x = torch.zeros(2, 3)  # (2, 3)'


DECLARED = """\
import torch
from jaxtyping import Float
from torch import Tensor


def pool(x: Float[Tensor, "b t c"]) -> Float[Tensor, "b c"]:
    return x.mean(2)
"""


def test_a_contract_is_told_with_both_sides(opened: Opener) -> None:
    (found,) = opened(DECLARED).diagnostics()
    assert (found["code"], found["severity"]) == ("declared-mismatch", 2)
    assert 'declared Float[Tensor, "b c"] and is torch.Tensor (b,t)' in found["message"]
    assert found["message"].endswith("t where c is declared")


BODY = """\
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size):
        super().__init__()
        assert n_embd % n_head == 0
        self.block_size = block_size
        self.proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        assert T <= self.block_size
        return self.proj(x)
"""


@pytest.mark.parametrize(("words", "inside", "want"), [
    ("n_embd, n_head", "n_embd", "needs n_embd % n_head == 0"),
    ("forward(self, x)", "x", "needs T <= block_size, C == n_embd"),
    ("forward(self, x)", "forward", "needs n_embd % n_head == 0, T <= block_size, C == n_embd"),
    ("__init__(self, n", "__init__", "needs n_embd % n_head == 0"),
])  # fmt: skip
def test_what_a_body_requires(opened: Opener, words: str, inside: str, want: str) -> None:
    text = opened(BODY).hover(words, inside)
    assert text is not None
    assert want in [line.rstrip() for line in text.split("\n")]
