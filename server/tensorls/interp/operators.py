"""Python's operators on every kind of value."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from tensorls.domain import dims
from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import ITEMSIZES
from tensorls.domain.values import (
    FALSE,
    TRUE,
    Arguments,
    BoundMethod,
    Builtin,
    Const,
    Function,
    LibRef,
    Parameter,
    Partial,
    RangeValue,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_dim,
    int_value,
    why,
)  # fmt: skip
from tensorls.interp import assumptions, calls, declarations, iteration, namespaces, nncontainers, numbers, objects
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import enums
from tensorls.interp.library import operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

#: ast node -> (name in the module ``operator``, dunder, reflected dunder, in-place name)
BINARY: Mapping[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add", "+"), ast.Sub: ("sub", "-"), ast.Mult: ("mul", "*"), ast.Div: ("truediv", "/"),
    ast.FloorDiv: ("floordiv", "//"), ast.Mod: ("mod", "%"), ast.Pow: ("pow", "**"), ast.MatMult: ("matmul", "@"),
    ast.BitAnd: ("and_", "&"), ast.BitOr: ("or_", "|"), ast.BitXor: ("xor", "^"), ast.LShift: ("lshift", "<<"),
    ast.RShift: ("rshift", ">>"),
}  # fmt: skip
COMPARE: Mapping[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("eq", "=="), ast.NotEq: ("ne", "!="), ast.Lt: ("lt", "<"), ast.LtE: ("le", "<="), ast.Gt: ("gt", ">"), ast.GtE: ("ge", ">="),
}  # fmt: skip
UNARY: Mapping[type[ast.unaryop], tuple[str, str]] = {
    ast.USub: ("neg", "-"), ast.UAdd: ("pos", "+"), ast.Invert: ("invert", "~"),
}  # fmt: skip
_SYMBOLIC: Mapping[str, Callable[[dims.Dim, dims.Dim], dims.Dim]] = {
    "add": dims.add, "sub": dims.sub, "mul": dims.mul, "floordiv": dims.floordiv, "mod": dims.mod,
}  # fmt: skip
UNSUPPORTED = Unknown("unsupported operands")
NUMERIC_KINDS = ("bool", "int", "number", "float", "complex")  # "number": an int or a float


def binary(machine: Machine, frame: Frame, node: ast.AST, op: type[ast.operator], left: Value, right: Value,
           in_place: bool = False) -> Value:  # fmt: skip
    """``left op right``, or ``left op= right``."""
    name, sign = BINARY[op]

    def run(values: tuple[Value, ...]) -> Value:
        result = _binary(machine, frame, node, name, sign, values[0], values[1], in_place)
        if result == UNSUPPORTED and values != (left, right):  # of several alternatives, this one ends the path
            machine.problem(frame, node, "failed", "operator", "TypeError", f"unsupported operand type(s) for {sign}")
            return FAILED
        return result

    if not isinstance(left, Union) and not isinstance(right, Union):
        return run((left, right))
    machine.recorder.capture()
    try:
        found = machine.alternatives(frame, (left, right), run)
    finally:
        problems = machine.recorder.release()
    unsupported = [p for _, p in problems if p.operation == "operator"]
    for context, problem in problems:
        if problem.operation != "operator":
            machine.recorder.problem(context, problem)
    return UNSUPPORTED if unsupported and is_failure(found) else found


def _binary(machine: Machine, frame: Frame, node: ast.AST, name: str, sign: str, left: Value, right: Value,
            in_place: bool) -> Value:  # fmt: skip
    if is_failure(left) or is_failure(right):
        return FAILED
    found = objects.dunder_binary(machine, frame, node, name.rstrip("_"), left, right, in_place)
    if found is not None:
        return found
    if name == "add" and isinstance(left, Ref) and nncontainers.kind(machine, left) is not None:
        return nncontainers.add(machine, frame, node, left, right, in_place)
    if is_array_operand(machine, left) or is_array_operand(machine, right):
        op = f"operator.i{name.rstrip('_')}" if in_place and machine.tensor(left) else f"operator.{name}"
        return operate(machine, frame, node, op, (left, right), show=f"{sign}=" if in_place else sign)
    if name == "or_" and (declared := declarations.either(left, right)) is not None:
        return declared
    if isinstance(left, Const) and isinstance(right, Const):
        return _fold(machine, frame, node, name, sign, left.value, right.value)
    a, b = as_dim(left), as_dim(right)
    if a is not None and b is not None and name in _SYMBOLIC:
        try:
            return int_value(_SYMBOLIC[name](a, b))
        except (ZeroDivisionError, dims.TooComplex):
            return machine.unknown_int()
    if isinstance(left, Parameter) or isinstance(right, Parameter):
        size = assumptions.combined(name, left, right, why("unknown operand", left, right))
        if size is not None:
            return size
    containers = _containers(machine, name, left, right, in_place)
    if containers is not None:
        return containers
    return _by_kind(machine, name, left, right)


def is_array_operand(machine: Machine, value: Value) -> bool:
    """Whether a library's operator decides: a tensor, an array, a module-like object made by the library."""
    content = machine.content(value)
    return isinstance(content, TensorObject) or (isinstance(content, LibObject) and content.recipe is not None and not content.is_module)


def _fold(machine: Machine, frame: Frame, node: ast.AST, name: str, sign: str, left: object, right: object) -> Value:
    if name == "pow" and isinstance(left, int) and isinstance(right, int) and right * max(left.bit_length(), 1) > 4096:
        return machine.unknown_int()
    if name == "lshift" and isinstance(right, int) and right > 4096:
        return machine.unknown_int()
    if name == "mul" and (isinstance(left, (str, bytes)) or isinstance(right, (str, bytes))):
        count = left if isinstance(left, int) else right
        text = right if isinstance(left, int) else left
        if isinstance(count, int) and isinstance(text, (str, bytes)) and count * len(text) > machine.limits.text:
            return Scalar(type(text).__name__)
    if name == "mod" and isinstance(left, (str, bytes)):
        return Scalar("str") if len(str(left)) > 1000 else _format(left, right)
    try:
        result = getattr(operator, name)(left, right)
    except (ArithmeticError, ValueError):
        return Unknown("arithmetic error")
    except TypeError:
        return UNSUPPORTED
    if isinstance(result, int) and not isinstance(result, bool) and result.bit_length() > machine.limits.integer_bits:
        return machine.unknown_int()
    return Const(result)


def _format(left: object, right: object) -> Value:
    if isinstance(left, str) and isinstance(right, (int, float, str)) and "*" not in left and len(left) < 200:
        try:
            return Const(left % right) if not any(c.isdigit() for c in left) else Scalar("str")
        except (TypeError, ValueError):
            return Unknown("format")
    return Scalar("str")


def _containers(machine: Machine, name: str, left: Value, right: Value, in_place: bool) -> Value | None:
    """Concatenation and repetition of tuples and lists, unions of dicts."""
    limit = machine.limits.items
    if isinstance(left, Tuple) and isinstance(right, Tuple) and name == "add":
        kind = "size" if left.kind == right.kind == "size" else "tuple"
        return Tuple(left.items + right.items, kind)
    for sequence, count in ((left, right), (right, left)):
        if name != "mul":
            break
        count = numbers.as_int(machine, count)
        times = count.value if isinstance(count, Const) and isinstance(count.value, int) else None
        if isinstance(sequence, Tuple):
            if times is None or times * len(sequence.items) > limit:
                return Unknown("tuple of unknown length")
            return Tuple(sequence.items * times, sequence.kind if sequence.kind == "size" else "tuple")
        content = machine.content(sequence)
        if isinstance(content, ListObject):
            if content.items is not None and times is not None and times * len(content.items) <= limit:
                return machine.store.new(ListObject(content.items * times, kind=content.kind))
            return machine.store.new(ListObject(None, machine.joiner.element(content), content.kind))
    a, b = machine.content(left), machine.content(right)
    if isinstance(a, ListObject) and name == "add":
        other = iteration.iterate(machine, right)
        if a.items is not None and other.items is not None:
            joined = ListObject(a.items + other.items, kind=a.kind)
        else:
            joined = ListObject(None, machine.join([machine.joiner.element(a), other.element]), a.kind)
        if in_place and isinstance(left, Ref):
            machine.store.put(left.address, joined)
            return left
        return machine.store.new(joined)
    if isinstance(a, DictObject) and isinstance(b, DictObject) and name == "or_":
        return machine.store.new(DictObject({**a.entries, **b.entries}, a.rest or b.rest))
    if isinstance(a, ListObject) and a.kind == "set":
        return machine.store.new(ListObject(None, machine.joiner.element(a), "set"))
    return None


def _by_kind(machine: Machine, name: str, left: Value, right: Value) -> Value:
    """What Python's numeric tower says when only the types are known."""
    a, b = scalar_kind(left), scalar_kind(right)
    if (a == "str" and name in ("add", "mod", "mul")) or (b == "str" and name == "mul"):
        return Scalar("str")
    if a not in NUMERIC_KINDS or b not in NUMERIC_KINDS:
        return Unknown(why("unknown operand", left, right))
    kind = max(a, b, "int", key=NUMERIC_KINDS.index)
    if name == "truediv" and kind in ("int", "number"):
        kind = "float"
    if name == "pow" and kind == "int":
        negative = not (isinstance(right, Const) and isinstance(right.value, int) and right.value >= 0)
        return Unknown("int or float") if negative else machine.unknown_int()
    return machine.unknown_int() if kind == "int" else Scalar(kind)


def scalar_kind(value: Value) -> str | None:
    """The Python type of a number or string, known or not."""
    if isinstance(value, Const):
        return "str" if isinstance(value.value, str) else type(value.value).__name__
    if isinstance(value, SymInt):
        return "int"
    return value.kind if isinstance(value, Scalar) else None


def unary(machine: Machine, frame: Frame, node: ast.AST, op: type[ast.unaryop], value: Value) -> Value:
    """``-x``, ``+x``, ``~x``, ``not x``."""
    if op is ast.Not:
        known = truth(machine, frame, node, value)
        return Scalar("bool") if known is None else Const(not known)
    name, sign = UNARY[op]

    def run(values: tuple[Value, ...]) -> Value:
        (v,) = values
        if is_failure(v):
            return FAILED
        if is_array_operand(machine, v):
            return operate(machine, frame, node, f"operator.{name}", (v,), show=sign)
        if isinstance(v, Const):
            try:
                return Const(getattr(operator, name)(v.value))
            except TypeError:
                return Unknown("unsupported operand")
        if isinstance(v, SymInt):
            return v if name == "pos" else int_value(dims.neg(v.expr)) if name == "neg" else machine.unknown_int()
        found = objects.dunder_unary(machine, frame, node, name, v)
        return found if found is not None else v if isinstance(v, Scalar) else Unknown(why("unknown operand", v))

    return machine.alternatives(frame, (value,), run)


def compare(machine: Machine, frame: Frame, node: ast.AST, op: type[ast.cmpop], left: Value, right: Value) -> Value:
    """One comparison."""
    return machine.alternatives(frame, (left, right), lambda v: _compare(machine, frame, node, op, v[0], v[1]))


def _compare(machine: Machine, frame: Frame, node: ast.AST, op: type[ast.cmpop], left: Value, right: Value) -> Value:
    if is_failure(left) or is_failure(right):
        return FAILED
    if op in (ast.Is, ast.IsNot):
        same = identical(machine, left, right)
        return Scalar("bool") if same is None else Const(same == (op is ast.Is))
    if op in (ast.In, ast.NotIn):
        method = objects.special(machine, right, "contains")
        if method is not None:
            verdict = truth(machine, frame, node, calls.call(machine, frame, node, method, Arguments((left,))))
            return Scalar("bool") if verdict is None else Const(verdict == (op is ast.In))
        inside = contains(machine, left, right)
        return Scalar("bool") if inside is None else Const(inside == (op is ast.In))
    name, sign = COMPARE[op]
    if is_array_operand(machine, left) or is_array_operand(machine, right):
        return operate(machine, frame, node, f"operator.{name}", (left, right), show=sign)
    found = objects.dunder_binary(machine, frame, node, name, left, right, False)
    if found is not None:
        return found
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown(why("unknown operand", left, right))  # an array, perhaps: then the result is one
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return Const(bool(getattr(operator, name)(left.value, right.value)))
        except TypeError:
            return Unknown("unsupported comparison")
    if op in (ast.Eq, ast.NotEq):
        same = equal(machine, left, right)
        return Scalar("bool") if same is None else Const(same == (op is ast.Eq))
    a, b = as_dim(left), as_dim(right)
    if a is not None and b is not None:
        difference = dims.sub(a, b)
        if isinstance(difference, int):
            return Const(bool(getattr(operator, name)(difference, 0)))
        return _ordered(machine, name, difference)
    return Scalar("bool")


def _ordered(machine: Machine, name: str, difference: dims.Dim) -> Value:
    """Compare with zero what is known by its bounds alone."""
    low, high = machine.bounds.lower(difference), machine.bounds.upper(difference)
    strict = name in ("lt", "gt")
    if name in ("lt", "le"):
        low, high = (None if high is None else -high), (None if low is None else -low)  # a < b is b - a > 0
    if low is not None and low >= (1 if strict else 0):
        return TRUE
    if high is not None and high < (1 if strict else 0):
        return FALSE
    return Scalar("bool")


def _different_dtypes(left: str, right: str) -> bool:
    """Whether two paths are dtypes of one library under their own names, so that they differ when these do."""
    (library, _, a), (other, _, b) = left.partition("."), right.partition(".")
    a, b = ("bool" if name == "bool_" else name for name in (a, b))
    return library == other and a != b and a in ITEMSIZES and b in ITEMSIZES and "longdouble" not in (a, b)


def equal(machine: Machine, left: Value, right: Value) -> bool | None:
    """``left == right``; None when that is not known."""
    if enums.is_member(machine, left) or enums.is_member(machine, right):
        return enums.equal(machine, left, right)
    if isinstance(left, Tuple) and isinstance(right, Tuple):
        if len(left.items) != len(right.items):
            return False
        verdicts = [equal(machine, a, b) for a, b in zip(left.items, right.items, strict=True)]
        return False if False in verdicts else None if None in verdicts else True
    if isinstance(left, Const) and isinstance(right, Const):
        return bool(left.value == right.value)
    a, b = as_dim(left), as_dim(right)
    if a is not None and b is not None:
        difference = dims.sub(a, b)
        return difference == 0 if isinstance(difference, int) else None
    if isinstance(left, LibRef) and isinstance(right, LibRef):
        return True if left == right else False if _different_dtypes(left.path, right.path) else None
    x, y = machine.content(left), machine.content(right)
    if isinstance(x, ListObject) and isinstance(y, ListObject) and x.items is not None and y.items is not None:
        return equal(machine, Tuple(x.items), Tuple(y.items))
    if isinstance(left, Const) and left.value is None and isinstance(right, (Ref, Tuple, Function)):
        return False
    if isinstance(right, Const) and right.value is None and isinstance(left, (Ref, Tuple, Function)):
        return False
    return None


def identical(machine: Machine, left: Value, right: Value) -> bool | None:
    """``left is right``; None when that is not known."""
    if isinstance(left, (Unknown, Union)) or isinstance(right, (Unknown, Union)):
        return None
    if isinstance(left, Const) and isinstance(right, Const):
        if isinstance(left.value, (bool, type(None))) or isinstance(right.value, (bool, type(None))):
            return left.value is right.value
        return None if left == right else False
    if isinstance(left, Const) or isinstance(right, Const):
        return False if type(left) is not type(right) else None
    if isinstance(left, Ref) and isinstance(right, Ref):
        return left.address == right.address
    if isinstance(left, (LibRef, Builtin)) and left == right:
        return True
    return False if type(left) is not type(right) else None


def contains(machine: Machine, item: Value, container: Value) -> bool | None:
    """``item in container``; None when that is not known."""
    if isinstance(item, Const) and isinstance(item.value, str) and isinstance(container, Const) and isinstance(container.value, str):
        return item.value in container.value
    content = machine.content(container)
    owner = namespaces.owner(container)
    if owner is not None:
        return namespaces.contains(machine, owner, item)
    if isinstance(content, DictObject):
        if item in content.entries:
            return None if item in content.doubtful else True
        known = [k for k in (item, *content.entries) if isinstance(k, Const) or enums.is_member(machine, k)]
        if content.rest is not None or len(known) <= len(content.entries):
            return None
        return False if False not in (equal(machine, item, k) is False for k in content.entries) else None
    if nncontainers.kind(machine, container) is not None:
        return nncontainers.contains(machine, container, item)
    if isinstance(content, (TensorObject, Instance, LibObject)):
        return None
    if isinstance(content, ClassObject) and enums.members(machine, container) is None:
        return None
    found = iteration.iterate(machine, container)
    if found.items is None:
        return None
    verdicts = [equal(machine, item, v) if not isinstance(v, (Unknown, Union)) else None for v in found.items]
    return True if True in verdicts else None if None in verdicts else False


def truth(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> bool | None:
    """Whether a value counts as true; None when that is not known."""
    if isinstance(value, Union):
        verdicts = {truth(machine, frame, node, v) for v in value.members}
        return verdicts.pop() if len(verdicts) == 1 else None
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Tuple):
        return bool(value.items)
    if isinstance(value, (Function, LibRef, Builtin, Partial, BoundMethod)):
        return True
    if isinstance(value, RangeValue):
        found = iteration.iterate(machine, value)
        return None if found.items is None else bool(found.items)
    content = machine.content(value)
    if isinstance(content, TensorObject):
        known = numbers.number(machine, value)
        if isinstance(known, (int, float)):
            return bool(known)
        operate(machine, frame, node, "builtins.bool", (value,), show="bool")  # more than one element: an error
        return None
    if isinstance(content, ListObject):
        return None if content.items is None else bool(content.items)
    if isinstance(content, DictObject):
        return True if content.entries else False if content.rest is None else None
    if isinstance(content, ClassObject):
        return True
    if isinstance(content, (Instance, LibObject)):
        return objects.instance_truth(machine, value)
    return None


__all__ = ["BINARY", "FALSE", "TRUE", "binary", "compare", "contains", "equal", "identical", "scalar_kind", "truth", "unary"]
