"""Dimensions: an integer, or an integer polynomial over symbols, quotients, minima and maxima.

A ``Dim`` is what a size may be: ``3``, ``B``, ``3*C``, ``(H-1)//2+1``.  Expressions are kept in one canonical form, so
that equal means identical; arithmetic simplifies only where the result is equal for every value of the symbols.
A *hidden* symbol stands for one unknown size: it takes part in arithmetic and is shown as ``?``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A size that has a name (``B``), or, when hidden, one that has none."""

    name: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """A non-polynomial part of an expression: ``//``, ``%``, ``min``, ``max``."""

    kind: str
    left: Dim
    right: Dim


Atom = Symbol | Operation
Monomial = tuple[tuple[Atom, int], ...]  # atoms with their powers, sorted


@dataclass(frozen=True, slots=True)
class Expr:
    """A polynomial that is no plain integer: sorted ``(monomial, coefficient)`` pairs, coefficients not zero."""

    terms: tuple[tuple[Monomial, int], ...]

    def __str__(self) -> str:
        return render(self)


Dim = int | Expr
Shape = tuple[Dim, ...]

MAX_TERMS = 24  # beyond this an expression helps no reader and only costs time


class TooComplex(ValueError):
    """An expression grew beyond ``MAX_TERMS``."""


def symbol(name: str, hidden: bool = False) -> Expr:
    """The expression that is this symbol alone."""
    return Expr(((((Symbol(name, hidden), 1),), 1),))


def _atom_key(atom: Atom) -> tuple[int, str]:
    if isinstance(atom, Symbol):
        return (0, f"{atom.name}\0" if atom.hidden else atom.name)  # the two may share a name
    return (1, f"{render(atom.left)}{atom.kind}{render(atom.right)}")


def _monomial_key(monomial: Monomial) -> tuple[int, list[tuple[tuple[int, str], int]]]:
    return (-sum(power for _, power in monomial), [(_atom_key(a), p) for a, p in monomial])


def _terms(dim: Dim) -> Mapping[Monomial, int]:
    if isinstance(dim, int):
        return {(): dim} if dim else {}
    return dict(dim.terms)


def _make(terms: Mapping[Monomial, int]) -> Dim:
    kept = [(m, c) for m, c in terms.items() if c]
    if not kept:
        return 0
    if len(kept) == 1 and kept[0][0] == ():
        return kept[0][1]
    if len(kept) > MAX_TERMS:
        raise TooComplex
    return Expr(tuple(sorted(kept, key=lambda t: _monomial_key(t[0]))))


def add(*dims: Dim) -> Dim:
    """The sum."""
    if all(isinstance(d, int) for d in dims):
        return sum(d for d in dims if isinstance(d, int))
    total: dict[Monomial, int] = {}
    for dim in dims:
        for monomial, coefficient in _terms(dim).items():
            total[monomial] = total.get(monomial, 0) + coefficient
    return _make(total)


def neg(dim: Dim) -> Dim:
    """The negation."""
    return mul(-1, dim)


def sub(left: Dim, right: Dim) -> Dim:
    """The difference."""
    return add(left, neg(right))


def mul(*dims: Dim) -> Dim:
    """The product; 1 of nothing."""
    result: Dim = 1
    for dim in dims:
        result = _mul2(result, dim)
    return result


def _mul2(left: Dim, right: Dim) -> Dim:
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    total: dict[Monomial, int] = {}
    for m1, c1 in _terms(left).items():
        for m2, c2 in _terms(right).items():
            powers: dict[Atom, int] = dict(m1)
            for atom, power in m2:
                powers[atom] = powers.get(atom, 0) + power
            monomial = tuple(sorted(powers.items(), key=lambda t: _atom_key(t[0])))
            total[monomial] = total.get(monomial, 0) + c1 * c2
    return _make(total)


def floordiv(left: Dim, right: Dim) -> Dim:
    """``left // right``; raises ZeroDivisionError for a known zero."""
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    if right == 0:
        raise ZeroDivisionError
    if right == 1 or left == 0:
        return left
    if left == right:
        return 1
    if isinstance(right, int):
        whole = {m: c // right for m, c in _terms(left).items() if c % right == 0}
        rest = {m: c for m, c in _terms(left).items() if c % right}
        if () in rest and right > 0:  # (3*x + 7)//3 is x + 2 + 1//3
            whole[()] = whole.get((), 0) + rest[()] // right
            rest[()] %= right
        remainder = _make(rest)
        if isinstance(remainder, int):
            return add(_make(whole), remainder // right)
        inner = _single(remainder)
        if isinstance(inner, Operation) and inner.kind == "//" and isinstance(inner.right, int) and inner.right > 0 and right > 0:
            return add(_make(whole), floordiv(inner.left, inner.right * right))  # (x//a)//b is x//(a*b)
        return add(_make(whole), _atom(Operation("//", remainder, right)))
    exact = _divide_exactly(left, right)
    if exact is not None:
        return exact
    return _atom(Operation("//", left, right))


def mod(left: Dim, right: Dim) -> Dim:
    """``left % right``; raises ZeroDivisionError for a known zero."""
    if isinstance(left, int) and isinstance(right, int):
        return left % right
    if right == 0:
        raise ZeroDivisionError
    if right == 1 or left == right or left == 0:
        return 0
    if isinstance(right, int):
        left = _make({m: c % right for m, c in _terms(left).items()})
        if isinstance(left, int):
            return left % right
    elif _divide_exactly(left, right) is not None:
        return 0
    return _atom(Operation("%", left, right))


def minimum(left: Dim, right: Dim) -> Dim:
    """The smaller of two."""
    return _extreme("min", min, left, right)


def maximum(left: Dim, right: Dim) -> Dim:
    """The larger of two."""
    return _extreme("max", max, left, right)


def _extreme(kind: str, pick: Callable[[int, int], int], left: Dim, right: Dim) -> Dim:
    if left == right:
        return left
    difference = sub(left, right)
    if isinstance(difference, int):
        first = (difference < 0) == (kind == "min")
        return left if first else right
    if isinstance(left, int) and isinstance(right, int):
        return pick(left, right)
    low, high = sorted((left, right), key=render)
    return _atom(Operation(kind, low, high))


def _atom(atom: Atom) -> Dim:
    return Expr(((((atom, 1),), 1),))


def _single(dim: Dim) -> Atom | None:
    """The atom, when the expression is nothing else."""
    if isinstance(dim, Expr) and len(dim.terms) == 1:
        monomial, coefficient = dim.terms[0]
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1:
            return monomial[0][0]
    return None


def _divide_exactly(left: Dim, right: Expr) -> Dim | None:
    """left / right when right is one monomial that divides every term of left; else None."""
    if len(right.terms) != 1:
        return None
    divisor, factor = right.terms[0]
    quotient: dict[Monomial, int] = {}
    for monomial, coefficient in _terms(left).items():
        if coefficient % factor:
            return None
        powers = dict(monomial)
        for atom, power in divisor:
            if powers.get(atom, 0) < power:
                return None
            powers[atom] -= power
        quotient[tuple((a, p) for a, p in powers.items() if p)] = coefficient // factor
    return _make(quotient)


def as_symbol(dim: Dim) -> Symbol | None:
    """The symbol, when the dimension is one and nothing else."""
    atom = _single(dim)
    return atom if isinstance(atom, Symbol) else None


def extreme(dim: Dim) -> tuple[Dim, Dim] | None:
    """The two sides, when the dimension is a minimum and nothing else."""
    atom = _single(dim)
    return (atom.left, atom.right) if isinstance(atom, Operation) and atom.kind == "min" else None


@lru_cache(maxsize=4096)
def symbols(dim: Dim) -> frozenset[Symbol]:
    """Every symbol in the dimension."""
    if isinstance(dim, int):
        return frozenset()
    found: set[Symbol] = set()
    for monomial, _ in dim.terms:
        for atom, _ in monomial:
            if isinstance(atom, Symbol):
                found.add(atom)
            else:
                found |= symbols(atom.left) | symbols(atom.right)
    return frozenset(found)


def is_hidden(dim: Dim) -> bool:
    """Whether the value depends on a size that is unknown (shown as ``?``)."""
    return any(s.hidden for s in symbols(dim))


_OPERATIONS: Mapping[str, Callable[[Dim, Dim], Dim]] = {"//": floordiv, "%": mod, "min": minimum, "max": maximum}


_ON_INTEGERS: Mapping[str, Callable[[int, int], int]] = {"//": operator.floordiv, "%": operator.mod, "min": min, "max": max}


def substitute(dim: Dim, values: Mapping[Symbol, Dim]) -> Dim:
    """The dimension with symbols replaced; raises ZeroDivisionError when a divisor becomes zero."""
    if isinstance(dim, int) or not any(s in values for s in symbols(dim)):
        return dim
    total: list[Dim] = []
    for monomial, coefficient in dim.terms:
        factors: list[Dim] = [coefficient]
        for atom, power in monomial:
            if isinstance(atom, Symbol):
                factor = values.get(atom, _atom(atom))
            else:
                factor = _OPERATIONS[atom.kind](substitute(atom.left, values), substitute(atom.right, values))
            factors.extend([factor] * power)
        total.append(mul(*factors))
    return add(*total)


def evaluate(dim: Dim, values: Mapping[Symbol, int]) -> int:
    """The integer under a full assignment; raises KeyError for a symbol that has no value."""
    if isinstance(dim, int):
        return dim
    total = 0
    for monomial, coefficient in dim.terms:
        product = coefficient
        for atom, power in monomial:
            if isinstance(atom, Symbol):
                value = values[atom]
            else:
                left, right = evaluate(atom.left, values), evaluate(atom.right, values)
                value = _ON_INTEGERS[atom.kind](left, right)
            product *= value**power
        total += product
    return total


def render(dim: Dim) -> str:
    """As a person writes it, without spaces: ``3*C``, ``(H-1)//2+1``; the hidden parts by their inner names."""
    if isinstance(dim, int):
        return str(dim)
    positive = [t for t in dim.terms if t[1] > 0]
    negative = [t for t in dim.terms if t[1] < 0]
    constant = [t for t in positive if t[0] == ()]
    ordered = [t for t in positive if t[0] != ()] + negative + constant
    if negative and constant and negative[-1][0] == ():  # cannot be both: one constant term
        ordered = [*positive, *negative]
    text = ""
    for index, (monomial, coefficient) in enumerate(ordered):
        sign = "-" if coefficient < 0 else "+" if index else ""
        leading = index == 0 and coefficient < 0  # -(C//2): a minus in front would bind to C alone
        text += sign + _render_product(abs(coefficient), monomial, leading)
    return text


def _render_product(coefficient: int, monomial: Monomial, negated: bool) -> str:
    factors = [] if coefficient == 1 and monomial else [str(coefficient)]
    # quotients last: 2*(C//n) reads better than (C//n)*2, and a leading a//b would bind wrongly
    for atom, power in monomial:
        text = _render_atom(atom, alone=len(monomial) == 1 and coefficient == 1 and power == 1 and not negated)
        factors.append(text if power == 1 else f"{text}**{power}")
    return "*".join(factors)


def _render_atom(atom: Atom, alone: bool) -> str:
    if isinstance(atom, Symbol):
        return atom.name
    if atom.kind in ("min", "max"):
        return f"{atom.kind}({render(atom.left)},{render(atom.right)})"
    left, right = (render(d) if isinstance(d, int) or as_symbol(d) else f"({render(d)})" for d in (atom.left, atom.right))
    text = f"{left}{atom.kind}{right}"
    return text if alone else f"({text})"


def show(dim: Dim) -> int | str:
    """For people and JSON: the integer, the expression's text, or ``?`` when it depends on an unknown size."""
    if isinstance(dim, int):
        return dim
    return "?" if is_hidden(dim) else render(dim)


def product(dims: Iterable[Dim]) -> Dim:
    """The number of elements of a shape."""
    return mul(*dims)


def rows(dims: Iterable[Dim]) -> tuple[int, ...] | None:
    """The shape as plain integers, or None when any size is symbolic."""
    found = tuple(dims)
    return tuple(d for d in found if isinstance(d, int)) if all(isinstance(d, int) for d in found) else None


def elements(shape: Iterable[int]) -> int:
    """The number of elements of a concrete shape."""
    return math.prod(shape)
