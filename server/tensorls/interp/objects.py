"""Attributes, iteration and the special methods of user classes."""

from __future__ import annotations

import ast

from tensorls.domain.objects import (
    ClassObject,
    DictObject,
    GeneratorObject,
    Instance,
    LibObject,
    ListObject,
    ModuleObject,
    TensorObject,
)  # fmt: skip
from tensorls.domain.values import (
    Arguments,
    BoundMethod,
    Const,
    Descriptor,
    DeviceValue,
    Function,
    Lazy,
    LibRef,
    NativeMethod,
    Parameter,
    Partial,
    RangeValue,
    Ref,
    Scalar,
    SliceValue,
    SuperValue,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    why,
)  # fmt: skip
from tensorls.interp import assumptions, calls, imports, namespaces, nncontainers, nnderived, nnmodules, tensors
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import enums, torch_objects
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure
from tensorls.source.parsing import PLACEHOLDER

MODULE_CLASS = LibRef("torch.nn.Module")
EMPTY_BASES = frozenset({"abc.ABC", "typing.Generic", "typing.Protocol", "builtins.object"})  # that give their classes nothing


# attributes


def get_attribute(machine: Machine, frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    """``value.name``."""
    return machine.alternatives(frame, (value,), lambda v: _get(machine, frame, node, v[0], name))


def _get(machine: Machine, frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    if is_failure(value):
        return FAILED
    if name == PLACEHOLDER:  # ``x.`` while the name is being typed
        return Unknown("not typed yet")
    content = machine.content(value)
    if name == "module" and isinstance(value, Ref) and machine.store.cell(value.address, torch_objects.WRAPPED) is not None:
        return value
    if isinstance(content, TensorObject) and isinstance(value, Ref):
        return tensors.attribute(machine, frame, node, value, content, name)
    if isinstance(content, Instance) and isinstance(value, Ref):
        return _instance_attribute(machine, frame, node, value, content, name)
    if isinstance(content, ClassObject):
        return _class_attribute(machine, frame, node, value, content, name)
    if isinstance(content, LibObject) and isinstance(value, Ref):
        return calls.library_attribute(machine, frame, node, value, content, name)
    if isinstance(content, ModuleObject) and isinstance(value, Ref):
        return _module_member(machine, frame, value, content, name)
    if isinstance(content, (ListObject, DictObject, GeneratorObject)):
        return NativeMethod(value, name)
    if isinstance(value, LibRef) and name in ("__name__", "__qualname__"):
        return Const(value.path.rpartition(".")[2])
    if isinstance(value, LibRef):
        return calls.library_name(machine, f"{value.path}.{name}")
    if isinstance(value, SuperValue):
        return _super_attribute(machine, value, name)
    if isinstance(value, Tuple):
        if name in value.fields:
            return value.items[value.fields.index(name)]
        return NativeMethod(value, name)
    if isinstance(value, DeviceValue):
        return tensors.device_attribute(value, name)
    if isinstance(value, (Const, Scalar, SymInt)):
        return NativeMethod(value, name)
    if isinstance(value, (SliceValue, RangeValue)) and name in ("start", "stop", "step"):
        found = getattr(value, name)
        assert isinstance(found, Value)
        return found
    if isinstance(value, Function) and name in ("__name__", "__qualname__", "__wrapped__"):
        if name == "__wrapped__":
            return value.wraps or Unknown("no wrapped function")
        return Const(value.name) if value.wraps is None and name == "__name__" else Scalar("str")
    if isinstance(value, (Function, BoundMethod)) and name in ("__name__", "__doc__"):
        return Scalar("str")
    if isinstance(value, Partial) and name == "func":
        return value.function
    if namespaces.owner(value) is not None:
        return NativeMethod(value, name)
    if isinstance(value, Descriptor) and name in ("setter", "getter", "deleter"):
        return NativeMethod(value, name)
    if isinstance(value, Parameter):
        return assumptions.attribute(machine, frame, value, name)
    return Unknown(why(f"unknown attribute {name}", value))


def _module_member(machine: Machine, frame: Frame, ref: Ref, content: ModuleObject, name: str) -> Value:
    if name == "__dict__":
        return namespaces.of(machine, ref)
    found = machine.store.cell(ref.address, name)
    if isinstance(found, Lazy):
        found = imports.force(machine, frame, found)
        with machine.store.permanent():
            machine.store.set_cell(ref.address, name, found)
    return found or calls.submodule(machine, frame, content, name)


def set_attribute(machine: Machine, frame: Frame, node: ast.AST, target: Value, name: str, value: Value) -> None:
    """``target.name = value``."""
    if isinstance(target, Union):
        for member in target.members:  # one of them is changed: each may keep what it had
            old = _get(machine, frame, node, member, name) if isinstance(machine.content(member), Instance) else None
            set_attribute(machine, frame, node, member, name, machine.join([old, value]) if old is not None else value)
        return
    content = machine.content(target)
    if isinstance(target, LibRef):
        machine.replace_name(f"{target.path}.{name}", value)
    if not isinstance(target, Ref):
        return
    if isinstance(content, LibObject) and content.recipe is not None and content.is_module:
        nnmodules.replace_attribute(machine, frame, node, target, content, name, value)
    if isinstance(content, TensorObject):
        tensors.set_attribute(machine, frame, node, target, content, name, value)
        return
    if isinstance(content, Instance):
        setter = find_in_class(machine, content.cls, f"{name}.setter")
        if isinstance(setter, Function):
            calls.call(machine, frame, node, BoundMethod(target, setter), Arguments((value,)))
            return
        base = nnderived.base_of(machine, target)
        if base is not None:
            nnmodules.replace_attribute(machine, frame, node, base[0], base[1], name, value)
    if isinstance(content, LibObject) and content.path in nncontainers.KINDS and is_module(machine, value):
        nncontainers.set_item(machine, target, Const(name), value)
        return
    machine.store.set_cell(target.address, name, value)


def delete_attribute(machine: Machine, target: Value, name: str) -> None:
    """``del target.name``."""
    if isinstance(target, Ref):
        machine.store.delete_cell(target.address, name)


def find_in_class(machine: Machine, cls: Value, name: str, after: Value | None = None) -> Value | None:
    """A class attribute by method resolution order (after ``after``, for ``super()``); LibRef for a library's own."""
    content = machine.content(cls)
    if not isinstance(content, ClassObject):
        return None
    mro = content.mro
    if after is not None and after in mro:
        mro = mro[mro.index(after) + 1 :]
    for position, base in enumerate(mro):
        if isinstance(base, Ref):
            found = machine.store.cell(base.address, name)
            if found is not None:
                return found
        elif isinstance(base, LibRef) and base.path in EMPTY_BASES:
            continue
        elif isinstance(base, LibRef):
            mixed_in = any(isinstance(b, Ref) and machine.store.cell(b.address, name) is not None for b in mro[position:])
            if not mixed_in or machine.oracle.describe(f"{base.path}.{name}").kind not in ("missing",):
                return LibRef(f"{base.path}.{name}")
        else:
            return Unknown("unknown base class")
    return None


def overridden(machine: Machine, value: Value, name: str) -> Value | None:
    """A method that the user's class defines in place of the library's, bound to the instance."""
    content = machine.content(value)
    found = find_in_class(machine, content.cls, name) if isinstance(content, Instance) else None
    return BoundMethod(value, found) if isinstance(found, Function) else None


def _instance_attribute(machine: Machine, frame: Frame, node: ast.AST, value: Ref, content: Instance, name: str) -> Value:
    found = machine.store.cell(value.address, name)
    if found is not None:
        return found
    if name == "__class__":
        return content.cls
    if name == "__dict__":
        return namespaces.of(machine, value)
    attribute = find_in_class(machine, content.cls, name)
    if attribute is None or isinstance(attribute, LibRef):
        fallback = find_in_class(machine, content.cls, "__getattr__")
        if isinstance(fallback, Function):
            return calls.call(machine, frame, node, BoundMethod(value, fallback), Arguments((Const(name),)))
        if isinstance(attribute, LibRef) and is_module(machine, value):
            inherited = nnderived.attribute(machine, frame, node, value, name)
            return calls.module_attribute(machine, value, name) if inherited is None else inherited
        return Unknown(f"no attribute {name} is known")
    return bind(machine, frame, node, attribute, value, content.cls)


def bind(machine: Machine, frame: Frame, node: ast.AST, attribute: Value, receiver: Value, cls: Value) -> Value:
    """The descriptor protocol: functions become methods, properties are called."""
    if isinstance(attribute, Descriptor) and attribute.kind == "contextmanager":
        return Descriptor("contextmanager", BoundMethod(receiver, attribute.function))
    if isinstance(attribute, Descriptor):
        if attribute.kind in ("property", "cached_property"):
            return calls.call(machine, frame, node, BoundMethod(receiver, attribute.function), Arguments())
        if attribute.kind == "classmethod":
            return BoundMethod(cls, attribute.function)
        return attribute.function
    if isinstance(attribute, Function):
        return BoundMethod(receiver, attribute)
    return attribute


def _class_attribute(machine: Machine, frame: Frame, node: ast.AST, value: Value, content: ClassObject, name: str) -> Value:
    if name == "__name__":
        return Const(content.name)
    if name == "__members__" and enums.members(machine, value) is not None:
        return enums.table(machine, value)
    found = find_in_class(machine, value, name)
    if found == LibRef("torch.autograd.Function.apply"):
        return NativeMethod(value, name)
    if isinstance(found, Descriptor):
        if found.kind == "classmethod":
            return BoundMethod(value, found.function)
        return found.function if found.kind == "staticmethod" else Unknown("property of a class")
    return found if found is not None else Unknown(f"no attribute {name} is known")


def _super_attribute(machine: Machine, value: SuperValue, name: str) -> Value:
    content = machine.content(value.receiver)
    if isinstance(content, ClassObject) and isinstance(value.receiver, Ref):
        creating = machine.store.cell(value.receiver.address, "#creating")
        if creating is not None and name == "__new__":
            return NativeMethod(creating, "type.__new__")
        if value.owner not in content.mro:  # in a metaclass
            return NativeMethod(value.receiver, "type.__new__") if name == "__init__" else Unknown("attribute of a metaclass")
    cls = content.cls if isinstance(content, Instance) else value.receiver
    found = find_in_class(machine, cls, name, after=value.owner)
    if isinstance(found, Function):
        return BoundMethod(value.receiver, found)
    if isinstance(found, Descriptor):
        return BoundMethod(cls if found.kind == "classmethod" else value.receiver, found.function)
    if isinstance(found, LibRef) and is_module(machine, value.receiver):
        return calls.module_attribute(machine, value.receiver, name)
    if name in ("__init__", "__init_subclass__", "__setattr__", "__post_init__"):
        return NativeMethod(value.receiver, "object.__init__")
    return found if found is not None and not isinstance(found, LibRef) else Unknown("unknown base class")


def is_module(machine: Machine, value: Value) -> bool:
    """Whether a value is a torch.nn.Module: the user's or the library's."""
    content = machine.content(value)
    if isinstance(content, LibObject):
        return content.is_module
    if isinstance(content, Instance):
        cls = machine.content(content.cls)
        return isinstance(cls, ClassObject) and cls.is_module
    return False


def instance_truth(machine: Machine, value: Value) -> bool | None:
    """Truth of an object: true unless its class says otherwise."""
    content = machine.content(value)
    if isinstance(content, LibObject) and content.path == "collections.Counter":
        return None
    if isinstance(content, LibObject) and nncontainers.kind(machine, value) is None:
        return True
    if isinstance(content, Instance):
        if any(isinstance(find_in_class(machine, content.cls, n), Function) for n in ("__bool__", "__len__")):
            return None
        if nncontainers.kind(machine, value) is None:
            return True
    held = nncontainers.children(machine, value)
    return None if held is None else len(held) > 0


# special methods

_REFLECTED = {"add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"}
_SWAPPED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


def special(machine: Machine, value: Value, name: str) -> Value | None:
    """A user class's special method bound to the instance."""
    content = machine.content(value)
    if not isinstance(content, Instance):
        return None
    found = find_in_class(machine, content.cls, f"__{name}__")
    return BoundMethod(value, found) if isinstance(found, Function) else None


def dunder_binary(machine: Machine, frame: Frame, node: ast.AST, name: str, left: Value, right: Value,
                  in_place: bool) -> Value | None:  # fmt: skip
    """The result of a user class's operator method; None when neither side has one."""
    method = special(machine, left, f"i{name}") if in_place else None
    method = method or special(machine, left, name)
    if method is not None:
        return calls.call(machine, frame, node, method, Arguments((right,)))
    reflected = f"r{name}" if name in _REFLECTED else _SWAPPED.get(name)
    method = special(machine, right, reflected) if reflected else None
    return calls.call(machine, frame, node, method, Arguments((left,))) if method is not None else None


def dunder_unary(machine: Machine, frame: Frame, node: ast.AST, name: str, value: Value) -> Value | None:
    """The result of a user class's unary operator method."""
    method = special(machine, value, name)
    return calls.call(machine, frame, node, method, Arguments()) if method is not None else None
