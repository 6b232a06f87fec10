"""Integers in NumPy's clothes: ``np.prod(shape) + 1`` is a size that the source states, like the Python integers in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tensorls.domain import dims
from tensorls.domain.dims import Dim, Expr
from tensorls.domain.objects import ListObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Ref, Tuple, Value, as_dim, int_value
from tensorls.interp.machine import Machine
from tensorls.oracle.question import Term

LARGEST = 2**31  # beyond it, arithmetic may wrap

_BINARY: Mapping[str, Callable[[Dim, Dim], Dim]] = {
    f"operator.{prefix}{name}": function
    for prefix in ("", "i")
    for name, function in (("add", dims.add), ("sub", dims.sub), ("mul", dims.mul), ("floordiv", dims.floordiv), ("mod", dims.mod))
}  # fmt: skip
_REDUCTIONS: Mapping[str, Callable[[Sequence[Dim]], Dim]] = {"prod": dims.product, "sum": lambda numbers: dims.add(*numbers)}
_MAKERS = frozenset({"numpy.int64", "numpy.int32", "numpy.intp"})


def stated(machine: Machine, value: Value) -> object | None:
    """The integers in nested tuples and lists, as nested tuples; None when one is not known."""
    size = as_dim(value)
    if size is not None:
        return size
    content = machine.content(value)
    items = value.items if isinstance(value, Tuple) else content.items if isinstance(content, ListObject) else None
    parts = [stated(machine, v) for v in items] if items is not None else [None]
    return None if any(p is None for p in parts) else tuple(parts)


def as_int(machine: Machine, value: Value) -> Value:
    """A NumPy integer whose value is known as Python's."""
    found = machine.tensor(value)
    size = None if found is None else _number(found.meta)
    return value if size is None else int_value(size)


def fold(machine: Machine, op: str, args: tuple[Term, ...], plain: bool, result: Value) -> Value:
    """The result with its value, where the arguments' values are known; ``plain``: there are no keyword arguments."""
    found = machine.tensor(result)
    if plain and op == ".item" and len(args) == 1 and isinstance(args[0], TensorMeta):
        size = _number(args[0])
        return result if size is None else int_value(size)
    if not plain or found is None or not isinstance(result, Ref) or found.meta.library != "numpy" or found.meta.shape != ():
        return result
    if found.meta.data is not None or "int" not in (found.meta.dtype or ""):
        return result
    value = _value(op, args)
    if value is None or (isinstance(value, int) and abs(value) >= LARGEST):
        return result
    machine.store.put(result.address, replace(found, meta=found.meta.with_(data=value)))
    return result


def _value(op: str, args: tuple[Term, ...]) -> Dim | None:
    try:
        if op in _BINARY and len(args) == 2:
            left, right = (_number(a) for a in args)
            if left is None or right is None or (op.endswith(("floordiv", "mod")) and not (isinstance(right, int) and right)):
                return None
            return _BINARY[op](left, right)
        if op in _MAKERS and len(args) == 1:
            return _number(args[0])
        reduce = _REDUCTIONS.get(op.removeprefix("numpy.").removeprefix("."))
        if reduce is None or len(args) != 1 or not isinstance(args[0], TensorMeta):
            return None
        data = args[0].data
        numbers = [n for n in (data if isinstance(data, tuple) else (data,)) if _is_size(n)]
        return reduce(numbers) if numbers and (len(numbers),) in (args[0].shape, (1,)) else None
    except dims.TooComplex:
        return None


def _number(term: Term) -> Dim | None:
    value: object = term
    if isinstance(term, TensorMeta):
        value = term.data if term.library == "numpy" and term.shape == () else None
    return value if isinstance(value, Expr) or type(value) is int else None


def _is_size(value: object) -> bool:
    return isinstance(value, Expr) or type(value) is int
