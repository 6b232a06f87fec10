"""Functions that give a tensor whatever they are given: where nothing else is known, this much is."""

from __future__ import annotations

from collections.abc import Mapping

from tensorls.domain.objects import TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import NONE, Arguments, Const, DeviceValue, LibRef, Unknown, Value
from tensorls.interp.machine import Machine

#: New tensors of the default dtype; new tensors of a dtype that the arguments decide.
_FILLED = frozenset({"zeros", "ones", "empty", "rand", "randn"})
_ROWS = frozenset({"arange", "randperm", "linspace"})  # of these, one axis is known
_NEW = frozenset({"full", "arange", "randint", "randperm", "linspace"})
_LEGACY: Mapping[str, str] = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64", "IntTensor": "int32",
    "ShortTensor": "int16", "ByteTensor": "uint8", "CharTensor": "int8", "BoolTensor": "bool",
}  # fmt: skip
_TORCH = _FILLED | _NEW | {"Tensor", "tensor", "from_numpy", *_LEGACY}
_READERS = frozenset({"genfromtxt", "loadtxt"})
_NUMPY = _READERS | {"array", "asarray", "ascontiguousarray", "zeros", "ones", "empty", "full", "arange"}
_SHORT = {"long": "int64", "int": "int32", "float": "float32", "double": "float64", "half": "float16"}
_DTYPES = frozenset({"bool", "bfloat16"} | {f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)})
#: Options with which NumPy gives something else: masked arrays, subclasses, several arrays, records.
_OTHERWISE = frozenset({"usemask", "unpack", "subok", "like", "out", "names"})


def made(machine: Machine, path: str, arguments: Arguments, reason: Unknown) -> Value:
    """What a maker is known to give where the oracle cannot tell; the reason itself for anything else."""
    library, _, name = path.partition(".")
    if library == "torch" and name in _TORCH:
        meta = _of_torch(machine, name, arguments)
    elif library == "numpy" and name in _NUMPY and not any(k in _OTHERWISE for k, _ in arguments.kwargs):
        meta = TensorMeta("numpy", "ndarray", None, _numpy_dtype(name, arguments))
    else:
        return reason
    return reason if meta is None else machine.store.new(TensorObject(meta, -1))


def _of_torch(machine: Machine, name: str, arguments: Arguments) -> TensorMeta | None:
    mode = machine.mode()
    if mode is None:
        return None
    stated = arguments.keyword("dtype")
    dtype = _LEGACY.get(name) or _named_dtype(stated)
    if name in _FILLED | {"Tensor"} and stated in (None, NONE) and not arguments.open:
        dtype = mode.default_dtype
    device = "cpu" if name in _LEGACY or name == "from_numpy" else mode.default_device if name in _FILLED | _NEW else None
    if arguments.open or arguments.keyword("device") not in (None, NONE):
        device = _device(arguments.keyword("device"))
    flag = arguments.keyword("requires_grad")
    grad: bool | None = None
    if isinstance(flag, Const) and isinstance(flag.value, bool):
        grad = flag.value
    elif flag is None and not arguments.open:
        grad = False
    shape = (machine.fresh(),) if name in _ROWS else None
    return TensorMeta("torch", "Tensor", shape, dtype, device, grad, None if shape is None else (1,), None)


def _numpy_dtype(name: str, arguments: Arguments) -> str | None:
    stated = arguments.keyword("dtype")
    if stated is None and len(arguments.args) > 1:
        stated = arguments.args[1]
    if stated is None and not arguments.open and name in _FILLED | _READERS:
        return "float64"
    return _named_dtype(stated)


def _named_dtype(value: Value | None) -> str | None:
    """``torch.int64``, ``np.float32``: a dtype by a name that says its size."""
    if not isinstance(value, LibRef):
        return None
    library, _, name = value.path.rpartition(".")
    name = _SHORT.get(name, name) if library == "torch" else name
    return name if name in _DTYPES else None


def _device(value: Value | None) -> str | None:
    if isinstance(value, DeviceValue):
        return value.name
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
