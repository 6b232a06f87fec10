"""The garbage collector: an analysis makes many objects that stay and few cycles, so looking for cycles is mostly in vain."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """What exists by now stays; from here on look seldom."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
