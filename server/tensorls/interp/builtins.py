"""Python's built-in functions on abstract values."""

from __future__ import annotations

import ast
import builtins as python
from collections.abc import Callable, Mapping
from functools import cache

from tensorls.domain.dims import Expr, maximum, minimum
from tensorls.domain.values import (
    NONE,
    Arguments,
    Const,
    Scalar,
    SliceValue,
    SymInt,
    Tuple,
    Unknown,
    Value,
    as_dim,
    int_value,
)  # fmt: skip
from tensorls.interp import builtin_iteration, builtin_objects, calls, iteration, natives, numbers, operators, ranges
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import files
from tensorls.interp.library import arguments_failed, operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.operators import scalar_kind

Handler = Callable[[Machine, Frame, ast.AST, Arguments], Value]
NAMES = frozenset(n for n in dir(python) if not n.startswith("_")) | {"__import__", "__build_class__"}


def call_builtin(machine: Machine, frame: Frame, node: ast.AST, name: str, arguments: Arguments) -> Value:
    """``name(arguments)`` for a Python builtin."""
    handler = handlers().get(name)
    if handler is None:
        exception = getattr(python, name, None)
        if isinstance(exception, type) and issubclass(exception, BaseException):
            return Unknown("exception")
        return calls.escape(machine, arguments, f"{name}()")
    if arguments.open:
        return calls.escape(machine, arguments)
    if arguments_failed(arguments) and name not in ("print", "isinstance"):
        return FAILED
    return handler(machine, frame, node, arguments)


def _print(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return NONE


def _sum(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if machine.tensor(a.args[0]) is not None:
        return operate(machine, frame, node, "builtins.sum", a.args, a.kwargs, show="sum")
    found = iteration.iterate(machine, a.args[0], frame, node)
    total = a.get(1, "start") or Const(0)
    if found.items is None:
        element = found.element
        one = operators.binary(machine, frame, node, ast.Add, total, element)
        return machine.join([one, operators.binary(machine, frame, node, ast.Add, one, element)])
    for item in found.items:
        total = operators.binary(machine, frame, node, ast.Add, total, item)
    return total


def _extreme(name: str) -> Handler:
    def pick(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        values = a.args
        if len(values) == 1:
            if machine.tensor(values[0]) is not None:
                return operate(machine, frame, node, f"builtins.{name}", values, show=name)
            found = iteration.iterate(machine, values[0], frame, node)
            if found.items is None:
                return found.element if not a.kwargs or a.keyword("default") is None else Unknown(name)
            values = found.items
        if a.keyword("key") is not None or not values:
            return machine.join(values) if values else Unknown(name)
        known = [numbers.number(machine, v) for v in values]
        if any(machine.tensor(v) is not None for v in values) and all(isinstance(n, (int, float)) for n in known):
            return values[known.index(min(known) if name == "min" else max(known))]  # type: ignore[type-var]
        sizes = [as_dim(v) for v in values]
        if all(s is not None for s in sizes):
            result = sizes[0]
            for size in sizes[1:]:
                assert result is not None
                assert size is not None
                result = (minimum if name == "min" else maximum)(result, size)
            assert result is not None
            return int_value(result)
        if all(isinstance(v, Const) for v in values):
            try:
                constants = [v.value for v in values if isinstance(v, Const)]
                return Const(min(constants) if name == "min" else max(constants))  # type: ignore[type-var]
            except TypeError:
                return Unknown("not comparable")
        if all(scalar_kind(v) in ("int", "float", "bool") for v in values):
            kinds = {scalar_kind(v) for v in values}
            return Scalar("float") if kinds == {"float"} else machine.unknown_int() if kinds == {"int"} else Unknown(name)
        return machine.join(values)

    return pick


def _number(kind: str) -> Handler:
    convert = {"int": int, "float": float, "bool": bool, "complex": complex}[kind]

    def make(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        if not a.args:
            return Const(convert())

        def one(values: tuple[Value, ...]) -> Value:
            value = values[0]
            if isinstance(value, Const) and isinstance(value.value, (str, int, float)) and not a.args[1:]:
                try:
                    return Const(convert(value.value))
                except (ValueError, OverflowError):
                    return Unknown("ValueError")
            if kind == "int":
                value = ranges.number_of(machine, value)
            if kind == "int" and isinstance(value, SymInt):
                return value
            if kind == "bool":
                known = operators.truth(machine, frame, node, value)
                return Scalar("bool") if known is None else Const(known)
            held = machine.tensor(value)
            if (
                held is not None
                and isinstance(held.meta.data, numbers.Inexact)
                and (kind == "float" or numbers.is_near_whole(held.meta.data))
            ):
                return Scalar(kind)
            if held is not None and isinstance(held.meta.data, (int, float)) and kind in ("int", "float"):
                return Const(convert(held.meta.data))
            if held is not None and isinstance(held.meta.data, Expr) and kind == "int":
                return SymInt(held.meta.data)
            if held is not None:
                operate(machine, frame, node, f"builtins.{kind}", (value,), show=kind)
            return machine.unknown_int() if kind == "int" else Scalar(kind)

        return machine.alternatives(frame, a.args[:1], one)

    return make


def _str(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    value = a.args[0] if a.args else Const("")
    if isinstance(value, Const) and isinstance(value.value, (str, int, bool, type(None))):
        return Const(str(value.value))
    return Scalar("str")


def _text(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return Scalar("str")


def _arithmetic(name: str) -> Handler:
    def apply(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        if any(operators.is_array_operand(machine, v) for v in a.args):
            return operate(machine, frame, node, f"builtins.{name}", a.args, a.kwargs, show=name)
        values = [natives.plain(machine, v) for v in a.args]
        if not any(v is natives.NOT_PLAIN for v in values):
            if name == "pow":
                return operators.binary(machine, frame, node, ast.Pow, a.args[0], a.args[1])
            try:
                return natives.from_plain(machine, getattr(python, name)(*values))
            except (TypeError, ValueError, ArithmeticError):
                return Unknown(name)
        if name == "divmod" and len(a.args) == 2:
            return Tuple((operators.binary(machine, frame, node, ast.FloorDiv, *a.args),
                          operators.binary(machine, frame, node, ast.Mod, *a.args)))  # fmt: skip
        kind = scalar_kind(a.args[0]) if a.args else None
        if (name == "round" and len(a.args) == 1) or kind == "int":
            return machine.unknown_int()
        return Scalar(kind) if kind in ("float",) else Unknown(name)

    return apply


def _exec(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    """Code in a string may bind any name."""
    for name, _ in machine.store.cells(frame.address):
        machine.store.set_cell(frame.address, name, Unknown("exec"))
    return NONE


def _open(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return files.opened(machine, a)


def _slice(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 1:
        return SliceValue(NONE, a.args[0], NONE)
    return SliceValue(a.args[0], a.args[1], a.args[2] if len(a.args) > 2 else NONE) if a.args else Unknown("slice")


def _unknown_int(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return machine.unknown_int()


@cache
def handlers() -> Mapping[str, Handler]:
    """By name; made on first use, since the modules of the interpreter import each other."""
    return {
        **builtin_iteration.HANDLERS,
        **builtin_objects.HANDLERS,
        "print": _print,
        "sum": _sum,
        "min": _extreme("min"),
        "max": _extreme("max"),
        "int": _number("int"),
        "float": _number("float"),
        "bool": _number("bool"),
        "complex": _number("complex"),
        "str": _str,
        "repr": _text,
        "format": _text,
        "input": _text,
        "chr": _text,
        "abs": _arithmetic("abs"),
        "round": _arithmetic("round"),
        "divmod": _arithmetic("divmod"),
        "pow": _arithmetic("pow"),
        "slice": _slice,
        "open": _open,
        "id": _unknown_int,
        "hash": _unknown_int,
        "ord": _unknown_int,
        "exec": _exec,
    }
