"""Minima and maxima beyond the reach of stand-ins: ``max(0,n-1500)`` is zero for every small ``n``, but not zero.

Each is asked about as a size of its own, which may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tensorls.domain.dims import Dim, Expr, Operation, Symbol, add, mul, substitute, symbol
from tensorls.oracle import terms
from tensorls.oracle.question import Answer, Question, Raised, Returned

NEAR = 100  # stand-ins reach beyond a bound up to here
PREFIX = "?far"


def apart(question: Question, ask: Callable[[Question], Answer]) -> Answer | None:
    """The answer with such sizes taken for sizes of their own; None when there are none."""
    found = dict.fromkeys(a for d in terms.question_sizes(question) for a in _far_atoms(d))
    if not found:
        return None
    names: dict[Operation, Expr] = {a: symbol(f"{PREFIX}{i}", hidden=True) for i, a in enumerate(found)}
    back = {Symbol(f"{PREFIX}{i}", True): _of(a) for i, a in enumerate(found)}
    answer = ask(terms.map_sizes(question, lambda d: _replaced(d, names)))
    if isinstance(answer, Returned):
        return terms.map_returned(answer, lambda d: substitute(d, back))
    return replace(answer, certain=False) if isinstance(answer, Raised) else answer


def _of(atom: Operation | Symbol) -> Expr:
    return Expr(((((atom, 1),), 1),))


def _far_atoms(dim: Dim) -> Iterator[Operation]:
    if isinstance(dim, Expr):
        for monomial, _ in dim.terms:
            yield from (a for a, _ in monomial if isinstance(a, Operation) and _is_far(a, False))


def _is_far(atom: Operation, inside: bool) -> bool:
    """Whether an operation holds a minimum or maximum with a number that stand-ins do not reach."""
    inside = inside or atom.kind in ("min", "max")
    for side in (atom.left, atom.right):
        if isinstance(side, int):
            if inside and abs(side) > NEAR:
                return True
            continue
        for monomial, coefficient in side.terms:
            if (inside and abs(coefficient) > NEAR) or any(isinstance(a, Operation) and _is_far(a, inside) for a, _ in monomial):
                return True
    return False


def _replaced(dim: Dim, names: dict[Operation, Expr]) -> Dim:
    if isinstance(dim, int):
        return dim
    total: list[Dim] = []
    for monomial, coefficient in dim.terms:
        factors = [names.get(a, _of(a)) if isinstance(a, Operation) else _of(a) for a, power in monomial for _ in range(power)]
        total.append(mul(coefficient, *factors))
    return add(*total)
