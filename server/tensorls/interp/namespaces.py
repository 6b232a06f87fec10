"""Names as mappings: ``x.__dict__``, ``vars(x)``, ``locals()``, and objects made of keywords (``argparse.Namespace``)."""

from __future__ import annotations

import ast
from functools import lru_cache

from tensorls.domain.objects import ClassObject, DictObject, Instance, ModuleObject, Namespace
from tensorls.domain.values import Arguments, Const, Lazy, LibRef, NativeMethod, Ref, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

DICT = "__dict__"
OF_KEYWORDS = (LibRef("argparse.Namespace"), LibRef("types.SimpleNamespace"))


def owner(value: Value) -> Ref | None:
    """The object whose ``__dict__`` a value is."""
    found = value.receiver if isinstance(value, NativeMethod) and value.name == DICT else None
    return found if isinstance(found, Ref) else None


def of(machine: Machine, value: Value) -> Value:
    """``value.__dict__`` of a module, or of an instance of a plain class."""
    content = machine.content(value)
    if isinstance(content, ModuleObject):
        return NativeMethod(value, DICT)
    cls = machine.content(content.cls) if isinstance(content, Instance) else None
    plain = isinstance(cls, ClassObject) and all(isinstance(b, Ref) or b in OF_KEYWORDS for b in cls.mro)
    return NativeMethod(value, DICT) if plain else Unknown("__dict__")


def snapshot(machine: Machine, ref: Ref) -> Ref:
    """A dict of what the attributes are now; a module has more than those that are known."""
    entries: dict[Value, Value] = {
        Const(n): v for n, v in machine.store.cells(ref.address) if not n.startswith("#") and not isinstance(v, Lazy)
    }
    rest = Unknown("names of a module") if isinstance(machine.content(ref), ModuleObject) else None
    return machine.store.new(DictObject(entries, rest))


def contains(machine: Machine, ref: Ref, name: Value) -> bool | None:
    """Whether an attribute is bound in the object itself; None when that is not known."""
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return None
    if machine.store.cell(ref.address, name.value) is None:
        return None if isinstance(machine.content(ref), ModuleObject) else False
    return None if machine.store.is_doubtful(ref.address, name.value) else True


def update(machine: Machine, ref: Ref, arguments: Arguments) -> None:
    """``x.__dict__.update(...)``."""
    for value in arguments.args:
        source = owner(value)
        content = machine.content(value if source is None else snapshot(machine, source))
        known = isinstance(content, DictObject) and content.rest is None
        for key, item in content.entries.items() if isinstance(content, DictObject) else ():
            if isinstance(key, Const):
                machine.store.set_cell(ref.address, str(key.value), item)
        if not known:
            forget(machine, ref)
    for name, item in arguments.kwargs:
        machine.store.set_cell(ref.address, name, item)
    if arguments.open:
        forget(machine, ref)


def forget(machine: Machine, ref: Ref) -> None:
    """Any attribute may have been changed."""
    for name, _ in machine.store.cells(ref.address):
        machine.store.set_cell(ref.address, name, Unknown("attributes were changed by unknown names"))


def is_of_keywords(machine: Machine, cls: Value) -> bool:
    """Whether instances of a class take any keywords as attributes."""
    content = machine.content(cls)
    return isinstance(content, ClassObject) and any(b in OF_KEYWORDS for b in content.mro)


def of_function(machine: Machine, frame: Frame) -> Value:
    """A snapshot of the names of a function; elsewhere ``locals()`` is the namespace itself, which may be written to."""
    function, here = frame.function, machine.store.get(frame.address)
    if function is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return Unknown("locals")
    if not isinstance(here, Namespace) or here.parent != function.scope or frame.redirects:
        return Unknown("locals")
    entries: dict[Value, Value] = {Const(name): value for name, value in machine.store.cells(frame.address)}
    doubtful = frozenset(Const(name) for name, _ in machine.store.cells(frame.address) if machine.store.is_doubtful(frame.address, name))
    names = _names(function.node)
    for name in sorted(names):  # what an inner function uses of the ones around it is its own as well
        found = _enclosing(machine, here, name) if Const(name) not in entries else None
        if found is not None:
            entries[Const(name)] = found
    if function.owner is not None and names & {"super", "__class__"}:
        entries[Const("__class__")] = function.owner
    return machine.store.new(DictObject(entries, None, doubtful=doubtful))


def _enclosing(machine: Machine, here: Namespace, name: str) -> Value | None:
    address = here.parent
    while address is not None and isinstance(content := machine.store.get(address), Namespace):
        found = machine.store.cell(address, name)
        if found is not None:
            return found
        address = content.parent
    return None


@lru_cache(maxsize=1024)
def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
