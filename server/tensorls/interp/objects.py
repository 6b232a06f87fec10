"""Attributes, iteration and the special methods of user classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tensorls.domain.dims import symbol
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
    NONE,
    Arguments,
    BoundMethod,
    Const,
    Descriptor,
    DeviceValue,
    Function,
    Lazy,
    LibRef,
    NativeMethod,
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
    as_dim,
    int_value,
    why,
)  # fmt: skip
from tensorls.interp import calls, imports, nnmodules, tensors
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import datasets
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure
from tensorls.source.parsing import PLACEHOLDER

MODULE_CLASS = LibRef("torch.nn.Module")


@dataclass(frozen=True, slots=True)
class Items:
    """What iterating gives: exact ``items``, or None with ``element`` standing for any one."""

    items: tuple[Value, ...] | None
    element: Value = Unknown("unknown element")


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
    if isinstance(value, (Function, BoundMethod)) and name in ("__name__", "__doc__"):
        return Scalar("str")
    if isinstance(value, Partial) and name == "func":
        return value.function
    if isinstance(value, Descriptor) and name in ("setter", "getter", "deleter"):
        return NativeMethod(value, name)
    return Unknown(why(f"unknown attribute {name}", value))


def _module_member(machine: Machine, frame: Frame, ref: Ref, content: ModuleObject, name: str) -> Value:
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
        machine.patched.add(f"{target.path}.{name}")
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
    for base in mro:
        if isinstance(base, Ref):
            found = machine.store.cell(base.address, name)
            if found is not None:
                return found
        elif isinstance(base, LibRef):
            return LibRef(f"{base.path}.{name}")
        else:
            return Unknown("unknown base class")
    return None


def _instance_attribute(machine: Machine, frame: Frame, node: ast.AST, value: Ref, content: Instance, name: str) -> Value:
    found = machine.store.cell(value.address, name)
    if found is not None:
        return found
    if name == "__class__":
        return content.cls
    if name == "__dict__":
        return Unknown("__dict__")
    attribute = find_in_class(machine, content.cls, name)
    if attribute is None or isinstance(attribute, LibRef):
        fallback = find_in_class(machine, content.cls, "__getattr__")
        if isinstance(fallback, Function):
            return calls.call(machine, frame, node, BoundMethod(value, fallback), Arguments((Const(name),)))
        if isinstance(attribute, LibRef) and is_module(machine, value):
            return calls.module_attribute(machine, value, name)
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
    found = find_in_class(machine, value, name)
    if isinstance(found, Descriptor):
        if found.kind == "classmethod":
            return BoundMethod(value, found.function)
        return found.function if found.kind == "staticmethod" else Unknown("property of a class")
    return found if found is not None else Unknown(f"no attribute {name} is known")


def _super_attribute(machine: Machine, value: SuperValue, name: str) -> Value:
    content = machine.content(value.receiver)
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
    if isinstance(content, LibObject):
        return len(content.children) > 0 if content.children is not None else True
    if isinstance(content, Instance):
        if any(isinstance(find_in_class(machine, content.cls, n), Function) for n in ("__bool__", "__len__")):
            return None
        return True
    return None


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


# iteration


def iterate(machine: Machine, value: Value, frame: Frame | None = None, node: ast.AST | None = None) -> Items:
    """What a ``for`` loop over the value sees."""
    if isinstance(value, Union):
        found = [iterate(machine, v, frame, node) for v in value.members]
        exact = [f.items for f in found]
        first = exact[0]
        if first is not None and all(e is not None and len(e) == len(first) for e in exact):
            rows = [e for e in exact if e is not None]
            return Items(tuple(machine.join(column) for column in zip(*rows, strict=True)))
        return Items(None, machine.join([any_item(machine, f) for f in found]))
    if isinstance(value, Tuple):
        return Items(value.items)
    if isinstance(value, Const) and isinstance(value.value, str):
        return Items(tuple(Const(c) for c in value.value)) if len(value.value) <= machine.limits.items else Items(None, Scalar("str"))
    if isinstance(value, RangeValue):
        return _range(machine, value)
    content = machine.content(value)
    if isinstance(content, (ListObject, GeneratorObject)):
        return Items(content.items, content.element)
    if isinstance(content, DictObject):
        if content.rest is None:
            return Items(tuple(content.entries))
        return Items(None, machine.join([*content.entries, Unknown("unknown key")]))
    if isinstance(content, TensorObject) and frame is not None and node is not None:
        return tensors.iterate(machine, frame, node, value, content)
    if isinstance(content, LibObject):
        if content.children is not None:
            keys = content.path == "torch.nn.ModuleDict"
            return Items(tuple(Const(k) if keys else v for k, v in content.children))
        if content.path == datasets.LOADER and frame is not None and node is not None and isinstance(value, Ref):
            return Items(None, datasets.batch(machine, frame, node, value))
        if content.path.startswith("torch.utils.data.") and frame is not None and node is not None:
            return Items(None, datasets.item(machine, frame, node, value))
        return Items(None, Unknown(f"elements of {content.path}"))
    if isinstance(content, Instance) and frame is not None and node is not None:
        return _iterate_instance(machine, frame, node, value)
    return Items(None, FAILED if is_failure(value) else Unknown(why("unknown iterable", value)))


def any_item(machine: Machine, items: Items) -> Value:
    """Any one of the items."""
    return items.element if items.items is None else machine.joiner.all(items.items, Unknown("empty"))


def _range(machine: Machine, value: RangeValue) -> Items:
    bounds = [v.value for v in (value.start, value.stop, value.step) if isinstance(v, Const) and isinstance(v.value, int)]
    if len(bounds) == 3 and bounds[2] != 0:
        numbers = range(bounds[0], bounds[1], bounds[2])
        if len(numbers) <= machine.limits.items:
            return Items(tuple(Const(n) for n in numbers))
    return Items(None, machine.unknown_int())


def _iterate_instance(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> Items:
    method = special(machine, value, "iter")
    if method is not None:
        result = calls.call(machine, frame, node, method, Arguments())
        if result != value:
            return iterate(machine, result, frame, node)
        following = special(machine, value, "next")
        if following is not None:  # each call may change what the next one gives
            calls.call(machine, frame, node, following, Arguments())
            calls.call(machine, frame, node, following, Arguments())
        return Items(None, Unknown("iterator of a user class"))
    if nnmodules.is_sequence(machine, value):
        return Items(nnmodules.sequence_items(machine, value), Unknown("unknown modules"))
    method = special(machine, value, "getitem")
    if method is not None:
        return Items(None, calls.call(machine, frame, node, method, Arguments((machine.unknown_int(),))))
    return Items(None, Unknown("unknown iterable"))


def length(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> Value:
    """``len(value)``."""
    content = machine.content(value)
    if isinstance(content, TensorObject):
        shape = content.meta.shape
        return int_value(shape[0]) if shape else calls.operate_on(machine, frame, node, "builtins.len", value)
    if isinstance(content, LibObject) and content.path.startswith("torch.utils.data.") and content.path != datasets.LOADER:
        return datasets.length(machine, frame, node, value)
    method = special(machine, value, "len")
    if method is not None:
        return calls.call(machine, frame, node, method, Arguments())
    if isinstance(content, DictObject) and content.rest is not None:
        return machine.unknown_int()
    if isinstance(content, ListObject) and content.kind == "set":
        return machine.unknown_int()  # elements may be equal
    if isinstance(value, RangeValue):
        stop, start, step = as_dim(value.stop), as_dim(value.start), as_dim(value.step)
        if start == 0 and step == 1 and stop is not None:
            return int_value(stop)
    found = iterate(machine, value)
    return Const(len(found.items)) if found.items is not None else machine.unknown_int()


def unpack(machine: Machine, frame: Frame, node: ast.AST, value: Value, before: int, star: bool, after: int) -> list[Value]:
    """The values for the targets of an unpacking: ``before`` names, perhaps a star, ``after`` names."""
    wanted = before + after
    found = iterate(machine, value, frame, node)
    if found.items is not None:
        count = len(found.items)
        if (count < wanted) if star else (count != wanted):
            message = (
                f"not enough values to unpack (expected {'at least ' if star else ''}{wanted}, got {count})" if count < wanted
                else f"too many values to unpack (expected {wanted})"
            )  # fmt: skip
            if not isinstance(value, Unknown):
                machine.problem(frame, node, "failed", "unpack", "ValueError", message)
            return [FAILED] * (wanted + star)
        if not star:
            return list(found.items)
        middle = machine.store.new(ListObject(found.items[before : count - after]))
        return [*found.items[:before], middle, *found.items[count - after :]]
    result = [found.element] * wanted
    if star:
        result.insert(before, machine.store.new(ListObject(None, found.element)))
    return [_own(machine, v) for v in result]


def _own(machine: Machine, value: Value) -> Value:
    """An unknown integer of its own for each target: the elements of one sequence need not be equal."""
    return machine.unknown_int() if isinstance(value, SymInt) and any(True for _ in _hidden_names(value)) else value


def _hidden_names(value: SymInt) -> Iterator[str]:
    from tensorls.domain.dims import symbols

    yield from (s.name for s in symbols(value.expr) if s.hidden)


__all__ = ["MODULE_CLASS", "NONE", "Items", "get_attribute", "iterate", "set_attribute", "symbol", "unpack"]
