"""How the places of an analysed text are told to a client: as they are, or as those of one cell of a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lsprotocol import types as lsp

from tensorls.domain.fact import Fact, Seen, Span, Step
from tensorls.source.notebooks import Notebook
from tensorls.source.text import PositionEncoding, SourceText


@dataclass(frozen=True)
class View:
    """A document of the client's and the text that was analysed: its own, or that of the notebook it is a cell of."""

    uri: str
    text: SourceText
    encoding: PositionEncoding
    notebook: Notebook | None = None

    @property
    def _lines(self) -> range:
        return range(1, len(self.text.lines) + 1) if self.notebook is None else self.notebook.lines_of(self.uri)

    def holds(self, span: Span) -> bool:
        """Whether a place lies in this document."""
        return span.line in self._lines

    def place(self, position: lsp.Position) -> tuple[int, int]:
        """A client's position as line and column of the analysed text."""
        lines = self._lines
        if position.line < len(lines):
            place = self.text.from_lsp(position.line + lines.start - 1, position.character, self.encoding)
        else:  # below the end
            place = self.text.clamp(lines.stop - 1, 1 << 30)
        return place.line, place.column

    def position(self, line: int, column: int) -> lsp.Position:
        """A place as the client counts it."""
        place = self.text.to_lsp(line, column, self.encoding)
        first = 1 if self.notebook is None else line - self.notebook.locate(line)[2] + 1
        return lsp.Position(place.line - first + 1, place.character)

    def range(self, span: Span) -> lsp.Range:
        """A span as the client counts it."""
        return lsp.Range(self.position(span.line, span.column), self.position(span.end_line, span.end_column))

    def uri_at(self, line: int) -> str:
        """The document that a line lies in."""
        return self.uri if self.notebook is None else self.notebook.locate(line)[0].uri

    # what is told, with the notebook's lines named as a person sees them

    def seen(self, values: Iterable[Seen]) -> list[Seen]:
        """Values for a hover."""
        return [self._seen(v) for v in values] if self.notebook is not None else list(values)

    def facts(self, facts: Iterable[Fact]) -> list[Fact]:
        """Facts with places in their own cells."""
        return [self._fact(f) for f in facts] if self.notebook is not None else list(facts)

    def _seen(self, seen: Seen) -> Seen:
        own = seen.span
        return replace(seen, span=self._span(own), context=self._context(own, seen.context), history=self._history(own, seen.history))

    def _fact(self, fact: Fact) -> Fact:
        own = fact.span
        return replace(fact, span=self._span(own), context=self._context(own, fact.context), history=self._history(own, fact.history))

    def _span(self, span: Span) -> Span:
        return replace(span, line=self._line(span.line)[1], end_line=self._line(span.end_line)[1])

    def _line(self, line: int) -> tuple[int, int]:
        """The number of a line's cell, and the line in it."""
        return (0, line) if self.notebook is None else self.notebook.locate(line)[1:]

    def _context(self, own: Span, context: str | None) -> str | None:
        file, _, line = (context or "").rpartition(":")
        if file != own.file or not line.isdigit():
            return context
        file, number = self._elsewhere(own, int(line))
        return f"{file}:{number}"

    def _history(self, own: Span, history: Iterable[Step]) -> tuple[Step, ...]:
        return tuple(Step(s.what, *self._elsewhere(own, s.line)) if s.file == own.file else s for s in history)

    def _elsewhere(self, own: Span, line: int) -> tuple[str, int]:
        """A line of the notebook as one at ``own`` would call it: ``cell 2`` takes the place of the file's name."""
        cell, number = self._line(line)
        return (own.file if cell == self._line(own.line)[0] else f"cell {cell}"), number
