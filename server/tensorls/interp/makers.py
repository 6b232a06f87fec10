"""Functions that give a tensor whatever they are given: where nothing else is known, this much is."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from tensorls.domain.objects import ListObject, TensorObject
from tensorls.domain.tensor import ITEMSIZES, TensorMeta
from tensorls.domain.values import NONE, Arguments, Const, DeviceValue, Ref, Tuple, Union, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine

#: New tensors of the default dtype; new tensors of a dtype that the arguments decide.
_FILLED = frozenset({"zeros", "ones", "empty", "rand", "randn"})
_ROWS = frozenset({"arange", "randperm", "linspace"})  # of these, one axis is known
_NEW = frozenset({"full", "arange", "randint", "randperm", "linspace"})
_LEGACY: Mapping[str, str] = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64", "IntTensor": "int32",
    "ShortTensor": "int16", "ByteTensor": "uint8", "CharTensor": "int8", "BoolTensor": "bool",
}  # fmt: skip
_TORCH = _FILLED | _NEW | {"Tensor", "tensor", "as_tensor", "from_numpy", *_LEGACY}
_READERS = frozenset({"genfromtxt", "loadtxt"})
#: NumPy's, and where their dtype may stand.
_NUMPY: Mapping[str, int] = {
    **dict.fromkeys((*_READERS, "array", "asarray", "ascontiguousarray", "asfortranarray", "zeros", "ones", "empty"), 1),
    "full": 2, "arange": 3,
}  # fmt: skip
#: Options with which NumPy gives something else: masked arrays, subclasses, several arrays, records.
_OTHERWISE = frozenset({"usemask", "unpack", "subok", "like", "out", "names"})


def made(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments, reason: Unknown) -> Value:
    """What a maker is known to give where the oracle cannot tell; the reason itself for anything else."""
    library, _, name = path.partition(".")
    if library == "torch" and name in _TORCH:
        meta = _of_torch(machine, frame, node, name, arguments)
    elif library == "numpy" and name in _NUMPY and not any(k in _OTHERWISE for k, _ in arguments.kwargs):
        meta = TensorMeta("numpy", "ndarray", None, _numpy_dtype(machine, frame, node, name, arguments))
        if name in _READERS and _is_plain(machine, frame, node, arguments):
            return _table(machine, meta, arguments)
    else:
        return reason
    return reason if meta is None else machine.store.new(TensorObject(meta, -1))


def _table(machine: Machine, meta: TensorMeta, arguments: Arguments) -> Value:
    """What stands in a text file of plain numbers or words: rows and columns, one of either, or a single value."""
    least = arguments.keyword("ndmin") or Const(0)
    ranks = [n for n in (2, 1, 0) if not isinstance(least, Const) or not isinstance(least.value, int) or n >= least.value]
    made: list[Value] = []
    for rank in ranks:
        address = machine.store.reserve()
        shape = tuple(machine.fresh() for _ in range(rank))
        machine.store.put(address, TensorObject(meta.with_(shape=shape), address))
        made.append(Ref(address))
    return Union(tuple(made)) if len(made) > 1 else made[0]


def _is_plain(machine: Machine, frame: Frame, node: ast.AST, arguments: Arguments) -> bool:
    """Whether a reader is certainly told no type of records, which have one axis only."""
    stated = arguments.get(1, "dtype")
    if arguments.open or stated == NONE or isinstance(stated, (Unknown, Union)):
        return False
    if stated is None:
        return True
    given = (("dtype", stated),)
    found = machine.tensor(operate(machine, frame, node, "numpy.zeros", (Tuple((Const(0),)),), given))
    return found is not None and found.meta.dtype is not None and (found.meta.dtype in ITEMSIZES or found.meta.dtype.startswith("str"))


def dtype_of(machine: Machine, frame: Frame, node: ast.AST, library: str, value: Value | None) -> str | None:
    """The name of a dtype as the library understands it."""
    if value is None or value == NONE or isinstance(value, Unknown):
        return None
    found = machine.tensor(operate(machine, frame, node, f"{library}.zeros", (Tuple((Const(0),)),), (("dtype", value),)))
    return found.meta.dtype if found is not None and found.meta.dtype in ITEMSIZES else None


def _of_torch(machine: Machine, frame: Frame, node: ast.AST, name: str, arguments: Arguments) -> TensorMeta | None:
    mode = machine.mode()
    if mode is None:
        return None
    stated = arguments.keyword("dtype")
    dtype = _LEGACY.get(name) or dtype_of(machine, frame, node, "torch", stated)
    if name in _FILLED and stated in (None, NONE) and not arguments.open:
        dtype = mode.default_dtype
    if name == "Tensor" and not _may_be_tensor(machine, arguments):
        dtype = mode.default_dtype
    device = "cpu" if name in _LEGACY or name == "from_numpy" else mode.default_device if name in _FILLED | _NEW else None
    if arguments.open or arguments.keyword("device") not in (None, NONE):
        device = _device(arguments.keyword("device"))
    flag = arguments.keyword("requires_grad")
    grad: bool | None = None
    if isinstance(flag, Const) and isinstance(flag.value, bool):
        grad = flag.value
    elif flag is None and not arguments.open and name != "as_tensor":
        grad = None if name in ("Tensor", *_LEGACY) and _may_be_tensor(machine, arguments) else False
    shape = (machine.fresh(),) if name in _ROWS else None
    return TensorMeta("torch", "Tensor", shape, dtype, device, grad, None if shape is None else (1,), None if grad is None else True)


def _may_be_tensor(machine: Machine, arguments: Arguments) -> bool:
    """Whether an old constructor may be given a tensor, which it then returns: with its dtype and its gradient."""
    first = arguments.args[0] if arguments.args else None
    plain = first is None or isinstance(first, Tuple) or isinstance(machine.content(first), ListObject) or len(arguments.args) > 1
    return arguments.open or not plain


def _numpy_dtype(machine: Machine, frame: Frame, node: ast.AST, name: str, arguments: Arguments) -> str | None:
    stated = arguments.get(_NUMPY[name], "dtype")
    if stated is None and not arguments.open and name in _FILLED | _READERS:
        return "float64"
    return dtype_of(machine, frame, node, "numpy", stated)


def _device(value: Value | None) -> str | None:
    if isinstance(value, DeviceValue):
        return value.name
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
