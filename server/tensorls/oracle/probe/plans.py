"""How the symbols of a question may hang together: free, equal (``T == C``), or one a multiple of another (``C // n``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations
from typing import Literal

from tensorls.domain.dims import Dim, Expr, Operation, Symbol, add, as_symbol, evaluate, floordiv, mul, substitute, symbol
from tensorls.domain.dims import symbols as symbols_of
from tensorls.oracle.probe.common import Point
from tensorls.oracle.probe.messages import quote

Kind = Literal["free", "equal", "multiple"]


@dataclass(frozen=True, slots=True)
class Plan:
    """``values``: each symbol of the question in terms of the free ones; ``quotients``: free symbol -> (C, n) of C//n."""

    kind: Kind
    free: tuple[Symbol, ...]
    values: Mapping[Symbol, Dim]
    needs: tuple[str, ...] = ()
    replaced: frozenset[Symbol] = frozenset()
    quotients: Mapping[Symbol, tuple[Symbol, Dim]] = field(default_factory=dict)

    def point(self, free: Point) -> dict[Symbol, int]:
        """The assignment of the question's symbols."""
        return {s: v if isinstance(v, int) else evaluate(v, free) for s, v in self.values.items()}

    def back(self, dim: Dim) -> list[Dim]:
        """An expression of the free symbols in terms of the question's: the candidates, best first."""
        result = [dim]
        for quotient, (whole, divisor) in self.quotients.items():
            if quotient in symbols_of(dim):
                apart = [_cancel(substitute(d, {quotient: floordiv(_of(whole), divisor)}), whole, divisor) for d in result]
                under = [floordiv(substitute(d, {quotient: _of(whole)}), divisor) for d in result if _linear(d, quotient)]
                result = [*apart, *under]
        return result


def _of(s: Symbol) -> Expr:
    return symbol(s.name, s.hidden)


def _linear(dim: Dim, s: Symbol) -> bool:
    """Whether every term has exactly one factor ``s``, so that a divisor can go under the whole."""
    return isinstance(dim, Expr) and all(dict(m).get(s) == 1 for m, _ in dim.terms)


def _cancel(dim: Dim, whole: Symbol, divisor: Dim) -> Dim:
    """``n*(C//n)`` is ``C`` where the division is exact."""
    if not isinstance(dim, Expr):
        return dim
    atom = Operation("//", _of(whole), divisor)
    total: list[Dim] = []
    for monomial, coefficient in dim.terms:
        powers = dict(monomial)
        by = as_symbol(divisor)
        while powers.get(atom):
            if isinstance(divisor, int) and coefficient % divisor == 0:
                coefficient //= divisor
            elif by is not None and powers.get(by):
                powers[by] -= 1
            else:
                break
            powers[atom] -= 1
            powers[whole] = powers.get(whole, 0) + 1
        factors = [mul(*([Expr(((((a, 1),), 1),))] * p)) for a, p in powers.items() if p]
        total.append(mul(coefficient, *factors))
    return add(*total)


def free(symbols: Sequence[Symbol]) -> Plan:
    """No relation."""
    return Plan("free", tuple(symbols), {s: _of(s) for s in symbols})


def multiple(plan: Plan, whole: Symbol, divisor: Dim) -> Plan:
    """The plan with ``whole`` a multiple of ``divisor`` (an integer or another symbol)."""
    quotient = Symbol(f"{whole.name}_quotient", whole.hidden)
    names = tuple(quotient if s == whole else s for s in plan.free)
    values = {s: substitute(v, {whole: mul(_of(quotient), divisor)}) for s, v in plan.values.items()}
    return Plan("multiple", names, values, plan.needs, plan.replaced, {**plan.quotients, quotient: (whole, divisor)})


def declared(plan: Plan, dims: Collection[Dim]) -> Plan | None:
    """The plan that makes every quotient in the question exact: ``C//n_head`` divides; None when there are none."""
    divisors: dict[Symbol, Dim] = {}
    for dim in dims:
        for left, right in _quotients(dim):
            whole = as_symbol(left)
            if whole is None or (isinstance(right, Expr) and as_symbol(right) is None):
                continue
            old = divisors.get(whole, 1)
            if isinstance(old, int) and isinstance(right, int):
                divisors[whole] = old * right if old % right else old
            elif old == 1:
                divisors[whole] = right
    result = plan
    for whole, divisor in divisors.items():
        by = as_symbol(divisor)
        if whole in result.free and (by is None or by in result.free) and divisor != 0:
            result = multiple(result, whole, divisor)
    return result if result is not plan else None


def has_quotient(dim: Dim) -> bool:
    """Whether a size is made by a division."""
    return any(True for _ in _quotients(dim))


def _quotients(dim: Dim) -> Iterator[tuple[Dim, Dim]]:
    if isinstance(dim, Expr):
        for monomial, _ in dim.terms:
            for atom, _ in monomial:
                if isinstance(atom, Operation):
                    if atom.kind in ("//", "%"):
                        yield atom.left, atom.right
                    yield from _quotients(atom.left)
                    yield from _quotients(atom.right)


def equal(plan: Plan, left: Symbol, right: Dim) -> Plan:
    """The plan with ``left`` replaced by ``right``."""
    values = {s: substitute(v, {left: right}) for s, v in plan.values.items()}
    sides = (_of(left), right) if isinstance(right, int) else (right, _of(left))
    left_side, right_side = (quote(plan.back(side)[0] if isinstance(side, Expr) else side) for side in sides)
    needs = (*plan.needs, f"{left_side} == {right_side}")
    return Plan("equal", tuple(s for s in plan.free if s != left), values, needs, plan.replaced | {left})


def cures(plan: Plan, literals: Sequence[int], actual: Point) -> Iterator[Plan]:
    """Single relations that might make a failing call succeed.

    ``actual``: symbols that stand for known literals; what their true values contradict is no cure.
    """

    def possible(left: Symbol, right: Dim) -> bool:
        known = as_symbol(right)
        other = right if isinstance(right, int) else actual.get(known) if known else None
        return left not in actual or (other is not None and actual[left] == other)

    for a, b in combinations(plan.free, 2):
        # a named or literal-valued symbol survives; an unknown size takes its value
        left, right = (a, b) if (a.hidden and not b.hidden) or (b in actual and a not in actual) else (b, a)
        if possible(left, _of(right)):
            yield equal(plan, left, _of(right))
    for s in plan.free:
        for value in ([1] if s.hidden else []) + [n for n in literals if n >= 2]:
            if possible(s, value):
                yield equal(plan, s, value)
    for s in plan.free:
        for value in sorted({2, *literals}):  # halving needs no literal: glu, rotary embeddings
            if value >= 2 and (s not in actual or actual[s] % value == 0):
                yield multiple(plan, s, value)
    for whole, by in permutations(plan.free, 2):
        if whole not in actual or (by in actual and actual[whole] % actual[by] == 0):
            yield multiple(plan, whole, _of(by))


def all_multiples(plan: Plan, literals: Sequence[int], actual: Point) -> Iterator[Plan]:
    """Every size a multiple of the same number: height and width under a patch size."""
    for value in sorted({2, *literals}):
        result = plan
        for s in plan.free:
            if s not in actual or actual[s] % value == 0:
                result = multiple(result, s, value)
        yield result


def both(first: Plan, second: Plan) -> Plan | None:
    """Two equalities together; None when they speak of the same symbol."""
    if first.replaced & second.replaced or first.kind != "equal" or second.kind != "equal":
        return None
    (left,) = second.replaced
    if left not in second.values:  # a quotient: not one of the question's own symbols
        return None
    right = second.values[left]
    if any(s in first.replaced for s in symbols_of(right)):
        return None
    return equal(first, left, right)
