"""Python values as the interpreter knows them.  Frozen; what can be mutated lives on the heap behind a ``Ref``."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from tensorls.domain.dims import Dim, Expr, Shape


class Value:
    """What an expression may evaluate to."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Const(Value):
    """A known immutable Python object: number, string, None, Ellipsis.  Equality is by type as well as value."""

    value: object

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Const)
            and type(self.value) is type(other.value)
            and (self.value == other.value or (self.value != self.value and other.value != other.value))
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)


@dataclass(frozen=True, slots=True)
class SymInt(Value):
    """An integer that is an expression over symbols."""

    expr: Expr


@dataclass(frozen=True, slots=True)
class Scalar(Value):
    """A Python number, bool or string of known type (``kind``) whose value is unknown."""

    kind: str


@dataclass(frozen=True, slots=True)
class Tuple(Value):
    """A tuple; ``kind`` is "tuple", "size" (torch.Size) or the dotted name of a named tuple with ``fields``."""

    items: tuple[Value, ...]
    kind: str = "tuple"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SliceValue(Value):
    """``start:stop:step``."""

    start: Value
    stop: Value
    step: Value


@dataclass(frozen=True, slots=True)
class RangeValue(Value):
    """``range(start, stop, step)``."""

    start: Value
    stop: Value
    step: Value


@dataclass(frozen=True, slots=True)
class LibRef(Value):
    """Something public of a library by its canonical dotted path: ``torch.nn.functional.relu``, ``math.sqrt``."""

    path: str


@dataclass(frozen=True, slots=True)
class DeviceValue(Value):
    """A ``torch.device``; ``name`` None when unknown."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Ref(Value):
    """A heap object by address: tensors, lists, dicts, instances, classes, user modules."""

    address: int


@dataclass(frozen=True, slots=True)
class Function(Value):
    """A user function or lambda with its closure (``scope``: the frame it was made in)."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    name: str
    file: str
    scope: int
    defaults: tuple[Value, ...] = ()
    kw_defaults: tuple[Value | None, ...] = ()
    owner: Value | None = None  # the class whose body holds it, for zero-argument super()
    modes: tuple[ModeManager, ...] = ()  # decorators such as @torch.no_grad()
    wraps: Value | None = None  # what functools.wraps says that it stands for


@dataclass(frozen=True, slots=True)
class BoundMethod(Value):
    """A user function bound to its receiver."""

    receiver: Value
    function: Value


@dataclass(frozen=True, slots=True)
class NativeMethod(Value):
    """A method of a tensor, a container, a string or a library object, by name."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Builtin(Value):
    """A Python builtin function or class by name: ``len``, ``range``, ``int``."""

    name: str


@dataclass(frozen=True, slots=True)
class Partial(Value):
    """``functools.partial``."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Descriptor(Value):
    """``property``, ``staticmethod`` or ``classmethod`` around a function (``kind``)."""

    kind: str
    function: Value


@dataclass(frozen=True, slots=True)
class SuperValue(Value):
    """``super()``: look attributes up in the method resolution order after ``owner``."""

    owner: Value
    receiver: Value


@dataclass(frozen=True, slots=True)
class ModeManager(Value):
    """A context manager (or decorator) that changes the ambient mode: ``torch.no_grad()``, ``torch.device(...)``.

    ``entered``: what ``as`` binds.  ``unknown``: it may change the mode in ways that are not known.  ``restores``: the mode
    to return to at its end, for those that took effect before they were entered (``torch.set_grad_enabled``).
    """

    changes: tuple[tuple[str, object], ...]
    entered: Value | None = None
    unknown: bool = False
    restores: Value | None = None


@dataclass(frozen=True, slots=True)
class Union(Value):
    """One of several values, depending on the path taken."""

    members: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unknown(Value):
    """Nothing is known, and why."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Parameter(Unknown):
    """A parameter of a function that nobody calls, or what is read from one: ``config.n_embd``, ``x.shape[0]``.

    ``size``: what it is, if it is an integer.
    """

    path: str = ""
    size: Expr | None = None


@dataclass(frozen=True, slots=True)
class Lazy(Value):
    """A name (or, without ``name``, a module) imported from a user module that has not been interpreted yet."""

    module: str
    level: int
    importer: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Arguments:
    """Evaluated call arguments.  ``open`` when ``*unknown`` or ``**unknown`` may add more."""

    args: tuple[Value, ...] = ()
    kwargs: tuple[tuple[str, Value], ...] = ()
    open: bool = False
    nodes: tuple[ast.expr, ...] = field(default=(), compare=False)

    def keyword(self, name: str) -> Value | None:
        """The value of a keyword argument."""
        return next((v for k, v in self.kwargs if k == name), None)

    def get(self, index: int, name: str) -> Value | None:
        """The argument at this position or under this keyword."""
        return self.args[index] if index < len(self.args) else self.keyword(name)


def int_value(dim: Dim) -> Value:
    """A size as a Python integer."""
    return Const(dim) if isinstance(dim, int) else SymInt(dim)


def as_dim(value: Value) -> Dim | None:
    """A Python integer as a size; None for anything else."""
    if isinstance(value, SymInt):
        return value.expr
    if isinstance(value, Const) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return value.value
    return None


def size_tuple(shape: Shape) -> Tuple:
    """A ``torch.Size``."""
    return Tuple(tuple(int_value(d) for d in shape), "size")


def as_key(value: Value) -> Value:
    """A dict key: numbers that are equal are one key."""
    if isinstance(value, Const) and isinstance(value.value, (bool, float)) and value.value == value.value:
        number = value.value
        return Const(int(number)) if number in (0, 1) or (abs(number) < 2**53 and number == int(number)) else value
    return value


def members(value: Value) -> tuple[Value, ...]:
    """The alternatives of a union; a value alone otherwise."""
    return value.members if isinstance(value, Union) else (value,)


def why(default: str, *values: Value) -> str:
    """The reason of the first value that is unknown: what follows from it is unknown for the same reason."""
    return next((v.reason for v in values if isinstance(v, Unknown) and v.reason), default)


def strings(values: Iterable[Value]) -> list[str] | None:
    """The texts, when every value is a known string."""
    found = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, str)]
    return found if len(found) == len(list(values)) else None
