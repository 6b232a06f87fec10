"""Attributes of tensors and arrays, and the few things about them that the interpreter itself keeps track of."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from tensorls.domain.dims import product, show
from tensorls.domain.objects import DictObject, TensorObject
from tensorls.domain.tensor import EITHER, TensorMeta
from tensorls.domain.values import (
    NONE,
    Arguments,
    Const,
    DeviceValue,
    LibRef,
    NativeMethod,
    Ref,
    Scalar,
    Tuple,
    Unknown,
    Value,
    int_value,
    size_tuple,
)  # fmt: skip
from tensorls.interp import numbers
from tensorls.interp.frames import Frame
from tensorls.interp.library import change_linked, operate
from tensorls.interp.machine import AMBIENT, FAILED, Machine
from tensorls.interp.terms import extend_history

if TYPE_CHECKING:
    from tensorls.interp.iteration import Items

GRAD = "#grad"  # cell of a leaf: its gradient after a backward pass
GRAD_TENSOR = "#grad_tensor"  # cell of a leaf: the gradient itself, once it was read or given
GIVEN = "#grad_given"  # cell of a leaf whose gradient the program assigned: when it did
EPOCH = "#grad_epoch"  # ambient cell: counts zero_grad(), which makes every known gradient uncertain


def attribute(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: TensorObject, name: str) -> Value:
    """``tensor.name``: metadata is at hand, the gradient is kept here, the rest the library knows."""
    meta = content.meta
    known = _metadata(meta, name)
    if known is not None:
        return known
    if meta.library == "torch" and name == "grad":
        return gradient(machine, ref, content)
    if name == "__array_interface__" and meta.library == "numpy":
        shape = _metadata(meta, "shape") or Unknown("shape")
        return machine.store.new(DictObject({Const("shape"): shape, Const("version"): Const(3)}, Unknown("where an array lies")))
    base = "torch.Tensor" if meta.library == "torch" else "numpy.ndarray" if meta.type in ("ndarray", EITHER) else f"numpy.{meta.type}"
    described = machine.oracle.describe(f"{base}.{name}")
    if any(p.rpartition(".")[2] == name for p in machine.patched if p.startswith(base)):
        return Unknown("replaced by the program")
    if described.kind in ("function", "denied"):  # what is denied there, .cuda() among it, are methods
        return NativeMethod(ref, name)
    if name.startswith("__"):
        return Unknown("special attribute")
    return operate(machine, frame, node, f"getattr:{name}", (ref,), show=f".{name}")


def _metadata(meta: TensorMeta, name: str) -> Value | None:
    if meta.shape is not None:
        if name == "shape":
            return size_tuple(meta.shape) if meta.library == "torch" else Tuple(tuple(int_value(d) for d in meta.shape))
        if name == "ndim":
            return Const(len(meta.shape))
        if name == "size" and meta.library == "numpy":
            return int_value(product(meta.shape))
    if name == "dtype" and meta.dtype is not None:
        return LibRef(f"{meta.library}.{meta.dtype}")
    if name == "device" and meta.library == "torch":
        return DeviceValue(meta.device)
    if name == "requires_grad" and meta.requires_grad is not None and meta.library == "torch":
        return Const(meta.requires_grad)
    if name == "is_cuda" and meta.device is not None:
        return Const(meta.device.startswith("cuda"))
    return None


def gradient(machine: Machine, ref: Ref, content: TensorObject) -> Value:
    """``x.grad``: None before a backward pass reaches the leaf, a tensor like it afterwards."""
    if content.meta.requires_grad is False:
        return NONE
    given = machine.store.cell(ref.address, GIVEN)
    if given is not None:
        assigned = machine.store.cell(ref.address, GRAD_TENSOR) or NONE
        return assigned if given == epoch(machine) or assigned == NONE else Unknown("gradient after zero_grad")
    key = content.owner if content.owner is not None else ref.address
    found = machine.store.cell(key, GRAD)
    if found is None:
        return NONE
    if found != epoch(machine):
        return Unknown("gradient after zero_grad")
    stored = machine.store.cell(ref.address, GRAD_TENSOR)
    if stored is not None:
        return stored
    meta = content.meta.with_(type="Tensor", requires_grad=False, is_leaf=True, data=None)
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta, address, history=content.history))
    machine.store.set_cell(ref.address, GRAD_TENSOR, Ref(address))
    return Ref(address)


def epoch(machine: Machine) -> Value:
    """How often gradients were cleared."""
    return machine.store.cell(AMBIENT, EPOCH) or Const(0)


def clear_gradients(machine: Machine) -> None:
    """``zero_grad()`` was called somewhere: what is known of gradients is known no longer."""
    old = epoch(machine)
    machine.store.set_cell(AMBIENT, EPOCH, Const((old.value if isinstance(old, Const) and isinstance(old.value, int) else 0) + 1))


def backward(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    """``loss.backward()``: fails as torch says; else every leaf it reaches has a gradient."""
    result = operate(machine, frame, node, ".backward", (ref, *arguments.args), arguments.kwargs, show="backward")
    if result != FAILED:
        content = machine.tensor(ref)
        for leaf in content.leaves if content is not None else ():
            machine.store.set_cell(leaf, GRAD, epoch(machine))
            for ref in (Ref(leaf), *(v for _, v in machine.store.cells(leaf) if isinstance(v, Ref))):
                _receive(machine, ref)
    return NONE


def _receive(machine: Machine, ref: Ref) -> None:
    """A leaf gets a gradient: it is added to the one that the program gave it, or is a new one where that was None."""
    given = machine.store.cell(ref.address, GIVEN)
    if given is None:
        return
    stored = machine.store.cell(ref.address, GRAD_TENSOR)
    if given != epoch(machine) or stored is None or machine.tensor(stored) is None:
        machine.store.delete_cell(ref.address, GIVEN)
        machine.store.delete_cell(ref.address, GRAD_TENSOR)


def set_attribute(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: TensorObject, name: str, value: Value) -> None:
    """``tensor.name = value``."""
    meta = content.meta
    if name == "requires_grad":
        known = value.value if isinstance(value, Const) and isinstance(value.value, bool) else None
        if known is True:
            operate(machine, frame, node, ".requires_grad_", (ref, value), show="requires_grad")
            return
        meta = meta.with_(requires_grad=known)
    elif name == "data":
        other = machine.tensor(value)
        if other is None:
            meta = meta.with_(shape=None, dtype=None, device=None, strides=None)
        else:
            meta = meta.with_(shape=other.meta.shape, dtype=other.meta.dtype, device=other.meta.device, strides=other.meta.strides)
    elif name == "grad":
        machine.store.set_cell(ref.address, GRAD_TENSOR, value)
        machine.store.set_cell(ref.address, GIVEN, epoch(machine))
        return
    elif name in ("shape", "dtype", "strides") and meta.library == "numpy":
        meta = meta.with_(shape=None, strides=None, dtype=None if name == "dtype" else meta.dtype)
    else:
        return
    machine.store.put(ref.address, TensorObject(meta, content.storage, content.leaves, content.history, content.owner))
    change_linked(machine, ref.address, content.meta, meta)


def iterate(machine: Machine, frame: Frame, node: ast.AST, value: Value, content: TensorObject) -> Items:
    """Iterating a tensor gives its slices along the first dimension."""
    from tensorls.interp.iteration import Items

    shape = content.meta.shape
    if shape == ():
        operate(machine, frame, node, "builtins.iter", (value,), show="iter")
        return Items(None, FAILED)
    element = operate(machine, frame, node, "operator.getitem", (value, Const(0)), show="iteration")
    first = shape[0] if shape else None
    if isinstance(first, int) and first <= machine.limits.exact_iterations:
        found = machine.tensor(element)
        stated = numbers.row(content.meta)
        if found is not None and stated is not None and isinstance(element, Ref):
            return Items(tuple(_scalar(machine, found, n) for n in stated))
        if found is not None and found.within is not None:  # numbers that need not be equal
            drawn = tuple(machine.store.new(found) for _ in range(first))
            machine.bounded.setdefault(found.storage, []).extend(n.address for n in drawn)
            return Items(drawn)
        return Items((element,) * first)
    return Items(None, element)


def _scalar(machine: Machine, like: TensorObject, number: object) -> Ref:
    """A NumPy scalar of this value."""
    address = machine.store.reserve()
    machine.store.put(address, replace(like, meta=like.meta.with_(data=number), storage=address, within=None))
    return Ref(address)


def device_attribute(value: DeviceValue, name: str) -> Value:
    """``device.type``, ``device.index``."""
    kind, _, index = (value.name or "").partition(":")
    if name == "type":
        return Const(kind) if value.name else Scalar("str")
    if name == "index" and value.name:
        return Const(int(index)) if index else NONE if kind == "cpu" else Unknown("index")
    return Unknown("unknown attribute")


def describe_size(meta: TensorMeta) -> str | None:
    """The number of elements, for people."""
    return None if meta.shape is None else str(show(product(meta.shape)))


__all__ = ["attribute", "backward", "clear_gradients", "extend_history", "gradient", "iterate", "set_attribute"]
