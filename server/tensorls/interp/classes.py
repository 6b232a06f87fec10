"""User classes: definition, instantiation, dataclasses and named tuples."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from tensorls.domain.objects import ClassObject, DictObject, Instance, ListObject, Namespace
from tensorls.domain.values import (
    NONE,
    Arguments,
    BoundMethod,
    Builtin,
    Const,
    Descriptor,
    Function,
    LibRef,
    Ref,
    Tuple,
    Unknown,
    Value,
)  # fmt: skip
from tensorls.interp import calls, expressions, functions, metaclasses, namespaces, nnmodules, objects, statements
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import enums
from tensorls.interp.library import is_library
from tensorls.interp.machine import FAILED, Machine


def define(machine: Machine, frame: Frame, node: ast.ClassDef) -> Value:
    """Evaluate a class definition."""
    bases = tuple(expressions.evaluate(machine, frame, b) for b in node.bases if not isinstance(b, ast.Starred))
    bases = tuple(b for b in bases if b != Builtin("object"))
    ref = machine.store.new(ClassObject(node.name, frame.file, bases, ()))
    mro = linearise(machine, ref, bases)
    is_module = any(isinstance(b, LibRef) and is_library(b) and machine.oracle.describe(b.path).is_nn_module for b in mro)
    named = LibRef("typing.NamedTuple") in bases
    machine.store.put(ref.address, ClassObject(node.name, frame.file, bases, mro, is_module))
    inner = Frame(ref.address, frame.module, frame.file, frame.context, frame.function, mark=machine.store.mark(),
                  active=frame.active, guarded=frame.guarded, is_class=True)  # fmt: skip
    body = machine.store.new(Namespace(None if frame.address == frame.module else frame.address))
    inner.address = body.address
    statements.run_block(machine, inner, node.body)
    for name, value in machine.store.cells(body.address):
        machine.store.set_cell(ref.address, name, _owned(value, ref))
    fields = tuple(s.target.id for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name))
    for statement in node.body:  # so that methods nobody calls are found with their class
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement in machine.functions:
            function, _ = machine.functions[statement]
            machine.found_function(statement, _owned_function(function, ref), ref)
    enums.define(machine, frame, node, ref)
    if named:
        content = ClassObject(node.name, frame.file, (), (ref,), False, fields, named_tuple=True)
        machine.store.put(ref.address, content)
    metaclasses.class_made(machine, frame, node, ref)
    result = functions.apply_decorators(machine, frame, node, ref)
    return ref if isinstance(result, Unknown) else result  # most class decorators only register


def _owned_function(function: Function, ref: Ref) -> Function:
    return replace(function, owner=ref)


def _owned(value: Value, ref: Ref) -> Value:
    if isinstance(value, Function):
        return _owned_function(value, ref)
    if isinstance(value, Descriptor) and isinstance(value.function, Function):
        return Descriptor(value.kind, _owned_function(value.function, ref))
    return value


def linearise(machine: Machine, ref: Ref, bases: tuple[Value, ...]) -> tuple[Value, ...]:
    """The C3 method resolution order; library classes stand for all their own bases."""
    sequences: list[list[Value]] = []
    for base in bases:
        content = machine.content(base)
        sequences.append(list(content.mro) if isinstance(content, ClassObject) else [base])
    sequences.append(list(bases))
    order: list[Value] = [ref]
    while any(sequences):
        sequences = [s for s in sequences if s]
        for sequence in sequences:
            head = sequence[0]
            if not any(head in other[1:] for other in sequences):
                break
        else:
            return (*order, Unknown("inconsistent bases"))
        order.append(head)
        sequences = [[v for v in s if v != head] for s in sequences]
    return tuple(order)


def instantiate(machine: Machine, frame: Frame, node: ast.AST, cls: Value, content: ClassObject, arguments: Arguments) -> Value:
    """``Class(arguments)``."""
    if content.named_tuple:
        return _named_tuple(machine, content, cls, arguments)
    if metaclasses.makes_instances(machine, cls):
        return calls.escape(machine, arguments, "a metaclass with __call__")
    if enums.base(machine, cls) is not None:
        return enums.by_value(machine, cls, arguments)
    instance = machine.store.new(Instance(cls))
    method = objects.find_in_class(machine, cls, "__init__")
    if isinstance(method, Function):
        calls.call(machine, frame, node, BoundMethod(instance, method), arguments)
    elif content.dataclass_fields is not None:
        _init_dataclass(machine, frame, node, instance, cls, content, arguments)
    elif isinstance(method, LibRef) and namespaces.is_of_keywords(machine, cls):
        namespaces.update(machine, instance, replace(arguments, args=()))
    elif isinstance(method, LibRef) and not content.is_module and not method.path.startswith(("abc.", "typing.", "builtins.")):
        return instance if method.path.startswith(("torch.", "collections.")) else Unknown(f"subclass of {method.path}")
    elif isinstance(method, Unknown):
        calls.escape(machine, arguments)
    else:
        nnmodules.init_container(machine, frame, node, instance, arguments)
    return instance


# dataclasses


def dataclass_fields(machine: Machine, cls: Value) -> tuple[str, ...]:
    """Field names of a dataclass, the bases' first."""
    content = machine.content(cls)
    names: dict[str, None] = {}
    if isinstance(content, ClassObject):
        for base in reversed(content.mro[1:]):
            inherited = machine.content(base)
            if isinstance(inherited, ClassObject) and inherited.dataclass_fields:
                names.update(dict.fromkeys(inherited.dataclass_fields))
    return tuple(names)


def make_dataclass(machine: Machine, cls: Value, own: tuple[str, ...]) -> None:
    """Mark a class as a dataclass with these fields of its own."""
    content = machine.content(cls)
    if isinstance(cls, Ref) and isinstance(content, ClassObject):
        fields = tuple(dict.fromkeys((*dataclass_fields(machine, cls), *own)))
        machine.store.put(cls.address, ClassObject(content.name, content.file, content.bases, content.mro, content.is_module, fields))


def _init_dataclass(machine: Machine, frame: Frame, node: ast.AST, instance: Ref, cls: Value, content: ClassObject,
                    arguments: Arguments) -> None:  # fmt: skip
    fields = content.dataclass_fields or ()
    given = {**dict(zip(fields, arguments.args, strict=False)), **dict(arguments.kwargs)}
    for name in fields:
        value = given.get(name)
        if value is None:
            default = objects.find_in_class(machine, cls, name)
            if isinstance(default, FieldDefault):
                value = calls.call(machine, frame, node, default.factory, Arguments()) if default.factory else default.value
            else:
                value = default
        if arguments.open:
            value = Unknown("unknown argument") if value is None else machine.join([value, Unknown("unknown argument")])
        machine.store.set_cell(instance.address, name, value or Unknown("field without a value"))
    after = objects.find_in_class(machine, cls, "__post_init__")
    if isinstance(after, Function):
        calls.call(machine, frame, node, BoundMethod(instance, after), Arguments())


@dataclass(frozen=True, slots=True)
class FieldDefault(Value):
    """``dataclasses.field(default=..., default_factory=...)``."""

    value: Value | None
    factory: Value | None


# named tuples


def _named_tuple(machine: Machine, content: ClassObject, cls: Value, arguments: Arguments) -> Value:
    fields = content.dataclass_fields or ()
    given = {**dict(zip(fields, arguments.args, strict=False)), **dict(arguments.kwargs)}
    values = tuple(given.get(f) or objects.find_in_class(machine, cls, f) or Unknown("field") for f in fields)
    return Tuple(values, f"{content.name}", fields)


def subclass_of(machine: Machine, cls: Value, wanted: Value) -> bool | None:
    """``issubclass``; None when not known."""
    content = machine.content(cls)
    if isinstance(content, ClassObject):
        if wanted in content.mro:
            return True
        if isinstance(wanted, LibRef):
            if wanted == objects.MODULE_CLASS and content.is_module:
                return True
            return None if any(isinstance(b, (LibRef, Unknown)) for b in content.mro) else False
        if isinstance(wanted, Builtin):
            kinds = [enums.derives_from(b.path, wanted.name) for b in content.mro if isinstance(b, LibRef) and b != objects.MODULE_CLASS]
            if any(kinds):
                return True
            return False if None not in kinds and all(isinstance(b, (Ref, LibRef)) for b in content.mro) else None
        return None if any(isinstance(b, Unknown) for b in content.mro) else False
    return None


__all__ = ["FAILED", "NONE", "Const", "DictObject", "ListObject", "define", "instantiate", "linearise"]
