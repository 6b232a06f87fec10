"""Notebooks: the cells are one program, in document order.  What IPython alone understands makes room for plain Python.

Every line keeps its number and what Python sees its column.  Each cell is parsed by itself, so that a broken one cannot
swallow the next.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tensorls.source.parsing import PLACEHOLDER, BrokenRegion, ParsedSource, parse
from tensorls.source.scan import open_brackets, scan
from tensorls.source.syntax import parses
from tensorls.source.text import SourceText

__all__ = ["Cell", "Notebook", "plain_lines"]

ANYTHING = f"exec({PLACEHOLDER})"
"""Stands for what may bind any name."""

_MAGIC = re.compile(r"(?P<indent>\s*)(?:(?P<left>[\w.]+(?:\s*,\s*[\w.]+)*\s*=\s*)(?=[%!])(?!%%)|(?=[%!?]))(?P<rest>.*)$", re.DOTALL)
_HELP = re.compile(r"(?P<indent>\s*)[%\w.*]+(?:\[[^\]]*\])?\s*\?{1,2}\s*$")
_WORD = re.compile(r"%{1,2}\s*(\w+)")
_CAPTURE = re.compile(r"%%capture\b.*?(?:^|\s)([A-Za-z_]\w*)\s*$")

#: Line magics that run or undo what stands elsewhere.
_REBINDING = frozenset({"load", "loadpy", "pylab", "recall", "rep", "rerun", "reset", "reset_selective", "run", "store", "xdel"})
#: Line magics that run the statement behind them in the notebook.
_RUNNING = frozenset({"prun", "time"})
#: Cell magics whose cell runs as if they were not there.
_TRANSPARENT = frozenset({"capture", "prun", "time"})
#: Cell magics whose cell binds nothing in the notebook.
_FOREIGN = frozenset({
    "!", "bash", "bigquery", "cmd", "cython", "file", "html", "javascript", "js", "julia", "latex", "markdown", "memit", "perl", "pypy",
    "python", "python2", "python3", "R", "ruby", "script", "sh", "sql", "svg", "system", "sx", "timeit", "writefile",
})  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One cell; ``is_code``: it holds Python."""

    uri: str
    text: SourceText
    is_code: bool = True


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook and the one text that they make."""

    cells: tuple[Cell, ...]

    @cached_property
    def _code(self) -> tuple[tuple[int, Cell, tuple[str, ...]], ...]:
        """The Python cells: number from 1 among all cells, cell, and lines as plain Python."""
        return tuple((n, c, plain_lines(c.text.lines)) for n, c in enumerate(self.cells, 1) if c.is_code)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        starts = [1]
        for _, _, lines in self._code:
            starts.append(starts[-1] + len(lines))
        return tuple(starts)

    @cached_property
    def text(self) -> SourceText:
        """The program."""
        return SourceText("\n".join(line for _, _, lines in self._code for line in lines))

    def lines_of(self, uri: str) -> range:
        """The lines (from 1) of a cell in the program; none for what is no Python cell."""
        for at, (_, cell, lines) in enumerate(self._code):
            if cell.uri == uri:
                return range(self._starts[at], self._starts[at] + len(lines))
        return range(0)

    def locate(self, line: int) -> tuple[Cell, int, int]:
        """The cell of a line of the program, the cell's number and the line in the cell (both from 1)."""
        at = min(max(bisect_right(self._starts, line) - 1, 0), len(self._code) - 1)
        number, cell, _ = self._code[at]
        return cell, number, line - self._starts[at] + 1

    def parse(self, text: SourceText | None = None) -> ParsedSource:
        """The program's tree, or that of the program with edits that leave every line where it was."""
        text = text or self.text
        body: list[ast.stmt] = []
        broken: list[BrokenRegion] = []
        for at, first in enumerate(self._starts[:-1]):
            own = text.lines[first - 1 : self._starts[at + 1] - 1]
            parsed = parse(SourceText("\n" * (first - 1) + "\n".join(own)))
            body += parsed.tree.body
            broken += (replace(region, line=max(region.line, first)) for region in parsed.broken)
        return ParsedSource(ast.Module(body, []), tuple(broken), text)


def plain_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines of a cell with IPython's own replaced by what means the same to an analysis, or nothing."""
    first = next((n for n, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        return _cell_magic(lines, first)
    return _line_magics(lines)


def _cell_magic(lines: Sequence[str], first: int) -> tuple[str, ...]:
    found = _WORD.match(lines[first])
    name = found[1] if found else "!" if lines[first].startswith("%%!") else ""
    above, rest = ("",) * first, lines[first + 1 :]
    if name in _TRANSPARENT:
        kept = _CAPTURE.match(lines[first])
        return (*above, f"{kept[1]} = {PLACEHOLDER}" if kept else "pass", *_line_magics(rest))
    return (*above, "pass" if name in _FOREIGN else ANYTHING, *([""] * len(rest)))


def _line_magics(lines: Sequence[str]) -> tuple[str, ...]:
    """Replace magics, except what only looks like one within a string or a bracket."""
    suspects = [n for n, line in enumerate(lines) if _MAGIC.match(line) or _HELP.match(line)]
    while suspects:
        rest = ["" if n in suspects else line for n, line in enumerate(lines)]
        for n in suspects:  # IPython's lines go on after a backslash
            while n + 1 < len(lines) and lines[n].endswith("\\"):
                n += 1
                rest[n] = ""
        seen = scan(rest).lines
        inside, brackets = set(), ""
        for n, line in enumerate(seen):
            if n in suspects and (brackets or line.in_string or line.continues):
                inside.add(n)
            brackets = open_brackets([line], brackets)
        wrong = min(inside, default=None)
        if wrong is None:
            break
        suspects.remove(wrong)
    plain = list(lines)
    for n in suspects:
        while plain[n].endswith("\\") and n + 1 < len(plain):
            after = next((m for m in range(n + 1, len(plain)) if not plain[m].endswith("\\")), len(plain) - 1)
            joined = "".join(line.removesuffix("\\") for line in plain[n : after + 1])
            plain[n : after + 1] = [joined, *([""] * (after - n))]
        plain[n] = _plain(plain[n])
    return tuple(plain)


def _plain(line: str) -> str:
    """One line of IPython's as Python."""
    found = _MAGIC.match(line)
    if found is None:  # a question
        return line[: len(line) - len(line.lstrip())] + "pass"
    indent, left, rest = found["indent"], found["left"], found["rest"]
    if left is not None:
        return f"{indent}{left}{PLACEHOLDER}"
    word = _WORD.match(rest)
    name = word[1] if word and not rest.rstrip().endswith("?") else ""
    if name in _REBINDING:
        return indent + ANYTHING
    if word and name in _RUNNING:
        statement = rest[word.end() :]
        opener = "if 1:".ljust(word.end())  # as long as the magic, so that columns stay
        if not statement.strip():
            return f"{indent}pass"
        return f"{indent}{opener}{statement}" if parses(opener + statement) else indent + ANYTHING
    return f"{indent}pass"
