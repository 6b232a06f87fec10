"""The values of NumPy's scalars where the program states them: sizes computed with ``np.prod(shape) + 1``, ``np.ceil`` ...

What type a result has the oracle says; here is only the arithmetic, for types on which Python's numbers compute the same.
A value may be a size that has only a name.  Logarithms and the like may differ in their last digit: such a number is never
rounded where that digit decides.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Union

from tensorls.domain import dims
from tensorls.domain.dims import Dim, Expr
from tensorls.domain.objects import ListObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Const, Ref, SymInt, Tuple, Value, as_dim, int_value
from tensorls.interp.machine import Machine

Number = Union[int, float, Expr]
#: Dtypes that compute as Python's int, float and bool do below a limit, with these.
EXACT: Mapping[str, Callable[[Any], Any]] = {"int64": int, "int32": int, "float64": float, "bool": bool}
LARGEST = {"int64": 2**53, "int32": 2**31, "float64": 2**53, "bool": 2}

_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    **{f"operator.{i}{n}": getattr(operator, n) for n in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow") for i in ("", "i")},
    **{f"operator.{n}": getattr(operator, n) for n in ("eq", "ne", "lt", "le", "gt", "ge")},
    "numpy.maximum": max, "numpy.minimum": min, "numpy.add": operator.add, "numpy.subtract": operator.sub,
    "numpy.multiply": operator.mul, "numpy.divide": operator.truediv,
}  # fmt: skip
_UNARY: Mapping[str, Callable[[Any], Any]] = {
    "operator.neg": operator.neg, "operator.pos": operator.pos, "builtins.abs": abs, "numpy.abs": abs, "numpy.sqrt": math.sqrt,
    "numpy.ceil": math.ceil, "numpy.floor": math.floor, "numpy.rint": round, "numpy.log2": math.log2, "numpy.square": lambda x: x * x,
    "numpy.int64": int, "numpy.int32": int, "numpy.intp": int, "numpy.float64": float, "numpy.trunc": math.trunc, ".astype": float,
}  # fmt: skip
_INEXACT: Mapping[str, Callable[[Any], float]] = {
    "numpy.log": math.log, "numpy.log10": math.log10, "numpy.log1p": math.log1p, "numpy.exp": math.exp,
}  # fmt: skip
#: What carries such a digit on; what else there is decides by it.
_SMOOTH = frozenset({
    *(f"operator.{i}{n}" for n in ("add", "sub", "mul", "truediv") for i in ("", "i")), "operator.neg", "operator.pos", "builtins.abs",
    "numpy.abs", "numpy.add", "numpy.subtract", "numpy.multiply", "numpy.divide", "numpy.sqrt", "numpy.square", "numpy.float64",
    "numpy.maximum", "numpy.minimum",
})  # fmt: skip
_COMPARISONS = frozenset(f"operator.{n}" for n in ("eq", "ne", "lt", "le", "gt", "ge"))
_NEAR = 1e-9
LONGEST_ROW = 64  # of numbers that are kept
_REDUCE: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum, "prod": math.prod, "max": max, "min": min, "amax": max, "amin": min,
}  # fmt: skip
#: The same for sizes that have only a name.
_NAMED: Mapping[str, Callable[..., Dim]] = {
    **{f"operator.{i}{n}": getattr(dims, n) for n in ("add", "sub", "mul", "floordiv", "mod") for i in ("", "i")},
    "numpy.int64": lambda x: x, "numpy.int32": lambda x: x, "numpy.intp": lambda x: x,
    "prod": dims.product, "sum": lambda x: dims.add(*x),
}  # fmt: skip


class Inexact(float):
    """A number whose last digit depends on the installed NumPy."""


def number(machine: Machine, value: Value) -> Number | None:
    """The number that a constant, a size or a NumPy scalar is, where that is known."""
    if isinstance(value, Const):
        return value.value if isinstance(value.value, (int, float)) else None
    if isinstance(value, SymInt):
        return value.expr
    found = machine.tensor(value)
    if found is None or found.meta.library != "numpy" or found.meta.shape != () or found.meta.dtype not in EXACT:
        return None
    return found.meta.data if isinstance(found.meta.data, (int, float, Expr)) else None


def as_int(machine: Machine, value: Value) -> Value:
    """A NumPy integer whose value is known as Python's; anything else as it is."""
    known = number(machine, value) if machine.tensor(value) is not None else None
    return int_value(known) if isinstance(known, Expr) or type(known) is int else value


def stated(machine: Machine, value: Value) -> object | None:
    """The integers in nested tuples and lists, as nested tuples; None when one is not known."""
    size = as_dim(value)
    if size is not None:
        return size
    items = _items(machine, value)
    parts = [stated(machine, v) for v in items] if items is not None else [None]
    return None if any(p is None for p in parts) else tuple(parts)


def valued(machine: Machine, op: str, args: tuple[Value, ...], result: Value) -> Value:
    """The scalar that came out of an operation with its value, where that is known."""
    if op == ".item" and len(args) == 1 and machine.tensor(args[0]) is not None:
        known = as_int(machine, args[0])
        return result if known == args[0] else known
    found = machine.tensor(result)
    if not isinstance(result, Ref) or found is None or result in args:
        return result
    meta, dtype = found.meta, found.meta.dtype
    if op == "numpy.arange" and meta.shape != ():
        row = _row(machine, meta, args)
        if row is not None:
            machine.store.put(result.address, replace(found, meta=meta.with_(data=row)))
        return result
    if (
        meta.library != "numpy"
        or meta.shape != ()
        or meta.type == "ndarray"
        or dtype is None
        or dtype not in EXACT
        or meta.data is not None
    ):
        return result
    try:
        value = _compute(machine, op, args)
    except (ArithmeticError, ValueError, TypeError, dims.TooComplex):
        return result
    if isinstance(value, Expr):
        if "int" not in dtype:
            return result
    elif not isinstance(value, (int, float)) or not math.isfinite(value) or abs(value) >= LARGEST[dtype]:
        return result
    elif isinstance(value, Inexact):
        if dtype != "float64":
            return result
    else:
        value = EXACT[dtype](value)
    machine.store.put(result.address, replace(found, meta=meta.with_(data=value)))
    return result


def _compute(machine: Machine, op: str, args: tuple[Value, ...]) -> object:
    name = op.removeprefix("numpy.").removeprefix(".")
    if len(args) == 1 and name in _REDUCE:
        found = machine.tensor(args[0])
        numbers = [number(machine, v) for v in _items(machine, args[0]) or ()] if found is None else _elements(found.meta)
        if not numbers or any(n is None for n in numbers):
            return None
        if any(isinstance(n, Expr) for n in numbers):
            return _NAMED[name](numbers) if name in _NAMED else None
        return _REDUCE[name](numbers)
    if op == "operator.getitem" and len(args) == 2:
        return element(machine, args[0], args[1])
    known = [number(machine, v) for v in (args[:1] if op == ".astype" else args)]
    if any(n is None for n in known):
        return None
    if any(isinstance(n, Expr) for n in known):
        return _of_sizes(op, known)
    if len(known) == 1 and op in _INEXACT:
        return Inexact(_INEXACT[op](known[0]))
    inexact = any(isinstance(n, Inexact) for n in known)
    if inexact and op not in _SMOOTH and not _decided(op, known):
        return None
    if len(known) == 2 and op in _BINARY:
        result = _power(known[0], known[1]) if op.endswith("pow") else _BINARY[op](*known)
    else:
        result = _UNARY[op](known[0]) if len(known) == 1 and op in _UNARY else None
    return Inexact(result) if inexact and op in _SMOOTH and isinstance(result, (int, float)) else result


def _of_sizes(op: str, known: Sequence[Any]) -> Dim | None:
    whole = all(isinstance(n, Expr) or type(n) is int for n in known)
    by_unknown = op.endswith(("floordiv", "mod")) and (type(known[-1]) is not int or known[-1] == 0)
    if op not in _NAMED or not whole or by_unknown or len(known) != (2 if op.startswith("operator.") else 1):
        return None
    return _NAMED[op](*known)


def _decided(op: str, known: Sequence[Any]) -> bool:
    """Whether the last digit of a number cannot matter to a comparison or a rounding."""
    if op in _COMPARISONS:
        return bool(abs(known[0] - known[1]) > _NEAR)
    return len(known) == 1 and not is_near_whole(known[0])


def is_near_whole(number: float) -> bool:
    """Whether the last digit of a number decides which whole number it is rounded to."""
    return abs(number * 2 - round(number * 2)) < _NEAR


def element(machine: Machine, array: Value, index: Value) -> Number | None:
    """One number of an array whose numbers are stated."""
    found, place = machine.tensor(array), number(machine, index)
    row = _elements(found.meta) if found is not None and found.meta.shape != () else []
    return row[place] if type(place) is int and -len(row) <= place < len(row) else None


def row(meta: TensorMeta) -> tuple[object, ...] | None:
    """The numbers of an array of one axis, where each of them is stated."""
    found = _elements(meta) if meta.shape != () else []
    return tuple(found) if found and all(n is not None for n in found) else None


def _row(machine: Machine, meta: TensorMeta, args: Sequence[Value]) -> tuple[int, ...] | None:
    """What ``arange`` of whole numbers holds."""
    known = [number(machine, v) for v in args]
    if meta.dtype != "int64" or not 1 <= len(known) <= 3 or any(type(n) is not int for n in known):
        return None
    numbers = range(*known)  # type: ignore[arg-type]
    return tuple(numbers) if meta.shape == (len(numbers),) and len(numbers) <= LONGEST_ROW else None


def _elements(meta: TensorMeta) -> list[Number | None]:
    """The elements of an array of one axis or none, where they are stated."""
    data = meta.data if isinstance(meta.data, tuple) else (meta.data,)
    if meta.library != "numpy" or meta.dtype not in EXACT or meta.shape not in ((), (len(data),)):
        return []
    return [n if isinstance(n, (int, float, Expr)) else None for n in data]


def _items(machine: Machine, value: Value) -> tuple[Value, ...] | None:
    content = machine.content(value)
    return value.items if isinstance(value, Tuple) else content.items if isinstance(content, ListObject) else None


def _power(base: Any, exponent: Any) -> object:
    return None if abs(exponent) > 64 or (isinstance(exponent, int) and exponent < 0 and isinstance(base, int)) else base**exponent
