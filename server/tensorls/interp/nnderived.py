"""User classes derived from a module of torch: ``class Conv(nn.Conv2d)``.

The part that torch makes is a module of its own, kept in a cell of the instance: it holds the inherited parameters and
attributes, and runs the inherited ``forward``.
"""

from __future__ import annotations

import ast

from tensorls.domain.objects import ClassObject, Instance, LibObject
from tensorls.domain.values import NONE, Arguments, LibRef, NativeMethod, Ref, Unknown, Value
from tensorls.interp import calls, nncontainers, nnmethods, nnmodules
from tensorls.interp.frames import Frame
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine

BASE = "#base"  # cell of an instance: what the constructor of torch's class made
_CONVOLUTIONS = {f"torch.nn.Conv{n}d": f"torch.nn.functional.conv{n}d" for n in (1, 2, 3)}


def base_class(machine: Machine, value: Value) -> str | None:
    """The module class of torch, other than ``Module`` and the containers, that an instance's class derives from."""
    content = machine.content(value)
    cls = machine.content(content.cls) if isinstance(content, Instance) else None
    for base in cls.mro if isinstance(cls, ClassObject) and cls.is_module else ():
        if isinstance(base, LibRef) and base.path != "torch.nn.Module" and base.path not in nncontainers.KINDS:
            return base.path if machine.oracle.describe(base.path).is_nn_module else None
    return None


def init(machine: Machine, frame: Frame, node: ast.AST, receiver: Value, arguments: Arguments) -> bool:
    """``super().__init__(...)`` that reaches a module class of torch; False when there is none."""
    path = base_class(machine, receiver)
    if path is None or not isinstance(receiver, Ref):
        return False
    if arguments.open:
        made: Value = machine.store.new(LibObject(path, None, None, is_module=True))
    else:
        made = nnmodules.construct(machine, frame, node, path, arguments)
    machine.store.set_cell(receiver.address, BASE, made)
    return True


def base_of(machine: Machine, value: Value) -> tuple[Ref, LibObject] | None:
    """The part of an instance that torch made."""
    found = machine.store.cell(value.address, BASE) if isinstance(value, Ref) else None
    content = machine.content(found) if found is not None else None
    return (found, content) if isinstance(found, Ref) and isinstance(content, LibObject) else None


def attribute(machine: Machine, frame: Frame, node: ast.AST, receiver: Ref, name: str) -> Value | None:
    """An inherited attribute; None when torch's part is not known or has nothing to do with it."""
    base = base_of(machine, receiver)
    if base is None or name in nnmethods.METHODS or name in ("training", "__init__"):
        return None
    if name == "_conv_forward":
        return NativeMethod(receiver, name)
    found = calls.library_attribute(machine, frame, node, base[0], base[1], name)
    return NativeMethod(receiver, name) if isinstance(found, NativeMethod) else found


def call_method(machine: Machine, frame: Frame, node: ast.AST, receiver: Ref, name: str, arguments: Arguments) -> Value | None:
    """An inherited method called on the instance; None when torch's part is not known."""
    base = base_of(machine, receiver)
    if base is None:
        return None
    ref, content = base
    if name in ("forward", "__call__"):
        return nnmodules.call_library_module(machine, frame, node, ref, content, arguments)
    if name == "_conv_forward" and len(arguments.args) == 3:
        return _convolve(machine, frame, node, ref, content, arguments.args)
    if machine.oracle.describe(f"torch.nn.Module.{name}").kind != "missing":
        return None  # it looks at the whole instance, of which torch's part is only one
    return nnmethods.call_method(machine, frame, node, ref, name, arguments)


def _convolve(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, args: tuple[Value, ...]) -> Value:
    """``self._conv_forward(x, weight, bias)``: the convolution with other weights."""
    function = _CONVOLUTIONS.get(content.path)
    names = ("stride", "padding", "dilation", "groups", "padding_mode")
    values = {n: calls.library_attribute(machine, frame, node, ref, content, n) for n in names}
    if function is None or getattr(values.pop("padding_mode"), "value", None) != "zeros":
        return Unknown("convolution with other weights")
    return operate(machine, frame, node, function, args, tuple(values.items()), show=function)


def call_unbound(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments) -> Value | None:
    """``nn.Linear.__init__(self, ...)``, ``nn.Module.train(self, mode)``; None when the path names no method of modules."""
    owner, _, name = path.rpartition(".")
    receiver = arguments.args[0]
    if (
        not isinstance(receiver, Ref)
        or not isinstance(machine.content(receiver), Instance)
        or not machine.oracle.describe(owner).is_nn_module
    ):
        return None
    rest = Arguments(arguments.args[1:], arguments.kwargs, arguments.open)
    if name == "__init__":
        nnmodules.init_container(machine, frame, node, receiver, rest)
        return NONE
    return nnmethods.call_method(machine, frame, node, receiver, name, rest)
