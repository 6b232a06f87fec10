"""Arguments of which something is unknown: try what it may be, keep what all answers that succeed have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from tensorls.domain.dims import Dim, Expr, mul, symbol
from tensorls.domain.dims import symbols as symbols_of
from tensorls.domain.tensor import ITEMSIZES, TensorMeta
from tensorls.oracle import terms
from tensorls.oracle.probe.join import UNKNOWN, Differs, join
from tensorls.oracle.probe.messages import by_rank
from tensorls.oracle.question import Answer, AnyScalar, OutTensor, Question, Raised, Returned, Term, Unanswered

MAX_CANDIDATES = 40
#: What fails here for one size of a rank fails for all.
RANK_DECIDES = frozenset(
    {".permute", ".transpose", ".swapaxes", ".movedim", ".t", "torch.permute", "torch.transpose", "torch.movedim", "torch.t",
     "numpy.transpose", "numpy.swapaxes", "numpy.moveaxis",
     "torch.cat", "torch.concat", "torch.concatenate", "torch.stack", "numpy.concatenate", "numpy.stack"}
)  # fmt: skip

DTYPES = ("float32", "int64", "float64", "bool", "float16", "complex64")
FEW_DTYPES = ("float32", "float64", "int64", "bool")
RANKS = (1, 2, 3, 4, 5, 0)
FEW_RANKS = (2, 1, 3, 4)
SCALARS: dict[str, tuple[Term, ...]] = {
    "int": (1, 2, 3, 0, -1),
    "float": (0.5, 2.0),
    "number": (0.5, 2.0, 1, 2, 0),  # an int or a float
    "bool": (True, False),
    "complex": (1j, 0.5 + 0j),
}
#: Of a candidate: a dtype without a kernel, a module that its constructor refuses.
IMPOSSIBLE = ("not implemented", "the object cannot be made")
#: Sizes that an unknown rank brings in; they are not part of any answer.
INNER = "rank?"


def is_open(term: Term) -> bool:
    """Whether stand-ins need a choice first."""
    if isinstance(term, TensorMeta):
        return None in (term.shape, term.dtype, term.requires_grad) or (term.strides is None and _layouts(term) > 1)
    return isinstance(term, AnyScalar)


def _layouts(tensor: TensorMeta) -> int:
    return 2 if tensor.shape is not None and len(tensor.shape) >= 2 else 1


def unknown(question: Question, ask: Callable[[Question], Answer]) -> Answer:
    """The join of the answers over the candidates; ``ask`` answers one without unknowns."""
    spots = [t for t in terms.leaves(question) if is_open(t)]
    choices = [_candidates(t, number, few=False) for number, t in enumerate(spots)]
    if _count(choices) > MAX_CANDIDATES:
        choices = [_candidates(t, number, few=True) for number, t in enumerate(spots)]
    rows: list[tuple[Term, ...]] = list(product(*choices)) if _count(choices) <= 4096 else []
    if not rows:
        return Unanswered("too much is unknown")
    if len(rows) > MAX_CANDIDATES:  # an even sample: every candidate of each argument is still met
        step = len(rows) / MAX_CANDIDATES
        rows = [rows[int(i * step) + i % max(1, int(step))] for i in range(MAX_CANDIDATES)]
    good: list[Returned] = []
    works: dict[tuple[int, ...], bool] = {}  # by the ranks chosen
    errors: list[Raised] = []
    for row in rows:
        answer = ask(_with(question, row))
        ranks = _chosen_ranks(spots, row)
        works[ranks] = works.get(ranks, False) or not isinstance(answer, Raised) or question.op in RANK_DECIDES or not any(ranks)
        if isinstance(answer, Returned):
            good.append(terms.map_returned(answer, _outward))
        elif isinstance(answer, Raised):
            errors.append(answer)
        elif not answer.reason.startswith(IMPOSSIBLE):  # no run succeeds with it
            return answer  # what that candidate gives may differ from all others
    if good:
        try:
            found = join(good)
        except Differs:
            return Unanswered("the unknown parts of the arguments decide what comes out")
        return found if all(works.values()) else _without_shapes(found)  # a rank that fails here may work with other sizes
    if not errors:
        return Unanswered("no candidate could be tried")
    only_layout = all(isinstance(t, TensorMeta) and None not in (t.shape, t.dtype, t.requires_grad) for t in spots)
    ranks_known = all(isinstance(t, TensorMeta) and t.shape is not None for t in spots)
    if only_layout or (ranks_known and all(by_rank(question, e.message) for e in errors)):
        return replace(errors[0], certain=all(e.certain for e in errors))
    return replace(errors[0], certain=False)


def _chosen_ranks(spots: Sequence[Term], row: Sequence[Term]) -> tuple[int, ...]:
    """The ranks that a row takes for those that are unknown."""
    pairs = zip(spots, row, strict=True)
    return tuple(len(c.shape or ()) for s, c in pairs if isinstance(s, TensorMeta) and s.shape is None and isinstance(c, TensorMeta))


def _without_shapes(answer: Returned) -> Returned:
    def one(out: OutTensor) -> OutTensor:
        return replace(out, meta=replace(out.meta, shape=None, strides=None))

    return replace(answer, value=terms.map_output(answer.value, lambda d: d, one))


def _outward(dim: Dim) -> Dim:
    if isinstance(dim, Expr) and any(s.name.startswith(INNER) for s in symbols_of(dim)):
        return UNKNOWN
    return dim


def _count(choices: Sequence[Sequence[Term]]) -> int:
    total = 1
    for c in choices:
        total *= len(c)
    return total


def _candidates(term: Term, number: int, few: bool) -> list[Term]:
    if isinstance(term, AnyScalar):
        return list(SCALARS.get(term.kind, ()))
    assert isinstance(term, TensorMeta)
    found: list[Term] = []
    dtypes = (term.dtype,) if term.dtype else FEW_DTYPES if few else DTYPES
    flags = (term.requires_grad,) if term.requires_grad is not None else (False, True)
    for shape, dtype, flag in product(_shapes(term, number, few), dtypes, flags):
        if flag and (term.library == "numpy" or not dtype.startswith(("float", "bfloat", "complex"))):
            continue
        one = replace(term, shape=shape, dtype=dtype, requires_grad=flag)
        if term.shape is None or (dtype != term.dtype and term.library == "numpy"):
            one = replace(one, strides=None)
        found.append(one)
        if term.strides is None and len(shape) >= 2 and not few and term.shape is not None:
            found.append(replace(one, strides=_reversed(one)))
    return found


def _shapes(term: TensorMeta, number: int, few: bool) -> list[tuple[Dim, ...]]:
    if term.shape is not None:
        return [term.shape]
    ranks = FEW_RANKS if few else RANKS
    return [tuple(symbol(f"{INNER}{number}_{axis}", hidden=True) for axis in range(rank)) for rank in ranks]


def _reversed(term: TensorMeta) -> tuple[Dim, ...]:
    """The strides of a transposed tensor: the layout that differs most from the usual one."""
    step: Dim = 1 if term.library == "torch" else ITEMSIZES.get(term.dtype or "", 4)
    strides: list[Dim] = []
    for size in term.shape or ():
        strides.append(step)
        step = mul(step, size)
    return tuple(strides)


def _with(question: Question, row: Sequence[Term]) -> Question:
    rest = iter(row)
    return terms.map_terms(question, lambda t: next(rest) if is_open(t) else t)
