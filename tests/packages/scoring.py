"""How much of what was recorded is stated, and whether anything stated was contradicted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, int, int, str]  # file, line, column, name
Observation = Sequence[Any]  # library, shape, dtype, device, requires_grad


@dataclass
class Score:
    """``full``: at so many of the ``points`` library, shape, dtype and device are all stated and right."""

    points: int = 0
    full: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Of full points."""
        return 100 * self.full / max(self.points, 1)


def score(recorded: Mapping[Place, Sequence[Observation | None]], stated: Iterable[tuple[Place, Mapping[str, Any]]]) -> Score:
    """Compare; a place that never ran says nothing about what is stated there."""
    claims: dict[Place, list[Mapping[str, Any]]] = defaultdict(list)
    for place, fact in stated:
        claims[place].append(fact)
    result = Score()
    for place, everything in recorded.items():
        tensors = [o for o in everything if o is not None]
        facts = claims.get(place, [])
        if not tensors:
            if facts:
                result.wrong.append(f"{place}: {facts[0]} is no tensor at all")
            continue
        result.points += 1
        if not facts:
            continue
        faults = [f for o in tensors if (f := _contradiction(o, facts))]
        if faults:
            result.wrong.append(f"{place}: {faults[0]}")
        elif all(_complete(o, fact) for fact in facts for o in tensors[:1]):
            result.full += 1
    return result


def _contradiction(observed: Observation, facts: list[Mapping[str, Any]]) -> str | None:
    """Why none of the alternatives stated fits; what several contexts do not agree about is not stated."""
    if not any(_fits(observed, fact) for fact in facts):
        return f"stated {[(f['library'], f['shape'], f['dtype'], f['device'], f['requires_grad']) for f in facts]}, seen {observed}"
    return None


def _fits(observed: Observation, fact: Mapping[str, Any]) -> bool:
    library, shape, *rest = observed
    if fact["library"] != library:
        return False
    stated = fact["shape"]
    if stated is not None and (len(stated) != len(shape) or any(isinstance(d, int) and d != s for d, s in zip(stated, shape, strict=True))):
        return False
    names = ("dtype", "device", "requires_grad") if library == "torch" else ("dtype",)
    return all(fact[name] in (None, seen) for name, seen in zip(names, rest, strict=False))


def _complete(observed: Observation, fact: Mapping[str, Any]) -> bool:
    shape = fact["shape"]
    known = shape is not None and all(isinstance(d, int) for d in shape) and fact["dtype"] is not None
    return known and (observed[0] == "numpy" or fact["device"] is not None)
