"""Tolerant parsing: a syntax tree for any text, with the broken parts named.

Python's own parser is the fast path. A text that it refuses is repaired by islands of indentation (`repair`), then by
passing over the lines it names, then with parso. Lines keep their numbers, and unbroken lines their columns.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tensorls.source.fallback import whole_statements
from tensorls.source.repair import repair
from tensorls.source.stand_in import PLACEHOLDER
from tensorls.source.syntax import Failure, parse_python
from tensorls.source.text import SourceText

__all__ = ["PLACEHOLDER", "BrokenRegion", "ParsedSource", "parse", "parse_local"]

_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class BrokenRegion:
    """Lines (from 1, both included) that Python refuses, with its message and the place that it names.

    In the tree a stand-in takes their place, in which `PLACEHOLDER` is what isn't known.
    """

    line: int
    end_line: int
    message: str
    error_line: int
    error_column: int


@dataclass(frozen=True)
class ParsedSource:
    """A text and its syntax tree; `broken` is empty if Python accepts the text as it is."""

    tree: ast.Module
    broken: tuple[BrokenRegion, ...]
    text: SourceText


def parse(text: SourceText) -> ParsedSource:
    """Parse any text. Never raises: of what isn't Python at all, an empty module remains."""
    tree = parse_python(text.text)
    if isinstance(tree, ast.Module):
        return ParsedSource(tree, (), text)
    lines, broken = _readable(text.lines, 1)
    found = _parse_lines(lines, 1)
    if found is not None:
        return ParsedSource(found[0], _in_order([*broken, *found[1]]), text)
    kept = whole_statements(lines)
    left = parse_python("\n".join(kept)) if kept is not None else None
    region = BrokenRegion(1, len(lines), tree.message, *text.clamp(tree.line, tree.column))
    return ParsedSource(left if isinstance(left, ast.Module) else _empty_module(), (region,), text)


def parse_local(lines: Sequence[str], first_line: int) -> tuple[ast.Module, tuple[BrokenRegion, ...]] | None:
    """Parse some whole top-level statements of a text; None if that says nothing certain about the text as a whole."""
    tree = parse_python("\n" * (first_line - 1) + "\n".join(lines))
    if isinstance(tree, ast.Module):
        return tree, ()
    readable, broken = _readable(lines, first_line)
    found = _parse_lines(readable, first_line, only_local=True)
    return (found[0], _in_order([*broken, *found[1]])) if found is not None else None


def _parse_lines(lines: Sequence[str], first_line: int, *, only_local: bool = False) -> tuple[ast.Module, list[BrokenRegion]] | None:
    """The tree of lines that may be broken, and their broken regions; None if they can't be repaired."""
    above = "\n" * (first_line - 1)
    tree = parse_python(above + "\n".join(lines))
    if isinstance(tree, ast.Module):
        return tree, []
    try:
        repaired = repair(lines)
    except RecursionError:
        return None
    if only_local and not repaired.is_local:
        return None
    tree = parse_python(above + "\n".join(repaired.lines))
    if isinstance(tree, Failure):
        return None
    shift = first_line - 1
    regions = []
    for wound in repaired.wounds:
        failure = wound.failure.moved(shift)
        column = min(failure.column, len(lines[failure.line - 1 - shift]))
        regions.append(BrokenRegion(wound.first + first_line, wound.last + first_line, failure.message, failure.line, column))
    return tree, regions


def _readable(lines: Sequence[str], first_line: int) -> tuple[list[str], list[BrokenRegion]]:
    """Lines without what makes Python refuse a text before it reads it; each replacement takes as many bytes."""
    readable, broken = list(lines), []
    if first_line == 1 and lines[0].startswith(_BYTE_ORDER_MARK):
        readable[0] = "\f\f\f" + lines[0][1:]
    for number, line in enumerate(lines):
        found = _UNREADABLE.search(line)
        if found is None:
            continue
        what = "null bytes" if found[0] == "\0" else "lone surrogates"
        readable[number] = _UNREADABLE.sub(lambda char: "\x01" if char[0] == "\0" else "\ufffd", readable[number])
        at = number + first_line
        broken.append(BrokenRegion(at, at, f"source code cannot contain {what}", at, found.start()))
    return readable, broken


def _in_order(regions: Sequence[BrokenRegion]) -> tuple[BrokenRegion, ...]:
    """Sorted, without those that lie in another."""
    kept: list[BrokenRegion] = []
    for region in sorted(regions, key=lambda one: one.line):
        if not kept or region.line > kept[-1].end_line:
            kept.append(region)
    return tuple(kept)


def _empty_module() -> ast.Module:
    return ast.Module(body=[], type_ignores=[])
