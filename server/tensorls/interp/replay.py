"""A stretch of interpretation whose effect can be had again, from the same state, without interpreting.

Objects keep their addresses, since a rollback has freed them.  Unknown sizes become new ones, numbered as if they had been
made again, since names are given to them for good.  What the machine remembers across rollbacks is brought up to date as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from tensorls.domain.dims import Dim, Expr, Symbol, substitute, symbol, symbols
from tensorls.interp.naming import Event

if TYPE_CHECKING:
    from tensorls.interp.machine import Machine

Thing = TypeVar("Thing")
_NUMBERED = re.compile(r"\?(?:m|i|(i?j))(\d+)")  # a size of the machine's or, with a j, of a join's


class Recording:
    """What the machine does from here on until ``stop``."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._mark = machine.store.mark()
        self._first = self._last = machine.symbols_made
        self._steps, self._foreign_steps = machine.steps, machine.foreign_steps
        self._lasting = machine.lasting()
        self._known = len(machine.bounds), len(machine.simplified_sizes)
        self._events: dict[Event, bool] = {}  # and whether a new size takes part
        machine.names.journals.append(self._events)

    def stop(self) -> bool:
        """The end; whether it can be redone."""
        machine = self._machine
        machine.names.journals.pop()
        self._last = machine.symbols_made
        self._steps, self._foreign_steps = machine.steps - self._steps, machine.foreign_steps - self._foreign_steps
        self._bounds = dict(islice(machine.bounds.items(), self._known[0], None))
        self._simplified = dict(islice(machine.simplified_sizes.items(), self._known[1], None))
        if machine.lasting() != self._lasting or not all(self._own(size) for size in self._simplified):
            return False
        self._events = {event: bool(self._own(event[3])) for event in self._events}
        self._delta = machine.store.delta(self._mark)
        self._open = [key for key, content in self._delta.items() if self._own(content)]
        self._storages = {a: machine.storage_names.get(a) for a, name in self._delta if name is None}
        self._symbols = self._own(
            [self._bounds, self._simplified, *(self._delta[k] for k in self._open), *(e for e, is_open in self._events.items() if is_open)]
        )
        return True

    def redo(self) -> None:
        """The same effect once more."""
        machine = self._machine
        renamed = self._fresh_names()
        machine.store.apply({**self._delta, **{key: renamed(self._delta[key]) for key in self._open}})
        for name, within in self._bounds.items():
            machine.bounds.put(renamed(name), renamed(within))
        machine.simplified_sizes.update(renamed(self._simplified))
        for address, storage_name in self._storages.items():
            machine.storage_names.pop(address, None)
            if storage_name is not None:
                machine.storage_names[address] = storage_name
        for event, is_open in self._events.items():
            machine.names.happen(renamed(event) if is_open else event)
        machine.spend(self._steps, self._foreign_steps)

    def _fresh_names(self) -> _Renaming:
        now = self._machine.symbols_made
        self._machine.symbols_made = (now[0] + self._last[0] - self._first[0], now[1] + self._last[1] - self._first[1])
        names: dict[Symbol, Symbol] = {}
        for old in self._symbols:
            found = _NUMBERED.fullmatch(old.name)
            assert found is not None
            joined = bool(found[1])
            number = int(found[2]) - self._first[joined] + now[joined]
            names[old] = Symbol(f"{old.name[: found.start(2)]}{number}", hidden=True)
        return _Renaming(names, {old: symbol(new.name, new.hidden) for old, new in names.items()})

    def _own(self, thing: object) -> list[Symbol]:
        """The symbols in something that were made meanwhile."""
        return [s for s in dict.fromkeys(_hidden(thing)) if self._is_own(s)]

    def _is_own(self, name: Symbol) -> bool:
        found = _NUMBERED.fullmatch(name.name)
        joined = found is not None and bool(found[1])
        return found is not None and self._first[joined] < int(found[2]) <= self._last[joined]


def _hidden(thing: object) -> Iterator[Symbol]:
    if isinstance(thing, Expr):
        yield from (s for s in symbols(thing) if s.hidden)
    elif isinstance(thing, Symbol):
        if thing.hidden:
            yield thing
    elif isinstance(thing, (tuple, list, frozenset)):
        for item in thing:
            yield from _hidden(item)
    elif isinstance(thing, Mapping):
        for pair in thing.items():
            yield from _hidden(pair)
    elif is_dataclass(thing):
        for part in fields(thing):
            yield from _hidden(getattr(thing, part.name))


@dataclass(frozen=True, slots=True)
class _Renaming:
    """Other symbols for some, wherever they stand in something."""

    names: Mapping[Symbol, Symbol]
    sizes: Mapping[Symbol, Dim]

    def __call__(self, thing: Thing) -> Thing:
        return self._of(thing)  # type: ignore[no-any-return]

    def _of(self, thing: Any) -> Any:
        if isinstance(thing, Expr):
            return substitute(thing, self.sizes)
        if isinstance(thing, Symbol):
            return self.names.get(thing, thing)
        if isinstance(thing, (tuple, list, frozenset)):
            items = [self._of(item) for item in thing]
            return thing if all(a is b for a, b in zip(items, thing, strict=True)) else type(thing)(items)
        if isinstance(thing, Mapping):
            return {self._of(k): self._of(v) for k, v in thing.items()}
        if is_dataclass(thing) and not isinstance(thing, type):
            old = {part.name: getattr(thing, part.name) for part in fields(thing)}
            new = {name: self._of(value) for name, value in old.items()}
            changes = {name: value for name, value in new.items() if value is not old[name]}
            return replace(thing, **changes) if changes else thing
        return thing
