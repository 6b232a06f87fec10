"""Joining what different paths leave behind, losing no more than must be lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tensorls.domain.dims import Dim, Expr, Shape, is_hidden, symbol, symbols
from tensorls.domain.objects import (
    ClassObject,
    DictObject,
    GeneratorObject,
    HeapObject,
    Instance,
    LibObject,
    ListObject,
    TensorObject,
)  # fmt: skip
from tensorls.domain.tensor import EITHER, TensorMeta
from tensorls.domain.values import (
    Const,
    Parameter,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_dim,
    members,
)  # fmt: skip
from tensorls.interp.naming import Names
from tensorls.interp.store import Content, Store
from tensorls.oracle.question import Recipe

JOINED = "?j"  # names of sizes that a join made: they absorb whatever comes later
JOINED_INTEGER = "?ij"  # and of integers that may be negative


class Joiner:
    """Joins values and heap objects of one store."""

    def __init__(self, store: Store, limit: int) -> None:
        self._store = store
        self._limit = limit
        self.symbols_made = 0
        self.links: dict[int, set[int]] = {}  # tensors that may be the same object
        self.names = Names()

    @contextmanager
    def narrowed(self, limit: int) -> Iterator[None]:
        """Keep fewer alternatives for a while."""
        old, self._limit = self._limit, limit
        try:
            yield
        finally:
            self._limit = old

    def content(self, left: Content, right: Content) -> Content:
        """Join two cells or two states of one heap object."""
        if isinstance(left, Value) and isinstance(right, Value):
            return self.values(left, right)
        if isinstance(left, Value) or isinstance(right, Value):
            return Unknown("joined")
        return self.objects(left, right)

    def values(self, left: Value, right: Value) -> Value:
        """The value that is one or the other."""
        if left is right or left == right:
            return left
        if _failed(left) or _failed(right):
            return right if _failed(left) else left  # the path on which the operation failed ended there
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            unknown = left if isinstance(left, Unknown) else right
            return Unknown(unknown.reason) if isinstance(unknown, Parameter) else unknown  # no longer that parameter alone
        if isinstance(left, Tuple) and isinstance(right, Tuple):
            if len(left.items) == len(right.items) and left.kind == right.kind:
                joined = tuple(self.values(a, b) for a, b in zip(left.items, right.items, strict=True))
                return Tuple(joined, left.kind, left.fields)
        collapsed = self._collapse(left, right)
        if collapsed is not None:
            return collapsed
        alternatives: list[Value] = []
        for member in (*members(left), *members(right)):
            if not any(self._same(member, other) for other in alternatives):
                alternatives.append(member)
        alternatives = self._collapse_all(alternatives)
        if len(alternatives) == 1:
            return alternatives[0]
        if len(alternatives) <= self._limit:
            return Union(tuple(alternatives))
        return self._widen(alternatives)

    def _collapse_all(self, alternatives: list[Value]) -> list[Value]:
        kept: list[Value] = []
        for value in alternatives:
            for index, other in enumerate(kept):
                merged = self._collapse(other, value)
                if merged is not None:
                    kept[index] = merged
                    break
            else:
                kept.append(value)
        return kept

    def _collapse(self, left: Value, right: Value) -> Value | None:
        """Two tensors of which the same is known become one; a change to either is later a possible change to it."""
        if not (isinstance(left, Ref) and isinstance(right, Ref)):
            return None
        a, b = self._store.get(left.address), self._store.get(right.address)
        if not isinstance(a, TensorObject) or not isinstance(b, TensorObject) or alike(a.meta) != alike(b.meta):
            return None
        return self._linked(self.objects(a, b), [left, right])

    def _linked(self, merged: HeapObject, members: Iterable[Value]) -> Ref:
        """One object that may be any of these."""
        made = self._store.new(merged)
        for member in members:
            if isinstance(member, Ref):
                self.links.setdefault(member.address, set()).add(made.address)
                self.links.setdefault(made.address, set()).add(member.address)
        return made

    def any_of(self, what: TensorObject, tensors: Iterable[Value]) -> Value:
        """A tensor of which this much is known, that may be any of these: changing it may change them."""
        return self._linked(what, tensors)

    def _same(self, left: Value, right: Value) -> bool:
        """Whether the second adds nothing: equal, or an int beside an unknown int that came from a join."""
        if left == right:
            return True
        if isinstance(right, SymInt) and _is_joined(right.expr):
            return as_dim(left) is not None
        return isinstance(right, Scalar) and isinstance(left, Const) and type(left.value).__name__ == right.kind

    def _widen(self, alternatives: list[Value]) -> Value:
        """One value that covers them all."""
        if all(as_dim(a) is not None for a in alternatives):
            known = next((a for a in alternatives if isinstance(a, SymInt) and _is_joined(a.expr)), None)
            return known or SymInt(self._fresh(JOINED_INTEGER))
        kinds = {_scalar_kind(a) for a in alternatives}
        if len(kinds) == 1 and None not in kinds:
            return Scalar(str(next(iter(kinds))))
        objects = [self._store.get(a.address) if isinstance(a, Ref) else None for a in alternatives]
        found = [o for o in objects if o is not None]
        if len(found) == len(alternatives) and len({type(o) for o in found}) == 1:
            first = found[0]
            if isinstance(first, (TensorObject, ListObject, DictObject)):
                merged: HeapObject = first
                for other in found[1:]:
                    merged = self.objects(merged, other)
                if not isinstance(merged, TensorObject) or merged.meta.library in ("torch", "numpy"):
                    return self._linked(merged, alternatives) if isinstance(merged, TensorObject) else self._store.new(merged)
        return Unknown("differs between paths")

    def merged(self, value: Value) -> Value:
        """Of alternatives that are all tensors of one library, what they have in common."""
        if not isinstance(value, Union):
            return value
        found = [self._store.get(m.address) if isinstance(m, Ref) else None for m in value.members]
        tensors = [t for t in found if isinstance(t, TensorObject)]
        if len(tensors) < len(found) or len({t.meta.library for t in tensors}) > 1:
            return value
        result: HeapObject = tensors[0]
        for other in tensors[1:]:
            result = self.objects(result, other)
        return self._store.new(result)

    def objects(self, left: HeapObject, right: HeapObject) -> HeapObject:
        """Two states of one object."""
        if left == right:
            return left
        if isinstance(left, TensorObject) and isinstance(right, TensorObject):
            meta = self.metas(left.meta, right.meta)
            history = left.history if left.history == right.history else ()
            storage = left.storage if left.storage == right.storage else -1
            return TensorObject(meta, storage, left.leaves | right.leaves, history, left.owner)
        if isinstance(left, ListObject) and isinstance(right, ListObject):
            return self._lists(left, right)
        if isinstance(left, DictObject) and isinstance(right, DictObject):
            return self._dicts(left, right)
        if isinstance(left, GeneratorObject) and isinstance(right, GeneratorObject):
            return GeneratorObject(None, self.all((*(left.items or ()), *(right.items or ()), left.element, right.element)))
        if isinstance(left, (Instance, ClassObject)):
            return left
        if isinstance(left, LibObject) and isinstance(right, LibObject) and left.path == right.path:
            device = left.device if left.device == right.device else None
            children = left.children if left.children == right.children else None
            if (left.tensors, left.mode) != (right.tensors, right.mode):
                return LibObject(left.path, None, device, left.is_module, children)
            recipe = _common_recipe(left.recipe, right.recipe)
            return LibObject(left.path, recipe, device, left.is_module, children, left.tensors, left.mode)
        return left

    def all(self, values: tuple[Value, ...], default: Value | None = None) -> Value:
        """The join of several; unknowns that only stand for "nothing here" (no reason) are left out."""
        kept = [v for v in values if not (isinstance(v, Unknown) and not v.reason)]
        if not kept:
            return default or Unknown("nothing known")
        result = kept[0]
        for value in kept[1:]:
            result = self.values(result, value)
        return result

    def element(self, content: ListObject | GeneratorObject) -> Value:
        """Any one item."""
        if content.items is None:
            return content.element
        return self.all(content.items, Unknown("empty"))

    def _lists(self, left: ListObject, right: ListObject) -> ListObject:
        if left.items is not None and right.items is not None and len(left.items) == len(right.items):
            return ListObject(tuple(self.values(a, b) for a, b in zip(left.items, right.items, strict=True)), kind=left.kind)
        values = [
            *(left.items or (left.element,) if left.items != () else ()),
            *(right.items or (right.element,) if right.items != () else ()),
        ]
        length = left.length if left.length == right.length and left.items is right.items is None else None
        empty = left.empty or right.empty or () in (left.items, right.items)
        return ListObject(None, self.all(tuple(values), Unknown("empty")), left.kind, length, empty)

    def _dicts(self, left: DictObject, right: DictObject) -> DictObject:
        entries = dict(left.entries)
        for key, value in right.entries.items():
            entries[key] = self.values(entries[key], value) if key in entries else value
        rests = [r for r in (left.rest, right.rest) if r is not None]
        rest = None if not rests else rests[0] if len(rests) == 1 else self.values(*rests)
        partly = frozenset(k for k in entries if k not in left.entries or k not in right.entries)
        return DictObject(entries, rest, left.default, partly | left.doubtful | right.doubtful)

    def metas(self, left: TensorMeta, right: TensorMeta) -> TensorMeta:
        """What two tensors of the same library have in common."""

        def same(a: object, b: object) -> object | None:
            return a if a == b else None

        shape: Shape | None = None
        if left.shape is not None and right.shape is not None and len(left.shape) == len(right.shape):
            shape = tuple(self._dims(a, b) for a, b in zip(left.shape, right.shape, strict=True))
        strides = left.strides if left.strides == right.strides and shape == left.shape else None
        return TensorMeta(
            left.library, _common_type(left, right),
            shape, left.dtype if left.dtype == right.dtype else None, left.device if left.device == right.device else None,
            left.requires_grad if left.requires_grad == right.requires_grad else None, strides,
            left.is_leaf if left.is_leaf == right.is_leaf else None, same(left.data, right.data),
        )  # fmt: skip

    def _dims(self, left: Dim, right: Dim) -> Dim:
        if left == right:
            return left
        made = self._fresh()
        self.names.twin(made, left, right)
        return made

    def _fresh(self, prefix: str = JOINED) -> Expr:
        self.symbols_made += 1
        return symbol(f"{prefix}{self.symbols_made}", hidden=True)


def _failed(value: Value) -> bool:
    return isinstance(value, Unknown) and value.reason == "failed"


def _common_recipe(left: object, right: object) -> object:
    """The recipe of one or the other; modules that differ in their mode alone count as evaluating, which refuses less."""
    if left == right:
        return left
    if isinstance(left, Recipe) and isinstance(right, Recipe):
        plain = [replace(r, steps=tuple(s for s in r.steps if s[0] != "train")) for r in (left, right)]
        if plain[0] == plain[1]:
            return replace(plain[0], steps=(*plain[0].steps, ("train", (False,))))
    return None


def _common_type(left: TensorMeta, right: TensorMeta) -> str:
    """The class that both are instances of."""
    if left.type == right.type:
        return left.type
    if EITHER in (left.type, right.type):
        return EITHER
    arrays = ("ndarray", "MaskedArray", "matrix")
    return "Tensor" if left.library == "torch" else _common_array(left.type in arrays, right.type in arrays)


def _common_array(left: bool, right: bool) -> str:
    return "ndarray" if left and right else EITHER if left or right else "generic"


def alike(meta: TensorMeta) -> object:
    """What two tensors must have in common to be told apart by nothing that is stated."""
    shape = None if meta.shape is None else tuple("?" if is_hidden(d) else d for d in meta.shape)
    return (meta.library, meta.type, shape, meta.dtype, meta.device, meta.requires_grad, meta.is_leaf)


def _is_joined(dim: Dim) -> bool:
    found = symbols(dim)
    return len(found) == 1 and next(iter(found)).name.startswith((JOINED, JOINED_INTEGER)) and next(iter(found)).hidden


def _scalar_kind(value: Value) -> str | None:
    if isinstance(value, Scalar):
        return value.kind
    if isinstance(value, Const) and isinstance(value.value, (bool, int, float, str, complex)):
        return type(value.value).__name__
    return "int" if isinstance(value, SymInt) else None
