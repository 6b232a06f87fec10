"""NumPy functions that call the program's own functions, which the oracle never does, and NumPy's iterators."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping

from tensorls.domain.dims import product
from tensorls.domain.objects import GeneratorObject, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import (
    NONE,
    Arguments,
    Const,
    LibRef,
    Partial,
    Ref,
    Scalar,
    Tuple,
    Unknown,
    Value,
    as_dim,
    why,
)  # fmt: skip
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
VECTORIZED = "numpy.vectorize()"  # what a vectorized function does when it is called
EXACT = 64  # elements of which an iterator's items are told apart


def _array(machine: Machine, meta: TensorMeta) -> Ref:
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta, address))
    return Ref(address)


def _element(machine: Machine, dtype: str | None) -> Value:
    """A NumPy scalar of an array with this dtype."""
    if dtype is None or _python(machine, dtype) is None:
        return Unknown("an element of unknown dtype")
    return _array(machine, TensorMeta("numpy", dtype, (), dtype, strides=()))


def _python(machine: Machine, dtype: str | None) -> Value | None:
    """The Python number that such an element becomes."""
    kind = (dtype or "").rstrip("0123456789")
    if kind in ("int", "uint"):
        return machine.unknown_int()
    return Scalar(kind) if kind in ("float", "bool", "complex") else None


def _as_array(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> TensorMeta | None:
    """What ``numpy.asanyarray`` makes of it."""
    from tensorls.interp.library import operate

    found = machine.tensor(operate(machine, frame, node, "numpy.asanyarray", (value,)))
    return found.meta if found is not None and found.meta.library == "numpy" else None


def _vectorize(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import calls

    function = a.get(0, "pyfunc")
    extra = {k for k, _ in a.kwargs} - {"pyfunc", "otypes", "doc", "cache"}
    if function is None or a.open or extra or len(a.args) > 2:
        return calls.escape(machine, a, "numpy.vectorize with a signature")
    return Partial(LibRef(VECTORIZED), (function, a.get(1, "otypes") or NONE), ())


def _call_vectorized(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """The function on each element: once on NumPy scalars, which decides the dtypes, then on Python's numbers."""
    from tensorls.interp import calls, iteration
    from tensorls.interp.library import operate

    function, otypes, *args = a.args
    given = Arguments((function, *args), a.kwargs, a.open)
    if a.open or a.kwargs or not args:
        return calls.escape(machine, given, "keywords of a vectorized function")
    first: list[Value] = []
    later: list[Value] = []
    arrays: list[Value] = []
    for value in args:
        meta = None if isinstance(value, Const) and not isinstance(value.value, (int, float, complex)) else (
            _as_array(machine, frame, node, value))  # fmt: skip
        number = _python(machine, meta.dtype) if meta is not None else None
        if meta is None and isinstance(value, Const):
            first.append(value)
            later.append(value)
        elif meta is None or number is None:
            return calls.escape(machine, given, why("elements of an unknown kind", value))
        else:
            arrays.append(_array(machine, meta))
            first.append(_element(machine, meta.dtype))
            later.append(number)
    shape: Value = operate(machine, frame, node, "numpy.broadcast_arrays", tuple(arrays))
    if is_failure(shape):
        return FAILED
    rows = iteration.iterate(machine, shape).items
    whole = machine.tensor(rows[0]) if rows else None
    result = calls.call(machine, frame, node, function, Arguments(tuple(first))) if otypes == NONE else NONE
    calls.call(machine, frame, node, function, Arguments(tuple(later)))
    if whole is None:
        return Unknown("a result of unknown shape")
    if otypes != NONE:
        named = iteration.iterate(machine, otypes).items or ()
        results: tuple[Value, ...] = tuple(operate(machine, frame, node, "numpy.empty", (Tuple(()), dtype)) for dtype in named)
        result = results[0] if len(results) == 1 else Tuple(results)
        if not results:
            return Unknown("unknown types of the results")

    def one(value: Value) -> Value:
        meta = _as_array(machine, frame, node, value)
        if is_failure(value) or meta is None:
            return value if isinstance(value, Unknown) else Unknown("a result of unknown kind")
        return _array(machine, TensorMeta("numpy", "ndarray", whole.meta.shape, meta.dtype))

    def every(values: tuple[Value, ...]) -> Value:
        found = values[0]
        return Tuple(tuple(one(v) for v in found.items)) if isinstance(found, Tuple) else one(found)

    return machine.joiner.merged(machine.alternatives(frame, (result,), every))


def _along_axis(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """The function on each one-dimensional slice; its result takes the place of the axis."""
    from tensorls.interp import calls

    function, axis, array = a.get(0, "func1d"), a.get(1, "axis"), a.get(2, "arr")
    if function is None or axis is None or array is None or a.open:
        return calls.escape(machine, a, path)
    meta = _as_array(machine, frame, node, array)
    place = axis.value if isinstance(axis, Const) and isinstance(axis.value, int) else None
    if meta is None or meta.shape is None or place is None or not -len(meta.shape) <= place < len(meta.shape):
        return calls.escape(machine, a, why("an axis of an unknown array", array, axis))
    shape, place = meta.shape, place % len(meta.shape)
    row = _array(machine, meta.with_(shape=(shape[place],), strides=None, data=None))
    kwargs = tuple((k, v) for k, v in a.kwargs if k not in ("func1d", "axis", "arr"))
    result = calls.call(machine, frame, node, function, Arguments((row, *a.args[3:]), kwargs))

    def placed(values: tuple[Value, ...]) -> Value:
        if isinstance(values[0], Unknown):
            return values[0]
        made = _as_array(machine, frame, node, values[0])
        if made is None or made.shape is None:
            return Unknown("a result of unknown shape")
        return _array(machine, TensorMeta("numpy", "ndarray", (*shape[:place], *made.shape, *shape[place + 1 :]), made.dtype))

    return machine.alternatives(frame, (result,), placed)


def _from_function(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``function(*numpy.indices(shape))``."""
    from tensorls.interp import calls, iteration
    from tensorls.interp.library import operate

    function, shape = a.get(0, "function"), a.get(1, "shape")
    if function is None or shape is None or a.open:
        return calls.escape(machine, a, path)
    dtype = a.keyword("dtype") or LibRef("numpy.float64")
    places = operate(machine, frame, node, "numpy.indices", (shape, dtype))
    rows = iteration.iterate(machine, places, frame, node).items
    if rows is None:
        return calls.escape(machine, a, why("indices of an unknown shape", places))
    kwargs = tuple((k, v) for k, v in a.kwargs if k not in ("function", "shape", "dtype"))
    return calls.call(machine, frame, node, function, Arguments(rows, kwargs))


def _piecewise(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """An array like ``x``; the functions see those of its elements for which a condition holds."""
    from tensorls.interp import builtin_objects, calls, iteration
    from tensorls.interp.library import operate

    x, pieces = a.get(0, "x"), a.get(2, "funclist")
    if x is None or pieces is None or a.open:
        return calls.escape(machine, a, path)
    meta = _as_array(machine, frame, node, x)
    functions = iteration.iterate(machine, pieces, frame, node).items
    if meta is None or functions is None:
        return calls.escape(machine, a, why("unknown pieces", x, pieces))
    kwargs = tuple((k, v) for k, v in a.kwargs if k not in ("x", "condlist", "funclist"))
    for function in functions:
        if builtin_objects.HANDLERS["callable"](machine, frame, node, Arguments((function,))) != Const(False):
            part = _array(machine, meta.with_(shape=(machine.fresh(),), strides=None, data=None))
            calls.call(machine, frame, node, function, Arguments((part, *a.args[3:]), kwargs))
    return operate(machine, frame, node, "numpy.zeros_like", (x,), show=path)


def _places(machine: Machine, shape: tuple[Value, ...]) -> tuple[tuple[Value, ...] | None, Value]:
    """The indices of every element in order, where they are few; and any of them."""
    element = Tuple(tuple(machine.unknown_int() for _ in shape))
    sizes = [v.value for v in shape if isinstance(v, Const) and isinstance(v.value, int)]
    count = product(sizes)
    if len(sizes) < len(shape) or not isinstance(count, int) or count > EXACT:
        return None, element
    return tuple(Tuple(tuple(Const(i) for i in place)) for place in itertools.product(*map(range, sizes))), element


def _ndindex(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    shape = a.args[0].items if len(a.args) == 1 and isinstance(a.args[0], Tuple) else a.args
    if a.open or any(as_dim(v) is None for v in shape):
        return Unknown("indices of an unknown shape")
    items, element = _places(machine, shape)
    return machine.store.new(GeneratorObject(items, element))


def _ndenumerate(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.domain.values import int_value

    meta = _as_array(machine, frame, node, a.args[0]) if len(a.args) == 1 else None
    if meta is None or meta.shape is None:
        return Unknown(why("elements of an unknown array", *a.args[:1]))
    value = _element(machine, meta.dtype)
    items, element = _places(machine, tuple(int_value(d) for d in meta.shape))
    pairs = None if items is None else tuple(Tuple((place, value)) for place in items)
    return machine.store.new(GeneratorObject(pairs, Tuple((element, value))))


def _nditer(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Arrays without dimensions that show one element after the other; with flags it is an object of its own kind."""
    if len(a.args) != 1 or a.keyword("flags") is not None or a.open:
        return machine.store.new(LibObject(path))
    operand = a.args[0]
    many = isinstance(operand, Tuple) or isinstance(machine.content(operand), ListObject)
    metas = [_as_array(machine, frame, node, v) for v in (_items(machine, operand) if many else (operand,))]
    shown = [None if m is None else m.with_(type="ndarray", shape=(), strides=(), data=None) for m in metas]
    seen = [Unknown("an unknown array") if m is None else _array(machine, m) for m in shown]
    return machine.store.new(GeneratorObject(None, Tuple(tuple(seen)) if many else seen[0]))


def _items(machine: Machine, value: Value) -> tuple[Value, ...]:
    from tensorls.interp import iteration

    return iteration.iterate(machine, value).items or (Unknown("unknown operands"),)


def _polynomial(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``numpy.poly1d``; of coefficients that are an array it is known as a function alone."""
    from tensorls.interp import calls

    if len(a.args) == 1 and not a.kwargs and machine.tensor(a.args[0]) is not None:
        return Partial(LibRef("numpy.polyval"), a.args, ())
    return calls.call_operator(machine, frame, node, path, a)


HANDLERS: Mapping[str, Handler] = {
    "numpy.vectorize": _vectorize,
    VECTORIZED: _call_vectorized,
    "numpy.apply_along_axis": _along_axis,
    "numpy.fromfunction": _from_function,
    "numpy.piecewise": _piecewise,
    "numpy.ndindex": _ndindex,
    "numpy.ndenumerate": _ndenumerate,
    "numpy.nditer": _nditer,
    "numpy.poly1d": _polynomial,
}
