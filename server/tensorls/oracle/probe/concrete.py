"""Questions without symbols: run once, or, where that would cost memory or time, as meta tensors held against a small run."""

from __future__ import annotations

from dataclasses import replace

from tensorls.oracle import terms
from tensorls.oracle.probe.common import Evaluate, affordable, too_large
from tensorls.oracle.probe.join import Differs, join
from tensorls.oracle.probe.lift import Lifted, lift
from tensorls.oracle.probe.messages import literal_back, translate
from tensorls.oracle.probe.points import held_out
from tensorls.oracle.probe.symbolic import symbolic
from tensorls.oracle.question import Answer, OutTensor, Question, Raised, Returned, Unanswered


def concrete(question: Question, evaluate: Evaluate) -> Answer:
    """The answer to a question in which every size is a number."""
    if affordable(question, {}):
        answer = evaluate(question)[0]
        if not too_large(answer):
            return answer
    shrunk = _shrunk(question)
    if _is_numpy(question):  # NumPy has no tensors without data
        return _decoded(shrunk, evaluate) or Unanswered("too large")
    full = evaluate(question, ({},), "meta")[0]
    if isinstance(full, Unanswered):
        return _decoded(shrunk, evaluate) or full
    for candidate in shrunk:
        checked = _checked(question, full, candidate, evaluate)
        if checked is not None:
            return checked
    if isinstance(full, Raised):  # nothing small to hold it against
        decoded = _decoded(shrunk, evaluate)
        return full if decoded is None or isinstance(decoded, Raised) else decoded
    return _unsure(full)


def _shrunk(question: Question) -> list[Lifted]:
    found: list[Lifted] = []
    for above in (16, 2):
        for related in (True, False):
            lifted = lift(question, related, above)
            if lifted and lifted.question not in [f.question for f in found]:
                if all(affordable(lifted.question, p) for p in lifted.small):
                    found.append(lifted)
        if found:
            break
    return found


def _is_numpy(question: Question) -> bool:
    return question.op.startswith("numpy.") or any(t.library == "numpy" for t in terms.tensors(question))


def _checked(question: Question, full: Answer, lifted: Lifted, evaluate: Evaluate) -> Answer | None:
    """``full`` (meta, true sizes) held against eager runs of the shrunk question; meta runs of it are the control.

    None when the shrunk question is another one (its sizes do not fit together, or its values matter).
    """
    eager = evaluate(lifted.question, lifted.small)
    control = evaluate(lifted.question, lifted.small, "meta")
    if isinstance(full, Returned):
        if all(isinstance(a, Returned) for a in eager):
            return _agreed(full, [a for a in eager if isinstance(a, Returned)], [a for a in control if isinstance(a, Returned)])
        sound = all(isinstance(c, Returned) for c in control)
        if sound and all(isinstance(a, Raised) for a in eager) and not _values_matter(question):
            # what meta tensors cannot see: a dtype without a kernel, mostly
            pairs = [(p, a) for p, a in zip(lifted.small, eager, strict=True) if isinstance(a, Raised)]
            if all(a.exception != "IndexError" for _, a in pairs):
                certain = all(a.certain for _, a in pairs)
                literals = {abs(n) for n in terms.int_terms(question)}
                return replace(translate(pairs, literals, literal_back(lifted.actual)), certain=certain)
        return None
    if not isinstance(full, Raised):
        return None
    if all(isinstance(a, Raised) for a in eager):
        if [_words(a) for a in eager] == [_words(c) for c in control]:
            return full  # meta words this failure as the real operator does, and knows the true sizes
        more = [*lifted.small, *held_out(lifted.small[0], 0), *held_out(lifted.small[0], 2)]
        more = [p for p in more if affordable(lifted.question, p)]
        pairs = [(p, a) for p, a in zip(more, evaluate(lifted.question, more), strict=True) if isinstance(a, Raised)]
        translated = translate(pairs, set(), literal_back(lifted.actual))
        return full if "?" in translated.message else replace(translated, certain=all(a.certain for _, a in pairs))
    if all(isinstance(c, Returned) for c in control) and all(isinstance(a, Returned) for a in eager):
        return full  # only the true sizes fail
    if all(isinstance(c, Raised) for c in control) and all(isinstance(a, Returned) for a in eager):
        return symbolic(lifted.question, evaluate, lifted.actual)  # meta cannot do it
    return None


def _words(answer: Answer) -> tuple[str, str] | None:
    return (answer.exception, answer.message) if isinstance(answer, Raised) else None


def _values_matter(question: Question) -> bool:
    """Stated values may be out of range of a shrunk size."""
    return any(t.data is not None for t in terms.tensors(question))


def _agreed(full: Returned, eager: list[Returned], control: list[Returned]) -> Answer:
    """Sizes from meta; where small real runs and small meta runs differ, meta is not to be trusted in that field."""
    try:
        real = join(eager)
        trusted = join([real, join(control)]) == real if control else False
        # fields of the real run, sizes of the full one
        return _with_fields(full, real, trusted)
    except Differs:
        return _unsure(full)


def _with_fields(full: Returned, real: Returned, trusted: bool) -> Returned:
    others = iter(terms.out_tensors(real))
    if len(terms.out_tensors(full)) != len(terms.out_tensors(real)):
        raise Differs

    def one(out: OutTensor) -> OutTensor:
        other = next(others)
        meta = replace(
            out.meta,
            type=other.meta.type,
            dtype=other.meta.dtype,
            requires_grad=other.meta.requires_grad,
            is_leaf=other.meta.is_leaf,
            strides=out.meta.strides if trusted else None,
        )
        return OutTensor(meta, other.same_as, other.shares)

    return replace(full, value=terms.map_output(full.value, lambda d: d, one), written=real.written)


def _unsure(full: Answer) -> Answer:
    """Meta alone: sizes and dtype as it says, strides are where it errs most."""
    if not isinstance(full, Returned):
        return full
    value = terms.map_output(full.value, lambda d: d, lambda t: replace(t, meta=replace(t.meta, strides=None)))
    return replace(full, value=value)


def _decoded(shrunk: list[Lifted], evaluate: Evaluate) -> Answer | None:
    """Large literals as symbols, decoded back."""
    last: Answer | None = None
    for lifted in shrunk:
        answer = symbolic(lifted.question, evaluate, lifted.actual)
        if isinstance(answer, Returned):
            return answer
        last = last or answer
    return last
