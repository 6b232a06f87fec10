"""Bounds of integers that a program draws or counts: an index drawn below ``len(x) - 8`` leaves room for ``x[i : i + 8]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.bounds import Within
from tensorls.domain.dims import Dim, add, sub
from tensorls.domain.values import Const, RangeValue, Ref, SymInt, Tuple, Value, as_dim, int_value
from tensorls.interp.machine import Machine

Args = tuple[Value, ...]
Kwargs = Mapping[str, Value]
_WHOLE = ("int64", "int32")  # dtypes that hold a size without wrapping around


def number_of(machine: Machine, value: Value) -> Value:
    """The Python integer that a tensor of one element holds, when bounds of it are known; else the value itself."""
    found = machine.tensor(value)
    if found is None or found.within is None or found.meta.shape != () or not isinstance(value, Ref):
        return value
    within = found.within
    if within.low is not None and within.low == within.high:
        return int_value(within.low)
    number = machine.unknown_int(within)
    machine.store.put(value.address, replace(found, within=_exactly(number)))
    return number


def _exactly(number: Value) -> Within | None:
    dim = as_dim(number)
    return None if dim is None else Within(dim, dim)


def within_of(machine: Machine, value: Value) -> Within | None:
    """Bounds of an integer, or of all elements of an array."""
    found = machine.tensor(value)
    if found is not None:
        exact = _exactly(number_of(machine, value)) if found.meta.shape == () else None
        return exact or found.within
    return _exactly(value)


def refined(machine: Machine, op: str, args: Args, kwargs: tuple[tuple[str, Value], ...], result: Value) -> Value:
    """What came out of a library's operation, with the bounds of its elements where the operation states them."""
    rule = _RULES.get(op)
    if rule is None:
        return result
    within = rule(machine, args, dict(kwargs))
    if within is None:
        return result
    found = machine.tensor(result)
    if isinstance(result, SymInt):
        return int_value(within.low) if within.low is not None and within.low == within.high else machine.unknown_int(within)
    if found is None or not isinstance(result, Ref) or found.meta.dtype not in _WHOLE or found.storage == -1:
        return result
    machine.store.put(result.address, replace(found, within=within))
    machine.bounded.setdefault(found.storage, []).append(result.address)
    return result


def counted(machine: Machine, value: RangeValue) -> Value:
    """Any one number of a ``range``."""
    start, stop, step = as_dim(value.start), as_dim(value.stop), as_dim(value.step)
    if isinstance(step, int) and step > 0:
        return machine.unknown_int(Within(start, None if stop is None else sub(stop, 1)))
    if isinstance(step, int) and step < 0:
        return machine.unknown_int(Within(None if stop is None else add(stop, 1), start))
    return machine.unknown_int()


def renewed(machine: Machine, value: Value) -> Value:
    """Another item like this one: unknown integers of its own, with the same bounds."""
    if isinstance(value, Tuple):
        return Tuple(tuple(renewed(machine, v) for v in value.items), value.kind, value.fields)
    if isinstance(value, SymInt) and machine.is_unknown(value):
        return machine.another(value)
    return value


def _drawn(low: Value | None, high: Value | None, inclusive: bool = False) -> Within | None:
    """``randint(high)`` and ``randint(low, high)``."""
    if high is None or as_dim(high) is None:
        low, high = Const(0), low
    first, last = None if low is None else as_dim(low), None if high is None else as_dim(high)
    return None if first is None or last is None else Within(first, last if inclusive else sub(last, 1))


def _torch_randint(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
    numbers = [v for v in args if as_dim(v) is not None]
    low, high = kwargs.get("low"), kwargs.get("high")
    if len(numbers) >= 2:
        return _drawn(numbers[0], numbers[1])
    if len(numbers) == 1:
        return _drawn(numbers[0], high) if high is not None else _drawn(low or Const(0), numbers[0])
    return _drawn(low or Const(0), high)


def _numpy_randint(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
    if "endpoint" in kwargs:
        return None
    low = args[0] if args else kwargs.get("low")
    high = args[1] if len(args) > 1 else kwargs.get("high")
    return _drawn(low, high)


def _python_randint(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
    return _drawn(args[0], args[1], inclusive=True) if len(args) == 2 else None


def _randrange(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
    return _drawn(args[0], args[1] if len(args) > 1 else None) if args and len(args) < 3 else None


def _counting(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
    """``arange(n)``, ``arange(a, b)``, ``randperm(n)``: whole numbers from zero or the start."""
    return _drawn(args[0], args[1] if len(args) > 1 else None) if args and len(args) < 3 and "step" not in kwargs else None


def _kept(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
    """The same elements, or some of them."""
    return within_of(machine, args[0]) if args and machine.tensor(args[0]) is not None else None


def _arithmetic(combine: Callable[[Within, Within], Within]) -> Callable[[Machine, Args, Kwargs], Within | None]:
    def rule(machine: Machine, args: Args, kwargs: Kwargs) -> Within | None:
        if not any((found := machine.tensor(v)) is not None and found.within is not None for v in args[:2]):
            return None
        sides = [within_of(machine, v) for v in args[:2]]
        return combine(sides[0], sides[1]) if len(sides) == 2 and sides[0] is not None and sides[1] is not None else None

    return rule


def _both(combine: Callable[[Dim, Dim], Dim], left: Dim | None, right: Dim | None) -> Dim | None:
    return None if left is None or right is None else combine(left, right)


_RULES: Mapping[str, Callable[[Machine, Args, Kwargs], Within | None]] = {
    "torch.randint": _torch_randint, "numpy.random.randint": _numpy_randint, ".integers": lambda m, a, k: _numpy_randint(m, a[1:], k),
    "random.randint": _python_randint, "random.randrange": _randrange,
    "torch.arange": _counting, "numpy.arange": _counting, "torch.randperm": _counting, "numpy.random.permutation": _counting,
    **dict.fromkeys((
        "operator.getitem", ".view", ".reshape", ".flatten", ".ravel", ".squeeze", ".unsqueeze", ".long", ".clone", ".copy", ".detach",
        ".cpu", ".cuda", ".to", ".numpy", ".contiguous", ".t", ".permute", ".transpose", ".item", "torch.from_numpy",
    ), _kept),
    "operator.add": _arithmetic(lambda a, b: Within(_both(add, a.low, b.low), _both(add, a.high, b.high))),
    "operator.sub": _arithmetic(lambda a, b: Within(_both(sub, a.low, b.high), _both(sub, a.high, b.low))),
}  # fmt: skip
