"""``torch.utils.data.DataLoader``: what it makes of the samples of a data set."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tensorls.domain.dims import Dim, is_hidden, mul
from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import (
    FALSE,
    NONE,
    TRUE,
    Arguments,
    Const,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_dim,
    why,
)
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

if TYPE_CHECKING:
    from tensorls.interp.iteration import Items

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
LOADER = "torch.utils.data.DataLoader"
_PARAMETERS = ("dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn", "pin_memory", "drop_last")
_DEFAULTS: Mapping[str, Value] = {"batch_size": Const(1), "drop_last": FALSE, "num_workers": Const(0), "batch_sampler": NONE}


def _loader(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    ref = machine.store.new(LibObject(LOADER))
    for index, name in enumerate(_PARAMETERS):
        value = a.get(index, name) or _DEFAULTS.get(name)
        if value is not None:
            machine.store.set_cell(ref.address, name, Unknown("unknown arguments") if a.open and a.get(index, name) is None else value)
    return ref


def _cell(machine: Machine, loader: Ref, name: str) -> Value | None:
    found = machine.store.cell(loader.address, name)
    return None if found == NONE else found


def _sizes(machine: Machine, frame: Frame, node: ast.AST, loader: Ref) -> tuple[Dim | None, Dim | None]:
    """How many samples there are, and how many make a batch."""
    from tensorls.interp import iteration

    if _cell(machine, loader, "batch_sampler") is not None:
        return None, None
    source = _cell(machine, loader, "sampler") or _cell(machine, loader, "dataset")
    if source is None or is_iterable_dataset(machine, source):
        count = None
    else:
        count = as_dim(iteration.length(machine, frame, node, source))
    size = _cell(machine, loader, "batch_size")
    return count, as_dim(size) if size is not None else None


def is_iterable_dataset(machine: Machine, value: Value) -> bool:
    """Whether a data set is one that is only iterated: it has no length and no indices."""
    content = machine.content(value)
    cls = machine.content(content.cls) if isinstance(content, Instance) else None
    names = {getattr(machine.content(base), "name", "") for base in cls.mro} if isinstance(cls, ClassObject) else set()
    return "IterableDataset" in names


def length(machine: Machine, frame: Frame, node: ast.AST, loader: Ref) -> Value:
    """``len`` of a loader: the number of its batches."""
    count, size = _sizes(machine, frame, node, loader)
    drop = machine.store.cell(loader.address, "drop_last")
    if isinstance(count, int) and machine.store.cell(loader.address, "batch_size") == NONE:
        return Const(count)
    if isinstance(count, int) and isinstance(size, int) and size > 0 and drop in (TRUE, FALSE):
        return Const(count // size if drop == TRUE else -(-count // size))
    return machine.unknown_int()


def _sample(machine: Machine, frame: Frame, node: ast.AST, dataset: Value) -> Value:
    """Any one element of a data set."""
    from tensorls.interp import calls, iteration, objects

    method = objects.special(machine, dataset, "getitem")
    if is_iterable_dataset(machine, dataset) or method is None:
        return iteration.any_item(machine, iteration.iterate(machine, dataset, frame, node))
    return calls.call(machine, frame, node, method, Arguments((machine.unknown_int(),)))


def batches(machine: Machine, frame: Frame, node: ast.AST, loader: Ref) -> Items:
    """What iterating a loader gives: full batches, and then perhaps a smaller one."""
    from tensorls.interp.iteration import Items

    dataset, drop = _cell(machine, loader, "dataset"), machine.store.cell(loader.address, "drop_last")
    if dataset is None or isinstance(_cell(machine, loader, "batch_sampler"), Unknown):
        return Items(None, Unknown("unknown batches"))
    sample = _sample(machine, frame, node, dataset)
    if machine.store.cell(loader.address, "batch_size") == NONE and _cell(machine, loader, "batch_sampler") is None:
        return Items(None, sample)

    def batch(rows: Dim) -> Value:
        collate = _cell(machine, loader, "collate_fn")
        return _collate(machine, rows, sample) if collate is None else _user_batch(machine, frame, node, dataset, collate, rows, sample)

    count, size = _sizes(machine, frame, node, loader)
    if size is None or size == 0:
        return Items(None, batch(machine.fresh()))
    if isinstance(count, int) and isinstance(size, int) and drop in (TRUE, FALSE):
        full, last = divmod(count, size)
        last = 0 if drop == TRUE else last
        if full + (last > 0) < 2:
            return Items((batch(size),) if full else (batch(last),) if last else ())
        first = batch(size)
        return Items(None, batch(machine.fresh()), (first, batch(last)), first) if last else Items(None, first, (), first)
    if drop == TRUE:
        return Items(None, batch(size))
    some = batch(machine.fresh())
    return Items(None, some) if is_hidden(size) else Items(None, some, (batch(size), some))


FEW = 8  # samples that are looked at one by one where their sizes may differ


def _user_batch(machine: Machine, frame: Frame, node: ast.AST, dataset: Value, collate: Value, rows: Dim, sample: Value) -> Value:
    """The user's own collation sees a list of samples; sizes that are not known are each sample's own."""
    from tensorls.interp import calls

    items: tuple[Value, ...] | None = None
    if isinstance(rows, int) and rows <= FEW:
        items = (sample, *(_sample(machine, frame, node, dataset) for _ in range(rows - 1)))
    elif isinstance(rows, int) and rows <= machine.limits.exact_iterations and _fixed(machine, sample):
        items = (sample,) * rows
    return calls.call(machine, frame, node, collate, Arguments((machine.store.new(ListObject(items, sample)),)))


def _fixed(machine: Machine, sample: Value) -> bool:
    """Whether every sample is like this one."""
    content = machine.content(sample)
    if isinstance(content, TensorObject):
        return content.meta.shape is not None and not any(is_hidden(d) for d in content.meta.shape)
    if isinstance(sample, Tuple):
        return all(isinstance(v, SymInt) or _fixed(machine, v) for v in sample.items)
    return isinstance(sample, Scalar)


def _collate(machine: Machine, rows: Dim, sample: Value) -> Value:
    """What the default collation makes of samples like this one."""
    sample = machine.joiner.merged(sample)
    content = machine.content(sample)
    if isinstance(content, TensorObject):
        return _stack(machine, rows, content.meta)
    kind = _number_kind(sample)
    if kind is not None:
        return _tensor(machine, TensorMeta("torch", "Tensor", (rows,), {"int": "int64", "float": "float64", "bool": "bool"}[kind]))
    if (isinstance(sample, Const) and isinstance(sample.value, str)) or sample == Scalar("str"):
        return machine.store.new(ListObject((Scalar("str"),) * rows if isinstance(rows, int) else None, Scalar("str")))
    if isinstance(sample, Tuple):
        parts = tuple(_collate(machine, rows, v) for v in sample.items)
        return Tuple(parts, sample.kind, sample.fields) if sample.fields else machine.store.new(ListObject(parts))
    if isinstance(content, ListObject) and content.items is not None and content.kind == "list":
        return machine.store.new(ListObject(tuple(_collate(machine, rows, v) for v in content.items)))
    if isinstance(content, DictObject) and content.rest is None and not content.doubtful:
        return machine.store.new(DictObject({k: _collate(machine, rows, v) for k, v in content.entries.items()}))
    return Unknown(why("samples that are not known", sample))


def _number_kind(sample: Value) -> str | None:
    """Of which type the numbers are, where all samples are numbers of one."""
    if isinstance(sample, Union):
        kinds = {_number_kind(m) for m in sample.members}
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(sample, Scalar):
        return sample.kind if sample.kind in ("int", "float", "bool") else None
    if isinstance(sample, Const) and isinstance(sample.value, (bool, int, float)):
        return type(sample.value).__name__
    return "int" if isinstance(sample, SymInt) else None


_NUMBERS = frozenset(["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128"])


def _stack(machine: Machine, rows: Dim, meta: TensorMeta) -> Value:
    if meta.library == "numpy" and meta.dtype not in _NUMBERS:
        return Unknown("samples of an unknown dtype" if meta.dtype is None else f"samples of {meta.dtype}")
    shape = None if meta.shape is None else (rows, *meta.shape)
    leaf = True if meta.requires_grad is False else None
    return _tensor(machine, TensorMeta("torch", "Tensor", shape, meta.dtype, meta.device, meta.requires_grad, is_leaf=leaf))


def _tensor(machine: Machine, meta: TensorMeta) -> Value:
    if meta.shape is not None:
        strides: list[Dim] = []
        step: Dim = 1
        for size in reversed(meta.shape):
            strides.insert(0, step)
            step = mul(step, size)
        meta = meta.with_(strides=tuple(strides))
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta, address))
    return Ref(address)


HANDLERS: Mapping[str, Handler] = {LOADER: _loader}
