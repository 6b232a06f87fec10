"""What runs when a class is made: its metaclass, and ``__init_subclass__`` of its bases."""

from __future__ import annotations

import ast

from tensorls.domain.objects import ClassObject, DictObject
from tensorls.domain.values import Arguments, Const, Descriptor, Function, Ref, Tuple, Value
from tensorls.interp import calls, expressions, objects
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

METACLASS = "#metaclass"  # cell of a class
CREATING = "#creating"  # cell of a metaclass: the class that its ``__new__`` is about to return


def class_made(machine: Machine, frame: Frame, node: ast.ClassDef, ref: Ref) -> None:
    """Run the code of a program that sees every class made."""
    content = machine.content(ref)
    keywords = {k.arg: expressions.evaluate(machine, frame, k.value) for k in node.keywords if k.arg is not None}
    metaclass = keywords.pop("metaclass", None) or _inherited(machine, ref)
    if isinstance(metaclass, Ref) and isinstance(machine.content(metaclass), ClassObject) and isinstance(content, ClassObject):
        machine.store.set_cell(ref.address, METACLASS, metaclass)
        machine.store.set_cell(metaclass.address, CREATING, ref)
        entries: dict[Value, Value] = {Const(n): v for n, v in machine.store.cells(ref.address) if not n.startswith("#")}
        given = (Const(content.name), Tuple(content.bases), machine.store.new(DictObject(entries)))
        for name, first in (("__new__", metaclass), ("__init__", ref)):
            method = objects.find_in_class(machine, metaclass, name)
            if isinstance(method, Function):
                calls.call(machine, frame, node, method, Arguments((first, *given), tuple(keywords.items())))
    hook = objects.find_in_class(machine, ref, "__init_subclass__", after=ref)
    function = hook.function if isinstance(hook, Descriptor) else hook
    if isinstance(function, Function):
        calls.call(machine, frame, node, function, Arguments((ref,), tuple(keywords.items())))


def _inherited(machine: Machine, ref: Ref) -> Value | None:
    content = machine.content(ref)
    for base in content.mro[1:] if isinstance(content, ClassObject) else ():
        found = machine.store.cell(base.address, METACLASS) if isinstance(base, Ref) else None
        if found is not None:
            return found
    return None


def makes_instances(machine: Machine, cls: Value) -> bool:
    """Whether the class's metaclass decides itself what calling the class gives."""
    metaclass = machine.store.cell(cls.address, METACLASS) if isinstance(cls, Ref) else None
    return metaclass is not None and isinstance(objects.find_in_class(machine, metaclass, "__call__"), Function)
