"""Models of libraries: the Python that says what a library does to sizes, for the interpreter to follow.

They stand for libraries that the analysis has no source of, or whose source goes through files and C code.  A model
is never executed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tensorls.source.files import read_source
from tensorls.source.imports import Roots
from tensorls.source.parsing import ParsedSource, parse

__all__ = ["MODELS", "find_model", "gives_way", "is_model", "read_model"]

_FOLDER = Path(__file__).resolve().parent.parent / "models"
MODELS = Roots((_FOLDER,))
_SUBSTITUTES = frozenset({"timm"})  # pure Python on torch: where it is installed, its own source says more


def gives_way(name: str) -> bool:
    """Whether the model of a module stands only where the package itself is not installed."""
    return name.partition(".")[0] in _SUBSTITUTES


@cache
def find_model(name: str) -> str | None:
    """The file that models a module."""
    return MODELS.find(name, "")


def is_model(file: str) -> bool:
    """Whether a file belongs to the models."""
    return Path(file).is_relative_to(_FOLDER)


@cache
def read_model(file: str) -> ParsedSource:
    """A model's tree; models do not change, so one reading serves every analysis."""
    return parse(read_source(file))
