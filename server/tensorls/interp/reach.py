"""What a value or the content of an object refers to, by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache

from tensorls.domain.objects import LibObject, Namespace, TensorObject
from tensorls.domain.values import Const, Function, LibRef, Ref


def references(thing: object) -> Iterator[int]:
    """The addresses in something of the store: every field is looked at, so that nothing new is forgotten here."""
    kind: type = type(thing)
    if kind is Ref:
        yield thing.address  # type: ignore[attr-defined]
    elif kind is TensorObject:
        yield thing.storage  # type: ignore[attr-defined]
        yield from thing.leaves  # type: ignore[attr-defined]
        if thing.owner is not None:  # type: ignore[attr-defined]
            yield thing.owner  # type: ignore[attr-defined]
    elif kind in (Const, LibRef):
        return
    elif kind in (tuple, list, frozenset):
        for item in thing:  # type: ignore[attr-defined]
            yield from references(item)
    elif isinstance(thing, Mapping):
        for pair in thing.items():
            yield from references(pair)
    else:
        if isinstance(thing, Function):
            yield thing.scope
        elif isinstance(thing, Namespace) and thing.parent is not None:
            yield thing.parent
        elif isinstance(thing, LibObject):
            yield from thing.tensors
        for name in _parts(kind):
            yield from references(getattr(thing, name))


@cache
def _parts(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else ()
