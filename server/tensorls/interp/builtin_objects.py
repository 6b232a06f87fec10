"""Builtins about objects and classes: ``isinstance``, ``getattr``, ``super``, ``property`` ..."""

from __future__ import annotations

import ast
import builtins as python
from collections.abc import Callable, Mapping
from types import NoneType

from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import EITHER
from tensorls.domain.values import (
    FALSE,
    NONE,
    TRUE,
    Arguments,
    BoundMethod,
    Builtin,
    Const,
    Descriptor,
    Function,
    LibRef,
    NativeMethod,
    Partial,
    RangeValue,
    Ref,
    Scalar,
    SliceValue,
    SuperValue,
    Tuple,
    Union,
    Unknown,
    Value,
)  # fmt: skip
from tensorls.interp import abstract_classes, classes, namespaces, objects
from tensorls.interp.frames import Frame
from tensorls.interp.library import is_library
from tensorls.interp.machine import Machine
from tensorls.interp.operators import scalar_kind
from tensorls.oracle.question import Question, Raised, Returned

Handler = Callable[[Machine, Frame, ast.AST, Arguments], Value]


def _isinstance(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) != 2:
        return Scalar("bool")

    def one(values: tuple[Value, ...]) -> Value:
        verdict = is_instance(machine, values[0], a.args[1])
        return Scalar("bool") if verdict is None else Const(verdict)

    return machine.alternatives(frame, a.args[:1], one)


_CLASS_NAMES = {"int", "float", "bool", "str", "complex", "bytes", "list", "tuple", "dict", "set", "slice", "range"}


def is_instance(machine: Machine, value: Value, wanted: Value) -> bool | None:
    """``isinstance(value, wanted)``; None when not known."""
    if isinstance(wanted, Tuple):
        verdicts = [is_instance(machine, value, w) for w in wanted.items]
        return True if True in verdicts else None if None in verdicts else False
    if isinstance(value, (Unknown, Union)):
        return None
    content = machine.content(value)
    kind = scalar_kind(value)
    if isinstance(wanted, Builtin) and wanted.name in _CLASS_NAMES:
        if kind == "number" and wanted.name in ("int", "float"):
            return None
        if kind is not None:
            return kind == wanted.name or (kind == "bool" and wanted.name == "int")
        if isinstance(value, Tuple):
            return wanted.name == "tuple"
        if isinstance(content, ListObject):
            return content.kind == wanted.name
        if isinstance(content, DictObject):
            return wanted.name == "dict"
        if isinstance(content, TensorObject):
            scalar = content.meta.library == "numpy" and wanted.name == "float"
            return None if scalar and content.meta.type in (EITHER, "generic") else scalar and content.meta.type == "float64"
        if isinstance(content, Instance):
            return classes.subclass_of(machine, content.cls, wanted)
        if isinstance(value, (SliceValue, RangeValue)):
            return wanted.name == ("slice" if isinstance(value, SliceValue) else "range")
        return False if content is not None or _is_code(machine, value) else None
    if isinstance(wanted, Builtin) and wanted.name == "object":
        return True
    if wanted == Builtin("type") and _is_class(machine, value) is not None:
        return _is_class(machine, value)
    if wanted == LibRef("functools.partial"):
        return isinstance(value, Partial) if content is not None or kind or _is_code(machine, value) else None
    if wanted in (LibRef("types.FunctionType"), LibRef("types.LambdaType")):
        if isinstance(value, LibRef):
            return False if _is_class(machine, value) else None  # one of a library may be written in Python or not
        return isinstance(value, Function) if content is not None or kind or _is_code(machine, value) else None
    abstract = abstract_classes.is_instance(machine, value, wanted.path) if isinstance(wanted, LibRef) else None
    if abstract is not None:
        return abstract
    if isinstance(content, Instance):
        return classes.subclass_of(machine, content.cls, wanted)
    if isinstance(wanted, LibRef):
        return _is_library_instance(machine, value, wanted.path)
    if isinstance(machine.content(wanted), ClassObject):
        return False if isinstance(content, (TensorObject, ListObject, DictObject, LibObject)) or kind is not None else None
    return None


def _is_code(machine: Machine, value: Value) -> bool:
    """Whether a value is certainly a function, a method or a class."""
    if isinstance(value, LibRef):
        return is_library(value) and machine.oracle.describe(value.path).kind in ("class", "function")
    return isinstance(value, (Function, BoundMethod, Builtin, NativeMethod, Partial, Descriptor)) or _is_class(machine, value) is True


def _is_class(machine: Machine, value: Value) -> bool | None:
    if isinstance(value, LibRef):
        return machine.oracle.describe(value.path).kind == "class" if is_library(value) else None
    if isinstance(value, Builtin):
        return isinstance(getattr(python, value.name, None), type)
    if isinstance(machine.content(value), ClassObject):
        return True
    return (
        False if machine.content(value) is not None or scalar_kind(value) or isinstance(value, (Function, BoundMethod, Partial)) else None
    )


def _is_library_instance(machine: Machine, value: Value, path: str) -> bool | None:
    content = machine.content(value)
    if isinstance(content, TensorObject):
        if path == "torch.Tensor":
            return content.meta.library == "torch"
        if path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
            return content.meta.type == "Parameter"
        if path == "numpy.ndarray":
            arrays = content.meta.library == "numpy" and content.meta.type in ("ndarray", "MaskedArray", "matrix")
            return None if content.meta.type == EITHER else arrays
        return False if machine.oracle.describe(path).is_nn_module else None
    if isinstance(content, LibObject) and content.is_module:
        if path == "torch.nn.Module" or path == content.path:
            return True
        described = machine.oracle.describe(content.path)
        mro = getattr(described, "mro", ())
        return path in mro or getattr(machine.oracle.describe(path), "name", None) in mro if mro else None
    if path in ("torch.Tensor", "numpy.ndarray", "torch.nn.Module") and (
        isinstance(content, (ListObject, DictObject, ClassObject)) or isinstance(value, (Tuple, Function)) or scalar_kind(value)
    ):
        return False
    return None


def _getattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) >= 2 and isinstance(a.args[1], Const) and isinstance(a.args[1].value, str):
        name = a.args[1].value
        if len(a.args) == 2:
            return objects.get_attribute(machine, frame, node, a.args[0], name)
        content = machine.content(a.args[0])
        if isinstance(content, Instance) and isinstance(a.args[0], Ref) and not objects.is_module(machine, a.args[0]):
            found = machine.store.cell(a.args[0].address, name) or objects.find_in_class(machine, content.cls, name)
            return a.args[2] if found is None else objects.get_attribute(machine, frame, node, a.args[0], name)
        has = _hasattr(machine, frame, node, Arguments(a.args[:2]))
        if isinstance(has, Const):
            return objects.get_attribute(machine, frame, node, a.args[0], name) if has.value else a.args[2]
    return Unknown("getattr")


def _setattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 3 and isinstance(a.args[1], Const) and isinstance(a.args[1].value, str):
        objects.set_attribute(machine, frame, node, a.args[0], a.args[1].value, a.args[2])
    return NONE


def _delattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 2 and isinstance(a.args[1], Const) and isinstance(a.args[1].value, str):
        objects.delete_attribute(machine, a.args[0], a.args[1].value)
    return NONE


def _hasattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) != 2:
        return Scalar("bool")
    return machine.alternatives(frame, a.args, lambda v: _has(machine, v[0], v[1]))


def _has(machine: Machine, value: Value, attribute: Value) -> Value:
    content = machine.content(value)
    name = attribute.value if isinstance(attribute, Const) else None
    if isinstance(value, LibRef) and name is not None and is_library(value):
        return Const(machine.oracle.describe(f"{value.path}.{name}").kind != "missing")
    if isinstance(content, (TensorObject, LibObject)) and isinstance(name, str):
        return _library_object_has(machine, value, content, name)
    if isinstance(content, Instance) and isinstance(value, Ref) and isinstance(name, str):
        return _instance_has(machine, value, content, name)
    return Scalar("bool")


def _instance_has(machine: Machine, value: Ref, content: Instance, name: str) -> Value:
    if machine.store.is_doubtful(value.address, name):
        return Scalar("bool")
    declared = objects.find_in_class(machine, content.cls, name)
    if machine.store.cell(value.address, name) is not None or not isinstance(declared, (NoneType, LibRef, Unknown)):
        return TRUE
    if isinstance(objects.find_in_class(machine, content.cls, "__getattr__"), Function):
        return Scalar("bool")
    cls = machine.content(content.cls)
    bases = cls.mro if isinstance(cls, ClassObject) else (Unknown(),)
    if all(isinstance(b, Ref) or b == objects.MODULE_CLASS for b in bases):
        inherited = objects.MODULE_CLASS in bases and machine.oracle.describe(f"torch.nn.Module.{name}").kind != "missing"
        return TRUE if inherited else FALSE
    return Scalar("bool")


def _super(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 2:
        return SuperValue(a.args[0], a.args[1])
    if frame.function is not None and frame.function.owner is not None and frame.receiver is not None:
        return SuperValue(frame.function.owner, frame.receiver)
    return Unknown("super")


def _type(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    content = machine.content(a.args[0]) if len(a.args) == 1 else None
    if isinstance(content, Instance):
        return content.cls
    if isinstance(content, LibObject) and content.is_module:
        return LibRef(content.path)
    if isinstance(content, TensorObject) and content.meta.type in ("Tensor", "ndarray"):
        return LibRef(f"{content.meta.library}.{content.meta.type}")
    kind = scalar_kind(a.args[0]) if len(a.args) == 1 else None
    return Builtin(kind) if kind else Unknown("type")


def _library_object_has(machine: Machine, value: Value, content: TensorObject | LibObject, name: str) -> Value:
    if isinstance(content, TensorObject):
        path = "torch.Tensor" if content.meta.library == "torch" else f"numpy.{content.meta.type.split()[0]}"
        return Const(machine.oracle.describe(f"{path}.{name}").kind != "missing")
    if isinstance(value, Ref) and machine.store.cell(value.address, name) is not None:
        return TRUE
    if content.is_module and content.recipe is not None:
        answer = machine.oracle.ask(Question(f"getattr:{name}", (content.recipe,)))  # type: ignore[arg-type]
        if isinstance(answer, (Returned, Raised)):
            return Const(isinstance(answer, Returned))
    return Scalar("bool")


def _descriptor(kind: str) -> Handler:
    def make(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        return Descriptor(kind, a.args[0]) if a.args else Unknown(kind)

    return make


def _callable(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    value = a.args[0] if a.args else NONE
    content = machine.content(value)
    if isinstance(value, (Function, BoundMethod, Builtin, NativeMethod, Partial)) or objects.is_module(machine, value):
        return TRUE
    if isinstance(content, Instance):
        return TRUE if objects.special(machine, value, "call") is not None else Scalar("bool")
    if isinstance(content, (TensorObject, ListObject, DictObject)):
        return FALSE
    if isinstance(content, ClassObject) or (
        isinstance(value, LibRef) and is_library(value) and machine.oracle.describe(value.path).kind in ("class", "function")
    ):
        return TRUE
    return FALSE if scalar_kind(value) or isinstance(value, Tuple) or value == NONE else Scalar("bool")


def _locals(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return namespaces.of_function(machine, frame) if not a.args else Unknown("vars")


HANDLERS: Mapping[str, Handler] = {
    "locals": _locals,
    "vars": _locals,
    "isinstance": _isinstance,
    "getattr": _getattr,
    "setattr": _setattr,
    "delattr": _delattr,
    "hasattr": _hasattr,
    "super": _super,
    "type": _type,
    "property": _descriptor("property"),
    "callable": _callable,
    "staticmethod": _descriptor("staticmethod"),
    "classmethod": _descriptor("classmethod"),
}
