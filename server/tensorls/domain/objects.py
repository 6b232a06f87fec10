"""What lives on the heap: frozen contents, replaced as a whole when the program mutates an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

from tensorls.domain.bounds import Within
from tensorls.domain.dims import Dim
from tensorls.domain.fact import Step
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Unknown, Value


@dataclass(frozen=True, slots=True)
class TensorObject:
    """A tensor or array.  ``storage``: address of the object whose memory it uses (its own when it owns it).
    ``leaves``: addresses of the leaf tensors and modules that autograd would reach from it.
    ``owner``: the module that it is a parameter of.  ``within``: bounds of its elements, of integers only."""

    meta: TensorMeta
    storage: int
    leaves: frozenset[int] = frozenset()
    history: tuple[Step, ...] = ()
    owner: int | None = None
    operation: str | None = None
    before: tuple[TensorMeta, ...] = ()
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class ListObject:
    """A list (or ``set``, ``deque``: ``kind``): exact ``items``, or None with ``element`` standing for any of them, and
    their number as a size that is not known (``length``) where something is known of it.  ``empty``: nothing was put there on
    some path."""

    items: tuple[Value, ...] | None
    element: Value = Unknown()
    kind: str = "list"
    length: Dim | None = None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class DictObject:
    """A dict: known ``entries`` in order; ``rest`` stands for entries under unknown keys (None: there are none).

    ``doubtful``: keys that are there on some paths only."""

    entries: Mapping[Value, Value]
    rest: Value | None = None
    default: Value | None = None  # defaultdict's factory
    doubtful: frozenset[Value] = frozenset()


@dataclass(frozen=True, slots=True)
class GeneratorObject:
    """An iterator: what is still to come, as in a list.  ``phases`` and ``first`` as ``interp.iteration.Items`` has them."""

    items: tuple[Value, ...] | None
    element: Value = Unknown()
    phases: tuple[Value, ...] = ()
    first: Value | None = None
    length: Dim | None = None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class ClassObject:
    """A user class: ``mro`` holds itself and its bases in resolution order (``Ref`` or ``LibRef``)."""

    name: str
    file: str
    bases: tuple[Value, ...]
    mro: tuple[Value, ...]
    is_module: bool = False  # derives from torch.nn.Module
    dataclass_fields: tuple[str, ...] | None = None
    named_tuple: bool = False  # its instances are tuples with these fields


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a user class; its attributes are cells of its own namespace."""

    cls: Value


@dataclass(frozen=True, slots=True)
class LibObject:
    """An object of a library: a torch module, an optimizer, a generator.  ``recipe`` when the oracle can make it,
    ``tensors``: the addresses of the tensors in the recipe, in order; ``mode``: the ambient mode in which they were put there."""

    path: str
    recipe: object | None = None  # oracle.question.Recipe; the domain knows nothing of the oracle
    device: str | None = "cpu"
    is_module: bool = False
    children: tuple[tuple[str, Value], ...] | None = None  # containers: Sequential, ModuleList, ModuleDict
    tensors: tuple[int, ...] = ()
    mode: object | None = None


@dataclass(frozen=True, slots=True)
class ModuleObject:
    """A user module (a file); its globals are cells of its own namespace."""

    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """A function's or class body's frame."""

    parent: int | None


HeapObject = Union[TensorObject, ListObject, DictObject, GeneratorObject, ClassObject, Instance, LibObject, ModuleObject, Namespace]
