"""``isinstance`` with the abstract classes of ``collections.abc``, ``typing`` and ``numbers``: what a value can do."""

from __future__ import annotations

from collections.abc import Mapping

from tensorls.domain.objects import (
    ClassObject,
    DictObject,
    GeneratorObject,
    Instance,
    LibObject,
    ListObject,
    TensorObject,
)  # fmt: skip
from tensorls.domain.values import BoundMethod, Builtin, Const, Function, NativeMethod, Partial, RangeValue, Scalar, SymInt, Tuple, Value
from tensorls.interp import objects
from tensorls.interp.machine import Machine

_PREFIXES = ("collections.abc.", "typing.", "numbers.")
_COLLECTION = frozenset({"Collection", "Sized", "Iterable", "Container"})
_SEQUENCE = _COLLECTION | {"Sequence", "Reversible"}
_MAPPING = _COLLECTION | {"Mapping", "MutableMapping", "Reversible"}
_NUMBERS: Mapping[str, frozenset[str]] = {
    "int": frozenset({"Number", "Complex", "Real", "Rational", "Integral", "Hashable"}),
    "bool": frozenset({"Number", "Complex", "Real", "Rational", "Integral", "Hashable"}),
    "float": frozenset({"Number", "Complex", "Real", "Hashable"}),
    "complex": frozenset({"Number", "Complex", "Hashable"}),
    "str": _SEQUENCE | {"Hashable"},
    "bytes": _SEQUENCE | {"Hashable", "ByteString", "Buffer"},
    "NoneType": frozenset({"Hashable"}),
}
_LISTS: Mapping[str, frozenset[str]] = {
    "list": _SEQUENCE | {"MutableSequence"},
    "deque": _SEQUENCE | {"MutableSequence"},
    "set": _COLLECTION | {"Set", "AbstractSet", "MutableSet"},
}
_METHODS: Mapping[str, str] = {"Iterable": "iter", "Sized": "len", "Callable": "call", "Iterator": "next", "Container": "contains"}
#: Everything that is known here by name; of any other abstract class nothing is said.
_NAMES = frozenset().union(_MAPPING, *_NUMBERS.values(), *_LISTS.values(), {"Callable", "Iterator", "Generator"})


def is_instance(machine: Machine, value: Value, path: str) -> bool | None:
    """Whether a value is an instance of an abstract class by its dotted path; None when that is not known."""
    prefix = next((p for p in _PREFIXES if path.startswith(p)), None)
    name = path.removeprefix(prefix) if prefix is not None else ""
    if name not in _NAMES:
        return None
    content = machine.content(value)
    if isinstance(content, Instance):
        method = _METHODS.get(name)
        found = objects.find_in_class(machine, content.cls, f"__{method}__") if method is not None else None
        return True if isinstance(found, Function) else None
    able = _abilities(value, content)
    return None if able is None else name in able


def _abilities(value: Value, content: object) -> frozenset[str] | None:
    if isinstance(value, (Const, Scalar, SymInt)):
        kind = value.kind if isinstance(value, Scalar) else "int" if isinstance(value, SymInt) else type(value.value).__name__
        return _NUMBERS.get(kind)
    if isinstance(value, RangeValue):
        return _SEQUENCE | {"Hashable"}
    if isinstance(value, Tuple) and value.kind == "tuple":
        return _SEQUENCE | ({"Hashable"} if all(isinstance(v, Const) for v in value.items) else set())
    if isinstance(value, Tuple):
        return _SEQUENCE | {"Hashable"}
    if isinstance(value, (Function, BoundMethod, NativeMethod, Partial, Builtin)) or isinstance(content, ClassObject):
        return frozenset({"Callable", "Hashable"}) if not isinstance(content, ClassObject) else None
    if isinstance(content, ListObject):
        return _LISTS.get(content.kind)
    if isinstance(content, DictObject):
        return _MAPPING
    if isinstance(content, GeneratorObject):
        return None
    if isinstance(content, TensorObject) and content.meta.type in ("Tensor", "Parameter", "ndarray"):
        return _COLLECTION | ({"Hashable"} if content.meta.library == "torch" else set())
    if isinstance(content, LibObject) and content.is_module and content.children is None:
        return frozenset({"Callable", "Hashable"})
    return None
