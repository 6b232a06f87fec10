"""From the text of a question to a plan that can be run again and again, for other sizes and other contents.

Terms arrive as JSON: plain values as themselves, everything else as a list whose first item is a tag (the counterpart is
``oracle/wire.py``).  Sizes that vary are slots, numbers into the row of integers that comes with each assignment.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from . import build
from .allow import Denied, Missing, check_attribute, check_name, resolve
from .build import Unanswerable
from .data import HISTORY, METADATA, RANDOM, decides_sizes
from .libs import numpy, torch
from .recipe import Recipes

Row = list[int]


class World:
    """One evaluation: the sizes, the fill, which values unknown numbers take, whether stand-ins are on the meta device, the
    tensors made so far."""

    __slots__ = ("choice", "fill", "meta", "row", "tensors")

    def __init__(self, row: Row, fill: int, choice: tuple[int, ...], meta: bool) -> None:
        self.row, self.fill, self.choice, self.meta = row, fill, choice, meta
        self.tensors: list[Any] = []


_ITEMS = ("getitem", "__getitem__", "setitem", "__setitem__")

Builder = Callable[[World], Any]
Size = Any  # an int, or the builder of one


FEW = 8  # integers in a tensor that may stand for sizes


class Plan:
    """A question, ready to run: how to make its arguments, what to call, what is known of it beforehand."""

    def __init__(self, text: str, recipes: Recipes) -> None:
        document = json.loads(text)
        self._recipes = recipes
        self.op: str = document["op"]
        self.mode: dict[str, Any] = document.get("mode", {})
        self.tensors = 0  # how many tensor arguments
        self.numpy_tensors = 0
        self.open = 0  # how many of them have contents that we choose
        self.masks = 0
        self.scalars = 0  # numbers of unknown value
        self.small_integers = False  # whether one of them holds a few integers
        self.shapes: list[tuple[Size, ...]] = []
        self._keep_objects = self.op == "call" or self.op.startswith("getattr:")
        self.args: list[Builder] = [self._term(t) for t in document["args"]]
        masks = self.masks
        self.kwargs: list[tuple[str, Builder]] = [(k, self._term(t)) for k, t in document.get("kwargs", [])]
        first = document["args"][0] if document["args"] else None
        self.name = self.op.rpartition(".")[2].removeprefix("getattr:")
        self.function: Any = None
        self.attribute = ""
        if self.op.startswith("getattr:"):
            self.attribute = self.op[8:]
            if self.attribute in HISTORY and self.tensors:
                raise Unanswerable(f"{self.attribute} depends on the tensor's history")
        elif self.op.startswith("."):
            self.attribute = self.op[1:]
        elif self.op != "call":
            self.function = resolve(self.op)
        first_is_mask = isinstance(first, list) and first[0] == "t" and first[5] in ("bool", "uint8")
        self.masked = self.name in _ITEMS and masks > first_is_mask  # an index of bools picks as many as are true
        self.data_sizes = self.masked or decides_sizes(self.name, self.open, len(document["args"]))
        self.metadata = self.name in METADATA
        self.exact = self.metadata or (not self.tensors and not self.scalars and not self.op.startswith(RANDOM) and self.op != "call")
        self.fills: tuple[int, ...] = (build.PLAIN, build.MIXED) if self.open else (build.PLAIN,)
        if self.open and self.small_integers:  # they may be sizes, and zeros and ones are poor sizes
            self.fills = (build.PLAIN, build.MIXED, build.LARGE)
        if self.data_sizes:
            self.fills = tuple(build.FILLS)
        self.choices = build.choices(self.scalars)

    def elements(self, row: Row) -> int:
        """How many elements the tensor arguments have together."""
        world = World(row, build.PLAIN, (), True)
        return sum(math.prod([s if isinstance(s, int) else s(world) for s in shape]) for shape in self.shapes)

    def call(self, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Do it."""
        if self.function is not None:
            return self.function(*args, **kwargs)
        if self.op == "call":
            check_attribute(args[0], "__call__")
            return args[0](*args[1:], **kwargs)
        check_attribute(args[0], self.attribute)
        found = getattr(args[0], self.attribute)
        return found if self.op.startswith("getattr:") else found(*args[1:], **kwargs)

    # terms --------------------------------------------------------------------------------------------------------

    def _term(self, term: Any) -> Builder:
        if not isinstance(term, list):
            return lambda world: term
        return _TERMS[term[0]](self, term)

    def _many(self, terms: list[Any]) -> Callable[[World], list[Any]]:
        builders = [self._term(t) for t in terms]
        return lambda world: [b(world) for b in builders]

    def _slot(self, term: list[Any]) -> Builder:
        number: int = term[1]
        return lambda world: world.row[number]

    def _tuple(self, term: list[Any]) -> Builder:
        items = self._many(term[1])
        return lambda world: tuple(items(world))

    def _size(self, term: list[Any]) -> Builder:
        items = self._many(term[1])
        return lambda world: torch.Size(items(world))

    def _named(self, term: list[Any]) -> Builder:
        cls = tuple_class(term[1])
        items = self._many(term[3])
        if hasattr(cls, "_fields"):
            return lambda world: cls(*items(world))
        return lambda world: cls(items(world))

    def _mapping(self, term: list[Any]) -> Builder:
        items = [(self._term(k), self._term(v)) for k, v in term[1]]
        return lambda world: {k(world): v(world) for k, v in items}

    def _slice(self, term: list[Any]) -> Builder:
        start, stop, step = (self._term(t) for t in term[1:])
        return lambda world: slice(start(world), stop(world), step(world))

    def _global(self, term: list[Any]) -> Builder:
        found = resolve(term[1])
        return lambda world: found

    def _device(self, term: list[Any]) -> Builder:
        if torch is None:
            return lambda world: "cpu"
        cpu, meta = torch.device("cpu"), torch.device("meta")
        return lambda world: meta if world.meta else cpu

    def _scalar(self, term: list[Any]) -> Builder:
        values = build.SCALARS.get(term[1])
        if values is None:
            raise Unanswerable(f"an unknown {term[1]}")
        number = self.scalars
        self.scalars += 1
        return lambda world: values[world.choice[number]]

    def _recipe(self, term: list[Any]) -> Builder:
        open_before = self.tensors, self.scalars
        path, recipes = term[1], self._recipes
        cls = resolve(path)
        args = self._many(term[2])
        kwargs = [(name, self._term(t)) for name, t in term[3]]
        steps = [(name, self._many(items)) for name, items in term[4]]
        for name, _ in steps:
            check_name(name)
        text = json.dumps(term)
        pure = (self.tensors, self.scalars) == open_before and self._keep_objects and "Lazy" not in text

        def make(world: World) -> Any:
            key = (text, tuple(world.row) if '["x"' in text else (), world.meta, self.mode.get("dtype")) if pure else None
            return recipes.get(
                key,
                cls,
                lambda: (args(world), {k: b(world) for k, b in kwargs}, [(n, b(world)) for n, b in steps]),
                world.meta,
            )

        return make

    def _tensor(self, term: list[Any]) -> Builder:
        _, library, type_name, sizes, strides, dtype_name, requires_grad, is_leaf, data = term
        shape: tuple[Size, ...] = tuple(s if isinstance(s, int) else self._slot(s) for s in sizes)
        layout: tuple[Size, ...] | None = None
        if strides is not None:
            layout = tuple(s if isinstance(s, int) else self._slot(s) for s in strides)
        self.shapes.append(shape)
        index = self.tensors
        self.tensors += 1
        self.open += data is None
        self.masks += data is None and dtype_name in ("bool", "uint8")
        few = all(isinstance(s, int) for s in shape) and math.prod(s for s in shape if isinstance(s, int)) <= FEW
        self.small_integers = self.small_integers or (data is None and few and "int" in dtype_name)
        content: Builder | None = None if data is None else self._content(data)
        fixed = all(isinstance(s, int) for s in shape) and (layout is None or all(isinstance(s, int) for s in layout))

        def sizes_of(world: World) -> tuple[Any, Any]:
            concrete = tuple([s if isinstance(s, int) else s(world) for s in shape])
            return concrete, None if layout is None else tuple([s if isinstance(s, int) else s(world) for s in layout])

        if library == "numpy":
            if numpy is None:
                raise Unanswerable("no NumPy here")
            self.numpy_tensors += 1
            array_type = build.numpy_dtype(dtype_name)

            def make_array(world: World) -> Any:
                if world.meta:
                    raise Unanswerable("too large for eager")  # NumPy has no tensors without data
                size, stride = (shape, layout) if fixed else sizes_of(world)
                values = content(world) if content else None
                made = build.numpy_array(size, stride, array_type, world.fill, index, type_name, values)
                world.tensors.append(made)
                return made

            return make_array
        if torch is None:
            raise Unanswerable("no torch here")
        dtype = build.torch_dtype(dtype_name)
        if requires_grad and not (dtype.is_floating_point or dtype.is_complex):
            raise Unanswerable(f"a {dtype_name} tensor that requires grad")
        parameter = type_name == "Parameter"

        def make_tensor(world: World) -> Any:
            size, stride = (shape, layout) if fixed else sizes_of(world)
            made = build.torch_tensor(size, stride, dtype, world.fill, index, world.meta, content(world) if content else None)
            if parameter:
                made = torch.nn.Parameter(made, requires_grad=requires_grad)
            elif requires_grad:
                made = build.with_gradient(made, is_leaf)
            world.tensors.append(made)
            return made

        return make_tensor

    def _content(self, data: Any) -> Builder:
        """Nested lists of the values that the source states."""
        if isinstance(data, list) and not (data and isinstance(data[0], str)):
            items = [self._content(d) for d in data]
            return lambda world: [b(world) for b in items]
        return self._term(data)


_TERMS: dict[str, Callable[[Plan, list[Any]], Builder]] = {
    "t": Plan._tensor,
    "x": Plan._slot,
    "l": lambda plan, term: plan._many(term[1]),
    "u": Plan._tuple,
    "s": Plan._size,
    "n": Plan._named,
    "m": Plan._mapping,
    ":": Plan._slice,
    "g": Plan._global,
    "d": Plan._device,
    "a": Plan._scalar,
    "r": Plan._recipe,
    ".": lambda plan, term: lambda world: ...,
    "c": lambda plan, term: lambda world: complex(term[1], term[2]),
}


def tuple_class(path: str) -> Any:
    """A named-tuple class of torch or NumPy that came out of an earlier answer."""
    import sys

    module, _, name = path.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    if module.partition(".")[0] not in ("torch", "numpy") or not isinstance(found, type) or not issubclass(found, tuple):
        raise Denied(path)
    return found


__all__ = ["Denied", "Missing", "Plan", "Unanswerable", "World"]
