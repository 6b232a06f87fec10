"""``__abstract__``: what models of libraries say where the library itself would look at the data."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.dims import Dim
from tensorls.domain.objects import DictObject, ListObject, TensorObject
from tensorls.domain.tensor import Library, TensorMeta
from tensorls.domain.values import FALSE, NONE, Arguments, Const, LibRef, Scalar, Tuple, Unknown, Value, as_dim, members
from tensorls.interp import makers
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import texts
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine
from tensorls.source.models import is_model

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


def _mapping(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.store.new(DictObject({}, Unknown("entries that the library chooses")))


def _known(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Whether a value is known, or one of several known ones: a model decides what it does otherwise."""
    return Const(bool(a.args) and all(isinstance(v, (Const, LibRef)) for v in members(a.args[0])))


def _scalar(kind: str) -> Handler:
    return lambda machine, frame, node, path, a: Scalar(kind)


def _one_of(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.join(a.args)


def _size(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``size(name, owner)``: the same for the same owner."""
    names = [v.value if isinstance(v, Const) else None for v in a.args]
    if len(names) == 2 and isinstance(names[0], str) and names[1] is not None:
        return machine.named_size(names[0], names[1])
    return machine.unknown_int()


def _is_option(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Whether a text is the default of an option, so that another one may stand there."""
    return Const(isinstance(a.args[0], Const) and a.args[0].value in machine.options) if a.args else FALSE


def _unpacked(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``unpacked(name)``: into how many names the program unpacks what methods of that name return, when it is one number."""
    name = a.args[0].value if a.args and isinstance(a.args[0], Const) else None
    counts = {
        len(statement.targets[0].elts)
        for source in machine.sources.values()
        for statement in ast.walk(source.tree)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple)
        and isinstance(statement.value, ast.Call) and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr == name and not is_model(source.file)
    }  # fmt: skip
    return Const(counts.pop()) if len(counts) == 1 else NONE


def _array(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``array(shape, dtype)``, ``tensor(shape, dtype)``: for the shape its sizes, or their number alone; None is unknown."""
    library: Library = "torch" if path == f"{MODULE}.tensor" else "numpy"
    given = a.get(1, "dtype") or NONE
    dtype = makers.dtype_of(machine, frame, node, library, given)

    def one(values: tuple[Value, ...]) -> Value:
        if dtype is not None and isinstance(values[0], Tuple) and all(as_dim(v) is not None for v in values[0].items):
            return operate(machine, frame, node, f"{library}.empty", values, (("dtype", given),))
        kind = "Tensor" if library == "torch" else "ndarray"
        return machine.store.new(TensorObject(TensorMeta(library, kind, _shape(machine, values[0]), dtype), -1))

    return machine.alternatives(frame, (a.get(0, "shape") or NONE,), one)


def _shape(machine: Machine, given: Value) -> tuple[Dim, ...] | None:
    if isinstance(given, Tuple):
        return tuple(machine.fresh() if (size := as_dim(v)) is None else size for v in given.items)
    rank = given.value if isinstance(given, Const) else None
    return tuple(machine.fresh() for _ in range(rank)) if isinstance(rank, int) else None


def _like(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``like(x)``: a tensor of the same shape, dtype and device; neither its layout nor its memory is known.

    ``undecided(x)``: nor whether it requires a gradient.
    """
    forgotten: dict[str, object] = {"requires_grad": None, "is_leaf": None} if path == f"{MODULE}.undecided" else {}

    def one(values: tuple[Value, ...]) -> Value:
        found = machine.tensor(values[0])
        if found is None:
            return values[0] if isinstance(values[0], Unknown) else Unknown("not a tensor")
        kind = "Tensor" if found.meta.type == "Parameter" else found.meta.type
        return machine.store.new(replace(found, meta=found.meta.with_(strides=None, data=None, type=kind, **forgotten), storage=-1))

    return machine.alternatives(frame, a.args[:1], one)


HANDLERS: Mapping[str, Handler] = {
    f"{MODULE}.{name}": handler
    for name, handler in {
        "unknown": _unknown,
        "integer": _integer,
        "integers": _integers,
        "number": _scalar("float"),
        "boolean": _scalar("bool"),
        "text": _scalar("str"),
        "mapping": _mapping,
        "known": _known,
        "one_of": _one_of,
        "size": _size,
        "is_option": _is_option,
        "unpacked": _unpacked,
        "array": _array,
        "tensor": _array,
        "like": _like,
        "undecided": _like,
        "execute": texts.execute,
    }.items()
}
