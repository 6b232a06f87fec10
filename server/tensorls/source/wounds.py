"""What repair replaced, and why."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tensorls.source.syntax import Failure

__all__ = ["Repaired", "Wound", "merged"]


@dataclass(frozen=True)
class Wound:
    """Replaced lines (from 0, both included) and why Python refused them."""

    first: int
    last: int
    failure: Failure


@dataclass(frozen=True)
class Repaired:
    """The repaired lines. `is_local` says that each top-level statement was judged by its own lines alone."""

    lines: tuple[str, ...]
    wounds: tuple[Wound, ...]
    is_local: bool


def merged(wounds: Sequence[Wound], lines: Sequence[str], unclosed: AbstractSet[int]) -> tuple[Wound, ...]:
    """In order, without overlaps; the text after a quote that never closes is one wound, not one a line."""
    kept: list[Wound] = []
    for wound in sorted(wounds, key=lambda one: (one.first, -one.last)):
        last = kept[-1] if kept else None
        if last is not None:
            spills = any(last.first <= number <= last.last for number in unclosed)
            if wound.first <= last.last or (spills and not any(map(str.strip, lines[last.last + 1 : wound.first]))):
                kept[-1] = Wound(last.first, max(last.last, wound.last), last.failure)
                continue
        kept.append(wound)
    return tuple(kept)
