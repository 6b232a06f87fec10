"""``enum``: classes whose attributes are members, each one object."""

from __future__ import annotations

import ast
import builtins as python
import enum
from collections.abc import Callable, Mapping

from tensorls.domain.objects import ClassObject, DictObject, Instance, ListObject, Namespace
from tensorls.domain.values import Arguments, BoundMethod, Builtin, Const, Descriptor, Function, LibRef, Ref, Tuple, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
MEMBERS = "#members"  # cell of an enum class: its members in order
AUTO = LibRef("enum.auto()")
_PLAIN = ("enum.Enum", "enum.Flag")
_OTHER_OBJECTS = (Function, Descriptor, BoundMethod, Builtin)


def base(machine: Machine, cls: Value) -> str | None:
    """Which class of ``enum`` a user class derives from."""
    content = machine.content(cls)
    bases = content.mro if isinstance(content, ClassObject) else ()
    return next((b.path for b in bases if isinstance(b, LibRef) and b.path.startswith("enum.")), None)


def derives_from(path: str, builtin: str) -> bool | None:
    """Whether a class of ``enum`` derives from a built-in type; None for another class."""
    made = getattr(enum, path.removeprefix("enum."), None) if path.startswith("enum.") else None
    wanted = getattr(python, builtin, None)
    return issubclass(made, wanted) if isinstance(made, type) and isinstance(wanted, type) else None


def define(machine: Machine, frame: Frame, node: ast.ClassDef, cls: Ref) -> None:
    """Make the members of a class that has just been defined."""
    from tensorls.interp import calls, objects

    kind = base(machine, cls)
    if kind is None:
        return
    members: list[Value] = []
    last: Value = Const(0)
    for name, value in list(machine.store.cells(cls.address)):
        is_class = isinstance(machine.content(value), (ClassObject, Namespace))
        if name.startswith(("_", "#")) or isinstance(value, _OTHER_OBJECTS) or is_class:
            continue
        if value == AUTO:
            value = _next(kind, name, last)
        last = value
        alias = next((m for m in members if isinstance(value, (Const, Ref)) and value_of(machine, m) == value), None)
        member = machine.store.new(Instance(cls)) if alias is None else alias
        machine.store.set_cell(cls.address, name, member)
        if alias is not None or not isinstance(member, Ref):
            continue
        for cell, content in (("name", Const(name)), ("_name_", Const(name)), ("value", value), ("_value_", value)):
            machine.store.set_cell(member.address, cell, content)
        constructor = objects.find_in_class(machine, cls, "__init__")
        if isinstance(constructor, Function):
            given = value.items if isinstance(value, Tuple) else (value,)
            calls.call(machine, frame, node, BoundMethod(member, constructor), Arguments(given))
        members.append(member)
    machine.store.set_cell(cls.address, MEMBERS, Tuple(tuple(members)))


def _next(kind: str, name: str, last: Value) -> Value:
    if kind == "enum.StrEnum":
        return Const(name.lower())
    number = last.value if isinstance(last, Const) and isinstance(last.value, int) else None
    if number is None:
        return Unknown("value of an enum member")
    return Const(1 << number.bit_length()) if kind.endswith("Flag") else Const(number + 1)


def members(machine: Machine, cls: Value) -> tuple[Value, ...] | None:
    """The members of an enum class in order."""
    found = machine.store.cell(cls.address, MEMBERS) if isinstance(cls, Ref) else None
    return found.items if isinstance(found, Tuple) else None


def is_member(machine: Machine, value: Value) -> bool:
    """Whether a value is a member of an enum class."""
    content = machine.content(value)
    return isinstance(content, Instance) and members(machine, content.cls) is not None


def value_of(machine: Machine, member: Value) -> Value:
    """The value that the source gives a member."""
    found = machine.store.cell(member.address, "_value_") if isinstance(member, Ref) else None
    return found or Unknown("value of an enum member")


def by_value(machine: Machine, cls: Value, arguments: Arguments) -> Value:
    """``Mode(1)``, ``Mode(Mode.A)``."""
    given = arguments.args[0] if len(arguments.args) == 1 else None
    found = members(machine, cls) or ()
    if given in found:
        return given
    values = [value_of(machine, m) for m in found]
    if isinstance(given, Const) and all(isinstance(v, Const) for v in values):
        return next((m for m, v in zip(found, values, strict=True) if v == given), Unknown("no such member"))
    return Unknown("a member by its value")


def by_name(machine: Machine, cls: Value, index: Value) -> Value:
    """``Mode["A"]``."""
    found = next((m for m in members(machine, cls) or () if machine.store.cell(m.address, "name") == index), None)  # type: ignore[attr-defined]
    return found or Unknown("a member by its name")


def table(machine: Machine, cls: Value) -> Value:
    """``Mode.__members__``."""
    found = [m for m in members(machine, cls) or () if isinstance(m, Ref)]
    return machine.store.new(DictObject({machine.store.cell(m.address, "name") or Unknown(): m for m in found}))


def equal(machine: Machine, left: Value, right: Value) -> bool | None:
    """``==`` of members: of one class by identity, those that are numbers or strings too by value; None when not known."""
    if isinstance(left, Ref) and left == right:
        return True
    for member, other in ((left, right), (right, left)):
        if not is_member(machine, member):
            continue
        if isinstance(other, Const):
            if _is_plain(machine, member):
                return False
            value = value_of(machine, member)
            return bool(value.value == other.value) if isinstance(value, Const) else None
        if is_member(machine, other):
            return False if _is_plain(machine, member) or _is_plain(machine, other) else None
        if isinstance(other, Tuple) or isinstance(machine.content(other), (ListObject, DictObject)):
            return False if _is_plain(machine, member) else None
    return None


def _is_plain(machine: Machine, member: Value) -> bool:
    content = machine.content(member)
    cls = machine.content(content.cls) if isinstance(content, Instance) else None
    mro = cls.mro if isinstance(cls, ClassObject) else ()
    compares = any(machine.store.cell(b.address, "__eq__") is not None for b in mro if isinstance(b, Ref))
    return not compares and all(isinstance(b, Ref) or (isinstance(b, LibRef) and b.path in _PLAIN) for b in mro)


def _auto(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return AUTO


HANDLERS: Mapping[str, Handler] = {
    "enum.auto": _auto, **{f"enum.{n}": lambda m, f, n, p, a: a.args[0] if a.args else LibRef("functools.identity")
                           for n in ("unique", "member", "nonmember", "verify")},
}  # fmt: skip
