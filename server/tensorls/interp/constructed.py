"""What constructors that nobody calls have made, kept: each method of a class begins with such an instance, run after run.

A body that nobody calls is rolled back at its end, so a constructor runs from the same state again, and what it did is redone
rather than interpreted.  It depends on what is assumed of the constructor's own parameters, not on those of the method.
Unknown sizes are others in each run, as if it had been interpreted: they have names of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tensorls.domain.dims import Dim, Symbol
from tensorls.domain.values import Ref
from tensorls.interp.assumptions import Assumptions, Kind
from tensorls.interp.evidence import MAX_CANDIDATES
from tensorls.interp.machine import Machine
from tensorls.interp.replay import Recording

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Decided:
    """What is assumed of a constructor's parameters, and what else it depends on."""

    kinds: Mapping[str, Kind]
    attributes: Mapping[str, frozenset[str]]
    optional: frozenset[str]
    equal: Mapping[Symbol, Dim]
    others: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """One run: from what, and with what effect.  ``names``: of the symbols it asked for, and what had them before and after."""

    before: _Decided
    after: _Decided
    names_before: Mapping[str, str | None]
    names: Mapping[str, str]
    instance: Ref
    recording: Recording
    asked: int
    changed: bool
    guessed: bool


class Constructed:
    """The instances made so far."""

    def __init__(self) -> None:
        self._made: dict[object, list[_Made]] = {}

    def make(self, machine: Machine, key: object, prefix: str, construct: Callable[[], Ref]) -> Ref:
        """What ``construct`` makes for this key, interpreted or redone; the paths of its parameters begin with ``prefix``."""
        found = machine.assumed
        assert found is not None
        before = _decided(machine, found, prefix)
        for made in self._made.get(key, ()):
            if made.before == before and _same_names(found, made) and found.asked + made.asked <= MAX_CANDIDATES:
                return _redo(machine, found, made)
        asked, changed, names = found.asked, found.changed, dict(found.names)
        found.changed, found.wanted = False, set()
        recording = Recording(machine)
        instance = construct()
        if recording.stop() and found.asked <= MAX_CANDIDATES:
            names_before = {n: names.get(n) for n in found.wanted}
            names_after = {n: found.names[n] for n in found.wanted}
            after = _decided(machine, found, prefix)
            made = _Made(before, after, names_before, names_after, instance, recording, found.asked - asked, found.changed, found.guessed)
            self._made.setdefault(key, []).append(made)
        found.changed = found.changed or changed
        return instance


def _own(paths: Mapping[str, Item], prefix: str) -> dict[str, Item]:
    """Of the constructor's parameters, and of numbers computed from parameters, which have no path."""
    return {p: v for p, v in paths.items() if not p or p.startswith((prefix, "."))}


def _decided(machine: Machine, found: Assumptions, prefix: str) -> _Decided:
    return _Decided(
        _own(found.kinds, prefix), {p: frozenset(names) for p, names in _own(found.attributes, prefix).items()},
        frozenset(_own(dict.fromkeys(found.optional), prefix)), dict(found.equal),
        (found.guessed, found.single, len(machine.patched), len(machine.too_much)),
    )  # fmt: skip


def _same_names(found: Assumptions, made: _Made) -> bool:
    return all(found.names.get(name) == path for name, path in made.names_before.items())


def _redo(machine: Machine, found: Assumptions, made: _Made) -> Ref:
    made.recording.redo()
    found.kinds.update(made.after.kinds)
    found.attributes.update({p: set(names) for p, names in made.after.attributes.items()})
    found.optional.update(made.after.optional)
    found.equal = dict(made.after.equal)
    found.names.update(made.names)
    found.guessed = made.guessed
    found.asked += made.asked
    found.changed = found.changed or made.changed
    return made.instance
