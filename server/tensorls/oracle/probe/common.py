"""What all ways of answering share: the evaluator's type, costs, the names of unknown sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Literal, Protocol

from tensorls.domain.dims import Dim, Expr, Symbol, evaluate, symbol
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import terms
from tensorls.oracle.probe.join import UNKNOWN
from tensorls.oracle.question import Answer, OutTensor, Question, Recipe, Returned, Term, Unanswered
from tensorls.oracle.question import Sequence as SequenceTerm

Point = Mapping[Symbol, int]
Backend = Literal["eager", "meta"]

#: What stand-ins of one assignment may hold together, and what a call may plausibly compute from them.
MAX_ELEMENTS = 1_000_000
MAX_RESULT = 8_000_000
MAX_FAR_RESULT = 50_000_000  # one far point among many


class Evaluate(Protocol):
    """``Session.evaluate``: the callable really runs, once an assignment."""

    def __call__(self, question: Question, assignments: Sequence[Point] = ({},), backend: Backend = "eager") -> list[Answer]:
        """One answer for each assignment."""


def too_large(answer: Answer) -> bool:
    """Whether the stand-ins, not the question, were the problem."""
    return isinstance(answer, Unanswered) and answer.reason.startswith(("too large", "timed out", "crashed"))


#: Functions that make a tensor larger by an integer they are passed.
_EXPANDING = frozenset({
    "repeat", "tile", "expand", "broadcast_to", "resize_", "resize", "new_zeros", "new_ones", "new_empty", "new_full", "pad",
    "interpolate", "upsample", "one_hot", "repeat_interleave", "vander", "unfold", "fold", "constant_pad_nd", "kron",
})  # fmt: skip


#: Callables whose numbers are content, not sizes.
_CONTENT = frozenset({
    "array", "asarray", "asanyarray", "ascontiguousarray", "tensor", "as_tensor", "asarray_chkfinite", "from_numpy", "sum", "mean",
    "prod", "max", "min", "std", "var", "median", "argmax", "argmin", "sqrt", "exp", "log", "abs", "cumsum", "diff", "sort", "unique",
})  # fmt: skip
_SMALL = 8  # numbers of a module up to here
_MANY = 8  # numbers in one sequence: no shape has so many


class Costs:
    """What one question costs under an assignment; taken apart once, asked for every point."""

    def __init__(self, question: Question) -> None:
        found = terms.tensors(question)
        self._shapes = [t.shape for t in found if t.shape]
        self._passed: list[Dim | float] = []
        self._stride = 1
        self._module = any(isinstance(t, Recipe) for t in question.args)
        self._kernel = any(isinstance(t, Recipe) and "Conv" in t.path for t in question.args)
        for options in (question.kwargs, *(t.kwargs for t in question.args if isinstance(t, Recipe))):
            stride = dict(options).get("stride")
            if isinstance(stride, int) and not isinstance(stride, bool):
                self._stride = max(1, stride)
        self._step = question.op.endswith("arange")
        name = question.op.rpartition(".")[2]
        expanding = (not found and name not in _CONTENT) or name in _EXPANDING
        for term in (*question.args, *(t for _, t in question.kwargs)):
            if expanding or isinstance(term, Recipe):
                self._note(term)

    def _note(self, term: Term) -> None:
        if isinstance(term, (int, float, Expr)) and not isinstance(term, bool):
            self._passed.append(term)
        elif isinstance(term, SequenceTerm):
            if len(term.items) > _MANY or any(isinstance(t, SequenceTerm) for t in term.items):
                return  # content
            for item in term.items:
                self._note(item)
        elif isinstance(term, Recipe):
            for item in (*term.args, *(t for _, t in term.kwargs)):
                self._note(item)

    def affordable(self, point: Point, result: int = MAX_RESULT) -> bool:
        """Whether real stand-ins of these sizes cost next to nothing.

        The work is a cheap upper guess: distinct sizes of the tensors, times integers that make the result larger.  A size
        that several tensors share counts once (it is one axis of the result or is summed over), as often as it occurs
        within one tensor.
        """
        elements = 0
        sizes: dict[int, int] = {}
        for shape in self._shapes:
            values = [d if isinstance(d, int) else evaluate(d, point) for d in shape]
            elements += math.prod(values)
            for v in values:
                sizes[v] = max(sizes.get(v, 0), values.count(v))
        if elements > MAX_ELEMENTS:
            return False
        total: float = math.prod(v**n for v, n in sizes.items() if v > 1)
        passed = [abs(evaluate(p, point) if isinstance(p, Expr) else p) for p in self._passed]
        if self._module:  # its sizes are axes of what goes in and out; kernels and strides are small
            stated = {p for p in self._passed if not isinstance(p, Expr)}
            own = {p for p in passed if p not in sizes and p > _SMALL}
            passed = [p**2 if self._kernel and p not in stated else p for p in own]  # a kernel has two sides
        if self._step:
            passed += [1 / p for p in passed if 0 < p < 1]
        for p in passed:
            if 1 < p < math.inf:
                total *= p
        return total <= result * self._stride**2  # integers: their quotient may be too large for a float


def affordable(question: Question, point: Point, result: int = MAX_RESULT) -> bool:
    """``Costs.affordable`` for a single point."""
    return Costs(question).affordable(point, result)


def name_unknowns(answer: Returned) -> Returned:
    """Unknown sizes get the names ``?0``, ``?1`` in order; the caller renames them to fresh ones."""
    numbers = count()

    def change(dim: Dim) -> Dim:
        return symbol(f"?{next(numbers)}", hidden=True) if dim == UNKNOWN else dim

    def layout(out: OutTensor) -> OutTensor:  # half a layout is none
        return replace(out, meta=_known_layout(out.meta))

    value = terms.map_output(answer.value, lambda dim: dim, layout)
    changes = tuple((i, _known_layout(meta)) for i, meta in answer.changes)
    return terms.map_returned(replace(answer, value=value, changes=changes), change)


def _known_layout(meta: TensorMeta) -> TensorMeta:
    return replace(meta, strides=None) if meta.strides and UNKNOWN in meta.strides else meta
