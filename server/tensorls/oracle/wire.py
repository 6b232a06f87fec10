"""Questions and answers as text.

A question becomes a *template*: JSON in which every expression over symbols is a numbered slot.  One template serves all
assignments (each is a row of integers), and the template with its slots, symbols renamed in order of appearance, is the key
under which an answer is kept.  The agent's side is ``agent/plan.py`` and ``agent/describe.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tensorls.domain import dims
from tensorls.domain.dims import Dim, Expr, Operation, Symbol
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import question as q

#: A size that the content of tensors decides, in a concrete answer.
UNKNOWN_SIZE = dims.symbol("?", hidden=True)

_encode = json.JSONEncoder(separators=(",", ":")).encode


class NotAskable(Exception):
    """The question leaves open what a stand-in needs (a rank, a dtype)."""


@dataclass(frozen=True, slots=True)
class Template:
    """A question without its sizes: ``text`` goes to the agent, ``slots`` are the expressions that vary."""

    text: str
    slots: tuple[Expr, ...]
    symbols: tuple[Symbol, ...]

    def row(self, assignment: Mapping[Symbol, int]) -> list[int]:
        """The slots' values; raises KeyError for a symbol without one, ZeroDivisionError for a division by zero."""
        return [dims.evaluate(slot, assignment) for slot in self.slots]

    @property
    def key(self) -> str:
        """Equal for questions that differ in the names of their symbols only."""
        names = {s: f"{'h' if s.hidden else 's'}{i}" for i, s in enumerate(self.symbols)}
        return "\n".join([self.text, *(_canonical(slot, names) for slot in self.slots)])


def _canonical(dim: Dim, names: Mapping[Symbol, str]) -> str:
    """An expression under other names, its commuting parts in an order that follows those names."""
    if isinstance(dim, int):
        return str(dim)
    terms = []
    for monomial, factor in dim.terms:
        parts = []
        for atom, power in monomial:
            if isinstance(atom, Symbol):
                parts.append(f"{names[atom]}^{power}")
                continue
            sides = [_canonical(atom.left, names), _canonical(atom.right, names)]
            if atom.kind in ("min", "max"):
                sides.sort()
            parts.append(f"({sides[0]} {atom.kind} {sides[1]})^{power}")
        terms.append(f"{factor}*" + "*".join(sorted(parts)))
    return "+".join(sorted(terms))


def key(question: q.Question) -> tuple[str, tuple[Symbol, ...]]:
    """The key of a question, and its symbols in the order in which the key numbers them; raises NotAskable."""
    made = template(question)
    return made.key, made.symbols


def template(question: q.Question) -> Template:
    """The question as a template; raises NotAskable."""
    writer = _Writer()
    document: dict[str, Any] = {"op": question.op, "args": [writer.term(t) for t in question.args]}
    if question.kwargs:
        document["kwargs"] = [[name, writer.term(t)] for name, t in question.kwargs]
    if question.mode != _DEFAULT_MODE:
        document["mode"] = _mode(question.mode)
    symbols: dict[Symbol, None] = {}
    for slot in writer.slots:
        for symbol in _symbols(slot):
            symbols[symbol] = None
    return Template(_encode(document), tuple(writer.slots), tuple(symbols))


_DEFAULT_MODE = q.Mode()


def _mode(mode: q.Mode) -> dict[str, Any]:
    """What differs from the default; the default device is the caller's business."""
    found: dict[str, Any] = {}
    if not mode.grad:
        found["grad"] = False
    if mode.inference:
        found["inference"] = True
    if mode.default_dtype != _DEFAULT_MODE.default_dtype:
        found["dtype"] = mode.default_dtype
    if mode.autocast:
        found["autocast"] = list(mode.autocast)
    return found


def _symbols(dim: Dim) -> list[Symbol]:
    """The symbols of an expression in the order in which it is written."""
    found: list[Symbol] = []
    if isinstance(dim, Expr):
        for monomial, _ in dim.terms:
            for atom, _ in monomial:
                found.extend([atom] if isinstance(atom, Symbol) else _symbols(atom.left) + _symbols(atom.right))
    return found


class _Writer:
    """Turns terms into JSON-able values, collecting the slots."""

    def __init__(self) -> None:
        self.slots: dict[Expr, int] = {}

    def term(self, term: q.Term) -> Any:
        """A plain value as itself, anything else as a tagged list."""
        if term is None or isinstance(term, (bool, int, float, str)):
            return term
        if isinstance(term, TensorMeta):
            return self._tensor(term)
        if isinstance(term, Expr):
            return ["x", self.slots.setdefault(term, len(self.slots))]
        return _WRITERS[type(term)](self, term)

    def _many(self, terms: tuple[q.Term, ...]) -> list[Any]:
        return [self.term(t) for t in terms]

    def _tensor(self, meta: TensorMeta) -> Any:
        if meta.shape is None:
            raise NotAskable("the rank of an argument is unknown")
        if meta.dtype is None:
            raise NotAskable("the dtype of an argument is unknown")
        if meta.requires_grad is None:
            raise NotAskable("whether an argument requires grad is unknown")
        strides = None if meta.strides is None else [self.term(s) for s in meta.strides]
        data = None if meta.data is None else self._data(meta.data)
        shape = [self.term(s) for s in meta.shape]
        leaf = bool(meta.is_leaf)
        return ["t", meta.library, meta.type, shape, strides, meta.dtype, meta.requires_grad, leaf, data]

    def _data(self, data: Any) -> Any:
        return [self._data(d) for d in data] if isinstance(data, tuple) else self.term(data)

    def _sequence(self, term: q.Sequence) -> Any:
        tag = _SEQUENCES.get(term.kind)
        if tag:
            return [tag, self._many(term.items)]
        return ["n", term.kind, list(term.fields), self._many(term.items)]

    def _recipe(self, term: q.Recipe) -> Any:
        kwargs = [[name, self.term(t)] for name, t in term.kwargs]
        return ["r", term.path, self._many(term.args), kwargs, [[name, self._many(terms)] for name, terms in term.steps]]

    def _mapping(self, term: q.Mapping) -> Any:
        return ["m", [[self.term(k), self.term(v)] for k, v in term.items]]

    def _slice(self, term: q.Slice) -> Any:
        return [":", self.term(term.start), self.term(term.stop), self.term(term.step)]


_SEQUENCES = {"list": "l", "tuple": "u", "size": "s"}
_KINDS = {tag: kind for kind, tag in _SEQUENCES.items()}
_WRITERS: dict[type, Callable[[_Writer, Any], Any]] = {
    q.Sequence: _Writer._sequence,
    q.Mapping: _Writer._mapping,
    q.Slice: _Writer._slice,
    q.Recipe: _Writer._recipe,
    q.Global: lambda _, term: ["g", term.path],
    q.Device: lambda _, term: ["d", term.name],
    q.AnyScalar: lambda _, term: ["a", term.kind],
    complex: lambda _, term: ["c", term.real, term.imag],
    type(...): lambda _, term: ["."],
}


# answers -------------------------------------------------------------------------------------------------------------


def read_answer(found: list[Any], symbols: tuple[Symbol, ...] = ()) -> q.Answer:
    """An answer from the agent, or from ``write_answer`` with the symbols of the question at hand."""
    kind = found[0]
    if kind == "no":
        return q.Unanswered(found[1])
    if kind == "raised":
        return q.Raised(found[1], found[2], found[3], tuple(found[4]) if len(found) > 4 else (), len(found) > 5 and bool(found[5]))
    reader = _Reader(symbols)
    changes = tuple([(index, reader.tensor(t).meta) for index, t in found[2]])
    return q.Returned(reader.value(found[1]), changes, tuple(found[3]))


class _Reader:
    """Turns JSON terms back into outputs."""

    def __init__(self, symbols: tuple[Symbol, ...]) -> None:
        self.symbols = symbols

    def value(self, term: Any) -> q.Output:
        """Any output."""
        if not isinstance(term, list):
            return term  # type: ignore[no-any-return]
        tag = term[0]
        if tag == "t":
            return self.tensor(term)
        if tag in _KINDS:
            return q.OutSequence(_KINDS[tag], self._many(term[1], tag == "s"))
        if tag == "n":
            return q.OutSequence(term[1], self._many(term[3]), tuple(term[2]))
        if tag == "m":
            return q.OutMapping(tuple([(self.value(k), self.value(v)) for k, v in term[1]]))
        if tag == "o":
            return q.OutObject(term[1], term[2])
        if tag == "a":
            return q.OutScalar(term[1])
        if tag == "x":
            return self.size(term)
        return complex(term[1], term[2])

    def _many(self, terms: list[Any], sizes: bool = False) -> tuple[q.Output, ...]:
        return tuple([self.size(t) if sizes else self.value(t) for t in terms])

    def tensor(self, term: list[Any]) -> q.OutTensor:
        """A tensor; an unknown size arrives as null."""
        _, library, type_name, shape, strides, dtype, requires_grad, is_leaf, same, shares = term
        meta = TensorMeta(
            library, type_name, self._sizes(shape), dtype, "cpu", requires_grad, self._sizes(strides), is_leaf
        )  # fmt: skip
        return q.OutTensor(meta, same, shares)

    def _sizes(self, terms: list[Any] | None) -> tuple[Dim, ...] | None:
        return None if terms is None else tuple([t if type(t) is int else self.size(t) for t in terms])

    def size(self, term: Any) -> Dim:
        """An integer, an expression, or unknown."""
        if term is None:
            return UNKNOWN_SIZE
        if isinstance(term, int):
            return term
        return dims.add(*(dims.mul(factor, *(self._power(a, n) for a, n in atoms)) for atoms, factor in term[1]))

    def _power(self, atom: Any, power: int) -> Dim:
        return dims.mul(*[self._atom(atom)] * power)

    def _atom(self, atom: Any) -> Dim:
        if isinstance(atom, int):
            found = self.symbols[atom]
            return dims.symbol(found.name, found.hidden)
        if isinstance(atom, str):
            return dims.symbol(atom, hidden=True)
        kind, left, right = atom
        return _OPERATIONS[kind](self.size(left), self.size(right))


_OPERATIONS: Mapping[str, Callable[[Dim, Dim], Dim]] = {
    "//": dims.floordiv,
    "%": dims.mod,
    "min": dims.minimum,
    "max": dims.maximum,
}


def write_answer(answer: q.Answer, symbols: tuple[Symbol, ...]) -> list[Any]:
    """The answer as JSON-able data in which the question's symbols are numbers; the inverse of ``read_answer``."""
    if isinstance(answer, q.Unanswered):
        return ["no", answer.reason]
    if isinstance(answer, q.Raised):
        return ["raised", answer.exception, answer.message, answer.certain, list(answer.needs), answer.only]
    numbers = {symbol: index for index, symbol in enumerate(symbols)}
    changes = [[index, _write_meta(meta, None, None, numbers)] for index, meta in answer.changes]
    return ["ok", _write(answer.value, numbers), changes, list(answer.written)]


def _write(value: q.Output, numbers: Mapping[Symbol, int]) -> Any:
    if isinstance(value, q.OutTensor):
        return _write_meta(value.meta, value.same_as, value.shares, numbers)
    if isinstance(value, q.OutSequence):
        items = [_write(v, numbers) for v in value.items]
        tag = _SEQUENCES.get(value.kind)
        return [tag, items] if tag else ["n", value.kind, list(value.fields), items]
    if isinstance(value, q.OutMapping):
        return ["m", [[_write(k, numbers), _write(v, numbers)] for k, v in value.items]]
    if isinstance(value, q.OutObject):
        return ["o", value.kind, value.path]
    if isinstance(value, q.OutScalar):
        return ["a", value.kind]
    if isinstance(value, Expr):
        return _write_size(value, numbers)
    return ["c", value.real, value.imag] if isinstance(value, complex) else value


def _write_meta(meta: TensorMeta, same: int | None, shares: int | None, numbers: Mapping[Symbol, int]) -> list[Any]:
    shape, strides = (None if s is None else [_write_size(d, numbers) for d in s] for s in (meta.shape, meta.strides))
    return ["t", meta.library, meta.type, shape, strides, meta.dtype, meta.requires_grad, meta.is_leaf, same, shares]


def _write_size(dim: Dim, numbers: Mapping[Symbol, int]) -> Any:
    if isinstance(dim, int):
        return dim
    return ["x", [[[[_write_atom(a, numbers), n] for a, n in monomial], factor] for monomial, factor in dim.terms]]


def _write_atom(atom: Symbol | Operation, numbers: Mapping[Symbol, int]) -> Any:
    if isinstance(atom, Symbol):
        return numbers.get(atom, atom.name)  # a symbol that the question lacks is a hidden one of the answer's own
    return [atom.kind, _write_size(atom.left, numbers), _write_size(atom.right, numbers)]
