"""The values of NumPy's scalars where the program's own constants make them: sizes computed with ``np.prod``, ``np.ceil`` ...

What type a result has the oracle says; here is only the arithmetic, for types on which Python's numbers compute the same.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Union

from tensorls.domain.objects import ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Const, Tuple, Value
from tensorls.interp.machine import Machine

Number = Union[int, float]
EXACT = ("int64", "float64", "bool")  # dtypes that compute as Python's int, float and bool do
LARGEST = 2**53

_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    **{f"operator.{n}": getattr(operator, n) for n in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "eq", "ne", "lt", "le", "gt", "ge")},
    "numpy.maximum": max, "numpy.minimum": min, "numpy.add": operator.add, "numpy.subtract": operator.sub,
    "numpy.multiply": operator.mul, "numpy.divide": operator.truediv,
}  # fmt: skip
_UNARY: Mapping[str, Callable[[Any], Any]] = {
    "operator.neg": operator.neg, "operator.pos": operator.pos, "builtins.abs": abs, "numpy.abs": abs, "numpy.sqrt": math.sqrt,
    "numpy.ceil": math.ceil, "numpy.floor": math.floor, "numpy.rint": round, "numpy.log2": math.log2, "numpy.square": lambda x: x * x,
    "numpy.int64": int, "numpy.float64": float, "numpy.sum": lambda x: x, "numpy.prod": lambda x: x,
}  # fmt: skip
_REDUCE: Mapping[str, Callable[[list[Any]], Any]] = {
    "numpy.sum": sum, "numpy.prod": math.prod, "numpy.max": max, "numpy.min": min, "numpy.amax": max, "numpy.amin": min,
}  # fmt: skip


def number(machine: Machine, value: Value) -> Number | None:
    """The number that a constant or a NumPy scalar is, where that is known."""
    if isinstance(value, Const):
        return value.value if isinstance(value.value, (int, float)) else None
    found = machine.tensor(value)
    if found is None or found.meta.library != "numpy" or found.meta.shape != () or found.meta.dtype not in EXACT:
        return None
    return found.meta.data if isinstance(found.meta.data, (int, float)) else None


def plain_number(machine: Machine, value: Value) -> Value:
    """A NumPy integer whose value is known as a Python integer; anything else as it is."""
    if isinstance(value, Const) or machine.tensor(value) is None:
        return value
    known = number(machine, value)
    return Const(known) if isinstance(known, int) and not isinstance(known, bool) else value


def with_value(machine: Machine, op: str, args: tuple[Value, ...], found: TensorObject) -> TensorMeta | None:
    """The scalar that came out with its value; None when that is not known."""
    meta = found.meta
    if meta.library != "numpy" or meta.shape != () or meta.type == "ndarray" or meta.dtype not in EXACT or meta.data is not None:
        return None
    try:
        result = _compute(machine, op, args)
    except (ArithmeticError, ValueError, TypeError):
        return None
    if not isinstance(result, (int, float)) or not math.isfinite(result) or abs(result) >= LARGEST:
        return None
    return meta.with_(data={"int64": int, "float64": float, "bool": bool}[meta.dtype](result))


def _compute(machine: Machine, op: str, args: tuple[Value, ...]) -> object:
    if len(args) == 1 and op in _REDUCE:
        content = machine.content(args[0])
        items = args[0].items if isinstance(args[0], Tuple) else content.items if isinstance(content, ListObject) else None
        if items:
            numbers = [number(machine, v) for v in items]
            return None if None in numbers else _REDUCE[op](numbers)
    known = [number(machine, v) for v in args]
    if None in known:
        return None
    if len(known) == 2 and op in _BINARY:
        return _power(known[0], known[1]) if op == "operator.pow" else _BINARY[op](*known)
    return _UNARY[op](known[0]) if len(known) == 1 and op in _UNARY else None


def _power(base: Any, exponent: Any) -> object:
    return None if abs(exponent) > 64 or (isinstance(exponent, int) and exponent < 0 and isinstance(base, int)) else base**exponent
