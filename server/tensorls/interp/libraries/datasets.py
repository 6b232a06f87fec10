"""``torch.utils.data``: data sets of tensors and of user classes, and what a loader makes of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.dims import Dim
from tensorls.domain.objects import DictObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import (
    NONE,
    TRUE,
    Arguments,
    Const,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Unknown,
    Value,
    as_dim,
    why,
)
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
TENSORS, LOADER = "torch.utils.data.TensorDataset", "torch.utils.data.DataLoader"


def _tensor_dataset(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    ref = machine.store.new(LibObject(TENSORS))
    machine.store.set_cell(ref.address, "tensors", Unknown("unknown tensors") if a.open else Tuple(a.args))
    return ref


def _loader(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    ref = machine.store.new(LibObject(LOADER))
    names = ("dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn", "pin_memory", "drop_last")
    for index, name in enumerate(names):
        value = a.get(index, name)
        if value is not None:
            machine.store.set_cell(ref.address, name, value)
    if a.open:
        machine.store.set_cell(ref.address, "batch_sampler", Unknown("unknown arguments"))
    return ref


def _subset(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """A part of a data set has its elements, but not its length."""
    ref = machine.store.new(LibObject("torch.utils.data.Subset"))
    machine.store.set_cell(ref.address, "dataset", a.args[0] if a.args else Unknown("no data set"))
    return ref


def _random_split(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import iteration

    parts = iteration.iterate(machine, a.args[1]) if len(a.args) > 1 else iteration.Items(None)
    if parts.items is None:
        return machine.store.new(ListObject(None, _subset(machine, frame, node, path, a)))
    return machine.store.new(ListObject(tuple(_subset(machine, frame, node, path, a) for _ in parts.items)))


def length(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> Value:
    """``len`` of a data set."""
    from tensorls.interp import iteration

    content = machine.content(value)
    if isinstance(content, LibObject) and isinstance(value, Ref) and content.path == TENSORS:
        tensors = machine.store.cell(value.address, "tensors")
        if isinstance(tensors, Tuple) and tensors.items:
            return iteration.length(machine, frame, node, tensors.items[0])
    if isinstance(content, Instance):
        return iteration.length(machine, frame, node, value)
    return machine.unknown_int()


def item(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> Value:
    """Any one element of a data set."""
    from tensorls.interp import calls, iteration, objects, tensors

    content = machine.content(value)
    if isinstance(content, LibObject) and isinstance(value, Ref):
        if content.path == TENSORS:
            held = machine.store.cell(value.address, "tensors")
            if isinstance(held, Tuple):
                found = [machine.tensor(v) for v in held.items]
                if all(t is not None for t in found):
                    rows = [tensors.iterate(machine, frame, node, v, t) for v, t in zip(held.items, found, strict=True) if t is not None]
                    return Tuple(tuple(iteration.any_item(machine, r) for r in rows))
            return Unknown("unknown tensors")
        if content.path == "torch.utils.data.Subset":
            inner = machine.store.cell(value.address, "dataset")
            return item(machine, frame, node, inner) if inner is not None else Unknown("no data set")
    method = objects.special(machine, value, "getitem")
    if method is not None:
        return calls.call(machine, frame, node, method, Arguments((machine.unknown_int(),)))
    if isinstance(content, ListObject):
        return iteration.any_item(machine, iteration.Items(content.items, content.element))
    return Unknown(why("elements of an unknown data set", value))


def batch(machine: Machine, frame: Frame, node: ast.AST, loader: Ref) -> Value:
    """One batch of a loader.  The last one may be smaller: its size is known only where every batch is full."""
    from tensorls.interp import calls

    def cell(name: str) -> Value | None:
        found = machine.store.cell(loader.address, name)
        return None if found == NONE else found

    dataset, size = cell("dataset"), cell("batch_size")
    if dataset is None or cell("batch_sampler") is not None:
        return Unknown("unknown batches")
    sample = item(machine, frame, node, dataset)
    if machine.store.cell(loader.address, "batch_size") == NONE:
        return sample
    wanted: Dim | None = 1 if size is None else as_dim(size)
    count = as_dim(length(machine, frame, node, dataset))
    full = cell("drop_last") == TRUE or (isinstance(wanted, int) and isinstance(count, int) and wanted > 0 and count % wanted == 0)
    rows: Dim = wanted if wanted is not None and full else machine.fresh()
    collate = cell("collate_fn")
    if collate is not None:
        return calls.call(machine, frame, node, collate, Arguments((machine.store.new(ListObject(None, sample)),)))
    return _collate(machine, rows, sample)


def _collate(machine: Machine, rows: Dim, sample: Value) -> Value:
    """What the default collation makes of equal samples."""
    content = machine.content(sample)
    if isinstance(content, TensorObject):
        shape = None if content.meta.shape is None else (rows, *content.meta.shape)
        return _tensor(machine, TensorMeta("torch", "Tensor", shape, content.meta.dtype, content.meta.device))
    if isinstance(sample, (SymInt, Scalar)) or (isinstance(sample, Const) and isinstance(sample.value, (bool, int, float))):
        kind = sample.kind if isinstance(sample, Scalar) else type(sample.value).__name__ if isinstance(sample, Const) else "int"
        dtype = {"int": "int64", "float": "float64", "bool": "bool"}.get(kind)
        if dtype is not None:
            return _tensor(machine, TensorMeta("torch", "Tensor", (rows,), dtype))
        return machine.store.new(ListObject(None, sample))
    if isinstance(sample, Const) and isinstance(sample.value, str):
        return machine.store.new(ListObject(None, Scalar("str")))
    if isinstance(sample, Tuple):
        return machine.store.new(ListObject(tuple(_collate(machine, rows, v) for v in sample.items)))
    if isinstance(content, ListObject) and content.items is not None and content.kind == "list":
        return machine.store.new(ListObject(tuple(_collate(machine, rows, v) for v in content.items)))
    if isinstance(content, DictObject) and content.rest is None:
        return machine.store.new(DictObject({k: _collate(machine, rows, v) for k, v in content.entries.items()}))
    return Unknown(why("samples that are not known", sample))


def _tensor(machine: Machine, meta: TensorMeta) -> Value:
    from tensorls.domain.dims import mul

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


HANDLERS: Mapping[str, Handler] = {
    TENSORS: _tensor_dataset,
    LOADER: _loader,
    "torch.utils.data.Subset": _subset,
    "torch.utils.data.random_split": _random_split,
    "torch.utils.data.dataset.TensorDataset": _tensor_dataset,
    "torch.utils.data.dataloader.DataLoader": _loader,
    "torch.utils.data.dataset.random_split": _random_split,
}
