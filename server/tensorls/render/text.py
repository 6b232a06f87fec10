"""Diagnostics as lines, and source with its facts beside each line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from tensorls.domain.fact import Diagnostic, Fact
from tensorls.domain.tensor import summary

RESET, DIM, BOLD = "\x1b[0m", "\x1b[2m", "\x1b[1m"
COLOURS = {"torch": "\x1b[38;5;208m", "numpy": "\x1b[38;5;75m", "error": "\x1b[31m", "warning": "\x1b[33m", "information": "\x1b[36m",
           "hint": "\x1b[35m"}  # fmt: skip
WIDTH = 64  # column at which facts begin beside the source


def concise(found: Diagnostic, file: str) -> str:
    """``file:line:column: severity[code] message``, columns from 1 as compilers count."""
    return f"{file}:{found.span.line}:{found.span.column + 1}: {found.severity}[{found.code}] {found.message}"


def full(found: Diagnostic, file: str, lines: Sequence[str]) -> Iterator[str]:
    """A diagnostic with its source line, carets and related places."""
    yield concise(found, file)
    line = lines[found.span.line - 1] if found.span.line <= len(lines) else ""
    end = found.span.end_column if found.span.end_line == found.span.line else len(line)
    yield f"    {line}"
    yield f"    {pad(line, found.span.column)}{'^' * max(1, width(line[found.span.column : end]))}"
    for related in found.related:
        yield f"    {related.message} (line {related.span.line})"
    for fix in found.fixes:
        yield f"    fix: {fix.title}"


def beside(lines: Sequence[str], facts: Iterable[Fact], diagnostics: Iterable[Diagnostic], colour: bool) -> Iterator[str]:
    """Every source line, with what it binds and what is wrong with it."""
    by_line: dict[int, list[str]] = {}
    for fact in facts:
        context = f"  in the call at {_site(fact.context)}" if fact.context else ""
        text = f"{fact.name} {summary(fact.meta)}"
        painted = f"{COLOURS[fact.meta.library]}{text}{RESET}{DIM}{context}{RESET}" if colour else f"{text}{context}"
        by_line.setdefault(fact.span.line, []).append(painted)
    for found in diagnostics:
        if found.severity == "hint":
            continue
        text = f"{found.severity}[{found.code}] {found.message}"
        by_line.setdefault(found.span.line, []).append(f"{COLOURS[found.severity]}{text}{RESET}" if colour else text)
    digits = len(str(len(lines)))
    for number, line in enumerate(lines, 1):
        notes = list(dict.fromkeys(by_line.get(number, ())))
        shown = f"{DIM}{number:>{digits}}{RESET}  {line}" if colour else f"{number:>{digits}}  {line}"
        if not notes:
            yield shown.rstrip()
            continue
        gap = " " * max(2, WIDTH - width(line))
        yield f"{shown}{gap}{notes[0]}"
        for note in notes[1:]:
            yield f"{' ' * (digits + 2 + max(WIDTH, width(line) + 2))}{note}"


def _site(context: str) -> str:
    path, _, line = context.rpartition(":")
    return f"{path.rsplit('/', 1)[-1]}:{line}"


def width(text: str) -> int:
    """Terminal columns: wide East Asian characters take two, a tab one to the next multiple of eight is counted as written."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(line: str, column: int) -> str:
    """Blank space under the first ``column`` characters, tabs kept."""
    return "".join("\t" if c == "\t" else "  " if unicodedata.east_asian_width(c) in "WF" else " " for c in line[:column])
