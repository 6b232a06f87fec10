"""Source text, and the three ways in which others count places in it.

The command line counts lines from 1 and columns in code points from 0 (`Place`, the unit used everywhere in tensorls);
`ast` counts columns in UTF-8 bytes; an editor counts lines from 0 and columns in the units it negotiated.
Everything out of range is moved to the nearest place that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

__all__ = ["LspPosition", "Place", "PositionEncoding", "SourceText", "TextEdit"]

PositionEncoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")


class Place(NamedTuple):
    """A place in a text: line from 1, column in code points from 0."""

    line: int
    column: int


class LspPosition(NamedTuple):
    """A place as an editor counts it: line from 0, character in the units of the negotiated encoding."""

    line: int
    character: int


@dataclass(frozen=True)
class TextEdit:
    """Replace what lies between two places (lines from 1, columns in code points from 0) by `text`."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class SourceText:
    """An immutable text with its lines, split where Python and LSP split them: at \\n, \\r\\n and \\r only."""

    text: str

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        """(start, end) offsets of every line, its line end left out."""
        spans = []
        start = 0
        for end in _LINE_END.finditer(self.text):
            spans.append((start, end.start()))
            start = end.end()
        spans.append((start, len(self.text)))
        return tuple(spans)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; a text that ends in a line end has an empty last line, as in an editor."""
        if "\r" not in self.text:
            return tuple(self.text.split("\n"))
        return tuple(_LINE_END.split(self.text))

    @cached_property
    def newline(self) -> str:
        """The most frequent line end of the text (`\\n` when it has none)."""
        if "\r" not in self.text:
            return "\n"
        windows = self.text.count("\r\n")
        counts = {
            "\n": self.text.count("\n") - windows,
            "\r\n": windows,
            "\r": self.text.count("\r") - windows,
        }
        return max(counts, key=lambda end: counts[end])

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    def clamp(self, line: int, column: int) -> Place:
        """The nearest place that exists."""
        if line < 1:
            return Place(1, 0)
        if line > len(self.lines):
            return Place(len(self.lines), len(self.lines[-1]))
        return Place(line, min(max(column, 0), len(self.lines[line - 1])))

    def offset(self, line: int, column: int) -> int:
        """The index into `text` of a place."""
        line, column = self.clamp(line, column)
        return self._spans[line - 1][0] + column

    def place(self, offset: int) -> Place:
        """The place of an index into `text`; one inside a line end belongs to the end of its line."""
        low, high = 0, len(self._spans) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._spans[middle][0] <= offset:
                low = middle
            else:
                high = middle - 1
        return self.clamp(low + 1, offset - self._spans[low][0])

    def between(self, line: int, column: int, end_line: int, end_column: int) -> str:
        """The text between two places."""
        return self.text[self.offset(line, column) : self.offset(end_line, end_column)]

    def from_ast(self, lineno: int, col_offset: int) -> Place:
        """The place of an `ast` position (column in UTF-8 bytes)."""
        if self._is_ascii and 1 <= lineno <= len(self.lines):
            return Place(lineno, min(col_offset, len(self.lines[lineno - 1])))
        return self._decoded(lineno, col_offset, "utf-8")

    def to_ast(self, line: int, column: int) -> tuple[int, int]:
        """The `(lineno, col_offset)` that `ast` gives to a place."""
        line, column = self.clamp(line, column)
        return line, _units(self.lines[line - 1], column, "utf-8")

    def from_lsp(self, line: int, character: int, encoding: PositionEncoding = "utf-16") -> Place:
        """The place of an editor's position; one inside a character belongs to its start."""
        return self._decoded(line + 1, character, encoding)

    def to_lsp(self, line: int, column: int, encoding: PositionEncoding = "utf-16") -> LspPosition:
        """The position by which an editor calls a place."""
        line, column = self.clamp(line, column)
        return LspPosition(line - 1, _units(self.lines[line - 1], column, encoding))

    def apply(self, edits: Iterable[TextEdit]) -> SourceText:
        """The text with all edits made; their places refer to this text.

        Line ends in inserted text become those of this text. Insertions at one place keep the order in which they
        are given. Edits that overlap are a mistake of the caller: ValueError.
        """
        spans = []
        for order, edit in enumerate(edits):
            start, end = (self.offset(edit.line, edit.column), self.offset(edit.end_line, edit.end_column))
            spans.append((start, max(start, end), order, _LINE_END.sub(lambda _: self.newline, edit.text)))
        spans.sort()
        pieces = []
        reached = 0
        for start, end, _, text in spans:
            if start < reached:
                raise ValueError(f"overlapping edits at offset {start}")
            pieces += [self.text[reached:start], text]
            reached = end
        return SourceText("".join(pieces) + self.text[reached:])

    def _decoded(self, line: int, units: int, encoding: PositionEncoding) -> Place:
        if not 1 <= line <= len(self.lines):
            return self.clamp(line, 0)
        return self.clamp(line, _code_points(self.lines[line - 1], units, encoding))


def _units(line: str, column: int, encoding: PositionEncoding) -> int:
    """How many units the first `column` code points of a line take."""
    if encoding == "utf-32" or line.isascii():
        return column
    if encoding == "utf-8":
        return len(line[:column].encode("utf-8", "surrogatepass"))
    return column + sum(char > "\uffff" for char in line[:column])


def _code_points(line: str, units: int, encoding: PositionEncoding) -> int:
    """How many whole code points lie in the first `units` units of a line."""
    if units <= 0 or encoding == "utf-32" or line.isascii():
        return units
    if encoding == "utf-8":
        raw = line.encode("utf-8", "surrogatepass")
        while units < len(raw) and raw[units] & 0xC0 == 0x80:
            units -= 1
        return len(raw[:units].decode("utf-8", "surrogatepass"))
    taken = 0
    for index, char in enumerate(line):
        taken += 2 if char > "\uffff" else 1
        if taken > units:
            return index
    return len(line)
