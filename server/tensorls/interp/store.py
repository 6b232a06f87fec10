"""The program's state: heap objects and namespaces, with a journal.

Every write is logged with the value it replaced, so a branch can be taken back, its effect kept as a *delta*, and the
deltas of several paths joined.  That costs as much as what a branch writes, not as much as there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import cast

from tensorls.domain.objects import HeapObject
from tensorls.domain.values import Ref, Value
from tensorls.interp.reach import references

Key = tuple[int, str | None]  # (address, None): the object there; (address, name): a cell of its namespace
Content = HeapObject | Value
Delta = dict[Key, Content | None]  # None: not there
Join = Callable[[Content, Content], Content]


class Store:
    """Objects and cells by address."""

    def __init__(self) -> None:
        self._objects: dict[int, HeapObject] = {}
        self._cells: dict[int, dict[str, Value]] = {}
        self._log: list[tuple[Key, Content | None]] = []
        self._next = 1
        self.version = 0  # of the state: another one after each change
        self._doubtful: set[Key] = set()

    # objects

    def new(self, content: HeapObject) -> Ref:
        """Put an object on the heap."""
        address = self.reserve()
        self._write((address, None), content)
        return Ref(address)

    def reserve(self) -> int:
        """An address that nothing else has."""
        address = self._next
        self._next += 1
        return address

    def get(self, address: int) -> HeapObject | None:
        """The object at an address."""
        return self._objects.get(address)

    def put(self, address: int, content: HeapObject) -> None:
        """Replace the object at an address."""
        self._write((address, None), content)

    def objects(self) -> list[tuple[int, HeapObject]]:
        """Everything on the heap."""
        return list(self._objects.items())

    def made_after(self, address: int) -> list[tuple[int, HeapObject]]:
        """What came to the heap later than an object."""
        found = ((a, self._objects.get(a)) for a in range(address + 1, self._next))
        return [(a, content) for a, content in found if content is not None]

    # cells

    def cell(self, address: int, name: str) -> Value | None:
        """The value of a name in a namespace."""
        cells = self._cells.get(address)
        return None if cells is None else cells.get(name)

    def set_cell(self, address: int, name: str, value: Value) -> None:
        """Bind a name."""
        self._write((address, name), value)

    def delete_cell(self, address: int, name: str) -> None:
        """Unbind a name."""
        self._write((address, name), None)

    def cells(self, address: int) -> Iterator[tuple[str, Value]]:
        """The names bound in a namespace, in order of their first binding."""
        yield from list(self._cells.get(address, {}).items())

    def is_doubtful(self, address: int, name: str) -> bool:
        """Whether a name was bound on some of the paths only."""
        return (address, name) in self._doubtful

    # journal

    def mark(self) -> int:
        """The present point of the journal."""
        return len(self._log)

    @contextmanager
    def permanent(self) -> Iterator[None]:
        """Writes inside are never rolled back from outside: modules stay loaded whatever path imported them first."""
        start = len(self._log)
        try:
            yield
        finally:
            del self._log[start:]

    def delta(self, mark: int) -> Delta:
        """What is different now from what was at the mark."""
        delta: Delta = {}
        for key, _ in self._log[mark:]:
            if key not in delta:
                delta[key] = self._read(key)
        return delta

    def rollback(self, mark: int) -> Delta:
        """Return to the mark; the answer redoes what was taken back."""
        if mark == len(self._log):
            return {}
        delta = self.delta(mark)
        before: Delta = {}
        for key, old in self._log[mark:]:
            before.setdefault(key, old)
        self.version += 1
        for key in reversed(before):
            self._set(key, before[key])
        del self._log[mark:]
        return delta

    def compact(self, mark: int) -> None:
        """Forget what was in between the mark and now."""
        before: Delta = {}
        for key, old in self._log[mark:]:
            before.setdefault(key, old)
        self._log[mark:] = before.items()

    def drop_unreachable(self, mark: int, base: int, roots: Iterable[object]) -> None:
        """Forget objects made since the mark, at addresses from ``base`` on, that nothing refers to but each other.

        What was there before the mark and the ``roots`` are all that later code can start from: what it holds now, and what it
        held in between.
        """
        made: dict[int, list[Content]] = {}
        pending = list(roots)
        tail = self._log[mark:]
        for key, content in chain(tail, ((k, self._read(k)) for k in dict.fromkeys(k for k, _ in tail))):
            found = made.setdefault(key[0], []) if key[0] >= base else pending
            if content is not None:
                found.append(content)
        while pending:
            for address in references(pending.pop()):
                pending += made.pop(address, ())
        if made:
            for address in made:
                self._objects.pop(address, None)
                self._cells.pop(address, None)
            self._log[mark:] = [entry for entry in tail if entry[0][0] not in made]

    def apply(self, delta: Delta) -> None:
        """Redo a delta."""
        for key, content in delta.items():
            self._write(key, content)

    def intermediate(self, mark: int) -> Iterator[tuple[Key, Content]]:
        """Every value that was replaced since the mark: what an exception raised in between may have left behind."""
        for key, old in self._log[mark:]:
            if old is not None:
                yield key, old

    def join(self, deltas: Iterable[Delta], join: Join) -> None:
        """Continue after several paths that all began here: each key gets the join of what the paths left there."""
        paths = list(deltas)
        if len(paths) == 1:
            self.apply(paths[0])
            return
        made: set[Key] = set()
        for delta in paths:  # what each path made comes first: the joins below look at it
            for key, content in delta.items():
                if key[1] is None and key[0] not in self._objects:
                    made.add(key)
                    self._write(key, content)
        keys: Delta = {}
        for delta in paths:
            keys.update(delta)
        for key in keys:
            if key in made and sum(key in delta for delta in paths) == 1:
                continue
            here = None if key in made else self._read(key)
            merged: Content | None = None
            if key[1] is not None and any(d.get(key, here) is None for d in paths):
                self._doubtful.add(key)  # bound on some of the paths only
            for delta in paths:
                content = delta.get(key, here)
                if content is not None:
                    merged = content if merged is None or merged is content else join(merged, content)
            if merged is not here:
                self._write(key, merged)

    def _read(self, key: Key) -> Content | None:
        address, name = key
        if name is None:
            return self._objects.get(address)
        cells = self._cells.get(address)
        return None if cells is None else cells.get(name)

    def _write(self, key: Key, content: Content | None) -> None:
        self.version += 1
        self._log.append((key, self._read(key)))
        self._set(key, content)

    def _set(self, key: Key, content: Content | None) -> None:
        address, name = key
        if name is None:
            if content is None:
                self._objects.pop(address, None)
            else:
                self._objects[address] = cast(HeapObject, content)
            return
        cells = self._cells.get(address)
        if cells is None:
            cells = self._cells[address] = {}
        if content is None:
            cells.pop(name, None)
        else:
            cells[name] = cast(Value, content)
