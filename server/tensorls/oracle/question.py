"""What can be asked of the oracle, and what comes back.  Everything here is frozen and hashable.

A question is "this callable, these arguments, in this mode: what comes out, or which error?".  Arguments are *terms*.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
from typing import Literal, Union

from tensorls.domain.dims import Expr
from tensorls.domain.tensor import TensorMeta


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list or a tuple (``kind`` "list", "tuple", "size", or a dotted named-tuple class with ``fields``)."""

    kind: str
    items: tuple[Term, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict in order."""

    items: tuple[tuple[Term, Term], ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """``start:stop:step``."""

    start: Term
    stop: Term
    step: Term


@dataclass(frozen=True, slots=True)
class Global:
    """A public object of torch or NumPy by its dotted path: ``torch.float32``, ``numpy.float64``, ``torch.nn.ReLU``."""

    path: str


SOMEWHERE = "?"  # a device that is not known


@dataclass(frozen=True, slots=True)
class Device:
    """A device by name: ``cpu``, ``cuda``, ``cuda:1``, or ``SOMEWHERE``.  Never reaches the library: devices follow the rule."""

    name: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """An object that the oracle makes anew when needed: a module, a generator.

    ``steps`` are method calls applied after construction, in order: ``("half",)``, ``("eval",)``.
    """

    path: str
    args: tuple[Term, ...] = ()
    kwargs: tuple[tuple[str, Term], ...] = ()
    steps: tuple[tuple[str, tuple[Term, ...]], ...] = ()
    kinds: str = ""  # as in Question


@dataclass(frozen=True, slots=True)
class AnyScalar:
    """A Python number, bool or string whose value is unknown: ``kind`` is "int", "float", "bool", "complex", "number" (int or float)."""

    kind: str


#: Ellipsis is a term as the Python object itself.
Term = Union[
    None, bool, int, float, complex, str, EllipsisType, Expr, TensorMeta, Sequence, Mapping, Slice, Global, Device, Recipe, AnyScalar
]


@dataclass(frozen=True, slots=True)
class Mode:
    """The ambient state that changes answers."""

    grad: bool = True
    inference: bool = False
    default_dtype: str = "float32"
    default_device: str = "cpu"
    autocast: tuple[str, str] | None = None  # (device type, dtype)


@dataclass(frozen=True, slots=True)
class Question:
    """``op``: a dotted path (``torch.matmul``, ``numpy.concatenate``, ``operator.add``, ``operator.getitem``,
    ``operator.setitem``), ``.name`` for a method of the first argument, ``getattr:name`` for an attribute, or
    ``call`` to call the first argument (a Recipe: a module's forward)."""

    op: str
    args: tuple[Term, ...]
    kwargs: tuple[tuple[str, Term], ...] = ()
    mode: Mode = Mode()
    kinds: str = ""  # the Python types of the numbers among the arguments: 1, 1.0 and True are equal, but not the same


@dataclass(frozen=True, slots=True)
class OutTensor:
    """A tensor that came out.  Indices count the tensors among the arguments, depth first, keywords last.

    ``same_as``: it *is* that argument (in-place operations).  ``shares``: it shares storage with that argument.
    """

    meta: TensorMeta
    same_as: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class OutObject:
    """Something else that came out: a dtype or class (``path`` names it), a device, or an opaque object of that type."""

    kind: Literal["dtype", "device", "class", "function", "module", "opaque"]
    path: str


@dataclass(frozen=True, slots=True)
class OutScalar:
    """A number, bool or string that depends on the data: only the type is known."""

    kind: str


Output = Union[None, bool, int, float, complex, str, Expr, "OutTensor", "OutObject", "OutScalar", "OutSequence", "OutMapping"]


@dataclass(frozen=True, slots=True)
class OutSequence:
    """A list, tuple, ``torch.Size`` ("size") or named tuple (dotted class name, with ``fields``) that came out."""

    kind: str
    items: tuple[Output, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutMapping:
    """A dict that came out."""

    items: tuple[tuple[Output, Output], ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """The call succeeds.  ``changes``: tensor arguments whose metadata is different afterwards, by index;
    ``written``: tensor arguments whose content was written."""

    value: Output
    changes: tuple[tuple[int, TensorMeta], ...] = ()
    written: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """The call fails in every assignment.  ``certain``: no choice of unknowns and no plausible equality of symbols
    would cure it, so it may be reported; ``needs``: the equalities that would (hypotheses, shown as requirements);
    ``only``: no other relation between the sizes was found that would."""

    exception: str
    message: str
    certain: bool
    needs: tuple[str, ...] = ()
    only: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The oracle cannot tell, and why: denied, crashed, timed out, no torch, values decide, not decodable."""

    reason: str


Answer = Union[Returned, Raised, Unanswered]


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call: ``(name, type, may be left out, by name only)`` of each parameter, ``(name, type)`` of each result."""

    takes: tuple[tuple[str, str, bool, bool], ...]
    gives: tuple[tuple[str, str], ...]
