"""Names for unknown sizes: ``n = len(x)`` calls the size of ``x`` *n*, wherever that *n* can be read.

A size is one hidden symbol; each binding of it to a variable is a name that holds in the scope of that variable and in what
is called from there.  A name that is bound in two places names nothing, and one that an iteration of a loop has bound anew
no longer names the size of the iteration before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tensorls.domain.dims import Dim, Expr, as_symbol, is_hidden, substitute, symbol, symbols
from tensorls.domain.tensor import TensorMeta
from tensorls.interp.frames import Context


class Key(NamedTuple):
    """A variable of one activation."""

    context: Context
    name: str


#: A variable bound at a site, and to which size if to one; or (without a variable) a size that was made of one or two others.
Event = tuple[Context, str | None, object, tuple[Dim, ...]]


class Names:
    """The names of the hidden symbols of one analysis."""

    def __init__(self) -> None:
        self.journals: list[dict[Event, bool]] = []  # of those who want to know what happens
        self._keys: dict[Expr, list[Key]] = {}
        self._latest: dict[Key, Expr] = {}
        self._sites: dict[Key, set[object]] = {}
        self._suggested: dict[Expr, Key] = {}  # by comments: for sizes that no variable names
        self._same: dict[Expr, Expr] = {}  # a symbol of its own for what is no symbol
        self._twins: dict[Expr, tuple[Expr, Expr]] = {}  # what a joined size is one or the other of

    def bind(self, size: Expr, context: Context, variable: str, site: object) -> None:
        """A variable is bound to a size at one place of the source."""
        self._note((context, variable, site, (size,)))
        key = Key(context, variable)
        keys = self._keys.setdefault(size, [])
        if key not in keys:
            keys.append(key)
        self._latest[key] = size
        self._sites.setdefault(key, set()).add(site)

    def rebind(self, context: Context, variable: str, site: object) -> None:
        """A variable that may have named a size is bound to something else."""
        self._note((context, variable, site, ()))
        key = Key(context, variable)
        if key in self._sites:
            self._sites[key].add(site)

    def alias(self, made: Expr, size: Dim) -> None:
        """A symbol was made for a size: it has the names of that."""
        if isinstance(size, Expr):
            self._note(((), None, None, (made, size)))
            self._same[made] = size

    def twin(self, joined: Expr, left: Dim, right: Dim) -> None:
        """A join made one size of two: it has the names that both have."""
        if isinstance(left, Expr) and isinstance(right, Expr):
            self._note(((), None, None, (joined, left, right)))
            self._twins[joined] = (left, right)

    def _note(self, event: Event) -> None:
        for journal in self.journals:
            journal[event] = False

    def happen(self, event: Event) -> None:
        """What a journal noted, once more."""
        context, variable, site, sizes = event
        if variable is None:
            (self.alias if len(sizes) == 2 else self.twin)(*sizes)  # type: ignore[arg-type]
        elif sizes:
            self.bind(sizes[0], context, variable, site)  # type: ignore[arg-type]
        else:
            self.rebind(context, variable, site)

    def suggest(self, size: Expr, context: Context, name: str) -> None:
        """A comment calls a size by a name; the first size that is called so keeps it."""
        key = Key(context, name)
        if size not in self._suggested and key not in self._suggested.values():
            self._suggested[size] = key

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
            if key is not None and key.name not in taken:
                taken.add(key.name)
                names[found] = symbol(key.name)
        return _replaced(meta, names) if names else meta

    def alike(self, left: TensorMeta, right: TensorMeta, context: Context) -> bool:
        """Whether two states of one place differ in nothing but what their names mean in turn."""
        return self.shown(left, context) == self.shown(right, context)

    def _key(self, size: Expr, context: Context) -> Key | None:
        """The innermost variable that names the size for a reader of this context."""
        best: Key | None = None
        for key in self._all(size, 4):
            inside = key.context == context[: len(key.context)]
            if inside and len(self._sites[key]) == 1 and (best is None or len(key.context) > len(best.context)):
                best = key
        if best is None:
            return self._by_comment(size, context)
        for length in range(len(context), len(best.context), -1):  # the same name means something else further in
            if Key(context[:length], best.name) in self._sites:
                return None
        return best

    def _by_comment(self, size: Expr, context: Context) -> Key | None:
        """The name that a comment in the same body suggests, unless a variable there bears it."""
        key = self._suggested.get(size)
        return key if key is not None and key.context == context and key not in self._sites else None

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
