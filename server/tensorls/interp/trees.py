"""Nested tuples, lists and dicts of tensors, as ``torch.utils._pytree`` sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tensorls.domain.dims import Shape
from tensorls.domain.objects import DictObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Ref, Tuple, Unknown, Value
from tensorls.interp.machine import Machine


def map_tensors(machine: Machine, value: Value, change: Callable[[Ref, TensorObject], Value]) -> Value:
    """The same tree with every tensor changed; what is no tensor stays."""
    if isinstance(value, Tuple):
        return replace(value, items=tuple(map_tensors(machine, v, change) for v in value.items))
    content = machine.content(value)
    if isinstance(content, TensorObject) and isinstance(value, Ref):
        return change(value, content)
    if isinstance(content, ListObject) and content.items is not None:
        return machine.store.new(replace(content, items=tuple(map_tensors(machine, v, change) for v in content.items)))
    if isinstance(content, ListObject):
        return machine.store.new(replace(content, element=map_tensors(machine, content.element, change)))
    if isinstance(content, DictObject):
        rest = None if content.rest is None else map_tensors(machine, content.rest, change)
        entries = {k: map_tensors(machine, v, change) for k, v in content.entries.items()}
        return machine.store.new(replace(content, entries=entries, rest=rest))
    return value


def leaves(machine: Machine, value: Value) -> Iterator[Value]:
    """Everything in a tree that is no tuple, list or dict."""
    content = machine.content(value)
    if isinstance(value, Tuple):
        inside: tuple[Value, ...] = value.items
    elif isinstance(content, ListObject):
        inside = content.items if content.items is not None else (content.element,)
    elif isinstance(content, DictObject):
        inside = (*content.entries.values(), *(() if content.rest is None else (content.rest,)))
    else:
        inside = ()
        yield value
    for item in inside:
        yield from leaves(machine, item)


def tensors(machine: Machine, value: Value) -> Iterator[tuple[Ref, TensorObject]]:
    """The tensors of a tree."""
    for leaf in leaves(machine, value):
        found = machine.tensor(leaf)
        if found is not None and isinstance(leaf, Ref):
            yield leaf, found


def is_known(machine: Machine, value: Value) -> bool:
    """Whether nothing in a tree is unknown."""
    return not any(isinstance(v, Unknown) for v in leaves(machine, value))


def new_tensor(machine: Machine, meta: TensorMeta, reached: frozenset[int] = frozenset(), operation: str | None = None) -> Ref:
    """A tensor on memory of its own."""
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta, address, reached, operation=operation))
    return Ref(address)


def like(meta: TensorMeta, requires_grad: bool | None, shape: Shape | None = None) -> TensorMeta:
    """What has the size (or ``shape``), dtype and device of a tensor and nothing else of it."""
    leaf = None if requires_grad is not False else True
    return TensorMeta("torch", "Tensor", meta.shape if shape is None else shape, meta.dtype, meta.device, requires_grad, None, leaf)
