"""Probing on real torch and NumPy: what is stated is right, what is not known is left open."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from asking import error, out, reason, value
from tensorls.domain.dims import Dim, Expr, Symbol, add, evaluate, floordiv, is_hidden, minimum, mul, show, symbol
from tensorls.domain.tensor import TensorMeta, itemsize, show_shape
from tensorls.oracle import question as q
from tensorls.oracle.client import Oracle, fresh_sizes, with_fresh_sizes
from tensorls.oracle.question import (
    Answer,
    AnyScalar,
    OutScalar,
    OutSequence,
    Question,
    Raised,
    Recipe,
    Returned,
    Slice,
    Unanswered,
)
from tensorls.oracle.session import Session

B, T, C, D, N = (symbol(n) for n in "BTCDN")
U = symbol("u1", hidden=True)
V = symbol("u2", hidden=True)
F = "torch.nn.functional."


@pytest.fixture(scope="module")
def oracle(session: Session) -> Oracle:
    return Oracle(session)


def made(library: Any, kind: str, shape: Sequence[Dim], dtype: str, **rest: Any) -> TensorMeta:
    """A contiguous tensor whose layout is known."""
    strides: list[Dim] = []
    step: Dim = 1 if library == "torch" else itemsize(dtype) or 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = mul(step, size)
    return TensorMeta(library, kind, tuple(shape), dtype, **{"strides": tuple(strides), **rest})


def t(*shape: Dim, dtype: str = "float32", **rest: Any) -> TensorMeta:
    return made("torch", "Tensor", shape, dtype, **rest)


def n(*shape: Dim, dtype: str = "float64", **rest: Any) -> TensorMeta:
    return made("numpy", "ndarray", shape, dtype, **rest)


def tup(*items: Any) -> q.Sequence:
    return q.Sequence("tuple", items)


def ask(oracle: Oracle, op: str, *args: Any, **kwargs: Any) -> Answer:
    return oracle.ask(Question(op, args, tuple(kwargs.items())))


def shape(answer: Answer) -> str:
    return show_shape(out(answer).meta.shape)


# ---- concrete -----------------------------------------------------------------------------------------------------------


def test_small_questions_are_run_as_they_are(oracle: Oracle) -> None:
    assert shape(ask(oracle, "operator.matmul", t(2, 3), t(3, 4))) == "(2,4)"
    failed = error(ask(oracle, "operator.matmul", t(2, 3), t(5, 4)))
    assert failed == Raised("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)", certain=True)


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        ("torch.zeros", (10**6, 10**6), "(1000000,1000000)"),
        ("torch.arange", (10**9,), "(1000000000,)"),
        ("operator.matmul", (t(8, 1024, 4096), t(4096, 11008)), "(8,1024,11008)"),
        (".view", (t(8, 1024, 768), 8192, 768), "(8192,768)"),
        ("operator.add", (t(100000, 1), t(1, 100000)), "(100000,100000)"),
        (F + "embedding", (t(8, 1024, dtype="int64"), t(50257, 768)), "(8,1024,768)"),
        (".nonzero", (t(5000, 5000),), "(?,2)"),
        ("numpy.zeros", (tup(10**5, 10**5),), "(100000,100000)"),
        ("numpy.matmul", (n(1000, 2000), n(2000, 3000)), "(1000,3000)"),
        (".reshape", (n(4000, 3000), 1000, -1), "(1000,12000)"),
        ("call", (Recipe("torch.nn.Conv2d", (3, 64, 7), (("stride", 2), ("padding", 3))), t(8, 3, 224, 224)), "(8,64,112,112)"),
        ("call", (Recipe("torch.nn.Linear", (4096, 11008)), t(8, 4096)), "(8,11008)"),
    ],
)
def test_large_questions_cost_nothing(oracle: Oracle, op: str, args: tuple[Any, ...], expected: str) -> None:
    assert shape(ask(oracle, op, *args)) == expected


def test_meta_tensors_are_held_against_a_small_real_run(oracle: Oracle) -> None:
    """Meta kernels multiply float32 by int64 without a word."""
    failed = error(ask(oracle, "operator.matmul", t(8, 1024, 4096), t(4096, 4096, dtype="int64")))
    assert failed.certain
    assert "same dtype" in failed.message


@pytest.mark.parametrize(
    ("op", "args", "words"),
    [
        ("operator.matmul", (t(1024, 4096), t(4095, 11008)), "(1024x4096 and 4095x11008)"),
        ("operator.add", (t(8, 1024, 4096), t(8, 1000, 4096)), "tensor a (1024) must match the size of tensor b (1000)"),
        ("numpy.add", (n(100000, 2000), n(3000)), "(100000,2000) (3000,)"),
        (".view", (t(4096, 4096), 4096, 4095), "4095"),
    ],
)
def test_large_failures_are_told_with_their_own_sizes(oracle: Oracle, op: str, args: tuple[Any, ...], words: str) -> None:
    failed = error(ask(oracle, op, *args))
    assert failed.certain
    assert words in failed.message


# ---- symbols ------------------------------------------------------------------------------------------------------------

SYMBOLIC: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("operator.matmul", (t(B, T), t(T, D)), {}, "(B,D)"),
    ("operator.add", (t(B, T, C), t(C)), {}, "(B,T,C)"),
    (".view", (t(B, T, C), B, T, 4, floordiv(C, 4)), {}, "(B,T,4,C//4)"),
    (".view", (t(B, T, C), B, T, N, floordiv(C, N)), {}, "(B,T,N,C//N)"),
    (".view", (t(B, T, C), B, T, 4, -1), {}, "(B,T,4,C//4)"),
    (F + "pixel_unshuffle", (t(B, 3, T, C), 2), {}, "(B,12,T//2,C//2)"),
    (F + "glu", (t(B, T),), {}, "(B,T//2)"),
    (".view", (t(B, T, C), -1, D), {}, "((B*C*T)//D,D)"),
    (".reshape", (t(B, N, T, floordiv(C, N)), B, T, C), {}, "(B,T,C)"),
    (".reshape", (t(B, T, C), -1), {}, "(B*C*T,)"),
    ("torch.cat", (q.Sequence("list", (t(B, T), t(B, D))), 1), {}, "(B,D+T)"),
    ("operator.getitem", (t(B, T), tup(Slice(None, None, None), Slice(None, 5, None))), {}, "(B,min(5,T))"),
    ("operator.getitem", (t(B, T), tup(Slice(None, None, None), Slice(None, 1000, None))), {}, "(B,min(1000,T))"),
    ("operator.getitem", (t(B, T), tup(Slice(None, None, None), Slice(None, 100000, None))), {}, "(B,min(100000,T))"),
    ("operator.getitem", (t(B, T), tup(Slice(None, None, None), Slice(3, 10, None))), {}, "(B,max(0,min(7,T-3)))"),
    ("operator.getitem", (t(B, T), tup(Slice(None, None, None), Slice(None, None, 2))), {}, "(B,(T+1)//2)"),
    ("operator.getitem", (t(B, T), tup(Slice(None, None, None), Slice(None, D, None))), {}, "(B,min(D,T))"),
    (F + "conv2d", (t(B, 3, T, C), t(64, 3, 7, 7)), {"stride": 2, "padding": 3}, "(B,64,(T+1)//2,(C+1)//2)"),
    (F + "conv2d", (t(B, 3, T, C), t(64, 3, 16, 16)), {"stride": 16}, "(B,64,T//16,C//16)"),
    (F + "linear", (t(B, T, 768), t(2304, 768)), {}, "(B,T,2304)"),
    (F + "embedding", (t(B, T, dtype="int64"), t(50257, 768)), {}, "(B,T,768)"),
    ("torch.linalg.svdvals", (t(B, T, C),), {}, "(B,min(C,T))"),
    ("torch.nonzero", (t(B, T),), {}, "(?,2)"),
    ("numpy.concatenate", (tup(n(B, T), n(B, T)),), {}, "(2*B,T)"),
    ("call", (Recipe("torch.nn.Conv2d", (3, 64, 3)), t(B, 3, T, C)), {}, "(B,64,T-2,C-2)"),
]


@pytest.mark.parametrize(("op", "args", "kwargs", "expected"), SYMBOLIC, ids=[f"{c[0]} {c[3]}" for c in SYMBOLIC])
def test_sizes_are_decoded(oracle: Oracle, op: str, args: tuple[Any, ...], kwargs: dict[str, Any], expected: str) -> None:
    assert shape(ask(oracle, op, *args, **kwargs)) == expected


def test_decoded_sizes_hold_where_nothing_was_probed(oracle: Oracle, session: Session) -> None:
    from tensorls.oracle import terms

    for op, args, kwargs, _ in SYMBOLIC:
        question = Question(op, args, tuple(kwargs.items()))
        answer = ask(oracle, op, *args, **kwargs)
        assert isinstance(answer, Returned)
        names = terms.question_symbols(question)
        for values in itertools.islice(itertools.permutations((6, 12, 24, 48, 36, 30), len(names)), 12):
            point = dict(zip(names, values, strict=True))
            real = session.evaluate(question, [point], "eager")[0]
            if not isinstance(real, Returned):
                continue
            pairs = zip(terms.out_tensors(answer), terms.out_tensors(real), strict=True)
            sizes = [s for a, b in pairs for s in zip(a.meta.shape or (), b.meta.shape or (), strict=True)]
            for claimed, size in sizes:
                if isinstance(size, int) and not is_hidden(claimed):
                    assert (claimed if isinstance(claimed, int) else evaluate(claimed, point)) == size, (op, point)


def test_strides_are_decoded_too(oracle: Oracle) -> None:
    assert out(ask(oracle, ".transpose", t(B, T, C), 1, 2)).meta.strides == (mul(T, C), 1, C)


def test_structure_that_depends_on_a_size_is_no_answer(oracle: Oracle) -> None:
    assert "number of outputs" in reason(ask(oracle, ".split", t(B, T), 4, 1))
    assert "number of outputs" in reason(ask(oracle, ".chunk", t(B, C), 3, 1))  # two chunks of C == 4
    parts = value(ask(oracle, ".chunk", t(B, mul(3, C)), 3, 1))
    assert isinstance(parts, OutSequence)
    assert len(parts.items) == 3


@pytest.mark.parametrize(
    ("op", "args", "message", "needs"),
    [
        ("operator.matmul", (t(B, T), t(C, D)), "mat1 and mat2 shapes cannot be multiplied (BxT and CxD)", ("T == C",)),
        ("operator.matmul", (t(B, T, C), t(5, 10)), "mat1 and mat2 shapes cannot be multiplied (B*TxC and 5x10)", ("C == 5",)),
        (
            F + "linear",
            (t(B, T, C), t(2304, 768)),
            "mat1 and mat2 shapes cannot be multiplied (B*TxC and 768x2304)",
            ("C == 768",),
        ),
        ("operator.matmul", (t(D, C), t(B, T)), "mat1 and mat2 shapes cannot be multiplied (DxC and BxT)", ("C == B",)),
    ],
)
def test_what_an_equality_would_cure_is_a_hypothesis(
    oracle: Oracle, op: str, args: tuple[Any, ...], message: str, needs: tuple[str, ...]
) -> None:
    assert error(ask(oracle, op, *args)) == Raised("RuntimeError", message, certain=False, needs=needs, only=True)


def test_a_large_literal_may_be_the_cure(oracle: Oracle) -> None:
    assert error(ask(oracle, F + "layer_norm", t(B, T, C), tup(768))).needs == ("C == 768",)


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("operator.matmul", (t(B, 3), t(4, D))),
        ("operator.matmul", (t(B, T), t(T, D, dtype="int64"))),
        (".view", (t(B, 4), B, 3)),
        (".permute", (t(B, T, C), 0, 1)),
        (F + "linear", (t(B, T), t(5, 4, 3))),
        ("torch.cat", (q.Sequence("list", (t(B, 2), t(B, 2, 1))),)),
    ],
)
def test_what_no_size_cures_is_certain(oracle: Oracle, op: str, args: tuple[Any, ...]) -> None:
    assert error(ask(oracle, op, *args)).certain


def test_no_message_shows_a_stand_in(oracle: Oracle) -> None:
    failed = error(ask(oracle, "operator.add", t(B, add(T, 1)), t(B, T)))
    assert "(T+1)" in failed.message or "T+1" in failed.message
    assert "must match the size of tensor b (T)" in failed.message


# ---- what is unknown ----------------------------------------------------------------------------------------------------


def test_an_unknown_size_may_be_one(oracle: Oracle) -> None:
    assert out(ask(oracle, ".squeeze", t(U, T))).meta.shape is None
    assert shape(ask(oracle, ".sum", t(U, T), 0)) == "(T,)"


def test_an_unknown_size_may_be_what_the_call_needs(oracle: Oracle) -> None:
    assert shape(ask(oracle, "operator.add", t(U, 3), t(5, 3))) == "(5,3)"
    assert shape(ask(oracle, "operator.add", t(U, 3), t(T, 3))) == "(T,3)"
    assert shape(ask(oracle, "operator.matmul", t(B, U), t(C, D))) == "(B,D)"
    assert shape(ask(oracle, "operator.add", t(U), t(V))) == "(?,)"


def test_an_unknown_size_makes_no_error_certain(oracle: Oracle) -> None:
    assert not error(ask(oracle, ".view", t(U, 4), 3, 5, 7)).certain
    assert not error(ask(oracle, "operator.matmul", t(U, 3), t(4, U))).certain


def test_an_unknown_dtype(oracle: Oracle) -> None:
    both = out(ask(oracle, "operator.add", t(2, 3, dtype="float32").with_(dtype=None), t(2, 3)))
    assert (both.meta.shape, both.meta.dtype) == ((2, 3), None)
    assert out(ask(oracle, "operator.gt", t(2, 3).with_(dtype=None), 0)).meta.dtype == "bool"
    assert out(ask(oracle, ".float", t(2, 3).with_(dtype=None))).meta.dtype == "float32"


def test_an_unknown_rank(oracle: Oracle) -> None:
    nothing = TensorMeta("torch", "Tensor", None, "float32")
    assert out(ask(oracle, "torch.relu", nothing)).meta.shape is None
    assert out(ask(oracle, "torch.relu", nothing)).meta.dtype == "float32"
    assert shape(ask(oracle, ".sum", nothing)) == "()"
    assert shape(ask(oracle, ".flatten", nothing)) == "(?,)"
    assert shape(ask(oracle, ".view", nothing, -1, 8)) == "(?,8)"
    assert shape(ask(oracle, F + "conv2d", nothing, t(64, 3, 7, 7))) in ("(...)", "(?,64,?,?)")


def test_an_unknown_gradient_flag(oracle: Oracle) -> None:
    assert out(ask(oracle, "torch.relu", t(2, 3, requires_grad=None))).meta.requires_grad is None
    assert out(ask(oracle, ".detach", t(2, 3, requires_grad=None))).meta.requires_grad is False


def test_an_unknown_number(oracle: Oracle) -> None:
    assert shape(ask(oracle, "torch.zeros", AnyScalar("int"), 3)) == "(?,3)"
    assert shape(ask(oracle, ".sum", t(4, 4), AnyScalar("int"))) == "(4,)"
    assert shape(ask(oracle, "operator.mul", t(4, 5), AnyScalar("float"))) == "(4,5)"
    assert shape(ask(oracle, ".sum", t(4, 5), 1, AnyScalar("bool"))) in ("(...)",)


def test_an_unknown_layout(oracle: Oracle) -> None:
    known = t(4, 5)
    unknown = known.with_(strides=None)
    assert shape(ask(oracle, ".view", unknown, 20)) == "(20,)"
    assert out(ask(oracle, ".t", unknown)).meta.strides is None
    assert value(ask(oracle, ".is_contiguous", known)) is True
    assert value(ask(oracle, ".is_contiguous", unknown)) == OutScalar("bool")


# ---- the client ---------------------------------------------------------------------------------------------------------


class Counting:
    """A session that counts."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.requests = 0
        self.versions = session.versions

    def evaluate(self, question: Question, assignments: Sequence[Mapping[Symbol, int]] = ({},), backend: Any = "eager") -> list[Answer]:
        self.requests += 1
        return self._session.evaluate(question, assignments, backend)

    def describe(self, path: str) -> Any:
        return self._session.describe(path)

    def close(self) -> None:
        pass


class Memory:
    """A disk that is none."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, value: str) -> None:
        self.kept[key] = value

    def close(self) -> None:
        pass


def test_a_question_is_asked_once_whatever_its_symbols_are_called(session: Session) -> None:
    counting, disk = Counting(session), Memory()
    oracle = Oracle(counting, disk)
    assert shape(ask(oracle, "operator.matmul", t(B, T), t(T, D))) == "(B,D)"
    asked = counting.requests
    assert shape(ask(oracle, "operator.matmul", t(N, C), t(C, B))) == "(N,B)"
    assert shape(ask(oracle, "operator.matmul", t(N, C, device="cuda"), t(C, B, device="cuda"))) == "(N,B)"
    assert counting.requests == asked
    again = Oracle(counting, disk)  # the next day
    assert shape(ask(again, "operator.matmul", t(T, C), t(C, D))) == "(T,D)"
    assert counting.requests == asked
    assert error(ask(again, "operator.matmul", t(B, T), t(C, D))).needs == ("T == C",)
    assert error(ask(Oracle(counting, disk), "operator.matmul", t(N, B), t(T, C))).needs == ("B == T",)


def test_unknowns_have_keys_of_their_own(session: Session) -> None:
    oracle = Oracle(session)
    assert out(ask(oracle, "torch.relu", t(2))).meta.dtype == "float32"
    assert out(ask(oracle, "torch.relu", t(2).with_(dtype=None))).meta.dtype is None
    assert out(ask(oracle, "torch.relu", t(2).with_(shape=None))).meta.shape is None
    assert out(ask(oracle, "torch.relu", t(2).with_(requires_grad=None))).meta.requires_grad is None


def test_open_sizes_are_renamed_by_the_caller(oracle: Oracle) -> None:
    answer = ask(oracle, "torch.nonzero", t(B, T))
    assert isinstance(answer, Returned)
    first, second = (with_fresh_sizes(answer, fresh_sizes(p)) for p in ("a", "b"))
    sizes = [out(a).meta.shape[0] for a in (first, second) if out(a).meta.shape]  # type: ignore[index]
    assert [show(s) for s in sizes] == ["?", "?"]
    assert sizes[0] != sizes[1]
    assert all(isinstance(s, Expr) for s in sizes)


def test_many_threads_probe_once(session: Session) -> None:
    counting = Counting(session)
    oracle = Oracle(counting)
    answers: list[Answer] = []
    question = Question("operator.matmul", (t(add(B, 3), T), t(T, D)))
    alone = Counting(session)
    Oracle(alone).ask(question)
    threads = [threading.Thread(target=lambda: answers.append(oracle.ask(question))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert counting.requests == alone.requests


def test_what_is_denied_stays_denied(oracle: Oracle) -> None:
    assert isinstance(ask(oracle, "torch.load", "x.pt"), Unanswered)


def test_minimum_of_a_symbol_and_a_literal_is_canonical() -> None:
    assert show(minimum(T, 5)) == "min(5,T)"
