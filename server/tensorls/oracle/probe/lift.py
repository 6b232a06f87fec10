"""Large literals become symbols: ``(8, 1024, 768) @ (768, 3072)`` is run as ``(8, 5, 7) @ (7, 28)``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tensorls.domain.dims import Dim, Expr, Symbol, add, evaluate, mul, symbol
from tensorls.oracle import terms
from tensorls.oracle.probe.points import PRIMES
from tensorls.oracle.question import Question

SMALL = 16  # literals up to here are left alone: axes, kernels, heads
_RELATED = 64  # 3072 is 4*768, 8192 is 8*1024: factors up to here are kept


@dataclass(frozen=True, slots=True)
class Lifted:
    """A question in which symbols stand for large literals.  ``actual``: what they stand for; ``small``: stand-ins."""

    question: Question
    actual: dict[Symbol, int]
    small: tuple[dict[Symbol, int], ...]


def lift(question: Question, related: bool, above: int = SMALL) -> Lifted | None:
    """Every integer beyond ``above`` in terms of symbols; None when there is none.

    ``related``: integers that are products of others, or next to them, stay so; else each is a symbol of its own.
    """
    sizes = terms.question_sizes(question)
    numbers = sorted({abs(n) for d in sizes for n in _integers(d) if abs(n) > above})
    if not numbers:
        return None
    meaning: dict[int, Dim] = {}
    actual: dict[Symbol, int] = {}
    for n in numbers:
        found = _related(n, meaning) if related else None
        if found is None:
            name = Symbol(f"literal{n}")
            actual[name] = n
            found = symbol(name.name)
        meaning[n] = found
    changed = terms.map_sizes(question, lambda d: _change(d, meaning))
    return Lifted(changed, actual, tuple(_stand_ins(actual, meaning, start) for start in (0, 4)))


def _integers(dim: Dim) -> Iterator[int]:
    if isinstance(dim, int):
        yield dim
    else:
        for _, coefficient in dim.terms:
            yield coefficient


def _related(n: int, meaning: dict[int, Dim]) -> Dim | None:
    known = sorted(meaning, reverse=True)
    for m in known:
        if n % m == 0 and n // m <= _RELATED:
            return mul(n // m, meaning[m])
    for m in known:
        for o in known:
            if o <= m and n % (m * o) == 0 and n // (m * o) <= _RELATED:
                return mul(n // (m * o), meaning[m], meaning[o])
    for m in known:
        if abs(n - m) <= 2:
            return add(meaning[m], n - m)
    return None


def _change(dim: Dim, meaning: dict[int, Dim]) -> Dim:
    def number(n: int) -> Dim:
        return mul(-1, meaning[-n]) if n < 0 and -n in meaning else meaning.get(n, n)

    if isinstance(dim, int):
        return number(dim)
    return add(*(mul(number(c), Expr(((m, 1),))) if m else number(c) for m, c in dim.terms))


def _stand_ins(actual: dict[Symbol, int], meaning: dict[int, Dim], start: int) -> dict[Symbol, int]:
    """Small distinct primes in the order of the literals, so that what was larger stays larger."""
    point: dict[Symbol, int] = {}
    reached = 0
    for n in sorted(meaning):
        dim = meaning[n]
        for s in actual:
            if actual[s] == n:
                candidates = [p for p in PRIMES[start:] if p > reached]
                point[s] = candidates[0] if candidates else reached + 1
        try:
            reached = max(reached, dim if isinstance(dim, int) else evaluate(dim, point))
        except KeyError:
            continue
    return point
