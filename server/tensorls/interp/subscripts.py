"""Indexing and slicing: ``x[i]``, ``x[i] = v``, ``del x[i]``."""

from __future__ import annotations

import ast

from tensorls.domain.declared import Declaration
from tensorls.domain.dims import Dim, is_hidden, minimum, sub
from tensorls.domain.objects import ClassObject, DictObject, GeneratorObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.values import (
    NONE,
    Arguments,
    Builtin,
    Const,
    LibRef,
    Parameter,
    RangeValue,
    Ref,
    Scalar,
    SliceValue,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_dim,
    as_key,
    why,
)  # fmt: skip
from tensorls.interp import assumptions, calls, declarations, imports, iteration, namespaces, nncontainers, numbers, objects, ranges
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import enums, packed
from tensorls.interp.library import operands_of, operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

#: Objects of NumPy that are indexed to make arrays, and those that give the index itself.
GRIDS = frozenset({"numpy.mgrid", "numpy.ogrid", "numpy.r_", "numpy.c_"})
SLICE_MAKERS = frozenset({"numpy.s_", "numpy.index_exp"})


def get_item(machine: Machine, frame: Frame, node: ast.Subscript, value: Value, index: Value) -> Value:
    """``value[index]``."""
    return machine.alternatives(frame, (value, index), lambda v: _get(machine, frame, node, v[0], v[1]))


def _get(machine: Machine, frame: Frame, node: ast.Subscript, value: Value, index: Value) -> Value:
    if is_failure(value) or is_failure(index):
        return FAILED
    owner = namespaces.owner(value)
    if owner is not None:
        if isinstance(index, Const) and machine.store.cell(owner.address, str(index.value)) is not None:
            return objects.get_attribute(machine, frame, node, owner, str(index.value))
        value = namespaces.snapshot(machine, owner)
    content = machine.content(value)
    index = _with_numbers(machine, index)
    if isinstance(content, TensorObject) and isinstance(value, Ref) and (loose := _loose_slices(machine, index)):
        return _sliced_somewhere(machine, frame, node, value, index, loose)
    if isinstance(content, TensorObject) and isinstance(value, Ref):
        result = operate(machine, frame, node, "operator.getitem", (value, index), show="index")
        if result != FAILED and content.meta.library == "torch" and adds_axis(index):
            operands = tuple(operands_of(machine, frame, node, [value.address]))
            machine.problem(frame, node, "none-index", "index", operands=operands)
        return result
    if isinstance(value, Tuple):
        return _from_items(machine, frame, node, value.items, index, value)
    if isinstance(content, (ListObject, GeneratorObject)):
        if content.items is None:
            element = content.element
            return machine.store.new(ListObject(None, element)) if isinstance(index, SliceValue) else element
        return _from_items(machine, frame, node, content.items, index, value)
    if isinstance(content, DictObject):
        return _from_dict(machine, frame, node, value, content, index)
    if isinstance(content, ClassObject) and enums.members(machine, value) is not None:
        return enums.by_name(machine, value, index)
    if packed.is_packed(machine, value):
        return _from_items(machine, frame, node, packed.fields(machine, value), index, value)
    if isinstance(content, LibObject) and content.path == "collections.Counter":
        return machine.unknown_int()
    if isinstance(content, LibObject) and content.is_module:
        return nncontainers.get_item(machine, value, index)
    if isinstance(value, RangeValue):
        found = iteration.iterate(machine, value)
        return _from_items(machine, frame, node, found.items, index, value) if found.items is not None else machine.unknown_int()
    if isinstance(value, Const) and isinstance(value.value, str):
        found = iteration.iterate(machine, value)
        picked = _pick(found.items or (), index)
        if isinstance(picked, Const):
            return picked
        if isinstance(picked, tuple):
            return Const("".join(str(v.value) for v in picked if isinstance(v, Const)))
        return Scalar("str")
    if isinstance(content, Instance):
        method = objects.special(machine, value, "getitem")
        if method is not None:
            return calls.call(machine, frame, node, method, Arguments((index,)))
        if nncontainers.kind(machine, value) is not None:
            return nncontainers.get_item(machine, value, index)
    if isinstance(value, (LibRef, Builtin, Declaration)) and (declared := declarations.subscript(value, index)) is not None:
        return declared
    if value == LibRef("os.environ"):
        return Scalar("str")
    if value == LibRef("sys.modules") and isinstance(index, Const):
        return imports.loaded(machine, index.value)
    if isinstance(value, LibRef) and value.path in SLICE_MAKERS:
        return index
    if isinstance(value, LibRef) and value.path in GRIDS:
        return operate(machine, frame, node, "operator.getitem", (value, index), show=value.path)
    if isinstance(value, (LibRef, Builtin)) and not isinstance(value, Scalar):
        return value if isinstance(value, Builtin) or value.path.startswith("typing.") else Unknown("generic class")
    if isinstance(value, Parameter) and (read := assumptions.item(machine, value, index)) is not None:
        return read
    return Unknown(why("unknown container", value))


def _parts(index: Value) -> tuple[Value, ...]:
    return index.items if isinstance(index, Tuple) else (index,)


def _with_numbers(machine: Machine, index: Value) -> Value:
    """An index with the integers that tensors of one element hold, as bounds of its slices."""
    if isinstance(index, Tuple):
        return Tuple(tuple(_with_numbers(machine, v) for v in index.items), index.kind, index.fields)
    if isinstance(index, SliceValue):
        return SliceValue(*(ranges.number_of(machine, v) for v in (index.start, index.stop, index.step)))
    return index


def _loose_slices(machine: Machine, index: Value) -> frozenset[int]:
    """The positions in an index of slices whose bounds are numbers that only the run knows."""

    def is_loose(bound: Value) -> bool:
        if isinstance(bound, SymInt):
            return is_hidden(bound.expr)
        return isinstance(bound, (Scalar, Unknown)) or (machine.tensor(bound) is not None and numbers.number(machine, bound) is None)

    return frozenset(
        i for i, p in enumerate(_parts(index)) if isinstance(p, SliceValue) and any(is_loose(b) for b in (p.start, p.stop, p.step))
    )


def _sliced_somewhere(machine: Machine, frame: Frame, node: ast.Subscript, value: Ref, index: Value, loose: frozenset[int]) -> Value:
    """Index with those slices left whole; the sizes that they would have cut are unknown."""
    parts = _parts(index)
    if any(isinstance(p, (Ref, Unknown, Union, Scalar)) for p in parts):
        return Unknown("index of unknown size")
    whole = tuple(SliceValue(NONE, NONE, NONE) if i in loose else p for i, p in enumerate(parts))
    result = operate(machine, frame, node, "operator.getitem", (value, Tuple(whole)), show="index")
    found = machine.tensor(result)
    if found is None or found.meta.shape is None or not isinstance(result, Ref):
        return result
    kept = [p for p in whole if isinstance(p, (SliceValue, Const)) and not (isinstance(p, Const) and isinstance(p.value, int))]
    ellipsis = next((i for i, p in enumerate(kept) if p == Const(Ellipsis)), None)
    shape = list(found.meta.shape)
    position = 0
    for i, part in enumerate(whole):
        if not any(part is k for k in kept):
            continue
        if part == Const(Ellipsis):
            position += 1
            continue
        behind = ellipsis is not None and position > ellipsis
        place = position - len(kept) if behind else position
        if i in loose and -len(shape) <= place < len(shape):
            shape[place] = _cut_size(machine, node, shape[place], parts[i])
        position += 1
    meta = found.meta.with_(shape=tuple(shape), strides=None)
    machine.store.put(result.address, TensorObject(meta, found.storage, found.leaves, found.history, None, found.operation, found.before))
    return result


def _cut_size(machine: Machine, node: ast.AST, whole: Dim, cut: Value) -> Dim:
    """The unknown size of a slice: one and the same wherever one place cuts one size with bounds of one spread.

    ``d[i : i + 8]`` in a loop has equal sizes as long as ``i`` leaves room, and the program stacks them because it does.
    """
    if isinstance(cut, SliceValue) and cut.step in (NONE, Const(1)):
        known = _certain_size(machine, whole, cut)
        if known is not None:
            return known
    key = (node, whole, _spread(cut))
    found = machine.cut_sizes.get(key)
    if found is None:
        found = machine.cut_sizes[key] = machine.fresh()
    return found


def _certain_size(machine: Machine, whole: Dim, cut: SliceValue) -> Dim | None:
    """The size of ``start:stop`` where the bounds of the numbers leave one answer."""
    start = 0 if cut.start == NONE else as_dim(cut.start)
    if start is None or not machine.bounds.at_least(start, 0):
        return None
    if cut.stop == NONE:
        return sub(whole, start) if machine.bounds.at_most(start, whole) else None
    stop = as_dim(cut.stop)
    if stop is None or not machine.bounds.at_least(stop, 0):
        return None
    if machine.bounds.at_most(stop, whole):
        return machine.simplified(sub(stop, start)) if machine.bounds.at_most(start, stop) else None
    if start != 0:
        return None
    return whole if machine.bounds.at_most(whole, stop) else machine.simplified(minimum(stop, whole))


def _spread(cut: Value) -> object:
    if isinstance(cut, SliceValue) and isinstance(cut.start, SymInt) and isinstance(cut.stop, SymInt):
        return sub(cut.stop.expr, cut.start.expr)
    return None


def adds_axis(index: Value) -> bool:
    """Whether an index holds ``None`` beside nothing but full slices and an ellipsis, so that ``unsqueeze`` says the same."""
    parts = index.items if isinstance(index, Tuple) else (index,)
    whole = SliceValue(NONE, NONE, NONE)
    return any(p == NONE for p in parts) and all(p in (NONE, whole, Const(Ellipsis)) for p in parts)


def _pick(items: tuple[Value, ...], index: Value) -> Value | tuple[Value, ...] | None:
    """One item, or a slice of them; None when the index is not known or out of range."""
    if isinstance(index, Const) and isinstance(index.value, int):
        return items[index.value] if -len(items) <= index.value < len(items) else None
    if isinstance(index, SliceValue):
        bounds: list[int | None] = []
        for part in (index.start, index.stop, index.step):
            known = part.value if isinstance(part, Const) else False
            if known is not None and (not isinstance(known, int) or known is False):
                return None
            bounds.append(known)
        if bounds[2] != 0:
            return items[slice(*bounds)]
    return None


def _from_items(machine: Machine, frame: Frame, node: ast.AST, items: tuple[Value, ...], index: Value, value: Value) -> Value:
    index = numbers.as_int(machine, index)
    picked = _pick(items, index)
    if isinstance(picked, Value):
        return picked
    if picked is not None:
        if isinstance(value, Tuple):
            return Tuple(picked, value.kind if value.kind == "size" else "tuple")
        return machine.store.new(ListObject(picked))
    if isinstance(index, Const) and isinstance(index.value, int) and not frame.loops:
        kind = "tuple" if isinstance(value, Tuple) else "list"
        machine.problem(frame, node, "failed", "index", "IndexError", f"{kind} index out of range")
        return FAILED
    if isinstance(index, SliceValue):
        return machine.store.new(ListObject(None, machine.joiner.all(items, Unknown("empty"))))
    return machine.joiner.all(items, Unknown("empty"))


def _from_dict(machine: Machine, frame: Frame, node: ast.AST, value: Value, content: DictObject, index: Value) -> Value:
    index = as_key(index)
    if index in content.entries:
        return content.entries[index]
    rest = (content.rest,) if content.rest is not None else ()
    known = isinstance(index, (Const, Tuple)) and not rest and all(isinstance(k, (Const, Tuple)) for k in content.entries)
    if known and content.default is not None and isinstance(value, Ref):
        made = calls.call(machine, frame, node, content.default, Arguments())
        machine.store.put(value.address, DictObject({**content.entries, index: made}, content.rest, content.default))
        return made
    if known:
        return Unknown("KeyError")
    if isinstance(index, Const) and rest:
        return rest[0]
    return machine.joiner.all((*content.entries.values(), *rest), Unknown("empty"))


def set_item(machine: Machine, frame: Frame, node: ast.AST, target: Value, index: Value, value: Value) -> None:
    """``target[index] = value``."""
    if isinstance(target, Union):
        for member in target.members:
            old = machine.content(member)
            set_item(machine, frame, node, member, index, value)
            new = machine.content(member)
            if isinstance(member, Ref) and old is not None and new is not None:
                machine.store.put(member.address, machine.joiner.objects(old, new))
        return
    content = machine.content(target)
    owner = namespaces.owner(target)
    if owner is not None and isinstance(index, Const):
        machine.store.set_cell(owner.address, str(index.value), value)
    elif owner is not None:
        namespaces.forget(machine, owner)
    if isinstance(content, TensorObject):
        operate(machine, frame, node, "operator.setitem", (target, index, value), show="index assignment")
    elif isinstance(content, ListObject) and isinstance(target, Ref):
        machine.store.put(target.address, _list_with(machine, frame, node, content, index, value))
    elif isinstance(content, DictObject) and isinstance(target, Ref):
        entries = dict(content.entries)
        rest = content.rest
        if isinstance(index, (Const, Tuple, LibRef, Ref)) and not isinstance(index, Unknown):
            entries[as_key(index)] = value
            if len(entries) > machine.limits.items:
                rest, entries = machine.joiner.all(tuple(entries.values())), {}
        else:
            rest = value if rest is None else machine.join([rest, value])
            entries = {k: machine.join([v, value]) for k, v in entries.items()}
        machine.store.put(target.address, DictObject(entries, rest, content.default))
    elif isinstance(content, Instance):
        method = objects.special(machine, target, "setitem")
        if method is not None:
            calls.call(machine, frame, node, method, Arguments((index, value)))
            return
    if isinstance(target, Ref) and nncontainers.kind(machine, target) is not None:
        nncontainers.set_item(machine, target, index, value)


def _list_with(machine: Machine, frame: Frame, node: ast.AST, content: ListObject, index: Value, value: Value) -> ListObject:
    if content.items is not None and isinstance(index, Const) and isinstance(index.value, int):
        if -len(content.items) <= index.value < len(content.items):
            changed = list(content.items)
            changed[index.value] = value
            return ListObject(tuple(changed), kind=content.kind)
    if isinstance(index, SliceValue):
        found = iteration.iterate(machine, value, frame, node)
        return ListObject(None, machine.join([machine.joiner.element(content), iteration.any_item(machine, found)]), content.kind)
    if content.items is not None:
        return ListObject(tuple(machine.join([v, value]) for v in content.items), kind=content.kind)
    return ListObject(None, machine.joiner.all((content.element, value), value), content.kind)


def delete_item(machine: Machine, target: Value, index: Value) -> None:
    """``del target[index]``."""
    content = machine.content(target)
    if not isinstance(target, Ref):
        return
    if nncontainers.kind(machine, target) is not None:
        nncontainers.delete_item(machine, target, index)
    elif isinstance(content, DictObject):
        entries = {k: v for k, v in content.entries.items() if k != index}
        machine.store.put(target.address, DictObject(entries, content.rest, content.default))
    elif isinstance(content, ListObject):
        items = content.items
        if items is not None and isinstance(index, Const) and isinstance(index.value, int) and -len(items) <= index.value < len(items):
            changed = list(items)
            del changed[index.value]
            machine.store.put(target.address, ListObject(tuple(changed), kind=content.kind))
        else:
            machine.store.put(target.address, ListObject(None, machine.joiner.element(content), content.kind))
