"""Iteration: what a ``for`` loop over a value sees, lengths, unpacking."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from tensorls.domain.dims import Dim
from tensorls.domain.objects import (
    DictObject,
    GeneratorObject,
    Instance,
    LibObject,
    ListObject,
    TensorObject,
)  # fmt: skip
from tensorls.domain.values import (
    Arguments,
    Const,
    Parameter,
    RangeValue,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_dim,
    int_value,
    why,
)  # fmt: skip
from tensorls.interp import assumptions, calls, namespaces, nncontainers, objects, ranges, tensors
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import datasets, enums, files, packed
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure


@dataclass(frozen=True, slots=True)
class Items:
    """What iterating gives: exact ``items``, or None with ``element`` standing for any one; ``length`` is their number.

    ``phases``: the kinds of items in their order, any number of the first and one of the last: full batches, then a
    smaller one.  ``first``: the first item, where there certainly is one and more is known of it than of any one.
    """

    items: tuple[Value, ...] | None
    element: Value = Unknown("unknown element")
    phases: tuple[Value, ...] = ()
    first: Value | None = None
    length: Dim | None = None
    empty: bool = False  # there may be none


def iterate(machine: Machine, value: Value, frame: Frame | None = None, node: ast.AST | None = None) -> Items:
    """What a ``for`` loop over the value sees."""
    if isinstance(value, Union):
        found = _of_each(machine, value, frame, node)
        exact = [f.items for f in found]
        first = exact[0]
        if first is not None and all(e is not None and len(e) == len(first) for e in exact):
            rows = [e for e in exact if e is not None]
            return Items(tuple(machine.join(column) for column in zip(*rows, strict=True)))
        return Items(None, machine.join([any_item(machine, f) for f in found]))
    if isinstance(value, Tuple):
        return Items(value.items)
    if isinstance(value, Const) and isinstance(value.value, str):
        return Items(tuple(Const(c) for c in value.value)) if len(value.value) <= machine.limits.items else Items(None, Scalar("str"))
    if isinstance(value, RangeValue):
        return _range(machine, value)
    if _is_no_iterable(value):
        return Items(None, FAILED)
    owner = namespaces.owner(value)
    content = machine.content(value if owner is None else namespaces.snapshot(machine, owner))
    if isinstance(content, ListObject):
        return Items(content.items, content.element, length=content.length, empty=content.empty)
    if isinstance(content, GeneratorObject):
        return Items(content.items, content.element, content.phases, content.first, content.length, content.empty)
    if isinstance(content, DictObject):
        if content.rest is None:
            return Items(tuple(content.entries))
        return Items(None, machine.join([*content.entries, Unknown("unknown key")]))
    if isinstance(content, TensorObject) and frame is not None and node is not None:
        shape = content.meta.shape
        return replace(tensors.iterate(machine, frame, node, value, content), length=shape[0] if shape else None)
    if isinstance(content, LibObject):
        if content.children is not None:
            return Items(nncontainers.items(machine, value))
        if packed.is_packed(machine, value):
            return Items(packed.fields(machine, value))
        if content.path == datasets.LOADER and frame is not None and node is not None and isinstance(value, Ref):
            return datasets.batches(machine, frame, node, value)
        if content.path == "collections.Counter" and isinstance(value, Ref):
            return Items(None, machine.store.cell(value.address, "element") or Unknown("elements of a counter"))
        if content.path == files.TEXT_FILE:
            return Items(None, Scalar("str"))
        element = machine.store.cell(value.address, "#element") if isinstance(value, Ref) else None  # of a container of modules
        return Items(None, element or Unknown(f"elements of {content.path}"))
    enumerated = enums.members(machine, value)
    if enumerated is not None:
        return Items(enumerated)
    if isinstance(content, Instance) and frame is not None and node is not None:
        return _iterate_instance(machine, frame, node, value)
    return Items(None, FAILED if is_failure(value) else Unknown(why("unknown iterable", value)))


def _of_each(machine: Machine, value: Union, frame: Frame | None, node: ast.AST | None) -> list[Items]:
    """What each alternative gives; one that cannot be iterated is a path that ended here, unless none can."""
    found: list[Items] = []
    failed: list[Items] = []
    for member in value.members:
        machine.recorder.capture()
        try:
            items = iterate(machine, member, frame, node)
        finally:
            problems = machine.recorder.release()
        if _is_no_iterable(member) or (is_failure(items.element) and any(p.kind == "failed" for _, p in problems)):
            failed.append(items)
            if len(failed) < len(value.members):
                continue
        else:
            found.append(items)
        for context, problem in problems:
            machine.recorder.problem(context, problem)
    return found or failed


def _is_no_iterable(value: Value) -> bool:
    """Whether a value is a number or None: to iterate over it is a ``TypeError``."""
    if isinstance(value, Const):
        return value.value is None or isinstance(value.value, (int, float, complex))
    return isinstance(value, SymInt) or (isinstance(value, Scalar) and value.kind in ("int", "float", "bool", "complex"))


def any_item(machine: Machine, items: Items) -> Value:
    """Any one of the items."""
    return items.element if items.items is None else machine.joiner.all(items.items, Unknown("empty"))


def _range(machine: Machine, value: RangeValue) -> Items:
    bounds = [v.value for v in (value.start, value.stop, value.step) if isinstance(v, Const) and isinstance(v.value, int)]
    if len(bounds) == 3 and bounds[2] != 0:
        numbers = range(bounds[0], bounds[1], bounds[2])
        if len(numbers) <= machine.limits.items:
            return Items(tuple(Const(n) for n in numbers))
    start, stop, step = as_dim(value.start), as_dim(value.stop), as_dim(value.step)
    return Items(None, ranges.counted(machine, value), length=stop if (start, step) == (0, 1) else None)


def _iterate_instance(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> Items:
    method = objects.special(machine, value, "iter")
    if method is not None:
        result = calls.call(machine, frame, node, method, Arguments())
        if result != value:
            return iterate(machine, result, frame, node)
        following = objects.special(machine, value, "next")
        if following is not None:  # each call may change what the next one gives
            calls.call(machine, frame, node, following, Arguments())
            calls.call(machine, frame, node, following, Arguments())
        return Items(None, Unknown("iterator of a user class"))
    if nncontainers.kind(machine, value) is not None:
        return Items(nncontainers.items(machine, value), Unknown("unknown modules"))
    method = objects.special(machine, value, "getitem")
    if method is not None:
        return Items(None, calls.call(machine, frame, node, method, Arguments((machine.unknown_int(),))))
    return Items(None, Unknown("unknown iterable"))


def length(machine: Machine, frame: Frame, node: ast.AST, value: Value) -> Value:
    """``len(value)``."""
    content = machine.content(value)
    if isinstance(content, TensorObject):
        shape = content.meta.shape
        return int_value(shape[0]) if shape else calls.operate_on(machine, frame, node, "builtins.len", value)
    if isinstance(content, LibObject) and content.path == datasets.LOADER and isinstance(value, Ref):
        return datasets.length(machine, frame, node, value)
    method = objects.special(machine, value, "len")
    if method is not None:
        return calls.call(machine, frame, node, method, Arguments())
    if isinstance(content, DictObject) and content.rest is not None:
        return machine.unknown_size()
    if isinstance(content, ListObject) and content.length is not None:
        return int_value(content.length)
    if isinstance(content, ListObject) and content.kind == "set":
        return machine.unknown_size()  # elements may be equal
    if isinstance(value, RangeValue):
        stop, start, step = as_dim(value.stop), as_dim(value.start), as_dim(value.step)
        if start == 0 and step == 1 and stop is not None:
            return int_value(stop)
    found = iterate(machine, value, frame if nncontainers.kind(machine, value) is not None else None, node)
    return Const(len(found.items)) if found.items is not None else machine.unknown_size()


def unpack(machine: Machine, frame: Frame, node: ast.AST, value: Value, before: int, star: bool, after: int) -> list[Value]:
    """The values for the targets of an unpacking: ``before`` names, perhaps a star, ``after`` names."""
    wanted = before + after
    if isinstance(value, Union):
        value = _fitting(machine, value, wanted, star)
    found = iterate(machine, value, frame, node)
    if found.items is not None:
        count = len(found.items)
        if (count < wanted) if star else (count != wanted):
            message = (
                f"not enough values to unpack (expected {'at least ' if star else ''}{wanted}, got {count})" if count < wanted
                else f"too many values to unpack (expected {wanted})"
            )  # fmt: skip
            if not isinstance(value, Unknown):
                machine.problem(frame, node, "failed", "unpack", "ValueError", message)
            return [FAILED] * (wanted + star)
        if not star:
            return list(found.items)
        middle = machine.store.new(ListObject(found.items[before : count - after]))
        return [*found.items[:before], middle, *found.items[count - after :]]
    if isinstance(value, Parameter) and not star:
        assumptions.unpacked(machine, frame, node, value, wanted)
    result = [found.element] * wanted
    if star:
        result.insert(before, machine.store.new(ListObject(None, found.element)))
    return [ranges.renewed(machine, v) for v in result]  # the elements of one sequence need not be equal


def _fitting(machine: Machine, value: Union, wanted: int, star: bool) -> Value:
    """Of alternatives, those that have as many items as are wanted: on the paths of the others it ends here."""
    counts = [iterate(machine, v).items for v in value.members]
    kept = [v for v, c in zip(value.members, counts, strict=True) if c is None or len(c) == wanted or (star and len(c) > wanted)]
    return machine.join(kept) if kept else value
