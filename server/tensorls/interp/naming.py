"""Names for unknown sizes: ``n = len(x)`` calls the size of ``x`` *n*, wherever that *n* can be read.

A size is one hidden symbol; each binding of it to a variable is a name that holds in the scope of that variable and in what
is called from there.  A name that is bound in two places names nothing, and one that an iteration of a loop has bound anew
no longer names the size of the iteration before.  A size that no variable holds is named by the tensor that has it:
``kept = x[x > 0]`` makes it ``len(kept)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tensorls.domain.dims import Dim, Expr, Shape, as_symbol, is_hidden, substitute, symbol, symbols
from tensorls.domain.tensor import TensorMeta
from tensorls.interp.frames import Context


class Variable(NamedTuple):
    """A variable of one activation."""

    context: Context
    name: str


#: What happened to names: ``size`` and ``shape`` for what a variable was bound to at a site, ``other`` for anything else,
#: ``twin`` for a size that a join made of two and ``same`` for a symbol that was made for a size.
Event = tuple[str, Context, str, object, tuple[Dim, ...]]


class Key(NamedTuple):
    """What names a size: a variable that holds it, or one axis of the tensor that a variable holds."""

    variable: Variable
    axis: int | None = None

    @property
    def text(self) -> str:
        """The name as a reader would write it."""
        name = self.variable.name
        return name if self.axis is None else f"{name}.shape[{self.axis}]" if self.axis else f"len({name})"


class Names:
    """The names of the hidden symbols of one analysis."""

    def __init__(self) -> None:
        self.journals: list[dict[Event, bool]] = []  # of those who want to know what happens
        self._keys: dict[Expr, list[Key]] = {}
        self._latest: dict[Key, Expr] = {}
        self._sites: dict[Variable, set[object]] = {}
        self._bound: set[Variable] = set()
        self._suggested: dict[Expr, Variable] = {}  # by comments: for sizes that no variable names
        self._same: dict[Expr, Expr] = {}  # a symbol of its own for what is no symbol
        self._twins: dict[Expr, tuple[Expr, Expr]] = {}  # what a joined size is one or the other of

    def bind(self, size: Expr, context: Context, name: str, site: object) -> None:
        """A variable is bound to a size at one place of the source."""
        self._note(("size", context, name, site, (size,)))
        self._bind(size, Key(self._at(context, name, site)))

    def bind_shape(self, shape: Shape, context: Context, name: str, site: object) -> None:
        """A variable is bound to a tensor of this shape at one place of the source."""
        self._note(("shape", context, name, site, shape))
        variable = self._at(context, name, site)
        for axis, size in enumerate(shape):
            if isinstance(size, Expr) and (found := as_symbol(size)) is not None and found.hidden:
                self._bind(size, Key(variable, axis))

    def rebind(self, context: Context, name: str, site: object) -> None:
        """A variable that may have named a size is bound to something else."""
        self._note(("other", context, name, site, ()))
        variable = Variable(context, name)
        self._bound.add(variable)
        if variable in self._sites:
            self._sites[variable].add(site)

    def _at(self, context: Context, name: str, site: object) -> Variable:
        variable = Variable(context, name)
        self._bound.add(variable)
        self._sites.setdefault(variable, set()).add(site)
        return variable

    def _bind(self, size: Expr, key: Key) -> None:
        keys = self._keys.setdefault(size, [])
        if key not in keys:
            keys.append(key)
        self._latest[key] = size

    def alias(self, made: Expr, size: Dim) -> None:
        """A symbol was made for a size: it has the names of that."""
        if isinstance(size, Expr):
            self._note(("same", (), "", None, (made, size)))
            self._same[made] = size

    def twin(self, joined: Expr, left: Dim, right: Dim) -> None:
        """A join made one size of two: it has the names that both have."""
        if isinstance(left, Expr) and isinstance(right, Expr):
            self._note(("twin", (), "", None, (joined, left, right)))
            self._twins[joined] = (left, right)

    def _note(self, event: Event) -> None:
        for journal in self.journals:
            journal[event] = False

    def happen(self, event: Event) -> None:
        """What a journal noted, once more."""
        kind, context, name, site, sizes = event
        if kind == "twin":
            self.twin(*sizes)  # type: ignore[arg-type]
        elif kind == "same":
            self.alias(*sizes)  # type: ignore[arg-type]
        elif kind == "size":
            self.bind(sizes[0], context, name, site)  # type: ignore[arg-type]
        elif kind == "shape":
            self.bind_shape(sizes, context, name, site)
        else:
            self.rebind(context, name, site)

    def suggest(self, size: Expr, context: Context, name: str) -> None:
        """A comment calls a size by a name; the first size that is called so keeps it."""
        variable = Variable(context, name)
        if size not in self._suggested and variable not in self._suggested.values():
            self._suggested[size] = variable

    def current(self, meta: TensorMeta, context: Context) -> TensorMeta:
        """The metadata as of now: a size whose name means another one by now loses it."""
        stale: dict[Expr, Dim] = {
            size: _nameless(size)
            for size in _hidden(meta)
            if (key := self._key(size, context)) in self._latest and self._latest[key] not in (size, self._same.get(size))
        }
        return _replaced(meta, stale) if stale else meta

    def shown(self, meta: TensorMeta, context: Context) -> TensorMeta:
        """The metadata with the sizes named that have a name in this context."""
        names: dict[Expr, Dim] = {}
        taken = {s.name for d in meta.shape or () for s in symbols(d) if not s.hidden}
        for found in _hidden(meta):
            key = self._key(found, context)
            if key is not None and key.text not in taken:
                taken.add(key.text)
                names[found] = symbol(key.text)
        return _replaced(meta, names) if names else meta

    def alike(self, left: TensorMeta, right: TensorMeta, context: Context) -> bool:
        """Whether two states of one place differ in nothing but what their names mean in turn."""
        return self.shown(left, context) == self.shown(right, context)

    def _key(self, size: Expr, context: Context) -> Key | None:
        """What names the size for a reader of this context: rather a size than a comment or a tensor, and the innermost."""
        known = [k for k in self._all(size, 4) if self._readable(k.variable, context)]
        best = max(known, key=lambda k: (k.axis is None, len(k.variable.context)), default=None)
        return best if best is not None and best.axis is None else self._by_comment(size, context) or best

    def _readable(self, variable: Variable, context: Context) -> bool:
        """Whether the variable can be read in this context and means one thing there."""
        depth = len(variable.context)
        if variable.context != context[:depth] or len(self._sites[variable]) != 1:
            return False
        return all(Variable(context[:length], variable.name) not in self._bound for length in range(len(context), depth, -1))

    def _by_comment(self, size: Expr, context: Context) -> Key | None:
        """The name that a comment in the same body suggests, unless a variable there bears it."""
        variable = self._suggested.get(size)
        return Key(variable) if variable is not None and variable.context == context and variable not in self._bound else None

    def _all(self, size: Expr, depth: int) -> list[Key]:
        found = [*self._keys.get(size, ()), *(self._keys.get(self._same[size], ()) if size in self._same else ())]
        if size in self._twins and depth:
            left, right = (self._all(s, depth - 1) for s in self._twins[size])
            found += [k for k in left if k in right]
        return found


def _nameless(size: Expr) -> Dim:
    return symbol(f"{size}'", hidden=True)


def _hidden(meta: TensorMeta) -> list[Expr]:
    """The sizes of a shape that are not known, in order, each before the symbols in it."""
    found: dict[Expr, None] = {}
    for d in meta.shape or ():
        if isinstance(d, Expr) and is_hidden(d):
            found[d] = None
            found.update(dict.fromkeys(symbol(s.name, True) for s in sorted(symbols(d)) if s.hidden))
    return list(found)


def _replaced(meta: TensorMeta, names: Mapping[Expr, Dim]) -> TensorMeta:
    within = {s: new for size, new in names.items() if (s := as_symbol(size)) is not None}

    def change(size: Dim) -> Dim:
        return names[size] if isinstance(size, Expr) and size in names else substitute(size, within)

    shape = None if meta.shape is None else tuple(change(d) for d in meta.shape)
    strides = None if meta.strides is None else tuple(change(d) for d in meta.strides)
    return meta.with_(shape=shape, strides=strides)
