"""The standard library's ``inspect``, as far as programs ask it about functions and classes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import DictObject, Instance
from tensorls.domain.values import Arguments, BoundMethod, Builtin, Const, Function, LibRef, Scalar, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import standard
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _is(wanted: Value) -> Handler:
    """``isfunction``, ``isclass``: ``isinstance`` with a type."""

    def ask(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
        from tensorls.interp import builtin_objects

        verdict = builtin_objects.is_instance(machine, a.args[0], wanted) if len(a.args) == 1 else None
        return Scalar("bool") if verdict is None else Const(verdict)

    return ask


def _is_method(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    value = a.args[0] if a.args else Unknown()
    if isinstance(value, (BoundMethod, Function, Const)) or isinstance(machine.content(value), Instance):
        return Const(isinstance(value, BoundMethod))
    return Scalar("bool")


def _signature(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``signature(f)``: the names of the parameters; a decorated function may have those of another."""
    value = a.args[0] if a.args else Unknown()
    function = value.function if isinstance(value, BoundMethod) else value
    if not isinstance(function, Function) or getattr(function.node, "decorator_list", []):
        return Unknown(path)
    given = function.node.args
    names = [p.arg for p in (*given.posonlyargs, *given.args)][1 if isinstance(value, BoundMethod) else 0 :]
    names += [p.arg for p in (given.vararg, *given.kwonlyargs, given.kwarg) if p is not None]
    parameters = machine.store.new(DictObject({Const(name): Unknown("parameter") for name in names}))
    return standard.simple_namespace(machine, frame, node, path, Arguments((), (("parameters", parameters),)))


HANDLERS: Mapping[str, Handler] = {
    "inspect.isfunction": _is(LibRef("types.FunctionType")), "inspect.isclass": _is(Builtin("type")), "inspect.ismethod": _is_method,
    "inspect.signature": _signature,
}  # fmt: skip
