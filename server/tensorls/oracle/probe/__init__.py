"""How one question is answered: really run, under as many choices as what is unknown about it needs.

- ``concrete``: no symbols.  Small: eager, once.  Large: meta tensors with the true sizes, held against a small real run.
- ``symbolic``: chosen assignments of small numbers, every size decoded back and checked on others.
- ``unknown``: an unknown dtype, rank, gradient flag, layout or number: candidates, and what their answers share.
"""

from __future__ import annotations

from dataclasses import replace

from tensorls.domain.dims import is_hidden
from tensorls.oracle import terms
from tensorls.oracle.probe.common import Evaluate, affordable, name_unknowns
from tensorls.oracle.probe.concrete import concrete
from tensorls.oracle.probe.far import near, restore
from tensorls.oracle.probe.lift import lift
from tensorls.oracle.probe.messages import by_rank
from tensorls.oracle.probe.points import bases
from tensorls.oracle.probe.survey import survey
from tensorls.oracle.probe.symbolic import symbolic
from tensorls.oracle.probe.unknown import INNER, is_open, unknown
from tensorls.oracle.question import Answer, Question, Raised, Returned, Unanswered

#: Beyond this a literal is never a stand-in's own size: comparing a symbol with it would need tensors as large.
HUGE = 2048


def probe(question: Question, evaluate: Evaluate) -> Answer:
    """The answer to any question whose devices have been taken out."""
    question, away = near(question)
    answer = _open(question, evaluate)
    if away:
        answer = restore(answer, away)
    if isinstance(answer, Returned):
        return name_unknowns(answer)
    hidden = any(is_hidden(d) for d in terms.question_sizes(question))
    if isinstance(answer, Raised) and answer.certain and hidden and not by_rank(question, answer.message):
        return Raised(answer.exception, answer.message, False, answer.needs)
    return answer


def _open(question: Question, evaluate: Evaluate) -> Answer:
    if any(is_open(t) for t in terms.leaves(question)):
        return unknown(question, lambda q: _known(q, evaluate))
    return _known(question, evaluate)


def _known(question: Question, evaluate: Evaluate) -> Answer:
    symbols = terms.question_symbols(question)
    if not symbols:
        return concrete(question, evaluate)
    if all(s.hidden for s in symbols) and any(s.name.startswith(INNER) for s in symbols):
        return survey(question, evaluate)
    first = next(bases(symbols, ()), None)
    if first is not None and affordable(question, first):
        if not any(abs(n) > HUGE for n in terms.int_terms(question)):
            direct = symbolic(question, evaluate)
            if not isinstance(direct, Raised) or direct.certain or direct.needs or lift(question, True) is None:
                return direct  # else: what would cure it may cost too much with the literals themselves
    answer: Answer | None = None
    for related in (True, False):
        lifted = lift(question, related)
        if lifted is None:
            return symbolic(question, evaluate)
        found = symbolic(lifted.question, evaluate, lifted.actual)
        if isinstance(found, Returned):
            return found
        if answer is None or (isinstance(found, Raised) and found.needs and not (isinstance(answer, Raised) and answer.needs)):
            answer = found
    if isinstance(answer, Raised) and answer.needs:
        return answer
    # the literals hang together in a way that stand-ins of them do not
    whole = symbolic(question, evaluate, backend="meta")
    if isinstance(whole, Unanswered) and answer is not None:
        return replace(answer, certain=False) if isinstance(answer, Raised) else answer
    return whole
