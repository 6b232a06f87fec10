"""The device rule, and the rule against torch: its meta device mixes with the CPU as an accelerator does."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from asking import error, n, out, reason, t, value
from tensorls.domain.dims import symbol
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import devices
from tensorls.oracle.client import Oracle
from tensorls.oracle.devices import place
from tensorls.oracle.places import normal
from tensorls.oracle.question import (
    Answer,
    Device,
    Global,
    Mode,
    OutObject,
    OutScalar,
    OutSequence,
    Question,
    Raised,
    Recipe,
    Sequence,
    Slice,
    Term,
)
from tensorls.oracle.session import Session

MIXED = "Expected all tensors to be on the same device, but found at least two devices, {} and {}!"
F = "torch.nn.functional."


@pytest.fixture(scope="module")
def oracle(session: Session) -> Oracle:
    return Oracle(session)


def ask(oracle: Oracle, op: str, *args: Any, mode: Mode | None = None, **kwargs: Any) -> Answer:
    return oracle.ask(Question(op, args, tuple(kwargs.items()), mode or Mode()))


def c(*shape: Any, **rest: Any) -> TensorMeta:
    """A tensor on the GPU."""
    return t(*shape, **{"device": "cuda", **rest})


def where(answer: Answer) -> str | None:
    return out(answer).meta.device


def seq(*items: Term) -> Sequence:
    return Sequence("list", items)


ids = t(2, dtype="int64")


# ---- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "name"),
    [("cuda:0", "cuda"), ("cuda", "cuda"), ("cuda:1", "cuda:1"), ("cpu", "cpu"), (Device("cuda:0"), "cuda"), (0, "cuda"),
     (1, "cuda:1"), ("meta", "meta"), ("float32", None), (True, None), (None, None), ("batch", None)],
)  # fmt: skip
def test_names(term: Term, name: str | None) -> None:
    assert normal(term) == name


# ---- new tensors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "args", "kwargs", "mode", "device"),
    [
        ("torch.zeros", (2, 3), {}, Mode(), "cpu"),
        ("torch.zeros", (2, 3), {}, Mode(default_device="cuda"), "cuda"),
        ("torch.zeros", (2, 3), {"device": "cuda:0"}, Mode(), "cuda"),
        ("torch.zeros", (2, 3), {"device": 1}, Mode(), "cuda:1"),
        ("torch.zeros", (2, 3), {"device": "meta"}, Mode(), "meta"),
        ("torch.zeros", (2, 3), {"device": None}, Mode(default_device="cuda"), "cuda"),
        ("torch.zeros", (2, 3), {"device": "cpu"}, Mode(default_device="cuda"), "cpu"),
        ("torch.tensor", (seq(1, 2),), {}, Mode(default_device="cuda"), "cuda"),
        ("torch.tensor", (c(2),), {}, Mode(), "cuda"),
        ("torch.as_tensor", (c(2),), {}, Mode(), "cuda"),
        ("torch.as_tensor", (n(2),), {}, Mode(), "cpu"),
        ("torch.as_tensor", (n(2),), {}, Mode(default_device="cuda"), "cuda"),
        ("torch.from_numpy", (n(2),), {}, Mode(default_device="cuda"), "cpu"),
        ("torch.zeros_like", (c(2),), {}, Mode(), "cuda"),
        ("torch.zeros_like", (c(2),), {"device": "cpu"}, Mode(), "cpu"),
        (".new_zeros", (c(2), 3), {}, Mode(), "cuda"),
        ("torch.full", (seq(2), t()), {}, Mode(), "cpu"),
        (F + "relu", (c(2),), {}, Mode(), "cuda"),
        (F + "relu", (t(2, device=None),), {}, Mode(), None),
        (".sum", (c(2),), {}, Mode(), "cuda"),
    ],
)
def test_where_new_tensors_are(
    oracle: Oracle, op: str, args: tuple[Any, ...], kwargs: dict[str, Any], mode: Mode, device: str | None
) -> None:
    assert where(ask(oracle, op, *args, mode=mode, **kwargs)) == device


def test_arrays_shared_with_the_cpu_are_copied_to_a_device(oracle: Oracle) -> None:
    assert out(ask(oracle, "torch.as_tensor", n(2))).shares == 0
    assert out(ask(oracle, "torch.as_tensor", n(2), device="cuda")).shares is None


# ---- moving -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "first", "args", "kwargs", "device", "dtype", "same"),
    [
        (".to", t(2), ("cuda",), {}, "cuda", "float32", None),
        (".to", t(2), (Device("cuda:1"),), {}, "cuda:1", "float32", None),
        (".to", t(2), ("cuda", Global("torch.float16")), {}, "cuda", "float16", None),
        (".to", t(2), (Global("torch.float16"),), {"device": "cuda"}, "cuda", "float16", None),
        (".to", t(2), (), {"device": "cuda", "dtype": Global("torch.float64")}, "cuda", "float64", None),
        (".to", t(2), ("cuda",), {"non_blocking": True}, "cuda", "float32", None),
        (".to", t(2), (c(1, dtype="int64"),), {}, "cuda", "int64", None),
        (".to", t(2), (Global("torch.float32"),), {}, "cpu", "float32", 0),
        (".to", c(2), ("cuda:0",), {}, "cuda", "float32", 0),
        (".to", c(2), ("cuda:1",), {}, "cuda:1", "float32", None),
        (".to", t(2), ("cpu",), {}, "cpu", "float32", 0),
        (".cuda", t(2), (), {}, "cuda", "float32", None),
        (".cuda", t(2), (1,), {}, "cuda:1", "float32", None),
        (".cuda", c(2), (), {}, "cuda", "float32", 0),
        (".cpu", c(2), (), {}, "cpu", "float32", None),
        (".cpu", t(2), (), {}, "cpu", "float32", 0),
        (".type_as", t(2), (c(2, dtype="float64"),), {}, "cuda", "float64", None),
        (".type", t(2), ("torch.cuda.HalfTensor",), {}, "cuda", "float16", None),
        (".type", c(2), (Global("torch.float16"),), {}, "cuda", "float16", None),
        (".to", t(2, device=None), ("cuda",), {}, "cuda", "float32", None),
        (".to", t(2), (t(2, device=None),), {}, None, "float32", None),
    ],
)
def test_moving(
    oracle: Oracle,
    op: str,
    first: TensorMeta,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    device: str,
    dtype: str,
    same: int | None,
) -> None:
    found = out(ask(oracle, op, first, *args, **kwargs))
    assert (found.meta.device, found.meta.dtype, found.same_as, found.shares) == (device, dtype, same, None)


def test_a_moved_parameter_is_no_leaf(oracle: Oracle) -> None:
    moved = out(ask(oracle, ".cuda", t(2, requires_grad=True)))
    assert (moved.meta.requires_grad, moved.meta.is_leaf) == (True, False)
    maybe = out(ask(oracle, ".cuda", t(2, requires_grad=True, device=None)))
    assert maybe.meta.is_leaf is None


def test_symbols_move_too(oracle: Oracle) -> None:
    b = symbol("B")
    assert out(ask(oracle, ".cuda", t(b, 3))).meta.shape == (b, 3)


# ---- mixing -------------------------------------------------------------------------------------------------------------

FAILING: list[tuple[str, tuple[Any, ...]]] = [
    ("operator.add", (t(2), c(2))),
    ("operator.add", (c(2), t(2))),
    ("operator.add", (c(), t(2))),  # only a number on the CPU mixes
    ("torch.cat", (seq(t(2), c(2)),)),
    ("torch.stack", (seq(t(2), c(2)),)),
    ("torch.where", (t(2, dtype="bool"), c(2), c(2))),
    ("torch.dot", (t(2), c(2))),
    ("torch.kron", (t(2), c(2))),
    ("torch.allclose", (t(2), c(2))),
    (F + "mse_loss", (t(2), c(2))),
    (F + "layer_norm", (c(2), seq(2), t(2))),
    (F + "cross_entropy", (c(2, 3), ids)),
    (".masked_fill", (c(2), t(2, dtype="bool"), 0.0)),
    (".clamp", (c(2), t(2))),
    ("torch.hstack", (seq(c(2), t(2)),)),
    ("call", (Recipe("torch.nn.BatchNorm1d", (2,), (), (("cuda", ()),)), t(3, 2))),
]


@pytest.mark.parametrize(("op", "args"), FAILING, ids=[f"{i} {f[0]}" for i, f in enumerate(FAILING)])
def test_two_devices_are_an_error(oracle: Oracle, op: str, args: tuple[Any, ...]) -> None:
    failed = error(ask(oracle, op, *args))
    assert failed.certain
    assert failed.exception == "RuntimeError"
    assert failed.message.startswith("Expected all tensors to be on the same device")


WORKING: list[tuple[str, tuple[Any, ...], str | None]] = [
    ("operator.add", (c(2), t()), "cuda"),
    ("operator.add", (t(), c(2)), "cuda"),
    ("operator.add", (c(), t()), "cuda"),
    ("operator.mul", (c(2), 3.0), "cuda"),
    ("torch.where", (c(2, dtype="bool"), c(2), t()), "cuda"),
    (".clamp", (c(2), t()), "cuda"),
    ("operator.getitem", (c(5), ids), "cuda"),
    ("operator.getitem", (c(5, 4), Sequence("tuple", (Slice(None, None, None), ids))), "cuda"),
    (".copy_", (c(2), t(2)), "cuda"),
    (".expand_as", (t(1), c(2)), "cpu"),
    (".view_as", (t(2), c(2)), "cpu"),
    (".reshape_as", (t(2), c(2)), "cpu"),
    ("call", (Recipe("torch.nn.ReLU", (), (), (("cuda", ()),)), t(2)), "cpu"),
    ("call", (Recipe("torch.nn.Linear", (2, 3), (), (("to", ("cuda",)),)), c(1, 2)), "cuda"),
    ("call", (Recipe("torch.nn.Linear", (2, 3), (("device", "cuda"),)), c(1, 2)), "cuda"),
    ("call", (Recipe("torch.nn.Sequential", (Recipe("torch.nn.Linear", (2, 3), (("device", "cuda"),)),)), c(1, 2)), "cuda"),
    ("call", (Recipe("torch.nn.Linear", (2, 3), (), (("cuda", ()), ("cpu", ()))), t(1, 2)), "cpu"),
    ("operator.add", (c(2), t(2, device=None)), None),
]


@pytest.mark.parametrize(("op", "args", "device"), WORKING, ids=[f"{i} {w[0]}" for i, w in enumerate(WORKING)])
def test_what_mixes(oracle: Oracle, op: str, args: tuple[Any, ...], device: str | None) -> None:
    assert where(ask(oracle, op, *args)) == device


def test_the_words(oracle: Oracle) -> None:
    assert error(ask(oracle, "operator.add", c(2), t(2))) == Raised("RuntimeError", MIXED.format("cuda:0", "cpu"), True)
    assert error(ask(oracle, "operator.add", t(2, device="cuda:1"), c(2))).message == MIXED.format("cuda:1", "cuda:0")
    index = error(ask(oracle, "operator.getitem", t(5), c(2, dtype="int64")))
    assert "indices should be either on cpu or on the same device as the indexed tensor (cpu)" in index.message


def test_each_on_its_own(oracle: Oracle) -> None:
    both = value(ask(oracle, "torch.broadcast_tensors", t(1), c(2)))
    assert isinstance(both, OutSequence)
    assert [v.meta.device for v in both.items] == ["cpu", "cuda"]  # type: ignore[union-attr]


def test_items_written_to_another_device(oracle: Oracle) -> None:
    assert not isinstance(ask(oracle, "operator.setitem", c(4, 3), 0, t(3)), Raised)


# ---- NumPy --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "args"),
    [(".numpy", (c(2),)), ("numpy.asarray", (c(2),)), ("numpy.add", (c(2), 1)), ("numpy.concatenate", (seq(c(2), c(2)),))],
)
def test_no_array_without_a_copy(oracle: Oracle, op: str, args: tuple[Any, ...]) -> None:
    words = "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
    assert error(ask(oracle, op, *args)) == Raised("TypeError", words, certain=True)


def test_arrays_stay_on_the_cpu(oracle: Oracle) -> None:
    assert out(ask(oracle, "numpy.add", n(2), 1, mode=Mode(default_device="cuda"))).meta.device == "cpu"
    assert out(ask(oracle, ".numpy", t(2))).shares == 0


# ---- questions about devices --------------------------------------------------------------------------------------------


def test_questions_about_devices(oracle: Oracle) -> None:
    assert value(ask(oracle, "torch.device", "cuda:0")) == OutObject("device", "cuda")
    assert value(ask(oracle, "torch.device", "cuda", 1)) == OutObject("device", "cuda:1")
    assert value(ask(oracle, "getattr:device", c(2))) == OutObject("device", "cuda")
    assert value(ask(oracle, "getattr:is_cuda", c(2))) is True
    assert value(ask(oracle, "getattr:is_cuda", t(2))) is False
    assert value(ask(oracle, "getattr:is_cuda", t(2, device=None))) == OutScalar("bool")
    assert value(ask(oracle, ".get_device", t(2))) == -1
    assert value(ask(oracle, ".get_device", t(2, device="cuda:1"))) == 1
    assert "unknown" in reason(ask(oracle, "getattr:device", t(2, device=None)))


def test_parameters_are_where_their_module_is(oracle: Oracle) -> None:
    module = Recipe("torch.nn.Linear", (2, 3), (), (("cuda", ()),))
    assert where(ask(oracle, "getattr:weight", module)) == "cuda"


def test_what_the_cpu_cannot_do_is_no_error_elsewhere() -> None:
    class Refusing:
        versions = None

        def evaluate(self, question: Question, assignments: Any = ({},), backend: Any = "eager") -> list[Answer]:
            return [Raised("RuntimeError", "\"cdist\" not implemented for 'Half'", True) for _ in assignments]

        def describe(self, path: str) -> None: ...

        def close(self) -> None: ...

    oracle = Oracle(Refusing())
    assert "CPU" in reason(ask(oracle, "torch.cdist", c(2, 2, dtype="float16"), c(2, 2, dtype="float16")))
    assert error(ask(oracle, "torch.cdist", t(2, 2, dtype="float16"), t(2, 2, dtype="float16"))).certain


def test_nothing_of_a_device_reaches_the_library() -> None:
    module = Recipe("torch.nn.Sequential", (Recipe("torch.nn.Linear", (2, 3), (("device", "cuda"),), (("to", ("cuda",)),)),))
    question = Question("call", (module, c(2)), (), Mode(default_device="cuda"))
    asked = place(question, lambda recipe: True).question
    assert "cuda" not in repr(asked)
    assert asked.args[0] == Recipe("torch.nn.Sequential", (Recipe("torch.nn.Linear", (2, 3)),))


# ---- autocast -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "args", "dtype"),
    [
        ("operator.matmul", (c(2, 3), c(3, 4)), "float16"),
        (F + "linear", (c(2, 3), c(4, 3)), "float16"),
        ("call", (Recipe("torch.nn.Linear", (3, 4), (), (("cuda", ()),)), c(2, 3)), "float16"),
        ("torch.softmax", (c(2, 3, dtype="float16"), 1), "float32"),
        ("call", (Recipe("torch.nn.LayerNorm", (3,), (), (("cuda", ()),)), c(2, 3, dtype="float16")), "float32"),
        ("torch.relu", (c(2, 3, dtype="float16"),), "float16"),
        ("operator.add", (c(2, 3, dtype="float16"), c(2, 3)), "float32"),
        ("call", (Recipe("torch.nn.LSTM", (3, 4), (), (("cuda", ()),)), c(5, 2, 3)), None),
        ("operator.matmul", (t(2, 3), t(3, 4)), "float32"),  # autocast of another device
    ],
)
def test_autocast_of_a_device_that_is_not_there(oracle: Oracle, op: str, args: tuple[Any, ...], dtype: str | None) -> None:
    found = value(ask(oracle, op, *args, mode=Mode(autocast=("cuda", "float16"))))
    first = found.items[0] if isinstance(found, OutSequence) else found
    assert first.meta.dtype == dtype


def test_autocast_of_the_cpu_is_asked_of_torch(oracle: Oracle) -> None:
    mode = Mode(autocast=("cpu", "bfloat16"))
    assert out(ask(oracle, "operator.matmul", t(2, 3), t(3, 4), mode=mode)).meta.dtype == "bfloat16"
    assert out(ask(oracle, "operator.matmul", c(2, 3), c(3, 4), mode=mode)).meta.dtype == "float32"


# ---- the rule against torch ---------------------------------------------------------------------------------------------


def real(term: Any) -> Any:
    """The term as a torch value, with the meta device for the GPU."""
    if isinstance(term, TensorMeta):
        device = "meta" if term.device == "cuda" else "cpu"
        return torch.ones(tuple(int(d) for d in term.shape or ()), dtype=getattr(torch, term.dtype or ""), device=device)  # type: ignore[arg-type]
    if isinstance(term, Sequence):
        items = [real(i) for i in term.items]
        return items if term.kind == "list" else tuple(items)
    if isinstance(term, Slice):
        return slice(term.start, term.stop, term.step)
    return term


def call(op: str, args: tuple[Any, ...]) -> Any:
    import operator

    values = [real(a) for a in args]
    if op.startswith("."):
        return getattr(values[0], op[1:])(*values[1:])
    target: Any = {"torch": torch, "operator": operator}[op.partition(".")[0]]
    for name in op.split(".")[1:]:
        target = getattr(target, name)
    return target(*values)


@pytest.mark.parametrize(("op", "args"), [f for f in FAILING if f[0] != "call"], ids=lambda v: v if isinstance(v, str) else "")
def test_torch_refuses_the_same(op: str, args: tuple[Any, ...]) -> None:
    with pytest.raises((RuntimeError, NotImplementedError), match=r"device|meta"):
        call(op, args)


@pytest.mark.parametrize(
    ("op", "args", "device"), [w for w in WORKING if w[0] != "call" and w[2]], ids=lambda v: v if isinstance(v, str) else ""
)
def test_torch_accepts_the_same(op: str, args: tuple[Any, ...], device: str) -> None:
    assert call(op, args).device.type == device.replace("cuda", "meta")


def test_torch_words_the_conversion_so() -> None:
    with pytest.raises(TypeError) as raised:
        torch.ones(2, device="meta").numpy()
    question = Question(".numpy", (t(2, device="meta"),))
    restored = devices.restore(_array(), place(question), question)
    assert isinstance(restored, Raised)
    assert restored.message == str(raised.value)


def _array() -> Answer:
    from tensorls.oracle.question import OutTensor, Returned

    return Returned(OutTensor(n(2), shares=0))
