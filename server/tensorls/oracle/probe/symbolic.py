"""Questions with symbols: run at chosen assignments, decode every size, look for cures where the call fails."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from tensorls.domain.dims import Dim, Expr, Symbol, evaluate
from tensorls.domain.dims import symbols as symbols_of
from tensorls.oracle import terms
from tensorls.oracle.decode import Observations
from tensorls.oracle.probe import plans, points
from tensorls.oracle.probe.common import MAX_FAR_RESULT, Backend, Costs, Evaluate, Point
from tensorls.oracle.probe.join import UNKNOWN, Differs, join, keep_size
from tensorls.oracle.probe.messages import CLOSE, OPEN, by_rank, literal_back, translate
from tensorls.oracle.probe.plans import Plan
from tensorls.oracle.question import Answer, Question, Raised, Returned, Unanswered

_MAX_LITERALS = 8
_MAX_JOINED = 6
MIN_VALUES = 5
PINNED = Unanswered("a size is pinned")  # nothing but one value works, and that by coincidence


class Prober:
    """One symbolic question.  ``actual``: true values of symbols that stand for large literals."""

    def __init__(self, question: Question, evaluate: Evaluate, actual: Point | None = None, backend: Backend = "eager") -> None:
        self.question = question
        self.backend = backend
        self._evaluate = evaluate
        self._costs = Costs(question)
        self.actual: Point = actual or {}
        self.symbols = terms.question_symbols(question)
        self.dims = terms.question_sizes(question)
        numbers = [abs(d) for d in self.dims if isinstance(d, int)]
        self.literals = sorted({n for n in numbers if 2 <= n <= 4096})[:_MAX_LITERALS]
        self.thresholds = {abs(n) for n in terms.int_terms(question)}
        self.free = plans.free(self.symbols)
        self._quotients = [d for d in self.dims if isinstance(d, Expr) and plans.has_quotient(d)]
        self.all_literals = len({n for n in numbers if n >= 2}) == len(self.literals)
        self.failures: list[tuple[Point, Raised]] = []
        self._known: dict[tuple[int, ...], Answer] = {}  # by the sizes of the symbols, in their order

    def run(self, assignments: Sequence[Point]) -> list[tuple[Point, Answer]]:
        """The answers for those assignments that cost little enough; failures are remembered for their words."""
        chosen: list[Point] = []
        for a in assignments:
            try:
                if self._is_degenerate(a):
                    continue
                if self.backend == "meta" or self._costs.affordable(a, MAX_FAR_RESULT):
                    chosen.append(a)
            except ZeroDivisionError:
                continue
        new = {key: a for a in chosen if (key := tuple(a[s] for s in self.symbols)) not in self._known}
        if new:
            self._known.update(zip(new, self._evaluate(self.question, list(new.values()), self.backend), strict=True))
        pairs = [(a, self._known[tuple(a[s] for s in self.symbols)]) for a in chosen]
        self.failures += [(p, a) for p, a in pairs if isinstance(a, Raised)]
        return pairs

    def _is_degenerate(self, point: Point) -> bool:
        """Whether a quotient is zero although no symbol is: what an empty tensor allows says nothing of others."""
        return all(v > 0 for v in point.values()) and any(evaluate(d, point) == 0 for d in self._quotients)

    def ask(self) -> Answer:
        """The answer, in the symbols of the question."""
        start = next(points.bases(self.symbols, self.literals), None)
        if start is None:
            return Unanswered("too many symbols")
        first = self.run([start, *points.first_round(start, self.thresholds)])
        if first and first[0][0] == start:
            base = first[0][1]
            if isinstance(base, Returned) and not self._alone(start, first):
                return self._decode(self.free, start, [(p, p, a) for p, a in first], [])
            if isinstance(base, Unanswered):
                return base
        elif not first:
            return Unanswered("too large for eager")
        return self._elsewhere([a for _, a in first])

    def _alone(self, start: Point, pairs: Sequence[tuple[Point, Answer]]) -> bool:
        """Whether some symbol could not be moved at all: the base was a coincidence."""
        moved = {s for p, a in pairs if isinstance(a, Returned) for s in start if p[s] != start[s]}
        return len(moved) < len(start)

    def _elsewhere(self, first: Sequence[Answer]) -> Answer:
        """The first base fails: other orders, larger sizes, exact quotients; then cures."""
        candidates = [(self.free, base) for base in points.bases(self.symbols, self.literals)]
        stated = plans.declared(self.free, self.dims)
        if stated:
            candidates = [(stated, base) for base in points.bases(stated.free, self.literals)] + candidates
        found = None
        for plan, base in self._succeeding(candidates):
            found = self._probe(plan, base, [])
            if found != PINNED:
                return found
        cured = self._cured(stated or self.free)
        return found if found is not None and isinstance(cured, Raised) and not cured.needs else cured

    def _succeeding(self, candidates: Sequence[tuple[Plan, dict[Symbol, int]]]) -> list[tuple[Plan, dict[Symbol, int]]]:
        """Those at which the call succeeds (all of them are run in one go)."""
        by_point = {tuple(sorted(plan.point(base).items())): (plan, base) for plan, base in reversed(candidates)}
        ordered = [(plan, base) for plan, base in candidates if by_point[tuple(sorted(plan.point(base).items()))] == (plan, base)]
        answers = {tuple(sorted(p.items())): a for p, a in self.run([plan.point(base) for plan, base in ordered])}
        return [(plan, base) for plan, base in ordered if isinstance(answers.get(tuple(sorted(plan.point(base).items()))), Returned)]

    def _probe(self, plan: Plan, base: dict[Symbol, int], others: Sequence[Point]) -> Answer:
        """The full probe around a base that works."""
        free = [base, *points.first_round(base, self.thresholds)]
        pairs = self.run([plan.point(p) for p in free])
        kept = {tuple(p.items()): a for p, a in pairs}
        rows = [(f, plan.point(f), kept[tuple(plan.point(f).items())]) for f in free if tuple(plan.point(f).items()) in kept]
        return self._decode(plan, base, rows, others)

    def _crossing(self, plan: Plan, base: Point) -> list[Point]:
        """Assignments outside the plan at which a result, if there is one, must fit as well."""
        found: list[Point] = []
        for s in self.symbols:
            if s.hidden:  # an unknown size may be anything
                found += [{**plan.point(base), s: 0}, {**plan.point(base), s: 1}]
        if plan.kind == "multiple":
            for free in list(points.bases(self.symbols, self.literals))[:2]:
                found += [free, *[{**free, s: v * 12} for s, v in free.items()], *[{**free, s: v * 7} for s, v in free.items()]]
                found += [{**free, s: n} for s in free for n in self.literals]
                found += [{**free, s: free[o]} for s in free for o in free if o != s]
        return found

    def _decode(self, plan: Plan, base: dict[Symbol, int], rows: Sequence[tuple[Point, Point, Answer]], others: Sequence[Point]) -> Answer:
        good = [(f, p, a) for f, p, a in rows if isinstance(a, Returned)]
        crossing = [(p, a) for p, a in self.run([*self._crossing(plan, base), *others]) if isinstance(a, Returned)]
        columns: list[tuple[Dim, ...]] = []
        merged, columns, crossed = self._columns([a for *_, a in good], [a for _, a in crossing])
        if merged is None:
            return Unanswered("the number of outputs depends on the sizes")
        if any(all(f[s] == base[s] for f, *_ in good) for s in base):
            return PINNED
        observations = Observations([f for f, *_ in good])
        decoded = [self._size(plan, observations, c, crossing, x) for c, x in zip(columns, crossed, strict=True)]
        open_ = [c for c, d in zip(columns, decoded, strict=True) if d == UNKNOWN and all(isinstance(v, int) for v in c)]
        if open_:
            moving = {s for s in base if any(c[i] != c[0] for c in open_ for i in observations.axes[s])} or set(base)
            free = points.second_round(base, sorted(moving), self.thresholds)
            more = self.run([plan.point(p) for p in free])
            kept = {tuple(p.items()): a for p, a in more}
            for f in free:
                answer = kept.get(tuple(plan.point(f).items()))
                if isinstance(answer, Returned):
                    good.append((f, plan.point(f), answer))
            merged, columns, crossed = self._columns([a for *_, a in good], [a for _, a in crossing])
            if merged is None:
                return Unanswered("the number of outputs depends on the sizes")
            observations = Observations([f for f, *_ in good])
            decoded = [self._size(plan, observations, c, crossing, x) for c, x in zip(columns, crossed, strict=True)]
        back = literal_back(self.actual)
        return terms.fill(merged, [back(d) for d in decoded])

    def _columns(
        self, good: Sequence[Returned], crossing: Sequence[Returned]
    ) -> tuple[Returned | None, list[tuple[Dim, ...]], list[tuple[Dim, ...]]]:
        """The common structure, and for each of its sizes the column of values, within the plan and outside."""
        try:
            merged = join([*good, *crossing], keep_size)
            inside = [terms.holes(join([a, merged], keep_size)) for a in good]
            outside = [terms.holes(join([a, merged], keep_size)) for a in crossing]
        except Differs:
            return None, [], []
        count = len(terms.holes(merged))
        return merged, [tuple(r[i] for r in inside) for i in range(count)], [tuple(r[i] for r in outside) for i in range(count)]

    def _size(
        self,
        plan: Plan,
        observations: Observations,
        column: tuple[Dim, ...],
        crossing: Sequence[tuple[Point, Returned]],
        crossed: tuple[Dim, ...],
    ) -> Dim:
        values = [v for v in column if isinstance(v, int)]
        if len(values) != len(column):
            return UNKNOWN  # the data decide
        found = observations.decode(values)
        if found is None or not self._enough(observations, found):
            return UNKNOWN
        for candidate in plan.back(found):
            try:
                if all(isinstance(v, int) and _at(candidate, p) == v for (p, _), v in zip(crossing, crossed, strict=True)):
                    return candidate
            except (ZeroDivisionError, KeyError):  # a quotient of the plan is no symbol of the question
                continue
        return UNKNOWN

    @staticmethod
    def _enough(observations: Observations, found: Dim) -> bool:
        """Whether each symbol of an expression took so many values that another expression would have shown."""
        return all(len(set(observations.columns[s])) >= MIN_VALUES for s in symbols_of(found) if s in observations.columns)

    # ---- failure ------------------------------------------------------------------------------------------------

    def _cured(self, plan: Plan) -> Answer:
        """Every base fails: which relation between the sizes would help?"""
        singles = list(plans.cures(plan, self.literals, self.actual))
        working = self._succeeding(self._based(singles, 0)) or self._succeeding(self._based(singles, 2))
        if not working:
            together = list(plans.all_multiples(plan, self.literals, self.actual))
            working = self._succeeding(self._based(together, 0))
        if not working:
            pairs = [p for a, b in combinations([s for s in singles if s.kind == "equal"], 2) if (p := plans.both(a, b))]
            working = self._succeeding(self._based(pairs[:120], 0))
        if not self.failures:
            return Unanswered("too large for eager")
        if not working:
            unlikely = self._anything_succeeds()
            named = any(s not in self.actual for s in self.symbols)
            tried = [p for p, _ in self.failures]
            costly = not all(any(p.point(b) in tried for _, b in self._based([p], 0) + self._based([p], 2)) for p in singles)
            untried = costly or (named and not self.all_literals)
            hidden = any(s.hidden for s in self.symbols) and not all(by_rank(self.question, r.message) for _, r in self.failures)
            values = not all(r.certain for _, r in self.failures)
            return replace(self._error(), certain=not (unlikely or hidden or values or untried))
        every = [plan.point(base) for plan, base in working]
        for plan, base in working:
            if plan.kind == "multiple":
                return self._probe(plan, base, every)
        unknown = [(p, b) for p, b in working if all(s.hidden for s in p.replaced)]
        if unknown:  # an unknown size may well be that one
            if len(unknown) > _MAX_JOINED:
                return Unanswered("the unknown sizes allow too much")
            answers = [self._probe(p, b, []) for p, b in unknown]
            good = [a for a in answers if isinstance(a, Returned)]
            if len(good) == len(answers):
                try:
                    return join(good)
                except Differs:
                    return Unanswered("the unknown sizes decide")
        needs = min((p.needs for p, _ in working), key=len)
        back = {s.name: str(v) for s, v in self.actual.items()}
        only = len({p.needs for p, _ in working}) == 1 and self._holds(working[0][0])
        return replace(self._error(), needs=tuple(_literal_names(n, back) for n in needs), only=only)

    def _holds(self, plan: Plan) -> bool:
        """Whether a cure works wherever it is tried: at a single point the sizes may fit by coincidence."""
        numbers = dict.fromkeys((s for s in self._numbers() if s.hidden), 1)  # a kernel larger than the image says nothing
        tried = self.run([{**plan.point(base), **numbers} for base in list(points.bases(plan.free, self.literals))[:8]])
        good = sum(isinstance(answer, Returned) for _, answer in tried)
        return good >= min(3, 2 ** len(plan.free)) and good * 3 >= len(tried) * 2

    def _numbers(self) -> list[Symbol]:
        """The symbols that are no part of a tensor's shape."""
        sizes = {s for t in terms.tensors(self.question) for d in t.shape or () if isinstance(d, Expr) for s in symbols_of(d)}
        return [s for s in self.symbols if s not in sizes]

    def _based(self, found: Sequence[Plan], number: int) -> list[tuple[Plan, dict[Symbol, int]]]:
        result = []
        for plan in found:
            bases = list(points.bases(plan.free, self.literals))
            if bases:
                result.append((plan, bases[min(number, len(bases) - 1)]))
        return result

    def _anything_succeeds(self) -> bool:
        """A last look before an error is called certain: assignments of plausible values, drawn at random but fixed."""
        choice = random.Random(0)
        pool = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, *self.literals]
        tries: list[Point] = [dict.fromkeys(self.symbols, v) for v in pool]
        tries += [{s: choice.choice(pool) for s in self.symbols} for _ in range(24)]
        tries += [{s: abs(_at(d, t)) for s in self.symbols} for d in self.dims for t in tries[:2] if isinstance(d, Expr)]
        numbers = self._numbers()  # an axis or an index may well be as small
        tries += [{**t, **dict.fromkeys(numbers, n)} for t in tries[2:5] for n in (0, 1, -1)] if numbers else []
        if self.actual:
            tries = [t for t in tries if not any(s in self.actual for s in t)]
        return any(isinstance(a, Returned) for _, a in self.run(tries))

    def _error(self) -> Raised:
        return translate(self.failures, {*self.literals, *self.thresholds}, literal_back(self.actual))


def _literal_names(need: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        need = need.replace(f"{OPEN}{name}{CLOSE}", value)
    left, _, right = need.partition(" == ")
    return f"{right} == {left}" if left.isdigit() else need


def _at(dim: Dim, point: Point) -> int:
    return dim if isinstance(dim, int) else evaluate(dim, point)


def symbolic(question: Question, evaluate: Evaluate, actual: Point | None = None, backend: Backend = "eager") -> Answer:
    """The answer to a question with symbols; a size that no expression fits is ``UNKNOWN``."""
    return Prober(question, evaluate, actual, backend).ask()
