"""The models of ``bench/symbolic``: nothing that is stated of them is wrong, and no less is stated than these numbers of sizes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "symbolic"))

from run import measure

RIGHT = {"classifier": 0, "gpt": 60, "vae": 20}  # sizes, at least


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_sizes_hold_in_a_real_run(name: str) -> None:
    found = measure(name, 1)
    assert found.wrong == 0, found.notes
    assert found.right >= RIGHT[name], found.notes
