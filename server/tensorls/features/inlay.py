"""Inlay hints: the short form after every name that a line binds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tensorls.domain.fact import Fact
from tensorls.domain.tensor import short, show_shape, summary

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


def hints(facts: Iterable[Fact]) -> Iterator[Hint]:
    """The hints of a file; a name with several facts shows them all where they fit, or how many more there are."""
    places: dict[tuple[int, int], list[Fact]] = {}
    for fact in facts:
        if fact.kind in SHOWN:
            places.setdefault((fact.span.end_line, fact.span.end_column), []).append(fact)
    for (line, column), group in places.items():
        yield Hint(line, column, _fit(group), "\n".join(dict.fromkeys(_tip(f) for f in group)))


def _tip(fact: Fact) -> str:
    if fact.context is None:
        return summary(fact.meta)
    path, _, line = fact.context.rpartition(":")
    where = f"line {line}" if path == fact.span.file else f"line {line} of {path}"
    return f"{summary(fact.meta)}, called at {where}"


def _fit(facts: list[Fact]) -> str:
    """All alternatives if they fit; else the first one and how many more there are.  A shape is shown whole or not at all."""
    labels = list(dict.fromkeys(short(f.meta) for f in facts))
    more = f" +{len(labels) - 1}" if len(labels) > 1 else ""
    first = facts[0].meta
    rank = "..." if first.shape is None else f"{len(first.shape)} dims"
    for text in (" | ".join(labels), labels[0] + more, show_shape(first.shape) + more, f"({rank}){more}"):
        if len(text) <= LENGTH:
            return text
    return f"({rank})"
