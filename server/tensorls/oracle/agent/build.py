"""Stand-ins: real tensors and arrays of a given shape, layout and dtype, with one of several contents.

No content is trusted alone, so there are several *fills*; the first two answer nearly everything, the others are tried where
values decide whether a call succeeds, or what sizes come out.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import Any

from .libs import numpy, torch

PLAIN, MIXED, ZEROS, DEFINITE, NORMAL, DISTINCT, LARGE = FILLS = range(7)

#: What an unknown number may be: sizes, axes from both ends, factors.
SCALARS: dict[str, Sequence[Any]] = {
    "int": (1, 2, 0, 3, -1, 4, 5, -2, 6, 7, 64),
    "float": (1.0, 0.5, 0.0, 2.0, -1.0, 0.25, 7.0, 1e-3, 100.0, -0.5, 3.0),
    "complex": (1 + 0j, 0.5j, 0j, 2 + 0j, -1 + 0j, 1j, 7 + 0j, 1 + 1j, -1j, 3j, 0.5 + 0j),
    "bool": (True, False) * 5 + (True,),
}
CHOICES = 11


def choices(count: int) -> list[tuple[int, ...]]:
    """Which value each of ``count`` unknown numbers takes: every pair of values, for more numbers a selection."""
    if count <= 2:
        return list(itertools.product(range(CHOICES), repeat=count))
    return [tuple((k * (i + 1) + j * i) % CHOICES for i in range(count)) for k in range(CHOICES) for j in range(CHOICES)]


_POOL = 8192  # prepared values a fill; longer tensors repeat them


class Unanswerable(Exception):
    """The question cannot be put to the library, and why."""


_pools: dict[tuple[Any, int], Any] = {}


def _values(fill: int, kind: str, count: int, index: int) -> list[Any]:
    """``count`` values of a fill for the ``index``-th argument, as Python numbers."""
    import random

    if kind == "bool":
        choice = random.Random(count + index)
        return {
            PLAIN: lambda: [True] * count,
            MIXED: lambda: [i % 2 == 1 for i in range(count)],
            ZEROS: lambda: [False] * count,
            DEFINITE: lambda: [choice.random() < 0.5 for _ in range(count)],
            NORMAL: lambda: [i == 0 for i in range(count)],
            DISTINCT: lambda: [(i + index) % 3 == 0 for i in range(count)],
            LARGE: lambda: [choice.random() < 0.7 for _ in range(count)],
        }[fill]()
    choice = random.Random(1)
    if kind == "int":
        return {
            PLAIN: lambda: [0] * count,
            MIXED: lambda: [(i + 1) % 2 for i in range(count)],
            ZEROS: lambda: [1] * count,
            DEFINITE: lambda: [2] * count,
            NORMAL: lambda: [choice.randrange(4) for _ in range(count)],
            DISTINCT: lambda: [i + 1000 * index for i in range(count)],
            LARGE: lambda: [3 + i % 5 for i in range(count)],
        }[fill]()
    return {
        PLAIN: lambda: [1.0] * count,
        MIXED: lambda: [choice.uniform(0.1, 0.9) for _ in range(count)],
        ZEROS: lambda: [0.0] * count,
        DEFINITE: lambda: [0.5] * count,
        NORMAL: lambda: [choice.gauss(0.0, 1.0) for _ in range(count)],
        DISTINCT: lambda: [float(i + 1000 * index) for i in range(count)],
        LARGE: lambda: [7.0] * count,
    }[fill]()


def _span(shape: Sequence[int], strides: Sequence[int]) -> tuple[int, int]:
    """The lowest and the highest offset that a layout reaches."""
    reach = [(n - 1) * s for n, s in zip(shape, strides, strict=True)]
    return sum(r for r in reach if r < 0), sum(r for r in reach if r > 0)


# torch ---------------------------------------------------------------------------------------------------------------


def torch_dtype(name: str) -> Any:
    """The dtype by its bare name."""
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise Unanswerable(f"this torch has no dtype {name}")
    return found


def _torch_flat(dtype: Any, count: int, fill: int, index: int) -> Any:
    """A fresh one-dimensional tensor."""
    if fill == PLAIN:
        if dtype.is_floating_point or dtype.is_complex or dtype is torch.bool:
            return torch.ones(count, dtype=dtype)
        return torch.zeros(count, dtype=dtype)
    key = (dtype, fill if fill != DISTINCT else -1 - index)
    pool = _pools.get(key)
    if pool is None:
        kind = "bool" if dtype is torch.bool else "float" if dtype.is_floating_point or dtype.is_complex else "int"
        values = torch.tensor(_values(fill, kind, _POOL, index))
        pool = _pools[key] = values.to(dtype)
    if count <= _POOL:
        return pool[:count].clone()
    return pool.repeat(-(-count // _POOL))[:count].clone()


def torch_tensor(
    shape: Sequence[int], strides: Sequence[int] | None, dtype: Any, fill: int, index: int, meta: bool, data: Any = None
) -> Any:
    """A leaf without gradient, of exactly that layout."""
    if strides is None or tuple(strides) == _contiguous(shape):
        strides = None
    if meta:
        if strides is None:
            return torch.empty(shape, dtype=dtype, device="meta")
        return torch.empty_strided(shape, strides, dtype=dtype, device="meta")
    continuous = dtype.is_floating_point or dtype.is_complex
    values = None
    if data is not None:
        values = torch.tensor(data, dtype=dtype).reshape(shape)
    elif fill == DEFINITE and len(shape) >= 2 and continuous:
        rows, columns = shape[-2], shape[-1]
        square = torch.eye(rows, columns, dtype=torch.float64) * (max(rows, columns) + 1) + 1 / (columns + 1)
        values = square.to(dtype).expand(tuple(shape)).clone()
    elif strides is None:
        if fill == PLAIN:
            return torch.ones(shape, dtype=dtype) if continuous or dtype is torch.bool else torch.zeros(shape, dtype=dtype)
        flat = _torch_flat(dtype, math.prod(shape), fill, index)
        return torch.empty(0, dtype=dtype).set_(flat.untyped_storage(), 0, tuple(shape))
    if strides is None:
        return values
    if values is not None:
        return _torch_layout(torch.zeros(_storage_size(shape, strides), dtype=dtype), shape, strides, values)
    return _torch_layout(_torch_flat(dtype, _storage_size(shape, strides), fill, index), shape, strides)


def _torch_layout(flat: Any, shape: Sequence[int], strides: Sequence[int], values: Any = None) -> Any:
    """A tensor over that storage, no view of another tensor (``set_`` leaves no base), with these values if given."""
    if values is not None and len(flat):
        places = torch.arange(len(flat)).as_strided(shape, strides).reshape(-1)  # several elements may share a place
        flat[places] = values.reshape(-1)
    return torch.empty(0, dtype=flat.dtype).set_(flat.untyped_storage(), 0, tuple(shape), tuple(strides))


def _storage_size(shape: Sequence[int], strides: Sequence[int]) -> int:
    return _span(shape, strides)[1] + 1 if math.prod(shape) else 0


def _contiguous(shape: Sequence[int]) -> tuple[int, ...]:
    step, strides = 1, []
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def with_gradient(leaf: Any, is_leaf: bool) -> Any:
    """The tensor as one that requires grad: itself, or the result of an operator on it, in the same layout."""
    leaf.requires_grad_(True)
    if is_leaf:
        return leaf
    with torch.enable_grad():
        copy = leaf.clone()
        if copy.stride() != leaf.stride():  # clone() keeps dense layouts only
            size = _span(leaf.shape, leaf.stride())[1] + 1
            start = torch.zeros(size, dtype=leaf.dtype, device=leaf.device).requires_grad_(True)
            copy = start.clone().as_strided(leaf.shape, leaf.stride())
    return copy


# NumPy ---------------------------------------------------------------------------------------------------------------


def numpy_dtype(name: str) -> Any:
    """The dtype by its bare name."""
    text = re.fullmatch(r"(str|bytes)(\d+)", name)
    if text is not None:  # named by their bits
        name = f"U{int(text[2]) // 32}" if text[1] == "str" else f"S{int(text[2]) // 8}"
    try:
        dtype = numpy.dtype(name)
    except TypeError as error:
        raise Unanswerable(f"this NumPy has no dtype {name}") from error
    if dtype.hasobject:
        raise Unanswerable("arrays of Python objects")
    return dtype


def _numpy_flat(dtype: Any, count: int, fill: int, index: int) -> Any:
    if dtype.kind not in "biufc":
        return numpy.zeros(count, dtype)
    if fill == PLAIN:
        return numpy.zeros(count, dtype) if dtype.kind in "iu" else numpy.ones(count, dtype)
    key = (dtype, fill if fill != DISTINCT else -1 - index)
    pool = _pools.get(key)
    if pool is None:
        kind = "bool" if dtype.kind == "b" else "int" if dtype.kind in "iu" else "float"
        pool = _pools[key] = numpy.array(_values(fill, kind, _POOL, index)).astype(dtype)
    return numpy.resize(pool, count) if count > _POOL else pool[:count].copy()


def numpy_array(
    shape: Sequence[int], strides: Sequence[int] | None, dtype: Any, fill: int, index: int, type_name: str, data: Any = None
) -> Any:
    """An array, a NumPy scalar, or a masked array."""
    if data is not None:
        values = numpy.array(data, dtype=dtype).reshape(shape)
    elif fill == DEFINITE and len(shape) >= 2 and dtype.kind in "fc":
        square = numpy.eye(shape[-2], shape[-1]) * (max(shape[-2:]) + 1) + 1 / (shape[-1] + 1)
        values = numpy.broadcast_to(square.astype(dtype), shape).copy()
    elif fill == PLAIN and dtype.kind in "biufc":
        values = numpy.zeros(shape, dtype) if dtype.kind in "iu" else numpy.ones(shape, dtype)
    else:
        values = _numpy_flat(dtype, math.prod(shape), fill, index).reshape(shape)
    if strides is not None and values.strides != tuple(strides) and values.size:
        values = _numpy_layout(values, strides)
    if type_name == "ndarray":
        return values
    if type_name == "MaskedArray":
        return numpy.ma.array(values)
    scalar = getattr(numpy, type_name, None)
    if isinstance(scalar, type) and issubclass(scalar, numpy.generic) and not shape:
        return values[()]
    if type_name == "matrix" and len(shape) == 2:
        return numpy.asmatrix(values)
    raise Unanswerable(f"stand-ins for numpy.{type_name}")


def _numpy_layout(values: Any, strides: Sequence[int]) -> Any:
    low, high = _span(values.shape, strides)
    store = numpy.zeros(high - low + values.itemsize, numpy.uint8)
    result = numpy.ndarray(values.shape, values.dtype, store, -low, tuple(strides))
    result[...] = values if 0 not in strides else values.reshape(-1)[0]
    return result
