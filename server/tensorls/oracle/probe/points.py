"""Where to probe: assignments that tell one expression from another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from tensorls.domain.dims import Symbol
from tensorls.oracle.probe.common import Point

PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)
FAR = 240  # divisible by 1-6, 8, 10, 12, 15, 16, 20, 24, 30: mean growth over it is exact for such divisors
_STEPS = (4, 9, 6, 15, 10, 21, 3, 8)


def _primes(avoid: Collection[int], start: int) -> list[int]:
    return [p for p in PRIMES if p >= start and p not in avoid]


def bases(symbols: Sequence[Symbol], literals: Collection[int]) -> Iterator[dict[Symbol, int]]:
    """Distinct primes for each symbol; first small and ascending, then what other orders and minimum sizes ask for."""
    count = len(symbols)
    small, large = _primes(literals, 5), _primes(literals, 23)
    if count > min(len(small), len(large)):
        return
    yield dict(zip(symbols, small, strict=False))
    if not count:
        return
    yield dict(zip(symbols, reversed(small[:count]), strict=True))
    yield dict(zip(symbols, large, strict=False))
    yield dict(zip(symbols, reversed(large[:count]), strict=True))
    for s in symbols:
        yield {**dict(zip(symbols, small, strict=False)), s: 61 if 61 not in literals else 67}
    for left, right in pairwise(symbols):  # height and width
        yield {**dict(zip(symbols, small, strict=False)), left: large[0], right: large[1]}
    for bound in sorted({n for n in literals if 5 <= n <= 2000})[:4]:
        beyond = next(n for n in range(bound + 2 + bound % 2, 4096, 2) if n not in literals)
        for s in symbols:
            yield {**dict(zip(symbols, small, strict=False)), s: beyond}


def first_round(base: Point, thresholds: Collection[int]) -> list[dict[Symbol, int]]:
    """One symbol at a time, near and far and small; then some points with everything changed, as the check."""
    found: list[dict[Symbol, int]] = []
    for s, value in base.items():
        near = [value + 1, value + FAR, 2, 3]
        for bound in sorted(n for n in thresholds if 5 <= n <= 4096)[:4]:
            near += [bound - 1, bound + 1, 2 * bound]
        found += [{**base, s: v} for v in dict.fromkeys(near) if v != value]
    return found + held_out(base, 0)


def held_out(base: Point, turn: int) -> list[dict[Symbol, int]]:
    """Points at which every symbol is different from the base."""
    found = []
    names = list(base)
    for shift in (turn, turn + 3):
        found.append({s: base[s] + _STEPS[(i + shift) % len(_STEPS)] for i, s in enumerate(names)})
    top = max(base.values(), default=0)
    found.append({s: top + 2 + 5 * (len(names) - i) + turn for i, s in enumerate(names)})
    return found


def second_round(base: Point, symbols: Collection[Symbol], divisors: Collection[int]) -> list[dict[Symbol, int]]:
    """A run of neighbours (where does it jump?) and far points for divisors that 240 does not have."""
    odd = sorted(n for n in divisors if 2 <= n <= 64 and FAR % n)[:3]
    run = max([12, *(n + 2 for n in divisors if 2 <= n <= 64)])
    found: list[dict[Symbol, int]] = []
    for s in symbols:
        value = base[s]
        found += [{**base, s: value + step} for step in range(3, run + 1)]
        found += [{**base, s: value + 16 * n} for n in odd]
        found += [{**base, s: v} for v in (4, 6, 8, 9, 10, 12) if v < value]  # where larger ones cost too much
    return found + held_out(base, 2)
