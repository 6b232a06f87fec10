"""The sizes that annotations name, in one call of a function: ``"b t c"`` against a shape binds them, or contradicts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tensorls.domain.declared import KNOWN_DTYPES, Axis, Declared, names_in, size_of
from tensorls.domain.dims import Dim, Expr, Shape, Symbol, as_symbol, is_hidden, show, sub, symbols
from tensorls.domain.tensor import TensorMeta, show_shape

Inner = Callable[[str], Dim | None]  # the size that an expression in braces has


@dataclass(slots=True)
class Sizes:
    """What the names in the annotations of one call stand for.  ``rigid``: symbols that were declared to be sizes of their own."""

    inner: Inner = lambda _: None
    rigid: frozenset[str] = frozenset()
    names: dict[str, Dim] = field(default_factory=dict)
    several: dict[str, Shape | None] = field(default_factory=dict)  # None: of axes that broadcast only so much is known

    def size(self, axis: Axis) -> Dim | None:
        """The size of an axis, as far as the names in it are bound."""
        return size_of(axis.text, self.names.get, self.inner) if axis.kind == "size" else None

    def copy(self) -> Sizes:
        """To try something on."""
        return Sizes(self.inner, self.rigid, dict(self.names), dict(self.several))

    def meet(self, declared: Declared, meta: TensorMeta) -> Contradiction | None:
        """Bind the names of an annotation to the sizes of a tensor; or why it cannot be true, and then nothing is bound."""
        tried = self.copy()
        found = tried._meet(declared, meta)
        if found is None:
            self.names, self.several = tried.names, tried.several
        return found

    def _meet(self, declared: Declared, meta: TensorMeta) -> Contradiction | None:
        if declared.library != meta.library:
            return Contradiction(f"a {'NumPy array' if meta.library == 'numpy' else 'torch tensor'}")
        if declared.dtypes is not None and meta.dtype in KNOWN_DTYPES and meta.dtype not in declared.dtypes:
            return Contradiction(f"its dtype is {meta.dtype}")
        if declared.axes is None or meta.shape is None:
            return None
        before, several, after = split(declared.axes)
        least = len(before) + len(after)
        if len(meta.shape) < least or (several is None and len(meta.shape) > least):
            count = f"{least} or more" if several is not None else str(least)
            return Contradiction(f"{len(meta.shape)} dimension{'s' * (len(meta.shape) != 1)} where {count} are declared")
        end = len(meta.shape) - len(after)
        for axis, actual in zip((*before, *after), (*meta.shape[: len(before)], *meta.shape[end:]), strict=True):
            found = self._axis(axis, actual)
            if found is not None:
                return found
        return None if several is None else self._several(several, meta.shape[len(before) : end])

    def _axis(self, axis: Axis, actual: Dim) -> Contradiction | None:
        if axis.kind != "size" or (axis.broadcast and actual == 1):
            return None
        expected = self.size(axis)
        if expected is None:
            if axis.text.isidentifier() and not (axis.broadcast and not isinstance(actual, int)):  # that may be a 1
                self.names[axis.text] = actual
            return None
        if axis.broadcast and not isinstance(actual, int):
            return None
        verdict = self.differ(actual, expected)
        if verdict is None:
            return None
        known = axis.text.strip("{}") == str(show(expected))
        text = f"{show(actual)} where {axis.text} is declared" + ("" if known else f", and {axis.text} is {show(expected)}")
        return Contradiction(text, verdict, not axis.text.isdigit())

    def _several(self, axis: Axis, actual: Shape) -> Contradiction | None:
        if not axis.text:
            return None
        if axis.text not in self.several or axis.broadcast:
            old = self.several.get(axis.text, ())
            self.several[axis.text] = None if axis.broadcast or old is None else actual
            return None
        expected = self.several[axis.text]
        if expected is None:
            return None
        differ = [self.differ(a, e) for a, e in zip(actual, expected, strict=False)]
        if len(actual) == len(expected) and not any(differ):
            return None
        certain = len(actual) != len(expected) or "certain" in differ
        return Contradiction(f"*{axis.text} is {show_shape(actual)} here, and {show_shape(expected)} before",
                             "certain" if certain else "declared", True)  # fmt: skip

    def differ(self, actual: Dim, expected: Dim) -> str | None:
        """Whether two sizes are "certain"ly not equal, or "declared" not to be; None when they may well be equal."""
        difference = sub(actual, expected)
        if is_hidden(actual) or is_hidden(expected):  # one symbol may stand for the sizes of several items of a list
            return None
        if isinstance(difference, int):
            return "certain" if difference else None
        if not all(s.name in self.rigid for d in (actual, expected) for s in symbols(d)):
            return None
        plain = all(as_symbol(d) is not None for d in (actual, expected))  # a size that bears a name may well be 3
        return "declared" if plain or _one_sign(difference) else None

    def shape(self, declared: Declared, name: Callable[[str], Dim], unknown: Callable[[], Dim]) -> Shape | None:
        """The shape that an annotation gives, with names that are not bound yet as ``name`` says; None when the rank is open."""
        dims: list[Dim] = []
        for axis in declared.axes or ():
            if axis.kind == "several":
                bound = self.several.get(axis.text) if axis.text else None
                if bound is None:
                    return None
                dims += bound
            elif axis.kind == "any" or axis.broadcast:
                dims.append(unknown())
            else:
                for text in names_in(axis):
                    if text not in self.names:
                        self.names[text] = name(text)
                size = self.size(axis)
                dims.append(unknown() if size is None else size)
        return None if declared.axes is None else tuple(dims)


def _one_sign(difference: Expr) -> bool:
    """Whether a difference such as ``2*d - d`` is zero for empty tensors only."""
    atoms = all(isinstance(atom, Symbol) for monomial, _ in difference.terms for atom, _ in monomial)
    return atoms and len({coefficient > 0 for _, coefficient in difference.terms}) == 1


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a tensor is not what is declared.  ``sure``: "certain", or "declared" where only sizes that bear different names would
    have to be equal.  ``together``: it takes another annotation of the call to see it."""

    text: str
    sure: str = "certain"
    together: bool = False


def split(axes: tuple[Axis, ...]) -> tuple[tuple[Axis, ...], Axis | None, tuple[Axis, ...]]:
    """The axes before and after the one that stands for several."""
    at = next((i for i, a in enumerate(axes) if a.kind == "several"), None)
    return (axes, None, ()) if at is None else (axes[:at], axes[at], axes[at + 1 :])
