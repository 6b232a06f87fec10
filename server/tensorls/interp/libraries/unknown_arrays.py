"""Constructors whose result is an array or a tensor whatever they are given: of unknown data its dtype may still be known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import NONE, Arguments, Const, DeviceValue, Ref, Tuple, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
_ARRAYS = frozenset(f"numpy.{n}" for n in ("array", "asarray", "asfortranarray", "genfromtxt", "loadtxt"))
_TENSORS = frozenset(["torch.tensor", "torch.as_tensor", "torch.from_numpy"])
_LEGACY: Mapping[str, str] = {
    "torch.FloatTensor": "float32", "torch.DoubleTensor": "float64", "torch.LongTensor": "int64", "torch.IntTensor": "int32",
    "torch.ByteTensor": "uint8", "torch.BoolTensor": "bool", "torch.HalfTensor": "float16",
}  # fmt: skip
_READERS = frozenset(["numpy.genfromtxt", "numpy.loadtxt"])


def of_unknown(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value | None:
    """What such a constructor gives where the library could not be asked; None for everything else."""
    if path in _ARRAYS:
        if a.keyword("unpack") is not None or a.keyword("subok") is not None:
            return None
        dtype = a.get(1, "dtype")
        kind = "float64" if path in _READERS and dtype is None and not a.keyword("names") else _dtype(machine, frame, node, "numpy", dtype)
        return _put(machine, TensorMeta("numpy", "ndarray", None, kind))
    if path in _TENSORS:
        wanted, device = a.keyword("device"), "cpu" if path == "torch.from_numpy" else None
        if isinstance(wanted, DeviceValue):
            device = wanted.name
        elif isinstance(wanted, Const) and isinstance(wanted.value, str):
            device = wanted.value
        grad = a.keyword("requires_grad") or Const(False)
        flag = grad.value if isinstance(grad, Const) and isinstance(grad.value, bool) and path == "torch.tensor" else None
        kind = _dtype(machine, frame, node, "torch", a.keyword("dtype"))
        return _put(machine, TensorMeta("torch", "Tensor", None, kind, device, flag, is_leaf=True if flag is not None else None))
    if path in _LEGACY:
        return _put(machine, TensorMeta("torch", "Tensor", None, _LEGACY[path]))
    return None


def _dtype(machine: Machine, frame: Frame, node: ast.AST, library: str, value: Value | None) -> str | None:
    """The name of a dtype as the library understands it."""
    if value is None or value == NONE:
        return None
    found = machine.tensor(operate(machine, frame, node, f"{library}.zeros", (Tuple((Const(0),)),), (("dtype", value),)))
    return found.meta.dtype if found is not None else None


def _read(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return of_unknown(machine, frame, node, path, a) or Unknown("what is in a file")


HANDLERS: Mapping[str, Handler] = dict.fromkeys(_READERS, _read)


def _put(machine: Machine, meta: TensorMeta) -> Value:
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta, address))
    return Ref(address)
