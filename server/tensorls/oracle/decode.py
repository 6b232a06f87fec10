"""Fit observed sizes back to an expression of the symbols: ``{B: 5, T: 7} -> 35, ... `` is ``B*T``.

Pure and stateless.  A candidate is a column of values (one a point) with a thunk that builds the expression; it is
accepted only when the column equals the observations at *every* point, so each form may guess boldly.  Points are
chosen by the prober: a base, points that differ from it in one symbol, and points that differ in several (the check).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise, permutations, product

from tensorls.domain.dims import Dim, Expr, Symbol, TooComplex, add, evaluate, floordiv, maximum, minimum, mul

Column = tuple[int, ...]

_MAX_PRODUCTS = 6  # terms of a sum of products
POOL = 24  # candidates that take part in the search for minima and maxima


@dataclass(frozen=True, slots=True)
class Candidate:
    """Values at every point, and how to write them."""

    column: Column
    build: Callable[[], Dim]


class Observations:
    """The points of one probe; ``decode`` fits one column of observed values."""

    def __init__(self, points: Sequence[Mapping[Symbol, int]]) -> None:
        """``points[0]`` is the base.  A symbol may be absent from none of them."""
        self.symbols: tuple[Symbol, ...] = tuple(points[0]) if points else ()
        self.columns: dict[Symbol, Column] = {s: tuple(p[s] for p in points) for s in self.symbols}
        self.size = len(points)
        base = points[0] if points else {}
        self.axes: dict[Symbol, list[int]] = {}
        for s in self.symbols:
            rows = [i for i, p in enumerate(points) if all(p[o] == base[o] for o in self.symbols if o != s)]
            self.axes[s] = sorted(rows, key=lambda i, c=self.columns[s]: c[i])  # type: ignore[misc]
        self.runs = {s: _longest_run([self.columns[s][i] for i in rows]) for s, rows in self.axes.items()}
        self._memo: dict[Column, Dim | None] = {}

    def decode(self, values: Sequence[int]) -> Dim | None:
        """The expression that gives these values at all points; None when no known form does."""
        column = tuple(values)
        if column not in self._memo:
            try:
                self._memo[column] = self._decode(column)
            except TooComplex:
                self._memo[column] = None
        return self._memo[column]

    def _decode(self, column: Column) -> Dim | None:
        first = column[0]
        if all(v == first for v in column):
            return first
        # whole factors first: every form below then needs no product of its own
        factors: list[Dim] = []
        for s, values in self.columns.items():
            while any(column) and all(x > 0 and v % x == 0 for v, x in zip(column, values, strict=True)):
                column = tuple(v // x for v, x in zip(column, values, strict=True))
                factors.append(_symbol(s))
        scale = math.gcd(*column)
        core = self._core(tuple(v // scale for v in column)) if scale > 1 else None
        if core is None:
            scale, core = 1, self._core(column)
        return None if core is None else mul(scale, *factors, core)

    def _core(self, column: Column) -> Dim | None:
        if all(v == column[0] for v in column):
            return column[0]
        moving = [s for s in self.symbols if any(column[i] != column[self.axes[s][0]] for i in self.axes[s])]
        pool: list[Candidate] = []
        for candidate in self._forms(column, moving):
            if candidate.column == column:
                return candidate.build()
            pool.append(candidate)
        return self._extremes(column, pool)

    # ---- single forms -------------------------------------------------------------------------------------------

    def _forms(self, column: Column, moving: Sequence[Symbol]) -> Iterator[Candidate]:
        slopes = {s: self._slopes(column, s) for s in moving}
        if all(slopes.values()):
            for row in islice(product(*slopes.values()), 16):
                yield from self._affine(column, dict(zip(moving, row, strict=True)))
        yield from self._products(column, moving)
        if all(slopes.values()):
            for row in islice(product(*slopes.values()), 16):
                yield from self._quotients(column, dict(zip(moving, row, strict=True)))
        yield from self._product_quotients(column, moving)
        if len(moving) == 1:
            for slope in slopes[moving[0]]:
                yield from self._chunks(column, moving[0], slope)
        else:
            yield from self._separable(column, moving)
        yield from self._symbolic_quotients(column)

    def _slopes(self, column: Column, s: Symbol) -> list[Fraction]:
        """Mean growth along the axis of ``s`` over its widest spans.

        Over a span that a quotient's divisor divides this is the true growth, over others it is not: there a denominator
        larger than the run of neighbours gives it away, since no such divisor can be told from its neighbours.
        """
        x, rows = self.columns[s], self.axes[s]
        far = sorted((i for i in rows if x[i] > x[0]), key=lambda i: -x[i])[:4] or [i for i in rows if i][:1]
        found = [Fraction(column[i] - column[0], x[i] - x[0]) for i in far if x[i] != x[0]]
        return [f for f in dict.fromkeys(found) if f.denominator <= self.runs[s]]

    def _linear(self, slopes: Mapping[Symbol, int], constant: int) -> Candidate:
        column = [constant] * self.size
        for s, k in slopes.items():
            if k:
                column = [c + k * x for c, x in zip(column, self.columns[s], strict=True)]
        return Candidate(tuple(column), lambda: add(constant, *(mul(k, _symbol(s)) for s, k in slopes.items())))

    def _affine(self, column: Column, slopes: Mapping[Symbol, Fraction]) -> Iterator[Candidate]:
        if all(f.denominator == 1 for f in slopes.values()):
            whole = {s: int(f) for s, f in slopes.items()}
            yield self._linear(whole, column[0] - sum(k * self.columns[s][0] for s, k in whole.items()))

    def _monomial(self, value: int, among: Sequence[Symbol]) -> tuple[int, list[Symbol]]:
        """``value`` at the base point as coefficient and symbols (base values are distinct primes)."""
        found: list[Symbol] = []
        for s in among:
            x = self.columns[s][0]
            while x > 1 and value and value % x == 0:
                value //= x
                found.append(s)
        return value, found

    def _term(self, coefficient: int, factors: Sequence[Symbol]) -> Candidate:
        column = [coefficient] * self.size
        for s in factors:
            column = [c * x for c, x in zip(column, self.columns[s], strict=True)]
        return Candidate(tuple(column), lambda: mul(coefficient, *(_symbol(s) for s in factors)))

    def _products(self, column: Column, moving: Sequence[Symbol]) -> Iterator[Candidate]:
        """Sums of products: the growth along one axis is a product of the others, and primes tell which."""
        parts: list[Candidate] = []
        rest = column
        for _ in range(_MAX_PRODUCTS):
            best: tuple[int, list[Symbol]] | None = None
            for s in moving:
                x = self.columns[s]
                near = next((i for i in self.axes[s] if x[i] > x[0]), None)
                if near is None or rest[near] == rest[0]:
                    continue
                growth, remainder = divmod(rest[near] - rest[0], x[near] - x[0])
                if remainder:
                    return
                coefficient, factors = self._monomial(growth, [m for m in moving if m != s])
                if best is None or abs(coefficient) < abs(best[0]):
                    best = coefficient, [s, *factors]
            if best is None:
                break
            parts.append(self._term(*best))
            rest = tuple(r - v for r, v in zip(rest, parts[-1].column, strict=True))
        constant = rest[0]
        if parts and all(r == constant for r in rest):
            yield Candidate(column, lambda: add(constant, *(p.build() for p in parts)))

    def _quotients(self, column: Column, slopes: Mapping[Symbol, Fraction]) -> Iterator[Candidate]:
        """``(affine + b)//c``; the slopes give the affine part and ``c``, a narrow search gives ``b``."""
        divisor = math.lcm(*(f.denominator for f in slopes.values()))
        most = max((self.runs[s] for s in slopes), default=0)
        for c in dict.fromkeys((divisor, divisor * 2)):
            if 1 < c <= most:
                whole = {s: int(f * c) for s, f in slopes.items()}
                yield from self._floor(column, self._linear(whole, 0), c, math.gcd(c, *whole.values()))

    def _product_quotients(self, column: Column, moving: Sequence[Symbol]) -> Iterator[Candidate]:
        """``(B*T)//4``."""
        if len(moving) > 1:
            for c in range(2, min(17, max(self.runs.values()) + 1)):
                yield from self._floor(column, self._term(1, moving), c, 1)

    def _floor(self, column: Column, inner: Candidate, c: int, shared: int) -> Iterator[Candidate]:
        """``(inner + b)//c``; ``shared``: what divides ``c`` and all of ``inner``, so that only ``b//shared`` counts."""
        # floor((i + b)/c) == v  <=>  c*v - i <= b < c*v - i + c, at every point
        low = max(c * v - i for v, i in zip(column, inner.column, strict=True))
        high = min(c * v - i + c - 1 for v, i in zip(column, inner.column, strict=True))
        if low <= high and low // shared == high // shared:  # else not all residues have been seen
            yield Candidate(column, lambda: floordiv(add(inner.build(), low), c))

    def _chunks(self, column: Column, s: Symbol, slope: Fraction) -> Iterator[Candidate]:
        """``e*s + k*((s+b)//p) + d``: growth ``e``, but a jump every ``p`` steps (a last chunk, a padded size)."""
        x, rows = self.columns[s], self.axes[s]
        steps = [(x[i], column[j] - column[i]) for i, j in pairwise(rows) if x[j] == x[i] + 1 and x[i] >= x[0]]
        if len(steps) < 3:
            return
        common = max({d for _, d in steps}, key=lambda d: sum(1 for _, other in steps if other == d))
        jumps = [(at, d) for at, d in steps if d != common]
        if not jumps or slope == common:
            return
        at, size = jumps[0]
        period = (size - common) / (slope - common)
        if period.denominator != 1 or not 1 < period <= self.runs[s]:
            return
        p, k = int(period), size - common
        b = -(at + 1) % p
        inside = [common * v + k * ((v + b) // p) for v in x]
        d = column[0] - inside[0]
        yield Candidate(
            tuple(v + d for v in inside),
            lambda: add(mul(common, _symbol(s)), mul(k, floordiv(add(_symbol(s), b), p)), d),
        )

    def _separable(self, column: Column, moving: Sequence[Symbol]) -> Iterator[Candidate]:
        """A product of one form a symbol: ``((H-1)//2+1)*((W-1)//2+1)``."""
        parts: list[Candidate] = []
        for s in moving:
            rows = self.axes[s]
            rows = [0, *(i for i in rows if i)]
            single = Observations([{s: self.columns[s][i]} for i in rows])
            values = [column[i] for i in rows]
            gcd = math.gcd(*values) or 1
            form = single.decode([v // gcd for v in values])
            if form is None or isinstance(form, int):
                return
            parts.append(Candidate(_column(form, s, self.columns[s]), lambda form=form: form))  # type: ignore[misc]
        if not parts:
            return
        whole = tuple(math.prod(v) for v in zip(*(p.column for p in parts), strict=True))
        if whole[0] and column[0] % whole[0] == 0:
            k = column[0] // whole[0]
            yield Candidate(tuple(k * v for v in whole), lambda: mul(k, *(p.build() for p in parts)))

    def _symbolic_quotients(self, column: Column) -> Iterator[Candidate]:
        """``a//b``, ``(a+b-1)//b`` and products under them."""
        for a, b in permutations(self.symbols, 2):
            top, bottom = self.columns[a], self.columns[b]
            if not all(bottom):
                continue
            for up in (False, True):
                yield Candidate(
                    tuple((t + (u - 1 if up else 0)) // u for t, u in zip(top, bottom, strict=True)),
                    lambda a=a, b=b, up=up: floordiv(  # type: ignore[misc]
                        add(_symbol(a), add(_symbol(b), -1) if up else 0), _symbol(b)
                    ),
                )

    # ---- minima and maxima --------------------------------------------------------------------------------------

    def _extremes(self, column: Column, pool: Sequence[Candidate]) -> Dim | None:
        """``min(a, b)``, ``max(a, b)`` and clips: what one form leaves over, another explains."""
        forms = {c.column: c for c in [*self._lines(column), *pool]}
        forms = {k: c for k, c in forms.items() if sum(1 for a, b in zip(k, column, strict=True) if a == b) > 1}
        for kind, join in (("min", minimum), ("max", maximum)):
            found = _cover(column, forms, kind)
            if found:
                return join(found[0].build(), found[1].build())
        floor = min(column)  # max(floor, min(a, b)): judged where the floor does not hide it
        above = [i for i, v in enumerate(column) if v > floor]
        if len(above) < 3:
            return None
        for first in forms.values():
            if any(first.column[i] < column[i] for i in above):
                continue
            for second in forms.values():
                low = [min(a, b) for a, b in zip(first.column, second.column, strict=True)]
                if all(max(floor, v) == w for v, w in zip(low, column, strict=True)):
                    return maximum(floor, minimum(first.build(), second.build()))
        return None

    def _lines(self, column: Column) -> Iterator[Candidate]:
        """Simple lines that some of the points suggest."""
        for value in dict.fromkeys((column[0], min(column), max(column))):
            yield Candidate((value,) * self.size, lambda value=value: value)  # type: ignore[misc]
        for s in self.symbols:
            x, rows = self.columns[s], self.axes[s]
            yield Candidate(x, lambda s=s: _symbol(s))  # type: ignore[misc]
            for i, j in pairwise(rows):
                span = x[j] - x[i]
                if span and column[j] != column[i] and (column[j] - column[i]) % span == 0:
                    slope = (column[j] - column[i]) // span
                    yield self._linear({s: slope}, column[i] - slope * x[i])
            for o in self.symbols:  # T - n with both symbolic
                if o != s:
                    yield self._linear({s: 1, o: -1}, 0)


def _cover(column: Column, forms: Mapping[Column, Candidate], kind: str) -> tuple[Candidate, Candidate] | None:
    """Two forms on the right side of the observations everywhere, one of them equal at each point."""
    sign = 1 if kind == "min" else -1
    sided = [c for c in forms.values() if all(sign * (a - b) >= 0 for a, b in zip(c.column, column, strict=True))][:POOL]
    for index, first in enumerate(sided):
        open_ = [i for i, v in enumerate(column) if first.column[i] != v]
        for second in sided[index + 1 :]:
            if all(second.column[i] == column[i] for i in open_):
                return first, second
    return None


def _longest_run(values: Sequence[int]) -> int:
    """Of consecutive integers."""
    best = length = 1
    for a, b in pairwise(sorted(set(values))):
        length = length + 1 if b == a + 1 else 1
        best = max(best, length)
    return best


def _symbol(s: Symbol) -> Expr:
    return Expr(((((s, 1),), 1),))


def _column(form: Dim, s: Symbol, values: Column) -> Column:
    return tuple(evaluate(form, {s: v}) for v in values)


def decode(points: Sequence[Mapping[Symbol, int]], values: Sequence[int]) -> Dim | None:
    """One column of values over some points; see ``Observations`` when there are several columns."""
    return Observations(points).decode(values)
