"""What the editor sets: at ``initialize`` and whenever it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECTION = "tensorls"


@dataclass(frozen=True, slots=True)
class Settings:
    """``interpreter`` is empty where the editor leaves the choice to us."""

    inlay_hints: bool = True
    interpreter: str = ""


def read_settings(data: Any) -> Settings:
    """Settings as editors send them: the table, or below ``settings`` or ``tensorls``.  What makes no sense is ignored."""
    table = data
    for name in ("settings", SECTION):
        inner = _get(table, name)
        table = inner if isinstance(inner, Mapping) else table
    shown = _get(_get(table, "inlayHints"), "enabled")
    interpreter = _get(table, "interpreter")
    return Settings(shown if isinstance(shown, bool) else True, interpreter.strip() if isinstance(interpreter, str) else "")


def _get(table: Any, name: str) -> Any:
    return table.get(name) if isinstance(table, Mapping) else None
