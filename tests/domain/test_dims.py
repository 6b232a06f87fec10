"""Expressions mean what plain integers would, whatever way they were simplified."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable

import pytest
from tensorls.domain import dims
from tensorls.domain.dims import (
    Dim,
    Symbol,
    TooComplex,
    add,
    as_symbol,
    evaluate,
    floordiv,
    maximum,
    minimum,
    mod,
    mul,
    neg,
    render,
    sub,
    symbol,
)

B, T, C, H, N = (symbol(n) for n in "BTCHN")
SYMBOLS = [Symbol(n) for n in "BTC"]

Case = tuple[Dim, Callable[[dict[Symbol, int]], int]]


def leaf(choice: random.Random) -> Case:
    if choice.random() < 0.4:
        n = choice.randint(-7, 9)
        return n, lambda env: n
    s = choice.choice(SYMBOLS)
    return symbol(s.name), lambda env: env[s]


def build(choice: random.Random, depth: int) -> Case:
    if not depth:
        return leaf(choice)
    (left, a), (right, b) = build(choice, depth - 1), build(choice, choice.randint(0, depth - 1))
    kind = choice.choice(("add", "sub", "mul", "floordiv", "mod", "min", "max"))
    if kind in ("floordiv", "mod"):
        n = choice.choice((2, 3, 4, 8, -2))
        if choice.random() < 0.3:
            s = choice.choice(SYMBOLS)  # symbols are positive below
            right, b = symbol(s.name), lambda env: env[s]
        else:
            right, b = n, lambda env: n
    made = {"add": add, "sub": sub, "mul": mul, "floordiv": floordiv, "mod": mod, "min": minimum, "max": maximum}[kind](left, right)
    plain = {
        "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "mod": operator.mod,
        "min": min, "max": max,
    }[kind]  # fmt: skip
    return made, lambda env: plain(a(env), b(env))


@pytest.mark.parametrize("seed", range(400))
def test_arithmetic_agrees_with_integers(seed: int) -> None:
    choice = random.Random(seed)
    try:
        dim, plain = build(choice, choice.randint(1, 4))
    except TooComplex:
        return
    for _ in range(12):
        env = {s: choice.randint(1, 30) for s in SYMBOLS}
        assert evaluate(dim, env) == plain(env), f"{dim} at {env}"
        try:
            assert dims.substitute(dim, dict(env)) == plain(env), f"{dim} at {env}"
        except ZeroDivisionError:
            pytest.fail(f"{dim}: a divisor became zero that never is")


@pytest.mark.parametrize("seed", range(200))
def test_what_is_rendered_is_python_for_the_same_value(seed: int) -> None:
    choice = random.Random(seed)
    try:
        dim, plain = build(choice, choice.randint(1, 3))
    except TooComplex:
        return
    env = {s: choice.randint(1, 30) for s in SYMBOLS}
    scope = {s.name: v for s, v in env.items()} | {"min": min, "max": max}
    assert eval(render(dim), scope) == plain(env), render(dim)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (add(B, T), add(T, B)),
        (mul(B, T, 2), mul(2, T, B)),
        (sub(add(B, 1), 1), B),
        (mul(add(B, 1), 3), add(mul(3, B), 3)),
        (floordiv(mul(6, C), 3), mul(2, C)),
        (floordiv(mul(B, C), B), C),
        (floordiv(floordiv(C, 2), 3), floordiv(C, 6)),
        (floordiv(add(C, 6), 2), add(floordiv(C, 2), 3)),
        (add(floordiv(sub(H, 1), 2), 1), floordiv(add(H, 1), 2)),
        (mod(mul(4, C), 4), 0),
        (mod(add(mul(4, C), 5), 4), 1),
        (minimum(B, add(B, 1)), B),
        (maximum(B, add(B, 1)), add(B, 1)),
        (minimum(B, T), minimum(T, B)),
        (mul(B, 0), 0),
        (sub(mul(B, T), mul(T, B)), 0),
    ],
)
def test_equal_means_identical(left: Dim, right: Dim) -> None:
    assert left == right


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        (3, "3"),
        (mul(3, C), "3*C"),
        (add(floordiv(sub(H, 1), 2), 1), "(H+1)//2"),
        (add(T, 1), "T+1"),
        (sub(T, 1), "T-1"),
        (neg(T), "-T"),
        (mul(B, floordiv(C, N)), "B*(C//N)"),
        (mul(B, B), "B**2"),
        (minimum(T, 5), "min(5,T)"),
        (floordiv(mul(B, T, C), N), "(B*C*T)//N"),
        (sub(1, B), "-B+1"),
    ],
)
def test_rendering(dim: Dim, text: str) -> None:
    assert render(dim) == text


def test_a_known_zero_divides_nothing() -> None:
    for operation in (floordiv, mod):
        with pytest.raises(ZeroDivisionError):
            operation(B, 0)
    with pytest.raises(ZeroDivisionError):
        dims.substitute(floordiv(B, T), {Symbol("T"): 0})


def test_an_expression_that_grows_without_bound_is_refused() -> None:
    wide = add(*(symbol(f"s{i}") for i in range(6)))
    with pytest.raises(TooComplex):
        mul(wide, wide, wide)


def test_hidden_symbols_are_shown_as_unknown() -> None:
    unknown = symbol("u1", hidden=True)
    assert dims.show(add(unknown, 1)) == "?"
    assert dims.show(add(B, 1)) == "B+1"
    assert dims.is_hidden(mul(B, unknown))
    assert not dims.is_hidden(B)


def test_a_hidden_symbol_is_another_than_a_named_one_of_the_same_name() -> None:
    hidden, named = symbol("x", hidden=True), symbol("x")
    assert hidden != named
    assert add(hidden, named) == add(named, hidden)
    assert mul(hidden, named) == mul(named, hidden)


def test_a_symbol_alone_is_recognised() -> None:
    assert as_symbol(B) == Symbol("B")
    assert as_symbol(mul(2, B)) is None
    assert as_symbol(mul(B, B)) is None
    assert as_symbol(3) is None
    assert as_symbol(floordiv(B, 2)) is None


def test_symbols_inside_quotients_are_found() -> None:
    assert dims.symbols(add(floordiv(C, N), minimum(B, T))) == {Symbol(n) for n in "BCNT"}


def test_rows_and_elements() -> None:
    assert dims.rows((2, 3)) == (2, 3)
    assert dims.rows((2, B)) is None
    assert dims.elements((2, 3, 4)) == 24
    assert dims.product((B, T, 2)) == mul(2, B, T)
