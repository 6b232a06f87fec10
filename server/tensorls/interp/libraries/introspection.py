"""Programs that look at themselves: signatures, modules by name, the table of global names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject
from tensorls.domain.values import (
    NONE,
    Arguments,
    BoundMethod,
    Builtin,
    Const,
    Descriptor,
    Function,
    LibRef,
    Partial,
    Ref,
    Scalar,
    Unknown,
    Value,
)
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
EMPTY = LibRef("inspect.Parameter.empty")
_KINDS = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD")
CONSTANTS: Mapping[str, Value] = {f"inspect.Parameter.{name}": Const(number) for number, name in enumerate(_KINDS)}


def _signature(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    found = _parameters(machine, a.args[0]) if a.args else None
    if found is None:
        return Unknown("signature")
    entries: dict[Value, Value] = {Const(p.arg): _parameter(machine, p.arg, kind, default) for p, kind, default in found}
    signature = machine.store.new(LibObject("inspect.Signature"))
    machine.store.set_cell(signature.address, "parameters", machine.store.new(DictObject(entries)))
    return signature


def _parameter(machine: Machine, name: str, kind: int, default: Value) -> Value:
    ref = machine.store.new(LibObject("inspect.Parameter"))
    cells = {**{k: Const(n) for n, k in enumerate(_KINDS)}, "empty": EMPTY, "name": Const(name), "kind": Const(kind), "default": default}
    for cell, value in cells.items():
        machine.store.set_cell(ref.address, cell, value)
    return ref


def _parameters(machine: Machine, function: Value) -> list[tuple[ast.arg, int, Value]] | None:
    """The parameters of a function with kind and default; those that a call does not give (``self``) are left out."""
    if isinstance(function, BoundMethod):
        found = _parameters(machine, function.function)
        return None if found is None else found[1:]
    if isinstance(function, Descriptor):
        return _parameters(machine, function.function)
    if isinstance(machine.content(function), ClassObject):
        constructor = machine.store.cell(function.address, "__init__") if isinstance(function, Ref) else None
        found = _parameters(machine, constructor) if constructor is not None else None
        return None if found is None else found[1:]
    while isinstance(function, Function) and function.wraps is not None:
        function = function.wraps
    return list(_listed(function)) if isinstance(function, Function) else None


def _listed(function: Function) -> Iterator[tuple[ast.arg, int, Value]]:
    args = function.node.args
    positional = [*((p, 0) for p in args.posonlyargs), *((p, 1) for p in args.args)]
    missing = len(positional) - len(function.defaults)
    for index, (parameter, kind) in enumerate(positional):
        yield parameter, kind, function.defaults[index - missing] if index >= missing else EMPTY
    if args.vararg is not None:
        yield args.vararg, 2, EMPTY
    for parameter, default in zip(args.kwonlyargs, function.kw_defaults, strict=False):
        yield parameter, 3, default if default is not None else EMPTY
    if args.kwarg is not None:
        yield args.kwarg, 4, EMPTY


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


def _wraps(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Partial(LibRef("functools.wraps()"), a.args[:1], ()) if a.args else LibRef("functools.identity")


def _wrap(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``@wraps(f)``: the function itself, which shows the signature of what it wraps."""
    wrapped, function = a.args
    return replace(function, wraps=wrapped) if isinstance(function, Function) else function


def _update_wrapper(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return a.args[0] if a.args else Unknown(path)


def _import_module(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import imports

    name = a.args[0].value if len(a.args) == 1 and isinstance(a.args[0], Const) else None
    if not isinstance(name, str) or name.startswith(".") or a.kwargs:
        return Unknown("module imported by an unknown name")
    return imports.import_module(machine, frame, name)


def global_names(machine: Machine, frame: Frame) -> Value:
    """``globals()``: what is bound so far; other names may be looked up in it as well."""
    entries: dict[Value, Value] = {Const(n): v for n, v in machine.store.cells(frame.module) if not n.startswith("#")}
    return machine.store.new(DictObject(entries, Unknown("a global name")))


def _from_environment(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``os.environ.get(name, default)``: a text, or the default."""
    return machine.join([Scalar("str"), a.get(1, "default") or NONE])


HANDLERS: Mapping[str, Handler] = {
    "os.getenv": _from_environment, "os.environ.get": _from_environment, "os.environ.setdefault": _from_environment,
    "os.environ.pop": _from_environment,
    "inspect.signature": _signature, "functools.wraps": _wraps, "functools.wraps()": _wrap,
    "functools.update_wrapper": _update_wrapper, "importlib.import_module": _import_module,
    "inspect.isfunction": _is(LibRef("types.FunctionType")), "inspect.isclass": _is(Builtin("type")), "inspect.ismethod": _is_method,
}  # fmt: skip
