"""Inlay hints: the short form after every name that a line binds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tensorls.domain.fact import Fact
from tensorls.domain.tensor import short, summary

#: Kinds of facts that get a hint.
SHOWN = frozenset({"variable", "parameter", "attribute", "loop", "with", "walrus", "augmented", "inplace"})
LENGTH = 25


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint: its place (line from 1, column after the name), text and tooltip."""

    line: int
    column: int
    label: str
    tooltip: str


def hints(facts: Iterable[Fact], first_line: int = 1, last_line: int = 1 << 30) -> Iterator[Hint]:
    """The hints of a range of lines; a name with several facts shows the common part, or how many there are."""
    places: dict[tuple[int, int], list[Fact]] = {}
    for fact in facts:
        if fact.kind in SHOWN and first_line <= fact.span.end_line <= last_line:
            places.setdefault((fact.span.end_line, fact.span.end_column), []).append(fact)
    for (line, column), group in places.items():
        labels = list(dict.fromkeys(short(f.meta) for f in group))
        tooltip = "\n".join(dict.fromkeys(summary(f.meta) + (f" in the call at {f.context}" if f.context else "") for f in group))
        yield Hint(line, column, _fit(labels), tooltip)


def _fit(labels: list[str]) -> str:
    """As many alternatives as fit; how many more there are otherwise."""
    text = " | ".join(labels)
    if len(text) <= LENGTH:
        return text
    more = f" +{len(labels) - 1}"
    return f"{labels[0][: LENGTH - len(more)]}{more}" if len(labels) > 1 else labels[0][:LENGTH]
