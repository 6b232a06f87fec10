"""Walking questions and answers: every size in order, tensors in order, the same thing with other sizes.

Traversal order is fixed (depth first, arguments before keywords, shape before strides before data), so a list of sizes and
a question or an answer can be taken apart and put together again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tensorls.domain.dims import Dim, Expr, Symbol, symbols
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle.question import (
    Mapping,
    OutMapping,
    Output,
    OutSequence,
    OutTensor,
    Question,
    Recipe,
    Returned,
    Sequence,
    Slice,
    Term,
)

SizeMap = Callable[[Dim], Dim]


def map_meta(meta: TensorMeta, change: SizeMap) -> TensorMeta:
    """The tensor with every size and stride (and every integer that the source states) changed."""
    shape = None if meta.shape is None else tuple([change(d) for d in meta.shape])
    strides = None if meta.strides is None else tuple([change(d) for d in meta.strides])
    return replace(meta, shape=shape, strides=strides, data=_map_data(meta.data, change))


def _map_data(data: object, change: SizeMap) -> object:
    """Stated values may hold symbols; plain numbers in them are values and stay."""
    if isinstance(data, tuple):
        return tuple(_map_data(d, change) for d in data)
    return change(data) if isinstance(data, Expr) else data


def map_terms(question: Question, change: Callable[[Term], Term]) -> Question:
    """The question with ``change`` applied to every leaf term (numbers, expressions, tensors, devices ...)."""

    def walk(term: Term) -> Term:
        if isinstance(term, Sequence):
            return replace(term, items=tuple([walk(t) for t in term.items]))
        if isinstance(term, Mapping):
            return Mapping(tuple([(walk(k), walk(v)) for k, v in term.items]))
        if isinstance(term, Slice):
            return Slice(walk(term.start), walk(term.stop), walk(term.step))
        if isinstance(term, Recipe):
            return Recipe(
                term.path,
                tuple([walk(t) for t in term.args]),
                tuple([(k, walk(t)) for k, t in term.kwargs]),
                tuple([(name, tuple([walk(t) for t in terms])) for name, terms in term.steps]),
            )
        return change(term)

    return replace(question, args=tuple([walk(t) for t in question.args]), kwargs=tuple([(k, walk(t)) for k, t in question.kwargs]))


def map_sizes(question: Question, change: SizeMap, literals: bool = True) -> Question:
    """The question with every size changed; ``literals``: plain integers among the arguments too."""

    def leaf(term: Term) -> Term:
        if isinstance(term, TensorMeta):
            return map_meta(term, change)
        if isinstance(term, Expr) or (literals and isinstance(term, int) and not isinstance(term, bool)):
            return change(term)
        return term

    return map_terms(question, leaf)


def leaves(question: Question) -> list[Term]:
    """Every leaf term in order."""
    found: list[Term] = []

    def note(term: Term) -> Term:
        found.append(term)
        return term

    map_terms(question, note)
    return found


def tensors(question: Question) -> list[TensorMeta]:
    """The tensors among the arguments, in the order in which answers count them."""
    return [t for t in leaves(question) if isinstance(t, TensorMeta)]


def question_sizes(question: Question) -> list[Dim]:
    """Every size, stride and integer of the question, in order."""
    found: list[Dim] = []

    def note(dim: Dim) -> Dim:
        found.append(dim)
        return dim

    map_sizes(question, note)
    return found


def question_symbols(question: Question) -> tuple[Symbol, ...]:
    """The symbols of the question in order of first appearance."""
    order: dict[Symbol, None] = {}
    for dim in question_sizes(question):
        if isinstance(dim, Expr):
            found = symbols(dim)
            order.update(dict.fromkeys(sorted(found) if len(found) > 1 else found))
    return tuple(order)


# ---- answers ------------------------------------------------------------------------------------------------------------


def map_output(value: Output, change: SizeMap, tensor: Callable[[OutTensor], OutTensor] | None = None) -> Output:
    """The output with every size changed, and every tensor passed through ``tensor`` first."""
    if isinstance(value, OutTensor):
        value = tensor(value) if tensor else value
        return replace(value, meta=map_meta(value.meta, change))
    if isinstance(value, OutSequence):
        return replace(value, items=tuple([map_output(v, change, tensor) for v in value.items]))
    if isinstance(value, OutMapping):
        pairs = [(map_output(k, change, tensor), map_output(v, change, tensor)) for k, v in value.items]
        return OutMapping(tuple(pairs))
    if isinstance(value, Expr) or (isinstance(value, int) and not isinstance(value, bool)):
        return change(value)
    return value


def map_returned(answer: Returned, change: SizeMap) -> Returned:
    """The answer with every size changed."""
    changes = tuple([(index, map_meta(meta, change)) for index, meta in answer.changes])
    return replace(answer, value=map_output(answer.value, change), changes=changes)


def holes(answer: Returned) -> list[Dim]:
    """Every size of the answer in order."""
    found: list[Dim] = []

    def note(dim: Dim) -> Dim:
        found.append(dim)
        return dim

    map_returned(answer, note)
    return found


def fill(answer: Returned, sizes: list[Dim]) -> Returned:
    """The answer with other sizes, in the order of ``holes``."""
    rest: Iterator[Dim] = iter(sizes)
    return map_returned(answer, lambda _: next(rest))


def out_tensors(answer: Returned) -> list[OutTensor]:
    """Every tensor of the answer."""
    found: list[OutTensor] = []

    def note(tensor: OutTensor) -> OutTensor:
        found.append(tensor)
        return tensor

    map_output(answer.value, lambda dim: dim, note)
    return found


def int_terms(question: Question) -> list[int]:
    """The plain integers among the arguments (not the sizes of tensors)."""
    return [t for t in leaves(question) if isinstance(t, int) and not isinstance(t, bool)]
