"""``__tensorls__``: the values of which models of libraries (``modelled``) say no more than the type."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.dims import Dim, mul
from tensorls.domain.objects import DictObject, TensorObject
from tensorls.domain.tensor import Library, TensorMeta
from tensorls.domain.values import FALSE, NONE, Arguments, Const, LibRef, Ref, Scalar, Tuple, Unknown, Value, as_dim
from tensorls.interp import models
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

ROOT = "__tensorls__"
Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _anything(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    reason = a.args[0] if a.args else None
    return Unknown(reason.value if isinstance(reason, Const) and isinstance(reason.value, str) else "a value of a library")


def _scalar(kind: str) -> Handler:
    return lambda machine, frame, node, path, a: machine.unknown_int() if kind == "int" else Scalar(kind)


def _size(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``size(name, owner)``: the same for the same owner."""
    names = [v.value if isinstance(v, Const) else None for v in a.args]
    if len(names) == 2 and isinstance(names[0], str) and names[1] is not None:
        return machine.named_size(names[0], names[1])
    return machine.unknown_int()


def _is_option(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Whether a text is the default of an option, so that another one may stand there."""
    return Const(isinstance(a.args[0], Const) and a.args[0].value in machine.options) if a.args else FALSE


def _dict(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.store.new(DictObject({}, Unknown("entries that the library chooses")))


def _one_of(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.join(a.args)


def _unpacked(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``unpacked(name)``: into how many names the program unpacks what methods of that name return, when it is one number."""
    name = a.args[0].value if a.args and isinstance(a.args[0], Const) else None
    counts = {
        len(statement.targets[0].elts)
        for source in machine.sources.values()
        for statement in ast.walk(source.tree)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple)
        and isinstance(statement.value, ast.Call) and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr == name and models.name_of(source.file) is None
    }  # fmt: skip
    return Const(counts.pop()) if len(counts) == 1 else NONE


def array(machine: Machine, library: Library, shape: tuple[Dim, ...] | None, dtype: str | None) -> Ref:
    """A new tensor or array of its own; what is not known of it is None."""
    strides: list[Dim] | None = None
    if shape is not None:
        strides, step = [], 1
        for size in reversed(shape):
            strides.insert(0, step)
            step = mul(step, size)  # type: ignore[assignment]
    address = machine.store.reserve()
    kind = "Tensor" if library == "torch" else "ndarray"
    meta = TensorMeta(library, kind, shape, dtype, strides=None if strides is None else tuple(strides))
    machine.store.put(address, TensorObject(meta, address))
    return Ref(address)


def _array(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``array(shape, dtype)``: either may be unknown."""
    from tensorls.interp import calls

    given, dtype = (*a.args, Unknown(), Unknown())[:2]
    if isinstance(dtype, (LibRef, Const)) and dtype != Const(None) and isinstance(given, Tuple):
        return calls.call(machine, frame, node, LibRef("numpy.empty"), Arguments((given, dtype)))
    return machine.alternatives(frame, (given,), lambda v: _of_unknown_dtype(machine, v[0]))


def _of_unknown_dtype(machine: Machine, given: Value) -> Value:
    sizes = [as_dim(v) for v in given.items] if isinstance(given, Tuple) else [None]
    known = tuple(s for s in sizes if s is not None)
    return array(machine, "numpy", known if len(known) == len(sizes) else None, None)


HANDLERS: Mapping[str, Handler] = {
    f"{ROOT}.{name}": handler
    for name, handler in {
        "anything": _anything,
        "any_int": _scalar("int"),
        "any_float": _scalar("float"),
        "any_bool": _scalar("bool"),
        "any_dict": _dict,
        "one_of": _one_of,
        "size": _size,
        "is_option": _is_option,
        "unpacked": _unpacked,
        "array": _array,
    }.items()
}
