"""What an analysis states: facts, problems found while interpreting, diagnostics and their fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tensorls.domain.tensor import TensorMeta

Severity = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of source: lines from 1, columns from 0 in code points; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def contains(self, line: int, column: int) -> bool:
        """Whether the position lies inside, the end included (a cursor stands between characters)."""
        return (self.line, self.column) <= (line, column) <= (self.end_line, self.end_column)


@dataclass(frozen=True, slots=True)
class Step:
    """One event in a value's life: ``what`` happened ("created", "numpy -> torch", "cpu -> cuda") and where."""

    what: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Fact:
    """What one place in the source binds to a name, in one context (CONTRACT: ``context`` None means in all)."""

    span: Span
    name: str
    kind: str
    meta: TensorMeta
    context: str | None = None
    view_of: str | None = None
    history: tuple[Step, ...] = ()
    status: Literal["inferred", "verified", "contradicted"] = "inferred"


@dataclass(frozen=True, slots=True)
class Seen:
    """The value of one expression, for hovers: a tensor, or a short description of another value that matters."""

    span: Span
    text: str
    meta: TensorMeta | None
    note: str | None = None
    context: str | None = None
    view_of: str | None = None
    history: tuple[Step, ...] = ()
    before: tuple[TensorMeta, ...] = ()
    operation: str | None = None
    needs: tuple[str, ...] = ()  # relations between sizes without which the body fails


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the interpreter saw fail or found remarkable; rules turn problems into diagnostics.

    ``kind``: "failed" (the library refuses: ``exception`` and ``message`` are its own), or the name of an observation.
    ``operation``: the dotted path that was called.  ``operands``: the tensors involved, with their source text.
    """

    span: Span
    kind: str
    operation: str
    exception: str = ""
    message: str = ""
    operands: tuple[Operand, ...] = ()
    context: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor that took part in an operation: where it stands in the source, what it is, where it was born."""

    text: str
    span: Span
    meta: TensorMeta
    history: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a range of one file by a text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that cures a diagnostic.  ``exact``: the same value for every input, so it needs no proof in context."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """A place that explains a diagnostic."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the user is told about one place."""

    span: Span
    severity: Severity
    code: str
    message: str
    related: tuple[Related, ...] = ()
    context: str | None = None
    fixes: tuple[Fix, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """Everything known about one file."""

    file: str
    facts: tuple[Fact, ...]
    seen: tuple[Seen, ...]
    problems: tuple[Problem, ...]
