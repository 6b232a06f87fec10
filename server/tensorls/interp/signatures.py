"""What a value amounts to, whatever its address: two passes of a loop that end alike need no third."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from tensorls.domain.dims import Dim, is_hidden
from tensorls.domain.objects import (
    DictObject,
    GeneratorObject,
    HeapObject,
    LibObject,
    ListObject,
    TensorObject,
)  # fmt: skip
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import BoundMethod, Const, Ref, Scalar, SymInt, Tuple, Union, Unknown, Value
from tensorls.interp.store import Content, Store

DEPTH = 4
UNIFORM = 8  # items of a loop that may be taken for more of the same


def signature(store: Store, content: Content | None, depth: int = DEPTH) -> Hashable:
    """Equal for contents that nothing stated about a program can tell apart."""
    if isinstance(content, Value):
        return _value(store, content, depth)
    return None if content is None else _object(store, content, depth)


def _value(store: Store, value: Value, depth: int) -> Hashable:
    if isinstance(value, Ref):
        found = store.get(value.address)
        plain = isinstance(found, (TensorObject, ListObject, DictObject, GeneratorObject))
        return _object(store, found, depth - 1) if found is not None and plain and depth else value
    if isinstance(value, Tuple):
        return (value.kind, tuple(_value(store, v, depth) for v in value.items))
    if isinstance(value, Union):
        kinds = frozenset(_value(store, v, depth) for v in value.members)
        return next(iter(kinds)) if len(kinds) == 1 else kinds
    if isinstance(value, SymInt):
        return _dim(value.expr)
    if isinstance(value, BoundMethod):
        return ("bound", _value(store, value.receiver, depth), value.function)
    return "unknown" if isinstance(value, Unknown) else value.kind if isinstance(value, Scalar) else value


def _object(store: Store, found: HeapObject, depth: int) -> Hashable:
    if isinstance(found, TensorObject):
        return _meta(found.meta)
    if isinstance(found, (ListObject, GeneratorObject)):
        items = None if found.items is None else tuple(_value(store, v, depth) for v in found.items)
        first = getattr(found, "first", None)
        ahead = None if first is None else _value(store, first, depth)
        return ("list", items, None if items is not None else _value(store, found.element, depth), ahead, found.empty)
    if isinstance(found, DictObject):
        entries = tuple((k, _value(store, v, depth)) for k, v in found.entries.items())
        return ("dict", entries, None if found.rest is None else _value(store, found.rest, depth))
    if isinstance(found, LibObject):
        return (found.path, found.device, found.recipe, found.children)
    return type(found).__name__


def _meta(meta: TensorMeta) -> Hashable:
    shape = None if meta.shape is None else tuple(_dim(d) for d in meta.shape)
    return (meta.library, meta.type, shape, meta.dtype, meta.device, meta.requires_grad, meta.contiguous, meta.is_leaf)


def _dim(dim: Dim) -> Hashable:
    return "?" if is_hidden(dim) else dim


def alike(store: Store, items: Sequence[Value]) -> bool:
    """Whether one item stands for all of them: counters, or values that nothing tells apart."""

    def kind(value: Value) -> Hashable:
        if isinstance(value, Tuple):  # enumerate() pairs a counter with each
            return tuple(kind(v) for v in value.items)
        counter = isinstance(value, Const) and isinstance(value.value, int)
        return "counter" if counter else signature(store, value)

    return len({kind(v) for v in items}) == 1
