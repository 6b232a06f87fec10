"""torch and NumPy, as far as the user's interpreter has them; typed ``Any`` because either may be missing."""

from __future__ import annotations

from typing import Any

#: Why an installed library could not be imported, by name.
problems: dict[str, str] = {}


def _note(name: str, error: Exception) -> None:
    if getattr(error, "name", None) != name:  # not merely absent
        problems[name] = f"{type(error).__name__}: {error}"


torch: Any = None
numpy: Any = None
try:
    import numpy as _numpy

    numpy = _numpy
except Exception as error:  # noqa: BLE001  (a broken installation may raise anything)
    _note("numpy", error)
try:
    import torch as _torch

    torch = _torch
except Exception as error:  # noqa: BLE001
    _note("torch", error)


def words(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())
