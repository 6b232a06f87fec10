"""Metadata of what came out, as JSON-able terms, and of what a dotted path names."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Mapping
from typing import Any

from .allow import DENIED, MODULES, Denied, Missing, import_allowed, resolve
from .build import Unanswerable
from .libs import numpy, torch
from .signature import overloads

MAX_ITEMS = 4096  # of all containers in one answer
MAX_BITS = 4096  # Python refuses to write much longer integers down
MAX_TEXT = 10_000

_DTYPES: dict[Any, str] = {}
_PUBLIC: dict[Any, str] = {}
_ITERATORS: tuple[Any, ...] = (
    types.GeneratorType,
    zip,
    map,
    enumerate,
    reversed,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)


def dtype_name(dtype: Any) -> str:
    """The bare name of a torch dtype."""
    name = _DTYPES.get(dtype)
    if name is None:
        name = _DTYPES[dtype] = str(dtype).removeprefix("torch.")
    return name


def public_name(cls: Any) -> str:
    """The shortest dotted path under which an imported module offers a class."""
    name = _PUBLIC.get(cls)
    if name is None:
        parts = str(getattr(cls, "__module__", "builtins")).split(".")
        own = str(getattr(cls, "__qualname__", cls))
        name = ".".join([*parts, own])
        for end in range(1, len(parts) + 1):
            prefix = ".".join(parts[:end])
            if getattr(sys.modules.get(prefix), own, None) is cls:
                name = f"{prefix}.{own}"
                break
        _PUBLIC[cls] = name
    return name


class Describer:
    """Describes one result, given the tensors that went in."""

    def __init__(self, arguments: list[Any], exact: bool) -> None:
        self.arguments, self.exact = arguments, exact
        self.left = MAX_ITEMS

    def value(self, found: Any) -> Any:
        """The term of any value."""
        if torch is not None and isinstance(found, torch.Tensor):
            return self.tensor(found)
        if found is None:
            return None
        if numpy is not None and isinstance(found, (numpy.ndarray, numpy.generic)):
            return self.array(found)
        cls = type(found)
        if cls in (bool, int, float, str, complex):
            if not self.exact or (cls is int and found.bit_length() > MAX_BITS) or (cls is str and len(found) > MAX_TEXT):
                return ["a", cls.__name__]
            return ["c", found.real, found.imag] if cls is complex else found
        return self._other(found)

    def _other(self, found: Any) -> Any:
        if isinstance(found, tuple):
            return self._tuple(found)
        if isinstance(found, list):
            return ["l", self._items(found)]
        if isinstance(found, _ITERATORS):
            return ["l", self._items(found)]
        if isinstance(found, Mapping):
            exact, self.exact = self.exact, True  # keys are names
            keys = self._items(found.keys())
            self.exact = exact
            return ["m", [[k, v] for k, v in zip(keys, self._items(found.values()), strict=True)]]
        if isinstance(found, type):
            return ["o", "class", public_name(found)]
        if torch is not None:
            if isinstance(found, torch.dtype):
                return ["o", "dtype", str(found)]
            if isinstance(found, torch.device):
                return ["o", "device", "cpu"]
            if isinstance(found, torch.nn.Module):
                return ["o", "module", public_name(type(found))]
        if numpy is not None and isinstance(found, numpy.dtype):
            return ["o", "dtype", f"numpy.{found.name}"]
        if callable(found) and not isinstance(found, type) and hasattr(found, "__name__"):
            return ["o", "function", f"{getattr(found, '__module__', None) or 'builtins'}.{found.__name__}"]
        return ["o", "opaque", public_name(type(found))]

    def _items(self, found: Any) -> list[Any]:
        items = []
        for item in found:
            self.left -= 1
            if self.left < 0:
                raise Unanswerable("more items than an answer holds")
            items.append(self.value(item))
        return items

    def _tuple(self, found: tuple[Any, ...]) -> Any:
        cls = type(found)
        if cls is tuple:
            return ["u", self._items(found)]
        if torch is not None and cls is torch.Size:
            return ["s", [int(n) for n in found]]
        fields = getattr(cls, "_fields", None)
        if fields is None and hasattr(cls, "n_fields"):  # what torch.max() returns: named, but no namedtuple
            members = [n for n, m in vars(cls).items() if isinstance(m, types.MemberDescriptorType)]
            fields = [n for n in members if not n.startswith("_")][: len(found)]
        kind = f"{cls.__module__}.{cls.__qualname__}" if fields else "tuple"
        return ["n", kind, list(fields), self._items(found)] if fields else ["u", self._items(found)]

    def tensor(self, found: Any) -> Any:
        """A torch tensor; ``same`` and ``shares`` are indices among the arguments."""
        cls = type(found)
        name = "Tensor" if cls is torch.Tensor else "Parameter" if cls is torch.nn.Parameter else cls.__name__
        if name not in ("Tensor", "Parameter"):
            if isinstance(found, torch.nn.parameter.UninitializedTensorMixin):
                return ["o", "opaque", public_name(cls)]
            name = "Tensor"
        shape: list[int] | None = None
        strides: list[int] | None = None
        if not found.is_nested:  # ragged: no shape
            shape = list(found.shape)
            if found.layout is torch.strided:
                strides = list(found.stride())
        same, shares = self._relation(found)
        return ["t", "torch", name, shape, strides, dtype_name(found.dtype), found.requires_grad, found.is_leaf, same, shares]

    def array(self, found: Any) -> Any:
        """A NumPy array or scalar."""
        same, shares = self._relation(found)
        dtype = found.dtype
        return [
            "t", "numpy", type(found).__name__, list(found.shape), list(found.strides), dtype.name, False, True, same, shares,
        ]  # fmt: skip

    def _relation(self, found: Any) -> tuple[int | None, int | None]:
        for index, argument in enumerate(self.arguments):
            if argument is found:
                return index, None
        for index, argument in enumerate(self.arguments):
            if share(found, argument):
                return None, index
        return None, None


def share(left: Any, right: Any) -> bool:
    """Whether two different tensors or arrays lie in the same memory."""
    left_torch = torch is not None and isinstance(left, torch.Tensor)
    right_torch = torch is not None and isinstance(right, torch.Tensor)
    if left_torch and right_torch:
        try:
            return bool(left.untyped_storage()._cdata == right.untyped_storage()._cdata)
        except (RuntimeError, NotImplementedError):  # no storage: sparse, nested
            return False
    if not left_torch and not right_torch:
        return bool(numpy.may_share_memory(left, right)) if isinstance(left, numpy.ndarray) else False
    low, high = _memory(left)
    start, end = _memory(right)
    return low < end and start < high


def _memory(found: Any) -> tuple[int, int]:
    if torch is not None and isinstance(found, torch.Tensor):
        try:
            storage = found.untyped_storage()
            return storage.data_ptr(), storage.data_ptr() + storage.nbytes()
        except (RuntimeError, NotImplementedError):
            return 0, 0
    if not isinstance(found, numpy.ndarray):
        return 0, 0
    start = found.__array_interface__["data"][0]
    reach = [(n - 1) * s for n, s in zip(found.shape, found.strides, strict=True)]
    if not found.size:
        return 0, 0
    return start + sum(r for r in reach if r < 0), start + sum(r for r in reach if r > 0) + found.itemsize


# paths ---------------------------------------------------------------------------------------------------------------


def describe_path(path: str) -> dict[str, Any]:
    """What a dotted path names, without calling anything."""
    try:
        found = _lookup(path)
    except Denied:
        return {"kind": "denied"}
    except Missing:
        return {"kind": "missing"}
    if isinstance(found, types.ModuleType):
        return {"kind": "module", "name": found.__name__}
    if isinstance(found, type):
        return _describe_class(found)
    if torch is not None and isinstance(found, torch.dtype):
        return {"kind": "dtype", "name": str(found), "dtype": dtype_name(found)}
    if found is None or type(found) in (bool, int, float, complex, str):
        return {"kind": "constant", "value": ["c", found.real, found.imag] if type(found) is complex else found}
    if callable(found):
        try:
            resolve(path)
        except (Denied, Missing):
            return {"kind": "denied"}
        return {"kind": "function", "parameters": _parameters(found), "overloads": overloads(found)}
    return {"kind": "object", "name": public_name(type(found))}


def _describe_class(cls: type) -> dict[str, Any]:
    answer: dict[str, Any] = {"kind": "class", "name": public_name(cls), "mro": [public_name(c) for c in cls.__mro__]}
    answer["is_nn_module"] = torch is not None and issubclass(cls, torch.nn.Module)
    answer["parameters"] = _parameters(cls)
    answer["overloads"] = overloads(cls)
    if numpy is not None and issubclass(cls, numpy.generic):
        try:
            answer["dtype"] = numpy.dtype(cls).name
        except TypeError:  # an abstract one
            answer["dtype"] = None
    return answer


def _parameters(found: Any) -> list[str] | None:
    try:
        return list(inspect.signature(found).parameters)
    except (TypeError, ValueError):  # written in C, without a signature
        return None


def _lookup(path: str) -> Any:
    """Public names of the numeric libraries, modules of theirs that are imported already; nothing is executed."""
    parts = path.split(".")
    if parts[0] not in ("torch", "numpy", "math", "operator", "einops", "einx") or any(p.startswith("_") for p in parts):
        raise Denied(path)
    if any(p in DENIED for p in parts[1:]):
        raise Denied(path)
    found: Any = import_allowed(parts[0])
    for position, name in enumerate(parts[1:], 2):
        if isinstance(found, types.ModuleType):
            prefix = ".".join(parts[:position])
            if prefix in MODULES:
                found = import_allowed(prefix)
            elif f"{found.__name__}.{name}" in sys.modules:
                found = sys.modules[f"{found.__name__}.{name}"]
            else:
                found = resolve(prefix) if name not in vars(found) else vars(found)[name]
                if isinstance(found, types.ModuleType) and found.__name__ != prefix:
                    raise Denied(path)  # something the library itself imported: torch.os
        elif isinstance(found, type) or (numpy is not None and isinstance(found, numpy.ufunc)):
            if not hasattr(found, name):
                raise Missing(path)
            found = getattr(found, name)
        else:
            raise Missing(path)
    return found
