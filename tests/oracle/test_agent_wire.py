"""Questions and answers as text."""

from __future__ import annotations

import json

import pytest
from asking import n, t
from tensorls.domain.dims import Symbol, add, floordiv, maximum, mul, symbol
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import wire
from tensorls.oracle.question import (
    AnyScalar,
    Device,
    Global,
    Mapping,
    Mode,
    OutMapping,
    OutObject,
    OutScalar,
    OutSequence,
    OutTensor,
    Question,
    Raised,
    Recipe,
    Returned,
    Sequence,
    Slice,
    Unanswered,
)

B, T, H = symbol("B"), symbol("T"), symbol("?7", hidden=True)


def test_the_names_of_symbols_do_not_matter_to_the_key() -> None:
    one, two = Question("operator.add", (t(B, T), t(B, 1))), Question("operator.add", (t(T, B), t(T, 1)))
    assert wire.key(one)[0] == wire.key(two)[0]
    assert wire.key(one)[1] == (Symbol("B"), Symbol("T"))
    assert wire.key(two)[1] == (Symbol("T"), Symbol("B"))


def test_the_order_of_terms_within_an_expression_follows_the_renamed_symbols() -> None:
    one = Question("torch.zeros", (B, T, add(mul(2, B), T)))
    two = Question("torch.zeros", (T, B, add(mul(2, T), B)))
    assert wire.key(one)[0] == wire.key(two)[0]


@pytest.mark.parametrize(
    "other",
    [
        Question("operator.add", (t(B, T), t(T, 1))),
        Question("operator.add", (t(B, H), t(B, 1))),
        Question("operator.add", (t(B, T), t(B, 2))),
        Question("operator.add", (t(B, T), t(B, 1, dtype="int64"))),
        Question("operator.add", (t(B, T), t(B, 1)), mode=Mode(grad=False)),
        Question("operator.add", (t(B, T, requires_grad=True), t(B, 1))),
        Question("operator.sub", (t(B, T), t(B, 1))),
    ],
)
def test_everything_else_matters_to_the_key(other: Question) -> None:
    assert wire.key(other)[0] != wire.key(Question("operator.add", (t(B, T), t(B, 1))))[0]


def test_plain_values_that_python_holds_equal_have_different_keys() -> None:
    keys = {wire.key(Question("torch.tensor", (v,)))[0] for v in (1, 1.0, True, "1", 1 + 0j, None)}
    assert len(keys) == 6


def test_every_kind_of_term_is_written() -> None:
    terms = (
        None, 2.5, 1j, "a", ..., B, t(B, data=((1, 2),)), n(3), Sequence("torch.return_types.max", (1,), ("values",)),
        Mapping((("k", 1),)), Slice(None, B, 2), Global("torch.float32"), Device("cuda"), AnyScalar("int"),
        Recipe("torch.nn.Linear", (B, 3), (("bias", False),), (("half", ()),)),
    )  # fmt: skip
    document = json.loads(wire.template(Question("torch.x", terms)).text)
    assert len(document["args"]) == len(terms)


def test_what_a_stand_in_needs_must_be_known() -> None:
    for unknown in (TensorMeta("torch", "Tensor", None, "float32"), t(3, dtype="float32").with_(dtype=None)):
        with pytest.raises(wire.NotAskable):
            wire.template(Question("torch.relu", (unknown,)))


def test_answers_survive_under_other_names() -> None:
    size = add(floordiv(add(B, 3), 2), maximum(B, T))
    value = OutSequence(
        "tuple",
        (
            OutTensor(t(size, 3, H), same_as=1),
            OutMapping((("k", OutScalar("int")),)),
            OutObject("dtype", "torch.float32"),
            OutSequence("size", (B, 4)),
            1j,
        ),
    )
    answer = Returned(value, ((0, t(B, T)),), (1,))
    symbols = (Symbol("B"), Symbol("T"))
    assert wire.read_answer(json.loads(json.dumps(wire.write_answer(answer, symbols))), symbols) == answer
    renamed = wire.read_answer(wire.write_answer(answer, symbols), (Symbol("N"), Symbol("M")))
    assert isinstance(renamed, Returned)
    assert renamed.changes[0][1].shape == (symbol("N"), symbol("M"))
    for other in (Raised("ValueError", "no", False, ("T == C",)), Unanswered("values decide")):
        assert wire.read_answer(wire.write_answer(other, ()), ()) == other
