"""Holds facts of a model that nobody calls against what runs of it showed."""

from __future__ import annotations

import ast
import math
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Place = tuple[int, int, str]
_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "ceil": math.ceil, "floor": math.floor, "abs": abs}
LARGEST_SOLUTION = 4096


class Unbound(Exception):
    """A symbol of an expression has no value."""


@dataclass(slots=True)
class Score:
    """Of one model: sizes, attributes, and what to say of those that are not right."""

    right: int = 0
    wrong: int = 0
    unknown: int = 0
    facts: int = 0
    unknown_facts: int = 0  # tensors of which not even the rank is stated
    dtypes: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def sizes(self) -> int:
        """All that there are."""
        return self.right + self.wrong + self.unknown

    def __iadd__(self, other: Score) -> Score:
        self.right += other.right
        self.wrong += other.wrong
        self.unknown += other.unknown
        self.facts += other.facts
        self.unknown_facts += other.unknown_facts
        self.dtypes += other.dtypes
        return self


def evaluate(text: str, value: Callable[[str], int]) -> Any:
    """An expression of a fact."""

    def run(node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return value(node.id)
        if isinstance(node, ast.UnaryOp):
            return -run(node.operand)
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](run(node.left), run(node.right))
        assert isinstance(node, ast.Call), text
        assert isinstance(node.func, ast.Name), text
        return _FUNCTIONS[node.func.id](*map(run, node.args))

    return run(ast.parse(text, mode="eval").body)


def names_of(text: str) -> set[str]:
    """The symbols of an expression."""
    return {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)} - _FUNCTIONS.keys()


class Run:
    """One run and the values that the symbols of the facts have in its invocations."""

    def __init__(self, recorded: Mapping[str, Any], facts: Mapping[Place, Sequence[Mapping[str, Any]]]) -> None:
        self.invocations = recorded["invocations"]
        self.bindings = recorded["bindings"]
        self._solved: dict[int | None, dict[str, int]] = defaultdict(dict)
        self._uses: Counter[tuple[int | None, str]] = Counter()
        pairs = [
            (b["invocation"], text, size)
            for b in self.bindings
            for f in self.facts_at(b, facts)
            if f["context"] is None  # what the calls bring is called as the callers call it
            for text, size in sized(f, b)
            if isinstance(text, str) and text != "?"
        ]
        for number, text, _ in pairs:
            for name in names_of(text):
                self._uses[number, name] += 1
        self._solve([p for p in pairs if p[1].isidentifier()])
        self._solve([p for p in pairs if not p[1].isidentifier()])

    def facts_at(self, binding: Mapping[str, Any], facts: Mapping[Place, Sequence[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
        """The facts of a place that speak of this call."""
        number = binding["invocation"]
        lines = () if number is None else self.invocations[number]["lines"]
        for fact in facts.get(tuple(binding["place"]), ()):
            if fact["context"] is None or fact["context"] in lines:
                yield fact

    def _named(self, number: int | None, name: str) -> int | None:
        """What a variable, a parameter or a setting of this name is in an invocation."""
        if number is None:
            return None
        values = self.invocations[number]["sizes"].get(name, ())
        return values[0] if len(values) == 1 else None

    def _solve(self, pairs: Iterable[tuple[int | None, str, int]]) -> None:
        """Values of symbols that name nothing that was recorded: the one that most sizes have, or solve one equation."""
        votes: dict[tuple[int | None, str], Counter[int]] = defaultdict(Counter)
        for number, text, size in pairs:
            open_names = [n for n in names_of(text) if self._own(number, n) is None]
            if len(open_names) == 1:
                votes[number, open_names[0]][self._solution(number, text, open_names[0], size)] += 1
        for (number, name), found in votes.items():
            best = found.most_common(1)[0][0]
            if best >= 0:
                self._solved[number][name] = best

    def _solution(self, number: int | None, text: str, name: str, size: int) -> int:
        if text == name:
            return size
        for candidate in range(1, LARGEST_SOLUTION):
            try:
                if evaluate(text, lambda n, c=candidate: c if n == name else self.value(number, n)) == size:  # type: ignore[misc]
                    return candidate
            except ArithmeticError:
                continue
        return -1

    def _own(self, number: int | None, name: str) -> int | None:
        """The value in this invocation."""
        value = self._named(number, name)
        return self._solved[number].get(name) if value is None else value

    def _find(self, number: int | None, name: str) -> int | None:
        """The value in the innermost invocation that has one."""
        value = self._own(number, name)
        while value is None and number is not None:
            number = self.invocations[number]["parent"]
            value = self._own(number, name)
        return value

    def value(self, number: int | None, name: str) -> int:
        """Of a symbol, as one who reads the function takes it."""
        found = self._find(number, name)
        if found is None:
            raise Unbound(name)
        return found

    def is_free(self, number: int | None, text: str) -> bool:
        """Whether an expression says nothing: a symbol in it occurs nowhere else."""
        return any(self._named(number, n) is None and self._uses[number, n] < 2 for n in names_of(text))


def sized(fact: Mapping[str, Any], binding: Mapping[str, Any]) -> Iterator[tuple[int | str, int]]:
    """Each size as stated with the size that was seen."""
    if fact["shape"] is not None and len(fact["shape"]) == len(binding["shape"]):
        yield from zip(fact["shape"], binding["shape"], strict=True)


def score(facts: Iterable[Mapping[str, Any]], runs: Sequence[Mapping[str, Any]]) -> Score:
    """Every place where a tensor was bound in a run, once; wrong where any run contradicts."""
    by_place: dict[Place, list[Mapping[str, Any]]] = defaultdict(list)
    for fact in facts:
        by_place[fact["line"], fact["column"], fact["name"]].append(fact)
    verdicts: dict[Place, list[str]] = {}
    dtypes: dict[Place, str] = {}
    problems: dict[Place, str] = {}
    for recorded in runs:
        run = Run(recorded, by_place)
        for binding in run.bindings:
            place: Place = tuple(binding["place"])
            old = verdicts.get(place, [])
            stated = list(run.facts_at(binding, by_place))
            for fact in stated or [{"shape": None, "dtype": None, "library": None}]:
                verdict, problem = _judge(run, binding, fact)
                old = [max(a, b, key=_ORDER.index) for a, b in zip(old, verdict, strict=False)] or verdict
                if problem:
                    problems[place] = problem
                dtypes[place] = max(dtypes.get(place, "right"), _dtype(fact, binding), key=_ORDER.index)
            verdicts[place] = old
    result = Score(facts=len(verdicts))
    for place, found in sorted(verdicts.items()):
        result.right += found.count("right")
        result.wrong += found.count("wrong")
        result.unknown += found.count("unknown") + found.count("none")
        result.unknown_facts += "none" in found
        result.dtypes[dtypes[place]] += 1
        if set(found) - {"right"} or dtypes[place] == "wrong":
            result.notes.append(f"{place[0]}:{place[1]} {place[2]}: {problems.get(place, 'dtype ' + dtypes[place])}")
            result.wrong += dtypes[place] == "wrong"
    return result


_ORDER = ("right", "unknown", "none", "wrong")


def _dtype(fact: Mapping[str, Any], binding: Mapping[str, Any]) -> str:
    if fact["library"] is not None and fact["library"] != binding["library"]:
        return "wrong"
    for what in ("requires_grad", "device"):
        if binding[what] is not None and fact.get(what) not in (None, binding[what]):
            return "wrong"
    return "unknown" if fact["dtype"] is None else "right" if fact["dtype"] == binding["dtype"] else "wrong"


def _judge(run: Run, binding: Mapping[str, Any], fact: Mapping[str, Any]) -> tuple[list[str], str]:
    """A verdict for each size of a tensor."""
    seen, number = binding["shape"], binding["invocation"]
    shown = f"{fact.get('summary', 'no fact')} for {seen}"
    if fact["shape"] is None:
        return ["none"] * max(len(seen), 1), f"unknown: {shown}"
    if len(fact["shape"]) != len(seen):
        return ["wrong"] * max(len(seen), 1), f"WRONG RANK: {shown}"
    verdicts = []
    for text, size in sized(fact, binding):
        if text == "?":
            verdicts.append("unknown")
        elif isinstance(text, int):
            verdicts.append("right" if text == size else "wrong")
        else:
            try:
                value = evaluate(text, lambda n: run.value(number, n))
                free = run.is_free(number, text)
                verdicts.append("wrong" if value != size else "unknown" if free else "right")
            except (Unbound, ZeroDivisionError):
                verdicts.append("unknown")
    what = "WRONG" if "wrong" in verdicts else "unknown size" if "unknown" in verdicts else ""
    return verdicts, what and f"{what}: {shown}"
