"""``argparse``: the namespace that a program gets when it is called without arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject
from tensorls.domain.values import FALSE, NONE, TRUE, Arguments, Builtin, Const, Function, Ref, Scalar, Tuple, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
PARSER = "argparse.ArgumentParser"
DEFAULTS = "#defaults"  # cell of a parser: the dict of its options' defaults


def _parser(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    ref = machine.store.new(LibObject(PARSER))
    machine.store.set_cell(ref.address, DEFAULTS, machine.store.new(DictObject({})))
    return ref


def call_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, name: str, a: Arguments) -> Value | None:
    """A method of a parser; None for those that nothing follows from."""
    defaults = machine.store.cell(ref.address, DEFAULTS)
    content = machine.content(defaults) if defaults is not None else None
    if not isinstance(defaults, Ref) or not isinstance(content, DictObject):
        return None
    if name == "add_argument":
        option = _option(machine, frame, node, a)
        if option is not None:
            if isinstance(option[1], Const) and isinstance(option[1].value, str):
                machine.options.add(option[1].value)
            machine.store.put(defaults.address, DictObject({**content.entries, Const(option[0]): option[1]}, content.rest))
        return Unknown("argument")
    if name == "set_defaults":
        machine.store.put(defaults.address, DictObject({**content.entries, **{Const(k): v for k, v in a.kwargs}}, content.rest))
        return NONE
    if name in ("add_argument_group", "add_mutually_exclusive_group"):
        return ref
    if name in ("parse_args", "parse_known_args"):
        space = namespace(machine, frame, {str(k.value): v for k, v in content.entries.items() if isinstance(k, Const)})
        return space if name == "parse_args" else Tuple((space, Unknown("remaining arguments")))
    return None


def namespace(machine: Machine, frame: Frame, entries: Mapping[str, Value]) -> Ref:
    """An object with these attributes."""
    cls = machine.store.new(ClassObject("Namespace", frame.file, (), ()))
    machine.store.put(cls.address, ClassObject("Namespace", frame.file, (), (cls,)))
    ref = machine.store.new(Instance(cls))
    for name, value in entries.items():
        machine.store.set_cell(ref.address, name, value)
    return ref


def _option(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> tuple[str, Value] | None:
    flags = [v.value for v in a.args if isinstance(v, Const) and isinstance(v.value, str)]
    given = a.keyword("dest")
    if isinstance(given, Const) and isinstance(given.value, str):
        name = given.value
    elif flags:
        long = next((f for f in flags if f.startswith("--")), flags[0])
        name = long.lstrip("-").replace("-", "_")
    else:
        return None
    return name, _default(machine, frame, node, a, positional=bool(flags) and not flags[0].startswith("-"))


def _default(machine: Machine, frame: Frame, node: ast.AST, a: Arguments, positional: bool) -> Value:
    from tensorls.interp import calls

    action, default, kind = a.keyword("action"), a.keyword("default"), a.keyword("type")
    if action in (Const("store_true"), Const("store_false")):
        return default or (FALSE if action == Const("store_true") else TRUE)
    required = a.keyword("required") == TRUE or (positional and a.keyword("nargs") not in (Const("?"), Const("*")))
    if required and default is None:
        if isinstance(kind, Builtin):
            return (
                machine.unknown_int() if kind.name == "int" else Scalar(kind.name) if kind.name in ("float", "str") else Unknown("argument")
            )
        return Scalar("str") if kind is None and a.keyword("nargs") is None else Unknown("argument")
    if default is None:
        return NONE
    if isinstance(default, Const) and isinstance(default.value, str) and kind is not None:
        return calls.call(machine, frame, node, kind, Arguments((default,)))  # argparse converts defaults that are strings
    return default


def _from_signature(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``tyro.cli(Config)``: the class or function called with its defaults; what has none comes from the command line.

    Numbers are sizes that keep their name: programs of this kind are made to be called with others.
    """
    from tensorls.interp import calls, objects

    target = a.get(0, "f")
    if target is None or a.keyword("default") is not None:
        return Unknown(path)
    content = machine.content(target)
    if isinstance(target, Function):
        required = _required_parameters(target.node.args, len(target.defaults), target.kw_defaults)
    elif isinstance(content, ClassObject) and content.dataclass_fields is not None:
        required = [f for f in content.dataclass_fields if objects.find_in_class(machine, target, f) is None]
    else:
        return calls.escape(machine, a, path)
    given = tuple((name, Unknown(f"argument {name} of the command line")) for name in required)
    made = calls.call(machine, frame, node, target, Arguments((), given))
    if isinstance(made, Ref) and isinstance(content, ClassObject):
        for name in content.dataclass_fields or ():
            value = machine.store.cell(made.address, name)
            if isinstance(value, Const) and type(value.value) is int:
                machine.store.set_cell(made.address, name, machine.named_size(name, target))
            elif isinstance(value, Const) and isinstance(value.value, str):
                machine.options.add(value.value)
    return made


def _required_parameters(args: ast.arguments, defaults: int, keyword_defaults: tuple[Value | None, ...]) -> list[str]:
    positional = [p.arg for p in (*args.posonlyargs, *args.args)]
    keywords = [p.arg for p, default in zip(args.kwonlyargs, keyword_defaults, strict=True) if default is None]
    return [*positional[: len(positional) - defaults], *keywords]


HANDLERS: Mapping[str, Handler] = {PARSER: _parser, "tyro.cli": _from_signature}
