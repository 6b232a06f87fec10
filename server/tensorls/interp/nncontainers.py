"""Containers of modules: ``Sequential``, ``ModuleList``, ``ModuleDict``, ``ParameterList`` and classes derived from them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import ClassObject, DictObject, GeneratorObject, Instance, LibObject
from tensorls.domain.values import NONE, TRUE, Arguments, Const, LibRef, Ref, SliceValue, Tuple, Union, Unknown, Value
from tensorls.interp import iteration, nnmodules, objects
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

SEQUENTIAL, LIST, DICT = "torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"
KINDS = (SEQUENTIAL, LIST, DICT, "torch.nn.ParameterList")
OPEN = "#open"  # cell of an instance of a derived class: it holds modules that are not known

Children = tuple[tuple[str, Value], ...]
Handler = Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]


def kind(machine: Machine, value: Value) -> str | None:
    """Which container of torch a value is, or derives from."""
    content = machine.content(value)
    if isinstance(content, LibObject):
        return content.path if content.path in KINDS else None
    cls = machine.content(content.cls) if isinstance(content, Instance) else None
    bases = cls.mro if isinstance(cls, ClassObject) else ()
    return next((b.path for b in bases if isinstance(b, LibRef) and b.path in KINDS), None)


def children(machine: Machine, value: Value) -> Children | None:
    """What a container holds, by name and in order; None when that is not known."""
    content = machine.content(value)
    if isinstance(content, LibObject):
        return content.children
    return None if is_open(machine, value) else tuple(nnmodules.named_children(machine, value))


def is_open(machine: Machine, module: Value) -> bool:
    """Whether a module may hold others than those that are known: it was filled on some paths only, or with one of several."""
    content = machine.content(module)
    if isinstance(content, LibObject):
        return content.path in KINDS and content.children is None
    if not isinstance(module, Ref) or machine.store.cell(module.address, OPEN) is not None:
        return True
    return any(_is_uncertain(machine, module, name, value) for name, value in machine.store.cells(module.address))


def _is_uncertain(machine: Machine, owner: Ref, name: str, value: Value) -> bool:
    if isinstance(value, Union):
        return any(objects.is_module(machine, v) for v in value.members)
    return machine.store.is_doubtful(owner.address, name) and objects.is_module(machine, value)


def items(machine: Machine, value: Value) -> tuple[Value, ...] | None:
    """What a loop over a container takes: the names of a ``ModuleDict``, else the modules."""
    found = children(machine, value)
    if found is None:
        return None
    return tuple(Const(n) for n, _ in found) if kind(machine, value) == DICT else tuple(v for _, v in found)


def replace(machine: Machine, ref: Ref, new: Children | None) -> None:
    """Let a container hold these; None: it is not known what it holds."""
    content = machine.content(ref)
    if isinstance(content, LibObject):
        machine.store.put(ref.address, LibObject(content.path, None, content.device, True, new))
        return
    if new is None:
        machine.store.set_cell(ref.address, OPEN, TRUE)
        return
    kept = dict(new)
    old = [name for name, _ in nnmodules.named_children(machine, ref)]
    moves = [name for name in old if name in kept] != [name for name, _ in new][: len(old)]
    for name in old:
        if moves or name not in kept:
            machine.store.delete_cell(ref.address, name)
    for name, child in new:
        machine.store.set_cell(ref.address, name, child)


def numbered(values: tuple[Value, ...]) -> Children:
    """Modules under the names that lists give them."""
    return tuple((str(i), v) for i, v in enumerate(values))


def position(found: Children, index: Value) -> int | None:
    """Where an index points to; None when it is not known, or there is nothing."""
    if not isinstance(index, Const):
        return None
    if isinstance(index.value, str):
        return next((i for i, (name, _) in enumerate(found) if name == index.value), None)
    if isinstance(index.value, int) and -len(found) <= index.value < len(found):
        return index.value % len(found)
    return None


def get_item(machine: Machine, ref: Value, index: Value) -> Value:
    """``container[index]``."""
    found = children(machine, ref)
    if found is None:
        element = machine.store.cell(ref.address, "#element") if isinstance(ref, Ref) else None
        return element or Unknown("unknown modules")
    where = position(found, index)
    if where is not None:
        return found[where][1]
    content = machine.content(ref)
    bounds = _bounds(index)
    if bounds is not None and isinstance(content, LibObject):
        chosen = found[slice(*bounds)]
        named = chosen if content.path == SEQUENTIAL else numbered(tuple(v for _, v in chosen))
        return machine.store.new(LibObject(content.path, None, content.device, True, named))
    if isinstance(index, (Const, SliceValue)):
        return Unknown("modules that are not there" if bounds is None else "a slice of a derived container")
    return machine.joiner.all(tuple(v for _, v in found), Unknown("empty"))


def _bounds(index: Value) -> list[int | None] | None:
    if not isinstance(index, SliceValue):
        return None
    parts = [p.value if isinstance(p, Const) else ... for p in (index.start, index.stop, index.step)]
    return [p for p in parts if p is None or isinstance(p, int)] if all(p is None or isinstance(p, int) for p in parts) else None


def set_item(machine: Machine, ref: Ref, index: Value, value: Value) -> None:
    """``container[index] = value``."""
    found = children(machine, ref)
    where = position(found, index) if found is not None else None
    if found is not None and where is not None:
        replace(machine, ref, (*found[:where], (found[where][0], value), *found[where + 1 :]))
    elif found is not None and isinstance(index, Const) and isinstance(index.value, str):
        replace(machine, ref, (*found, (index.value, value)))
    else:
        replace(machine, ref, None)


def delete_item(machine: Machine, ref: Ref, index: Value) -> None:
    """``del container[index]``: those behind it move up."""
    found = children(machine, ref)
    bounds = _bounds(index)
    where = position(found, index) if found is not None else None
    if found is None or (where is None and bounds is None):
        replace(machine, ref, None)
        return
    kept = list(found)
    del kept[where if where is not None else slice(*bounds or ())]
    replace(machine, ref, tuple(kept) if kind(machine, ref) == DICT else numbered(tuple(v for _, v in kept)))


def contains(machine: Machine, ref: Value, item: Value) -> bool | None:
    """``item in container``."""
    found = children(machine, ref)
    if found is None:
        return None
    if kind(machine, ref) != DICT:
        return True if any(v == item for _, v in found) else None
    return any(name == item.value for name, _ in found) if isinstance(item, Const) else None


# methods


def _append(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    found = children(machine, ref)
    given = arguments.get(0, "module") or arguments.get(0, "value")
    replace(machine, ref, None if found is None or given is None else (*found, (str(len(found)), given)))
    return ref


def extend(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    """``container += others``."""
    given = arguments.args[0] if arguments.args else Unknown("unknown modules")
    more = items(machine, given) if kind(machine, given) is not None else iteration.iterate(machine, given, frame, node).items
    found = children(machine, ref)
    together = None if found is None or more is None else (*found, *((str(len(found) + i), v) for i, v in enumerate(more)))
    replace(machine, ref, together)
    return ref


def add(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, other: Value, in_place: bool) -> Value:
    """``container + others`` is a new one, ``container += others`` the old one."""
    if in_place:
        return extend(machine, frame, node, ref, Arguments((other,)))
    content = machine.content(ref)
    if not isinstance(content, LibObject):
        return Unknown("sum of derived containers")
    made = machine.store.new(LibObject(content.path, None, content.device, True, content.children))
    return extend(machine, frame, node, made, Arguments((other,)))


def _insert(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    found = children(machine, ref)
    index, given = arguments.get(0, "index"), arguments.get(1, "module")
    if found is None or given is None or not (isinstance(index, Const) and isinstance(index.value, int)):
        replace(machine, ref, None)
        return ref
    values = [v for _, v in found]
    if found != numbered(tuple(values)):  # torch moves modules by their numbers
        replace(machine, ref, None)
        return Unknown("insert among named modules")
    values.insert(index.value, given)
    replace(machine, ref, numbered(tuple(values)))
    return ref if kind(machine, ref) == SEQUENTIAL else NONE


def _pop(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    index = arguments.get(0, "key")
    if index is None:
        return Unknown("pop needs a key")
    taken = get_item(machine, ref, index)
    delete_item(machine, ref, index)
    return taken


def _clear(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    replace(machine, ref, ())
    return NONE


def _update(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    given = arguments.args[0] if len(arguments.args) == 1 else Unknown("unknown modules")
    more = named(machine, frame, node, given)
    found = children(machine, ref)
    replace(machine, ref, None if found is None or more is None else tuple({**dict(found), **dict(more)}.items()))
    return NONE


def named(machine: Machine, frame: Frame, node: ast.AST, given: Value) -> Children | None:
    """Modules by name, as a dictionary, a container or pairs give them."""
    content = machine.content(given)
    if isinstance(content, DictObject):
        known = content.rest is None and all(isinstance(k, Const) for k in content.entries) and not content.doubtful
        return tuple((str(k.value), v) for k, v in content.entries.items() if isinstance(k, Const)) if known else None
    if kind(machine, given) == DICT:
        return children(machine, given)
    pairs = iteration.iterate(machine, given, frame, node).items
    split = [iteration.iterate(machine, p).items or () for p in pairs or ()]
    found = [(str(p[0].value), p[1]) for p in split if len(p) == 2 and isinstance(p[0], Const)]
    return tuple(found) if pairs is not None and len(found) == len(pairs) else None


def _listed(make: Callable[[str, Value], Value]) -> Handler:
    def listed(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        found = children(machine, ref)
        if found is None:
            return machine.store.new(GeneratorObject(None, Unknown("unknown modules")))
        return machine.store.new(GeneratorObject(tuple(make(name, child) for name, child in found)))

    return listed


METHODS: Mapping[str, Handler] = {
    "append": _append, "extend": extend, "insert": _insert, "pop": _pop, "clear": _clear, "update": _update,
    "keys": _listed(lambda name, child: Const(name)),
    "values": _listed(lambda name, child: child),
    "items": _listed(lambda name, child: Tuple((Const(name), child))),
}  # fmt: skip
