"""``__abstract__``: what models of libraries say where the library itself would look at the data."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.dims import Dim
from tensorls.domain.objects import ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Arguments, Const, LibRef, Ref, Scalar, Unknown, Value, members
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
MODULE = "__abstract__"


def _unknown(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Nothing is known, and the arguments are left as they are."""
    reason = a.args[0] if a.args else None
    return Unknown(str(reason.value) if isinstance(reason, Const) else "not modelled")


def _integer(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.unknown_int()


def _integers(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """A list of integers of unknown length; each is its own."""
    return machine.store.new(ListObject(None, Scalar("int")))


def _known(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Whether a value is known, or one of several known ones: a model decides what it does otherwise."""
    return Const(bool(a.args) and all(isinstance(v, (Const, LibRef)) for v in members(a.args[0])))


def _scalar(kind: str) -> Handler:
    return lambda machine, frame, node, path, a: Scalar(kind)


def _array(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``array(rank, dtype)``: sizes unknown, the rank too where it is None."""
    rank, dtype = a.get(0, "rank"), a.get(1, "dtype")
    shape: tuple[Dim, ...] | None = None
    if isinstance(rank, Const) and isinstance(rank.value, int):
        shape = tuple(machine.fresh() for _ in range(rank.value))
    kind = dtype.value if isinstance(dtype, Const) and isinstance(dtype.value, str) else None
    meta = TensorMeta("torch" if path.endswith("tensor") else "numpy", "Tensor" if path.endswith("tensor") else "ndarray", shape, kind)
    return _put(machine, TensorObject(meta, 0))


def _like(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``like(x)``: a tensor of the same shape, dtype and device; neither its layout nor its memory is known."""

    def one(values: tuple[Value, ...]) -> Value:
        found = machine.tensor(values[0])
        if found is None:
            return values[0] if isinstance(values[0], Unknown) else Unknown("not a tensor")
        return _put(machine, replace(found, meta=found.meta.with_(strides=None, data=None, type=_plain_type(found.meta))))

    return machine.alternatives(frame, a.args[:1], one)


def _plain_type(meta: TensorMeta) -> str:
    return "Tensor" if meta.type == "Parameter" else meta.type


def _put(machine: Machine, content: TensorObject) -> Value:
    address = machine.store.reserve()
    machine.store.put(address, replace(content, storage=address))
    return Ref(address)


HANDLERS: Mapping[str, Handler] = {
    f"{MODULE}.unknown": _unknown, f"{MODULE}.integer": _integer, f"{MODULE}.integers": _integers, f"{MODULE}.number": _scalar("float"),
    f"{MODULE}.known": _known, f"{MODULE}.boolean": _scalar("bool"), f"{MODULE}.text": _scalar("str"),
    f"{MODULE}.array": _array, f"{MODULE}.tensor": _array, f"{MODULE}.like": _like,
}  # fmt: skip
