"""A quick look at a call whose sizes are all unknown: which results occur, and what they have in common.

Nothing is decoded: a size is in the answer only when it is the same in every run that succeeds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import combinations

from tensorls.domain.dims import Symbol
from tensorls.oracle import terms
from tensorls.oracle.probe import points
from tensorls.oracle.probe.common import MAX_FAR_RESULT, Costs, Evaluate, Point
from tensorls.oracle.probe.join import UNKNOWN, Differs, join
from tensorls.oracle.question import Answer, Question, Raised, Returned, Unanswered

_SEEDS = 2
MAX_GROUPS = 60


def survey(question: Question, evaluate: Evaluate) -> Answer:
    """The join of the answers over sizes of all kinds; the symbols of the question are not in it."""
    symbols = terms.question_symbols(question)
    sizes = {abs(d) for d in terms.question_sizes(question) if isinstance(d, int)}
    literals = sorted(n for n in sizes if 2 <= n <= 4096)[:6]
    products = {math.prod(c) for k in (2, 3) for c in combinations(literals, k)}
    costs = Costs(question)
    failed: list[Raised] = []

    def run(tries: list[Point]) -> tuple[list[tuple[Point, Returned]], Unanswered | None]:
        chosen = [t for t in tries if costs.affordable(t, MAX_FAR_RESULT)]
        answers = evaluate(question, chosen) if chosen else []
        failed.extend(a for a in answers if isinstance(a, Raised))
        good = [(p, a) for p, a in zip(chosen, answers, strict=True) if isinstance(a, Returned)]
        return good, next((a for a in answers if isinstance(a, Unanswered)), None)

    bases = list(points.bases(symbols, ()))[:2]
    if symbols and not bases:
        return Unanswered("too many symbols")
    alike = [dict.fromkeys(symbols, v) for v in dict.fromkeys((2, 5, 1, *literals[:3]))]
    good, reason = run([*bases, *alike])
    if not good:
        choice = random.Random(0)
        pool = [1, 2, 3, 4, 8, *literals, *sorted(products)[:8]]
        good, reason = run([{s: choice.choice(pool) for s in symbols} for _ in range(24)])
    if not good:
        return failed[0] if failed else reason or Unanswered("too large for eager")
    around: list[Point] = []
    for seed, _ in good[:_SEEDS]:
        around += [{**seed, s: v} for s in symbols for v in (1, 7, *literals[:1]) if v != seed[s]]
    more, _ = run(around)
    seen = [*good, *more]
    held = _held(symbols, seen)
    if len(held) > 1:  # sizes that only move together
        groups = [g for k in (2, 3) for g in combinations(held, k)][:MAX_GROUPS]
        together, _ = run([{**good[0][0], **dict.fromkeys(g, v)} for g in groups for v in (7, 3)])
        seen += together
        held = _held(symbols, seen)
    pinned = [good[0][0][s] for s in held]
    try:
        found = join([a for _, a in seen])
    except Differs:
        return Unanswered("the unknown sizes decide what comes out")
    # one size that is bound to a literal is that literal; where several are, one may just follow another
    return terms.map_returned(found, lambda d: UNKNOWN if isinstance(d, int) and pinned.count(d) > 1 else d)


def _held(symbols: Sequence[Symbol], seen: Sequence[tuple[Point, Returned]]) -> list[Symbol]:
    """The sizes that are the same in every run that succeeds."""
    return [s for s in symbols if len({p[s] for p, _ in seen}) == 1]
