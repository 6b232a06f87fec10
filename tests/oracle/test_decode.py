"""Sizes are decoded into the expression that made them, or not at all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from tensorls.domain import dims
from tensorls.domain.dims import Dim, Symbol, add, floordiv, maximum, minimum, mul, sub, symbol
from tensorls.oracle.decode import Observations, decode
from tensorls.oracle.probe import points

NAMES = [Symbol(n) for n in "BTC"]
B, T, C = (symbol(n) for n in "BTC")
BASE = next(points.bases(NAMES, (2, 3)))
FIRST = [BASE, *points.first_round(BASE, (5, 10))]
ALL = [*FIRST, *points.second_round(BASE, NAMES, (2, 3, 14, 16, 32))]

half = floordiv(add(T, 1), 2)


@pytest.mark.parametrize(
    "dim",
    [
        7,
        B,
        mul(3, C),
        add(T, 1),
        sub(mul(2, T), 3),
        add(B, T, C),
        add(mul(2, B), mul(3, T), 1),
        mul(B, T),
        mul(12, B, T, C),
        mul(B, B),
        mul(B, add(T, 2)),
        add(mul(B, T), C),
        add(mul(B, T), mul(T, C), 4),
        minimum(T, 5),
        maximum(sub(T, 3), 0),
        maximum(0, minimum(7, sub(T, 3))),
        minimum(B, T),
        maximum(B, C),
        mul(B, minimum(T, C)),
    ],
    ids=str,
)
def test_one_round_is_enough_for(dim: Dim) -> None:
    assert decode(FIRST, [dims.evaluate(dim, p) for p in FIRST]) == dim


@pytest.mark.parametrize(
    "dim",
    [
        half,
        floordiv(T, 2),
        floordiv(T, 16),
        add(floordiv(sub(T, 14), 14), 1),
        add(floordiv(sub(T, 32), 32), 1),
        floordiv(add(mul(3, T), 1), 4),
        floordiv(add(mul(2, B), T), 3),
        mul(B, half),
        mul(half, floordiv(add(C, 1), 2)),
        mul(B, half, floordiv(add(C, 1), 2)),
        mul(64, half, add(floordiv(C, 3), 1)),
        sub(T, mul(2, floordiv(add(T, 2), 3))),
        sub(T, floordiv(T, 2)),
        add(T, floordiv(T, 4)),
        floordiv(mul(B, T), 4),
        floordiv(T, B),
        floordiv(add(T, B, -1), B),
    ],
    ids=str,
)
def test_neighbours_show(dim: Dim) -> None:
    found = decode(ALL, [dims.evaluate(dim, p) for p in ALL])
    assert found is not None
    choice = random.Random(0)
    for _ in range(200):  # as a function: T - T//2 is (T+1)//2
        env = {s: choice.randint(2, 900) for s in NAMES}
        assert dims.evaluate(found, env) == dims.evaluate(dim, env)


def test_a_divisor_larger_than_the_run_of_neighbours_is_not_guessed() -> None:
    """T//27 has the mean growth of T//30 over some spans."""
    for divisor in range(2, 120):
        found = decode(
            FIRST + points.second_round(BASE, NAMES, ()),
            [p[NAMES[1]] // divisor for p in FIRST + points.second_round(BASE, NAMES, ())],
        )
        assert found in (None, floordiv(T, divisor))


@pytest.mark.parametrize(
    "law",
    [
        lambda b, t, c: t * t - t + b * t * c % 7,
        lambda b, t, c: t.bit_length(),
        lambda b, t, c: (b * 7919 + t * 104729) % 1009,
        lambda b, t, c: max(b, t, c) ** 3 % 11,
    ],
)
def test_what_no_form_fits_is_not_decoded(law: Callable[[int, int, int], int]) -> None:
    assert decode(ALL, [law(*(p[s] for s in NAMES)) for p in ALL]) is None


def test_a_form_that_fits_all_points_but_one_is_refused() -> None:
    values = [dims.evaluate(mul(B, T), p) for p in FIRST]
    for index in range(len(FIRST)):
        assert decode(FIRST, [v + (i == index) for i, v in enumerate(values)]) != mul(B, T)


@pytest.mark.parametrize("seed", range(150))
def test_whatever_is_decoded_holds_elsewhere(seed: int) -> None:
    """Random expressions, also of forms that are not looked for: never a wrong one."""
    choice = random.Random(seed)
    dim: Dim = choice.choice((B, T, C))
    for _ in range(choice.randint(1, 3)):
        other = choice.choice((B, T, C, choice.randint(1, 9)))
        operation = choice.choice((add, sub, mul, minimum, maximum, lambda d, _: floordiv(d, choice.choice((2, 3, 4)))))
        dim = operation(dim, other)
    found = decode(ALL, [dims.evaluate(dim, p) for p in ALL])
    if found is None:
        return
    for _ in range(30):
        env = {s: choice.randint(2, 600) for s in NAMES}
        assert dims.evaluate(found, env) == dims.evaluate(dim, env), f"{found} for {dim} at {env}"


def test_decoding_is_fast() -> None:
    columns = [[dims.evaluate(d, p) for p in ALL] for d in (B, mul(B, T), add(T, 1), half, mul(B, half), minimum(T, 5))]
    times = []
    for column in columns * 5:
        observations = Observations(ALL)
        start = time.perf_counter()
        observations.decode(column)
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.005  # some 0.1 ms on an idle machine
