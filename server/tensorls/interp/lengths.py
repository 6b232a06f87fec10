"""Lists of unknown length: an operation is tried on a few lengths, and what comes out depends on the length as it does there.

An empty list is not among them: hardly a program means one, and most operations refuse it.  But where a path of the program
leaves a list of numbers empty, what a dtype would be without any number is asked too.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from tensorls.domain.dims import Dim, add, mul
from tensorls.domain.objects import GeneratorObject, ListObject, TensorObject
from tensorls.domain.values import Const, Ref, Tuple, Union, Value, as_dim, int_value
from tensorls.interp.machine import Machine

LENGTHS = (2, 3, 5)
TRIED = Union(tuple(Const(n) for n in LENGTHS))
MOST = 2  # lengths that vary on their own
#: What makes one array of nested lists wants those of one level equally long.
RECTANGULAR = frozenset({f"torch.{n}" for n in ("tensor", "as_tensor", "FloatTensor", "LongTensor", "Tensor", "IntTensor", "BoolTensor")})

Lists = Mapping[Ref, ListObject | GeneratorObject]
Groups = Sequence[tuple[Dim | None, Sequence[Ref]]]


def groups(lists: Lists, op: str) -> Groups:
    """The lists by their length: those of one group are equally long."""
    found: dict[object, tuple[Dim | None, list[Ref]]] = {}
    for ref, content in lists.items():
        length = content.length
        nested = any(content.element == other for other in lists)
        key = (nested, "") if op in RECTANGULAR or op.startswith("numpy.a") else ref if length is None else length
        found.setdefault(key, (length, []))[1].append(ref)
    return tuple(found.values())


def chosen(machine: Machine, lists: Lists, grouped: Groups, counts: Sequence[Value]) -> dict[Value, Value]:
    """For every list one of the length that its group has now."""
    made: dict[Value, Value] = {}
    for (_, refs), count in zip(grouped, counts, strict=True):
        size = as_dim(count)
        assert isinstance(size, int)
        for ref in refs:
            made[ref] = machine.store.new(ListObject((lists[ref].element,) * size))
    return made


def without_numbers(machine: Machine, lists: Lists, grouped: Groups) -> tuple[Value, ...] | None:
    """Lengths with which the lists of numbers that may be empty are; None when there are none such."""
    empty = [any(lists[ref].empty and machine.tensor(lists[ref].element) is None for ref in refs) for _, refs in grouped]
    return tuple(Const(0) if e else Const(LENGTHS[0]) for e in empty) if any(empty) else None


def combined(machine: Machine, grouped: Groups, results: list[Value]) -> Value:
    """What holds for every length, from the results for those tried, in the order of their combinations."""
    tried = tuple(itertools.product(LENGTHS, repeat=len(grouped)))
    if len(results) != len(tried):
        return machine.join(results)
    return _combine(machine, [machine.fresh() if length is None else length for length, _ in grouped], tried, results)


def _combine(machine: Machine, names: Sequence[Dim], tried: Sequence[Sequence[int]], results: Sequence[Value]) -> Value:
    fitted = _fit([as_dim(r) for r in results], names, tried)
    if fitted is not None:
        return int_value(fitted)
    rows = [r.items for r in results if isinstance(r, Tuple)]
    first = results[0]
    if isinstance(first, Tuple) and len(rows) == len(results) and len({len(r) for r in rows}) == 1:
        columns = zip(*rows, strict=True)
        return Tuple(tuple(_combine(machine, names, tried, column) for column in columns), first.kind, first.fields)
    joined = machine.joiner.merged(machine.join(results))
    found = machine.tensor(joined)
    shapes = [p.meta.shape for r in results if (p := machine.tensor(r)) is not None]
    known = [s for s in shapes if s is not None]
    if found is None or found.meta.shape is None or len(known) < len(results):
        return joined
    sizes = zip(found.meta.shape, zip(*known, strict=True), strict=True)
    shape = tuple(old if (new := _fit(column, names, tried)) is None else new for old, column in sizes)
    return machine.store.new(TensorObject(found.meta.with_(shape=shape), -1, found.leaves, found.history))


def _fit(sizes: Sequence[Dim | None], names: Sequence[Dim], tried: Sequence[Sequence[int]]) -> Dim | None:
    """A size as a multiple of one of the lengths and a rest, if it is one wherever it was tried."""
    if sizes and all(s == sizes[0] for s in sizes):
        return sizes[0]
    numbers = [s for s in sizes if isinstance(s, int)]
    if len(numbers) < len(tried):
        return None
    for index, name in enumerate(names):
        counts = [row[index] for row in tried]
        last = counts.index(counts[0] + 1)
        slope = numbers[last] - numbers[0]
        if all(n == numbers[0] + slope * (c - counts[0]) for n, c in zip(numbers, counts, strict=True)):
            return add(mul(slope, name), numbers[0] - slope * counts[0])
    return None
