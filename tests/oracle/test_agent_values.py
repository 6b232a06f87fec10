"""What real torch and NumPy answer about stand-ins."""

from __future__ import annotations

import pytest
from asking import ask, error, n, out, reason, t, value
from tensorls.domain.dims import Symbol, mul, show, symbol
from tensorls.oracle.question import (
    AnyScalar,
    Global,
    Mode,
    OutObject,
    OutScalar,
    OutSequence,
    OutTensor,
    Question,
    Recipe,
    Sequence,
    Slice,
)
from tensorls.oracle.session import Session


def shape(answer: object) -> tuple[int | str, ...]:
    """As a person reads it."""
    assert isinstance(answer, OutTensor)
    assert answer.meta.shape is not None
    return tuple(show(d) for d in answer.meta.shape)


def test_one_template_answers_every_assignment(session: Session) -> None:
    b = symbol("B")
    question = Question("torch.matmul", (t(b, 3), t(3, mul(2, b))))
    answers = session.evaluate(question, [{Symbol("B"): 2}, {Symbol("B"): 5}])
    assert [shape(value(a)) for a in answers] == [(2, 4), (5, 10)]


def test_a_division_by_zero_in_a_size_is_no_answer(session: Session) -> None:
    from tensorls.domain.dims import floordiv

    question = Question("torch.relu", (t(floordiv(symbol("B"), symbol("C"))),))
    answers = session.evaluate(question, [{Symbol("B"): 6, Symbol("C"): 0}, {Symbol("B"): 6, Symbol("C"): 2}])
    assert "divided by zero" in reason(answers[0])
    assert shape(value(answers[1])) == (3,)


def test_errors_are_in_the_librarys_own_words(session: Session) -> None:
    found = error(ask(session, "operator.matmul", t(2, 3), t(2, 3)))
    assert (found.exception, found.certain) == ("RuntimeError", True)
    assert found.message == "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"
    assert error(ask(session, "torch.softmax", t(3, dtype="int64"), 0)).certain
    assert error(ask(session, "numpy.concatenate", Sequence("list", (n(3, 4), n(2, 5))))).exception == "ValueError"
    assert error(ask(session, ".foo", t(3))).exception == "AttributeError"


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        ("torch.nonzero", (t(2, 3),), ("?", 2)),
        ("torch.unique", (t(6),), ("?",)),
        ("torch.masked_select", (t(6), t(6, dtype="bool")), ("?",)),
        ("operator.getitem", (t(4, 3), t(4, dtype="bool")), ("?", 3)),
        ("operator.getitem", (n(4, 3), n(4, dtype="bool")), ("?", 3)),
        ("torch.bincount", (t(4, dtype="int64"),), ("?",)),
        ("torch.nn.functional.one_hot", (t(4, dtype="int64"),), (4, "?")),
        ("torch.nn.functional.one_hot", (t(4, dtype="int64"), 7), (4, 7)),
        ("torch.repeat_interleave", (t(4), t(4, dtype="int64")), ("?",)),
        ("torch.arange", (t(dtype="int64"),), ("?",)),
        ("torch.arange", (0, t()), ("?",)),
        ("numpy.unique", (n(6),), ("?",)),
        ("numpy.setdiff1d", (n(6), n(5)), ("?",)),
        ("numpy.flatnonzero", (n(6),), ("?",)),
        ("torch.zeros", (AnyScalar("int"), 3), ("?", 3)),
        ("torch.sum", (t(3, 4, 5), AnyScalar("int")), ("?", "?")),
        ("torch.transpose", (t(3, 4, 5), AnyScalar("int"), AnyScalar("int")), ("?", "?", "?")),
        ("operator.mul", (t(3, 4), AnyScalar("float")), (3, 4)),
        ("torch.nonzero", (t(4, data=(1.0, 0.0, 2.0, 0.0)),), (2, 1)),
        ("numpy.unique", (n(3, data=(1.0, 1.0, 2.0)),), (2,)),
    ],
)
def test_sizes_that_the_content_decides_are_unknown(
    session: Session, op: str, args: tuple[object, ...], expected: tuple[int | str, ...]
) -> None:
    assert shape(value(ask(session, op, *args))) == expected


def test_structure_that_the_content_decides_is_no_answer(session: Session) -> None:
    assert reason(ask(session, "torch.tensor_split", t(6), AnyScalar("int"))) == "values decide"
    assert reason(ask(session, "torch.sum", t(3, 4), 0, keepdim=AnyScalar("bool"))) == "values decide"


def test_contents_that_fail_do_not_make_an_error(session: Session) -> None:
    assert shape(value(ask(session, "torch.linalg.cholesky", t(3, 3)))) == (3, 3)  # ones are singular
    assert shape(value(ask(session, "operator.floordiv", t(3, dtype="int64"), t(3, dtype="int64")))) == (3,)  # by zero
    assert error(ask(session, "torch.linalg.cholesky", t(3, 4))).certain
    assert not error(ask(session, "numpy.random.choice", 5, 3, p=n(5))).certain  # must sum to 1: no fill does


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        (".size", (t(4, 3), 0), 4),
        ("builtins.len", (t(4, 3),), 4),
        ("getattr:ndim", (n(4, 3),), 2),
        (".item", (t(),), OutScalar("float")),
        ("builtins.int", (t(),), OutScalar("int")),
        ("torch.equal", (t(3), t(3)), OutScalar("bool")),
        ("numpy.random.randint", (0, 5), OutScalar("int")),
        ("math.floor", (2.5,), 2),
        ("math.factorial", (3000,), OutScalar("int")),
        ("getattr:dtype", (t(3),), OutObject("dtype", "torch.float32")),
        ("getattr:device", (t(3),), OutObject("device", "cpu")),
        ("torch.nn.Linear", (3, 4), OutObject("module", "torch.nn.Linear")),
        ("getattr:in_features", (Recipe("torch.nn.Linear", (3, 4)),), 3),
        ("getattr:shape", (t(4, 3),), OutSequence("size", (4, 3))),
        ("getattr:shape", (n(4, 3),), OutSequence("tuple", (4, 3))),
    ],
)
def test_numbers_are_data_unless_they_are_metadata(session: Session, op: str, args: tuple[object, ...], expected: object) -> None:
    assert value(ask(session, op, *args)) == expected


def test_numpy_shape_items_are_exact_and_lists_of_data_are_not(session: Session) -> None:
    assert value(ask(session, ".tolist", t(2))) == OutSequence("list", (OutScalar("float"), OutScalar("float")))


def test_what_is_written_shared_and_the_same(session: Session) -> None:
    added = ask(session, ".add_", t(4, 3), t(3, requires_grad=True))
    assert out(added).same_as == 0
    assert added.written == (0,)  # type: ignore[union-attr]
    ((index, changed),) = added.changes  # type: ignore[union-attr]
    assert (index, changed.requires_grad, changed.is_leaf) == (0, True, False)
    assert out(ask(session, "getattr:T", t(4, 3))).shares == 0
    assert out(ask(session, "torch.from_numpy", n(4))).shares == 0
    assert out(ask(session, "numpy.asarray", t(4))).shares == 0
    assert out(ask(session, "torch.add", t(4), t(4))).shares is None
    stored = ask(session, "numpy.add", n(3), 1, out=n(3))
    assert (out(stored).same_as, stored.written) == (1, (1,))  # type: ignore[union-attr]
    assert ask(session, ".sort", n(3)).written == (0,)  # type: ignore[union-attr]
    assert ask(session, "numpy.sort", n(3)).written == ()  # type: ignore[union-attr]
    assert ask(session, "operator.iadd", n(3), 1).written == (0,)  # type: ignore[union-attr]
    assert ask(session, "operator.setitem", t(3), 0, 1.0).written == (0,)  # type: ignore[union-attr]


def test_layouts_are_built_exactly(session: Session) -> None:
    assert out(ask(session, "torch.relu", t(3, 4, strides=(1, 3)))).meta.strides == (1, 3)
    assert error(ask(session, ".view", t(3, 4, strides=(1, 3)), 12)).certain
    assert shape(value(ask(session, ".contiguous", t(3, 4, strides=(0, 1))))) == (3, 4)
    reversed_ = out(ask(session, "operator.getitem", n(3, 4), Slice(None, None, -1)))
    assert reversed_.meta.strides == (-32, 8)
    assert out(ask(session, "numpy.ravel", n(3, 4, strides=(-32, 8)))).shares is None
    assert out(ask(session, ".clone", t(2, 6, strides=(1, 1)))).meta.shape == (2, 6)


def test_leaves_and_gradients(session: Session) -> None:
    assert "leaf Variable" in error(ask(session, ".add_", t(2, requires_grad=True), 1)).message
    assert out(ask(session, ".add_", t(2, requires_grad=True, is_leaf=False), 1)).same_as == 0
    strided = t(2, 6, requires_grad=True, is_leaf=False, strides=(1, 1))
    assert out(ask(session, "torch.relu", strided)).meta.requires_grad
    assert not out(ask(session, "torch.relu", t(2, requires_grad=True), mode=Mode(grad=False))).meta.requires_grad
    assert out(ask(session, ".add_", t(2), 1, mode=Mode(inference=True))).same_as == 0
    assert "history" in reason(ask(session, "getattr:grad", t(2)))


def test_the_mode_of_one_question_is_not_that_of_the_next(session: Session) -> None:
    assert out(ask(session, "torch.zeros", 3, mode=Mode(default_dtype="float64"))).meta.dtype == "float64"
    assert value(ask(session, "torch.set_default_dtype", Global("torch.float64"))) is None
    assert out(ask(session, "torch.zeros", 3)).meta.dtype == "float32"
    autocast = Mode(autocast=("cpu", "bfloat16"))
    assert out(ask(session, "torch.matmul", t(2, 2), t(2, 2), mode=autocast)).meta.dtype == "bfloat16"
    assert "autocast on cuda" in reason(ask(session, "torch.matmul", t(2, 2), t(2, 2), mode=Mode(autocast=("cuda", "float16"))))


def test_modules_are_made_from_recipes_and_not_changed_for_the_next_question(session: Session) -> None:
    linear = Recipe("torch.nn.Linear", (3, 4))
    assert shape(value(ask(session, "call", linear, t(7, 3)))) == (7, 4)
    assert value(ask(session, ".half", linear)) == OutObject("module", "torch.nn.Linear")
    assert out(ask(session, "getattr:weight", linear)).meta.dtype == "float32"
    halved = Recipe("torch.nn.Linear", (3, 4), steps=(("half", ()),))
    weight = out(ask(session, "getattr:weight", halved)).meta
    assert (weight.type, weight.dtype, weight.requires_grad) == ("Parameter", "float16", True)
    assert [shape(p) for p in value(ask(session, ".parameters", linear)).items] == [(4, 3), (4,)]
    assert [k for k, _ in value(ask(session, ".state_dict", linear)).items] == ["weight", "bias"]
    assert "cannot be made" in reason(ask(session, "call", Recipe("torch.nn.Linear", (3,)), t(7, 3)))


def test_modules_within_modules(session: Session) -> None:
    inner = (Recipe("torch.nn.Linear", (3, 4)), Recipe("torch.nn.ReLU"), Recipe("torch.nn.LazyLinear", (5,)))
    assert shape(value(ask(session, "call", Recipe("torch.nn.Sequential", inner), t(7, 3)))) == (7, 5)


def test_a_symbol_in_a_recipe(session: Session) -> None:
    c = symbol("C")
    question = Question("call", (Recipe("torch.nn.Linear", (c, mul(2, c))), t(3, c)))
    found = session.evaluate(question, [{Symbol("C"): 4}, {Symbol("C"): 6}, {Symbol("C"): 4}])
    assert [shape(value(a)) for a in found] == [(3, 8), (3, 12), (3, 8)]


def test_named_tuples_go_out_and_come_in(session: Session) -> None:
    found = value(ask(session, "torch.max", t(3, 4), 1))
    assert (found.kind, found.fields) == ("torch.return_types.max", ("values", "indices"))
    again = Sequence(found.kind, (t(3), t(3, dtype="int64")), found.fields)
    assert out(ask(session, "getattr:indices", again)).meta.dtype == "int64"
    eigen = value(ask(session, "numpy.linalg.eigh", n(3, 3)))
    assert eigen.fields == ("eigenvalues", "eigenvectors")


def test_numpy_scalars_and_masked_arrays(session: Session) -> None:
    total = out(ask(session, "numpy.sum", n(3, 4))).meta
    assert (total.type, total.shape) == ("float64", ())
    assert out(ask(session, "operator.add", n(type="float64"), n(3, dtype="float32"))).meta.dtype == "float64"
    assert out(ask(session, "operator.add", n(3, type="MaskedArray"), 1)).meta.type == "MaskedArray"


def test_what_is_too_large_for_eager_is_answered_by_meta(session: Session) -> None:
    assert reason(ask(session, "torch.zeros", 10**6, 10**6)) == "too large for eager"
    assert reason(ask(session, "torch.relu", t(10**4, 10**4))) == "too large for eager"
    assert shape(value(ask(session, "torch.zeros", 10**6, 10**6, backend="meta"))) == (10**6, 10**6)
    assert out(ask(session, "torch.relu", t(10**4, 10**4), backend="meta")).meta.device == "cpu"
    embedding = Recipe("torch.nn.Embedding", (50257, 768))
    assert reason(ask(session, "call", embedding, t(2, 3, dtype="int64"))) == "too large for eager"
    assert shape(value(ask(session, "call", embedding, t(2, 3, dtype="int64"), backend="meta"))) == (2, 3, 768)
    assert shape(value(ask(session, "getattr:weight", embedding))) == (50257, 768)
    assert reason(ask(session, "numpy.zeros", 10**15)) == "too large for eager"


def test_einops_is_asked_like_the_others(session: Session) -> None:
    pytest.importorskip("einops")
    assert shape(value(ask(session, "einops.rearrange", t(2, 3, 4), "a b c -> (a b) c"))) == (6, 4)
    assert error(ask(session, "einops.rearrange", t(2, 3, 4), "a b -> b a")).exception == "EinopsError"
