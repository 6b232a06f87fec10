"""The program's state: heap objects and namespaces, with a journal.

Every write is logged with the value it replaced, so a branch can be taken back, its effect kept as a *delta*, and the
deltas of several paths joined.  That costs as much as what a branch writes, not as much as there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tensorls.domain.objects import HeapObject
from tensorls.domain.values import Ref, Value

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

    def objects(self) -> Iterator[tuple[int, HeapObject]]:
        """Everything on the heap."""
        yield from list(self._objects.items())

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
        return {key: self._read(key) for key, _ in self._log[mark:]}

    def rollback(self, mark: int) -> Delta:
        """Return to the mark; the answer redoes what was taken back."""
        delta = self.delta(mark)
        for key, old in reversed(self._log[mark:]):
            self._set(key, old)
        del self._log[mark:]
        return delta

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
        for key in dict.fromkeys(k for delta in paths for k in delta):
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
        return self.cell(address, name)

    def _write(self, key: Key, content: Content | None) -> None:
        self._log.append((key, self._read(key)))
        self._set(key, content)

    def _set(self, key: Key, content: Content | None) -> None:
        address, name = key
        if name is None:
            if content is None:
                self._objects.pop(address, None)
            else:
                assert not isinstance(content, Value)
                self._objects[address] = content
        elif content is None:
            self._cells.get(address, {}).pop(name, None)
        else:
            assert isinstance(content, Value)
            self._cells.setdefault(address, {})[name] = content
