"""A module is shown with the calls that the programs of its project make into it."""

from __future__ import annotations

from pathlib import Path

from tests.lsp.conftest import Opener

MODEL = """\
import torch.nn as nn


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, 2 * width)

    def forward(self, x):
        b, t, c = x.shape
        y = self.layer(x)
        return y
"""
TRAIN = """\
import torch
from scale import Scale

if __name__ == "__main__":
    Scale(8)(torch.zeros(4, 5, 8))
"""


def test_without_a_program_the_sizes_bear_their_names(opened: Opener, root: Path) -> None:
    (root / "alone.py").write_text(MODEL)
    document = opened(MODEL, name="alone.py")
    assert document.first("y = ") == "torch.Tensor (b,t,2*width) ? float32"


def test_with_a_program_that_calls_it(opened: Opener, root: Path) -> None:
    (root / "scale.py").write_text(MODEL)
    (root / "train_scale.py").write_text(TRAIN)
    document = opened(MODEL, name="scale.py")
    assert document.first("y = ") == "torch.Tensor (4,5,16) cpu float32 requires_grad"


def test_the_text_of_an_open_program_counts(opened: Opener, root: Path) -> None:
    (root / "scale.py").write_text(MODEL)
    (root / "train_scale.py").write_text(TRAIN)
    program = opened(TRAIN, name="train_scale.py")
    document = opened(MODEL, name="scale.py")
    assert document.first("y = ") == "torch.Tensor (4,5,16) cpu float32 requires_grad"
    program.replace(TRAIN.replace("zeros(4", "zeros(7"))
    assert document.first("y = ") == "torch.Tensor (7,5,16) cpu float32 requires_grad"
