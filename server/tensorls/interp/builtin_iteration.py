"""Builtins that iterate: ``len``, ``range``, ``zip``, ``list``, ``sorted``, ``any`` ..."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.bounds import Within
from tensorls.domain.objects import DictObject, GeneratorObject, ListObject
from tensorls.domain.values import (
    NONE,
    Arguments,
    Const,
    RangeValue,
    Ref,
    Scalar,
    Tuple,
    Unknown,
    Value,
    as_dim,
    why,
)  # fmt: skip
from tensorls.interp import assumptions, calls, iteration, numbers, objects, operators, ranges
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

Handler = Callable[[Machine, Frame, ast.AST, Arguments], Value]


def _len(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) != 1:
        return Unknown("len")
    return machine.alternatives(frame, a.args, lambda v: iteration.length(machine, frame, node, v[0]))


def _range(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    args = [_index(machine, frame, v) for v in a.args]
    if len(args) == 1:
        return RangeValue(Const(0), args[0], Const(1))
    return RangeValue(args[0], args[1], args[2] if len(args) > 2 else Const(1)) if args else Unknown("range")


def _index(machine: Machine, frame: Frame, value: Value) -> Value:
    value = ranges.number_of(machine, numbers.as_int(machine, value))
    assumptions.needed_integer(machine, frame, value)
    return value if as_dim(value) is not None else machine.unknown_int()


def _enumerate(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    start = a.get(1, "start")
    first = start.value if isinstance(start, Const) and isinstance(start.value, int) else 0
    found = iteration.iterate(machine, a.args[0], frame, node)
    if found.items is None or (start is not None and not isinstance(start, Const)):
        element = found.element if found.items is None else iteration.any_item(machine, found)
        index = Within(first, None)
        phases = tuple(Tuple((machine.unknown_int(index), p)) for p in found.phases)
        ahead = None if found.first is None or not isinstance(start or Const(0), Const) else Tuple((Const(first), found.first))
        return machine.store.new(GeneratorObject(None, Tuple((machine.unknown_int(index), element)), phases, ahead, found.length))
    return machine.store.new(GeneratorObject(tuple(Tuple((Const(first + i), v)) for i, v in enumerate(found.items))))


def _zip(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = [iteration.iterate(machine, v, frame, node) for v in a.args]
    known = [f.items for f in found if f.items is not None]
    if len(known) == len(found):
        return machine.store.new(GeneratorObject(tuple(Tuple(row) for row in zip(*known, strict=False))))
    element = Tuple(tuple(iteration.any_item(machine, f) for f in found))
    lengths = {f.length for f in found}
    return machine.store.new(GeneratorObject(None, element, length=found[0].length if len(lengths) == 1 else None))


def transpose(machine: Machine, frame: Frame, node: ast.AST, rows: Value) -> Value:
    """``zip(*rows)``: of rows that are all of one length it gives so many columns, however many rows there are."""
    found = iteration.iterate(machine, rows, frame, node)
    if found.items is not None:
        return _zip(machine, frame, node, Arguments(found.items))
    row = iteration.iterate(machine, found.element, frame, node)
    if row.items is None:
        return machine.store.new(GeneratorObject(None, Unknown(why("columns of unknown rows", found.element))))
    return machine.store.new(GeneratorObject(tuple(machine.store.new(ListObject(None, v, "tuple", found.length)) for v in row.items)))


def _map(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    rows = machine.content(_zip(machine, frame, node, Arguments(a.args[1:])))
    assert isinstance(rows, GeneratorObject)

    def apply(row: Value) -> Value:
        return calls.call(machine, frame, node, a.args[0], Arguments(row.items if isinstance(row, Tuple) else ()))

    if rows.items is None or len(rows.items) > machine.limits.exact_iterations:
        element = apply(rows.element if rows.items is None else machine.join(rows.items))
        return machine.store.new(GeneratorObject(None, element, length=rows.length if rows.items is None else len(rows.items)))
    return machine.store.new(GeneratorObject(tuple(apply(row) for row in rows.items)))


def _filter(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = iteration.iterate(machine, a.args[1], frame, node)
    kept: list[Value] = []
    for item in found.items or ():
        verdict = item if a.args[0] == NONE else calls.call(machine, frame, node, a.args[0], Arguments((item,)))
        known = operators.truth(machine, frame, node, verdict)
        if known is None:
            return machine.store.new(GeneratorObject(None, iteration.any_item(machine, found)))
        if known:
            kept.append(item)
    return machine.store.new(GeneratorObject(None if found.items is None else tuple(kept), found.element))


def _sequence(kind: str) -> Handler:
    def make(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        if not a.args:
            return Tuple(()) if kind == "tuple" else machine.store.new(ListObject((), kind=kind))
        found = iteration.iterate(machine, a.args[0], frame, node)
        if kind == "tuple" and found.items is not None:
            return Tuple(found.items)
        if is_failure(found.element):
            return FAILED
        items = found.items
        if kind == "set" and items is not None:
            items = tuple(dict.fromkeys(items)) if all(isinstance(v, Const) for v in items) else None
        element = found.element if found.items is None else iteration.any_item(machine, found)
        return machine.store.new(ListObject(items, element, kind, found.length if items is None and kind != "set" else None, found.empty))

    return make


def _dict(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    entries: dict[Value, Value] = {}
    rest: Value | None = None
    if a.args:
        content = machine.content(a.args[0])
        if isinstance(content, DictObject):
            entries.update(content.entries)
            rest = content.rest
        else:
            found = iteration.iterate(machine, a.args[0], frame, node)
            for pair in found.items or ():
                if isinstance(pair, Tuple) and len(pair.items) == 2:
                    entries[pair.items[0]] = pair.items[1]
                else:
                    rest = Unknown("unknown entry")
            if found.items is None:
                rest = Unknown("unknown entries")
    entries.update((Const(k), v) for k, v in a.kwargs)
    return machine.store.new(DictObject(entries, rest))


def _reversed(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = iteration.iterate(machine, a.args[0], frame, node)
    return machine.store.new(GeneratorObject(None if found.items is None else found.items[::-1], found.element, length=found.length))


def _sorted(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = iteration.iterate(machine, a.args[0], frame, node)
    if found.items is not None and not a.kwargs and all(isinstance(v, Const) for v in found.items):
        try:
            ordered = sorted(v.value for v in found.items if isinstance(v, Const))  # type: ignore[type-var]
            return machine.store.new(ListObject(tuple(Const(v) for v in ordered)))
        except TypeError:
            return Unknown("not comparable")
    if found.items is not None and len({machine.note(v) for v in found.items}) == 1 and found.items:
        return machine.store.new(ListObject(found.items))
    if found.items is not None:
        return machine.store.new(ListObject((machine.join(found.items),) * len(found.items)))
    return machine.store.new(ListObject(None, found.element, length=found.length, empty=found.empty))


def _quantifier(name: str) -> Handler:
    def check(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        found = iteration.iterate(machine, a.args[0], frame, node)
        if found.items is None:
            return Scalar("bool")
        verdicts = [operators.truth(machine, frame, node, v) for v in found.items]
        decisive = name == "any"
        if decisive in verdicts:
            return Const(decisive)
        return Scalar("bool") if None in verdicts else Const(not decisive)

    return check


def _iter(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = iteration.iterate(machine, a.args[0], frame, node)
    return machine.store.new(GeneratorObject(found.items, found.element, found.phases, found.first, found.length))


def _next(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    content = machine.content(a.args[0])
    if isinstance(content, GeneratorObject) and isinstance(a.args[0], Ref):
        if content.items:
            machine.store.put(a.args[0].address, GeneratorObject(content.items[1:], content.element))
            return content.items[0]
        if content.first is not None:
            machine.store.put(a.args[0].address, GeneratorObject(None, content.element))
            return content.first
        return content.element if content.items is None else a.args[1] if len(a.args) > 1 else Unknown("StopIteration")
    method = objects.special(machine, a.args[0], "next")
    return calls.call(machine, frame, node, method, Arguments()) if method else Unknown("next")


HANDLERS: Mapping[str, Handler] = {
    "len": _len,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "filter": _filter,
    "list": _sequence("list"),
    "tuple": _sequence("tuple"),
    "set": _sequence("set"),
    "frozenset": _sequence("set"),
    "dict": _dict,
    "reversed": _reversed,
    "sorted": _sorted,
    "any": _quantifier("any"),
    "all": _quantifier("all"),
    "iter": _iter,
    "next": _next,
}
