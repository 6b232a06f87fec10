"""The last resort for a broken text: whatever whole top-level statements parso finds in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import parso

from tensorls.source.syntax import parses

__all__ = ["whole_statements"]

_MOST_LINES = 20_000


def whole_statements(lines: Sequence[str]) -> tuple[str, ...] | None:
    """The lines with everything blanked that isn't a whole top-level statement; None if parso gives up too."""
    if len(lines) > _MOST_LINES:
        return None
    kept = [""] * len(lines)
    try:
        parse: Callable[[str], Any] = parso.parse
        for node in parse("\n".join(lines)).children:
            if node.type in ("error_node", "error_leaf", "endmarker"):
                continue
            (first, column), (last, end) = node.start_pos, node.end_pos
            last = last if end else last - 1
            if column == 0 and parses("\n".join(lines[first - 1 : last])):
                kept[first - 1 : last] = lines[first - 1 : last]
    except (RecursionError, MemoryError, ValueError, KeyError, IndexError, AttributeError):
        return None
    return tuple(kept) if parses("\n".join(kept)) else None
