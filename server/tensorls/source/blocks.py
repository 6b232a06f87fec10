"""Top-level blocks of a module: the units that are parsed again, and interpreted again, only when they change."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tensorls.source.parsing import ParsedSource, parse, parse_local
from tensorls.source.syntax import parse_python
from tensorls.source.text import SourceText

__all__ = ["Block", "first_difference", "parse_incremental", "split_blocks"]

_WORTH_IT = 0.8
"""An edit that leaves less than a fifth of the lines is parsed as a whole."""


@dataclass(frozen=True)
class Block:
    """Top-level statements on lines of their own (from 1, decorators included), with a digest of what they say."""

    start_line: int
    end_line: int
    digest: bytes


@dataclass(frozen=True)
class _Span:
    """The lines (from 1) and the indices in `tree.body` of a block."""

    start: int
    end: int
    first: int
    stop: int


def split_blocks(parsed: ParsedSource) -> tuple[Block, ...]:
    """The blocks of a module in order. Equal blocks have equal statements at equal places."""
    blocks = []
    for span in _spans(parsed):
        digest = hashlib.blake2b(digest_size=16)
        digest.update("\n".join(parsed.text.lines[span.start - 1 : span.end]).encode("utf-8", "surrogatepass"))
        if any(region.line <= span.end and span.start <= region.end_line for region in parsed.broken):
            for statement in parsed.tree.body[span.first : span.stop]:
                digest.update(ast.dump(statement, include_attributes=True).encode("utf-8", "surrogatepass"))
        blocks.append(Block(span.start, span.end, digest.digest()))
    return tuple(blocks)


def first_difference(old: Sequence[Block], new: Sequence[Block]) -> int:
    """How many leading blocks are the same, in content and place."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        count += 1
    return count


def parse_incremental(previous: ParsedSource, text: SourceText) -> ParsedSource:
    """The same as `parse(text)`, faster: statements of `previous` that no edit touched are taken from its tree.

    Trees share nodes, so nobody may change them. Statements below an edit that adds or removes lines are parsed again
    (Python's parser is faster than any copy with other line numbers), but never repaired again.
    """
    old, new = previous.text.lines, text.lines
    if previous.text.text == text.text:
        return ParsedSource(previous.tree, previous.broken, text)
    leading = _same(old, new)
    trailing = _same(old[leading:][::-1], new[leading:][::-1])
    added = len(new) - len(old)
    spans = _spans(previous)
    # One unchanged block on each side is parsed again: a decorator, an `else` or a bracket may now belong to it.
    head = max(sum(span.end <= leading for span in spans) - 1, 0)
    tail = min(len(spans), sum(span.start <= len(old) - trailing for span in spans) + 1)
    first = spans[head - 1].end + 1 if head else 1
    last = spans[tail].start - 1 + added if tail < len(spans) else len(new)
    outside = any(region.line < first or region.end_line > last - added for region in previous.broken)
    if outside or last - first + 1 > _WORTH_IT * len(new):
        return parse(text)
    above = previous.tree.body[: spans[head - 1].stop] if head else []
    below = previous.tree.body[spans[tail].first :] if tail < len(spans) else []
    if below and added:
        again = parse_python("\n" * last + "\n".join(new[last:]))
        if not isinstance(again, ast.Module):
            return parse(text)
        below = again.body
    found = parse_local(new[first - 1 : last], first)
    if found is None:
        return parse(text)
    middle, broken = found
    return ParsedSource(ast.Module(body=[*above, *middle.body, *below], type_ignores=[]), broken, text)


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many leading lines are equal."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        count += 1
    return count


def _spans(parsed: ParsedSource) -> list[_Span]:
    """The blocks of a module: statements that share a line taken together, broken lines with what stands above."""
    lines = parsed.text.lines
    broken = list(parsed.broken)
    spans: list[_Span] = []
    for index, statement in enumerate(parsed.tree.body):
        start = statement.lineno
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            start = min([start, *(decorator.lineno for decorator in statement.decorator_list)])
        end = statement.end_lineno or statement.lineno
        while spans and broken and broken[0].line < start:
            spans[-1] = replace(spans[-1], end=max(spans[-1].end, broken.pop(0).end_line))
        last = spans[-1] if spans else None
        if last is not None and (start <= last.end or lines[start - 2].endswith("\\")):
            spans[-1] = _Span(last.start, max(end, last.end), last.first, index + 1)
        else:
            spans.append(_Span(start, end, index, index + 1))
    if spans:
        spans[-1] = replace(spans[-1], end=max([spans[-1].end, *(region.end_line for region in broken)]))
    return spans
