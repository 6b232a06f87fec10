"""Comments that state a shape: ``# (B, T, C)``, ``# [batch, seq, dim]``, ``# B x T x C``, ``# (B, T, C) -> (B, nh, T, hs)``.

Only a comment that is nothing but a shape counts; prose, remarks on other things and lists of values are left alone.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache

from tensorls.source.dimwords import is_dimension

_LEAD = re.compile(
    r"#+\s*(?:(?:the\s+)?(?:output\s+|out\s+|result(?:ing)?\s+)?(?:shape|size|dims?)\s*(?:is|:|=|of)?\s*|(?:out(?:put)?|->|=>)\s*:?\s*|"
    r"(?P<name>[A-Za-z_][\w.]*?)(?:\.shape|\.size\(\))?\s*(?::|=)\s*)?(?:torch\.Size\(|Size\()?",
    re.IGNORECASE,
)
_ARROW = re.compile(r"\s*(?:->|=>|→|-->)\s*")
_TIMES = re.compile(r"\s+[x×]\s+|\s*×\s*")
_COMPACT = re.compile(r"(?:[A-Z]|\d+)(?:x(?:[A-Z]|\d+)){2,}|[A-Z](?:x[A-Z])+")
_GROUP = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ANY = frozenset({"...", "-1", "?", "*", "_"})
#: Lists of these are what a tensor holds.
_CONTENT = tuple(frozenset(c.split()) for c in (
    "x y", "x y z", "x y w h", "x y w", "x1 y1 x2 y2", "cx cy w h", "u v", "r g b", "h s v", "l t r b", "t l b r", "x0 y0 x1 y1", "i j",
    "w x y z", "a b", "a b c",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShapeComment:
    """A shape in a line's comment: its ``items`` as written, its columns in the line, and how it is written."""

    items: tuple[str, ...]
    start: int
    end: int
    brackets: str
    separator: str
    name: str | None

    def written(self, items: tuple[str, ...]) -> str:
        """Other items in the same style."""
        brackets = self.brackets or ("()" if len(items) < 2 else "")
        inner = self.separator.join(items)
        if len(items) == 1 and brackets == "()":
            inner += ","
        return f"{brackets[:1]}{inner}{brackets[1:]}"


@lru_cache(maxsize=4096)
def find_shape(line: str, column: int) -> ShapeComment | None:
    """The shape that the comment from ``column`` on states; of several with arrows between them the last."""
    comment = line[column:].split("  #")[0].split(" #:")[0].rstrip().rstrip(".")
    lead = _LEAD.match(comment)
    if lead is None:
        return None
    end = len(comment) - (comment.endswith(")") and lead.group().endswith("Size("))
    start = lead.end()
    for arrow in _ARROW.finditer(comment, start, end):
        if not _are_shapes(comment[start : arrow.start()]):
            return None
        start = arrow.end()
    found = _read(comment[start:end])
    if found is None:
        return None
    items, brackets, separator = found
    return ShapeComment(items, column + start, column + end, brackets, separator, lead["name"])


def _are_shapes(text: str) -> bool:
    """Whether a text holds shapes alone: ``(B, T, C) @ (C, C)``."""
    groups = _GROUP.findall(text)
    inner = all(_read(g) is not None for g in groups) and not _GROUP.sub("", text).strip(" x×@*+,.&")
    return (bool(groups) and inner) or _read(text) is not None


def _read(text: str) -> tuple[tuple[str, ...], str, str] | None:
    """The items of a shape, its brackets and what separates it."""
    if text[:1] + text[-1:] in ("()", "[]"):
        inner = text[1:-1]
        times = _TIMES.search(inner) if "," not in inner else None
        separator = times.group() if times is not None else ", " if ", " in inner or "," not in inner else ","
        parts = [p.strip() for p in (_TIMES.split(inner) if times is not None else inner.split(","))]
        trailing = len(parts) > 1 and not parts[-1]
        parts = parts[:-1] if trailing else parts
        alone = len(parts) == 1 and not trailing and not re.fullmatch(r"[A-Z]", parts[0])
        return None if alone or not _is_shape(parts) else (tuple(parts), text[:1] + text[-1:], separator)
    times = _TIMES.search(text)
    compact = _COMPACT.fullmatch(text) if times is None else None
    if times is None and compact is None:
        return None
    parts = [p.strip() for p in _TIMES.split(text)] if times is not None else text.split("x")
    return (tuple(parts), "", times.group() if times is not None else "x") if len(parts) > 1 and _is_shape(parts) else None


def _is_shape(parts: list[str]) -> bool:
    return bool(parts) and frozenset(p.lower() for p in parts) not in _CONTENT and all(_is_item(p) for p in parts)


def _is_item(text: str) -> bool:
    if text in _ANY or is_dimension(text):
        return True
    return bool(names_of(text)) and all(is_dimension(n) for n in names_of(text))


@lru_cache(maxsize=4096)
def names_of(text: str) -> tuple[str, ...]:
    """The names in an item that is an expression over sizes; none when it is anything else."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    allowed = (ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Name, ast.Load, ast.Constant)
    if not all(isinstance(n, allowed) and not (isinstance(n, ast.Constant) and type(n.value) is not int) for n in ast.walk(tree)):
        return ()
    return tuple(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


def is_open(item: str) -> bool:
    """Whether an item says nothing of its size."""
    return item in _ANY
