"""Sizes such as ``max(0, n - 1000)`` or ``n % 1000``: for every small ``n`` they look like another expression.

Stand-ins are small, so what would only show at large sizes is never seen.  Such a part of a size takes part in a question as an
unknown size of its own.
"""

from __future__ import annotations

from tensorls.domain.dims import Dim, Expr, Operation, Symbol, add, mul, substitute, symbol
from tensorls.oracle import terms
from tensorls.oracle.question import Answer, Question, Returned

SEEN = 100  # up to here stand-ins lie on both sides of a bound
PREFIX = "?far"


def near(question: Question) -> tuple[Question, dict[Symbol, Dim]]:
    """The question with every part that only large sizes would show put away, and what was put away."""
    known: dict[Operation, Expr] = {}

    def change(dim: Dim) -> Dim:
        if isinstance(dim, int):
            return dim
        total: list[Dim] = []
        for monomial, coefficient in dim.terms:
            factors: list[Dim] = [coefficient]
            for atom, power in monomial:
                part: Dim = Expr(((((atom, 1),), 1),))
                if isinstance(atom, Operation) and _largest(atom) > SEEN:
                    part = known.setdefault(atom, symbol(f"{PREFIX}{len(known)}", hidden=True))
                factors += [part] * power
            total.append(mul(*factors))
        return add(*total)

    if not any(_is_far(d) for d in terms.question_sizes(question)):
        return question, {}
    changed = terms.map_sizes(question, change, literals=False)
    return changed, {Symbol(f"{PREFIX}{i}", True): Expr(((((atom, 1),), 1),)) for i, atom in enumerate(known)}


def restore(answer: Answer, away: dict[Symbol, Dim]) -> Answer:
    """The answer in the sizes of the first question."""
    if not isinstance(answer, Returned):
        return answer
    return terms.map_returned(answer, lambda dim: substitute(dim, away))


def _is_far(dim: Dim) -> bool:
    if isinstance(dim, int):
        return False
    return any(isinstance(atom, Operation) and _largest(atom) > SEEN for monomial, _ in dim.terms for atom, _ in monomial)


def _largest(atom: Operation) -> int:
    """The largest number in an operation."""
    found = 0
    for side in (atom.left, atom.right):
        if isinstance(side, int):
            found = max(found, abs(side))
            continue
        for monomial, coefficient in side.terms:
            parts = [_largest(a) for a, _ in monomial if isinstance(a, Operation)]
            found = max(found, abs(coefficient), *parts)
    return found
