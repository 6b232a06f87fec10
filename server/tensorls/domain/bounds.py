"""What is known of the values that integers may take: symbols with bounds, and what follows for expressions over them.

A bound of a symbol may be an expression over symbols that are older: ``0 <= i <= n-9`` for an index drawn below ``n-8``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tensorls.domain.dims import Dim, Expr, Monomial, Operation, Symbol, add, mul, neg, sub, substitute

ANY_INTEGER = "?i"  # begins the names of hidden symbols that may be negative; all others are sizes
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Within:
    """Inclusive bounds of an integer, or of every element of an array of integers; None where there is none."""

    low: Dim | None
    high: Dim | None


class Bounds:
    """Bounds of the symbols of one analysis.  A symbol's bounds hold wherever the symbol stands, and never change."""

    def __init__(self) -> None:
        self._of: dict[Symbol, Within] = {}

    def __len__(self) -> int:
        return len(self._of)

    def items(self) -> Iterable[tuple[Symbol, Within]]:
        """What was stated, in order."""
        return self._of.items()

    def put(self, name: Symbol, within: Within) -> None:
        """State the bounds of a new symbol."""
        self._of[name] = within

    def of(self, name: Symbol) -> Within:
        """The bounds of a symbol: a size is not negative."""
        found = self._of.get(name)
        return found or Within(None if name.hidden and name.name.startswith(ANY_INTEGER) else 0, None)

    def at_least(self, dim: Dim, low: int) -> bool:
        """Whether ``dim >= low`` in every case; False also when that cannot be shown."""
        least = self.lower(dim)
        return least is not None and least >= low

    def at_most(self, left: Dim, right: Dim) -> bool:
        """Whether ``left <= right`` in every case; False also when that cannot be shown."""
        return self.at_least(sub(right, left), 0)

    def lower(self, dim: Dim, depth: int = _DEPTH) -> int | None:
        """A number that the expression never falls below; None when none is known."""
        if isinstance(dim, int):
            return dim
        if depth == 0:
            return None
        best: int | None = None
        for smaller in self._smaller(dim.terms):
            found = self.lower(smaller, depth - 1)
            if found is not None and (best is None or found > best):
                best = found
        if best is not None:
            return best
        total = 0
        for monomial, coefficient in dim.terms:
            part = self._product(monomial, coefficient, depth - 1)
            if part is None:
                return None
            total += part
        return total

    def upper(self, dim: Dim, depth: int = _DEPTH) -> int | None:
        """A number that the expression never exceeds."""
        found = self.lower(neg(dim), depth)
        return None if found is None else -found

    def _smaller(self, terms: tuple[tuple[Monomial, int], ...]) -> list[Dim]:
        """Expressions that are never larger than this one and that know more: one bound put in."""
        found: list[Dim] = []
        for monomial, coefficient in terms:
            if len(monomial) != 1 or monomial[0][1] != 1:
                continue
            atom = monomial[0][0]
            rest = add(*(mul(c, *(p for a, n in m for p in [_dim(a)] * n)) for m, c in terms if m != monomial))
            if isinstance(atom, Symbol):
                within = self.of(atom)
                bound = within.low if coefficient > 0 else within.high
                if bound is not None and not isinstance(bound, int):
                    whole = add(rest, mul(coefficient, _dim(atom)))
                    found.append(substitute(whole, {atom: bound}))
            elif (atom.kind, coefficient > 0) in (("min", False), ("max", True)):
                found += [add(rest, mul(coefficient, side)) for side in (atom.left, atom.right)]
        return found[:4]

    def _product(self, monomial: Monomial, coefficient: int, depth: int) -> int | None:
        total = abs(coefficient)
        for atom, power in monomial:
            low, high = self._atom(atom, depth)
            if len(monomial) == 1 and power == 1:
                bound = low if coefficient > 0 else high
                return None if bound is None else coefficient * bound
            bound = low if coefficient > 0 else high
            if low is None or low < 0 or bound is None:
                return None
            total *= bound**power
        return total if coefficient > 0 else -total

    def _atom(self, atom: Symbol | Operation, depth: int) -> tuple[int | None, int | None]:
        if isinstance(atom, Symbol):
            within = self.of(atom)
            return (
                None if within.low is None else self.lower(within.low, depth),
                None if within.high is None else self.upper(within.high, depth),
            )
        if depth <= 0:
            return None, None
        (a, b), (c, d) = ((self.lower(s, depth - 1), self.upper(s, depth - 1)) for s in (atom.left, atom.right))
        if atom.kind == "min":
            known = [n for n in (b, d) if n is not None]
            return (None if a is None or c is None else min(a, c)), (min(known) if known else None)
        if atom.kind == "max":
            known = [n for n in (a, c) if n is not None]
            return (max(known) if known else None), (None if b is None or d is None else max(b, d))
        if atom.kind == "%" and c is not None and c > 0:
            return 0, None if d is None else d - 1
        if atom.kind == "//" and c is not None and c > 0:
            low = None if a is None else 0 if a >= 0 and d is None else None if d is None else min(a // c, a // d)
            return low, None if b is None else b // c if b >= 0 else -1
        return None, None


def _dim(atom: Symbol | Operation) -> Dim:
    return Expr(((((atom, 1),), 1),))
