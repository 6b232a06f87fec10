"""Binding: assignment of every form, and noting the facts of it."""

from __future__ import annotations

import ast

from tensorls.domain.dims import is_hidden
from tensorls.domain.fact import Span
from tensorls.domain.objects import Instance
from tensorls.domain.values import SymInt, Value, members
from tensorls.interp import contracts, expressions, iteration, objects, operators, remarks, subscripts
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure


def bind_name(machine: Machine, frame: Frame, name: str, value: Value) -> None:
    """Bind a name in the scope that it belongs to."""
    machine.store.set_cell(frame.redirects.get(name, frame.address), name, value)


def name_size(machine: Machine, frame: Frame, node: ast.AST, name: str, value: Value) -> None:
    """A variable that is bound to an unknown size, or to a tensor that has one, names it."""
    if name in frame.redirects or frame.is_class or name == "_":
        return
    found = machine.tensor(value)
    if isinstance(value, SymInt) and is_hidden(value.expr):
        machine.names.bind(value.expr, frame.context, name, node)
    elif found is not None and any(is_hidden(d) for d in found.meta.shape or () if not isinstance(d, int)):
        machine.names.bind_shape(found.meta.shape or (), frame.context, name, node)
    else:
        machine.names.rebind(frame.context, name, node)


def record_binding(machine: Machine, frame: Frame, node: ast.AST, name: str, kind: str, value: Value,
                   width: int | None = None) -> None:  # fmt: skip
    """Note the fact of a binding.  ``width``: only so many characters of the node are the name."""
    if not machine.recorder.covers(frame.file):
        return
    span = machine.span(frame, node)
    if width is not None:
        span = Span(span.file, span.line, span.column, span.line, span.column + width)
    note = machine.note(value, frame)
    machine.recorder.bind(span, name, kind, frame.context, note, note is None and machine.holds_no_tensor(value))
    if note is not None:
        machine.recorder.see(span, name, frame.context, note)


def assign(machine: Machine, frame: Frame, target: ast.expr, value: Value, kind: str = "variable") -> None:
    """Assign a value to a target of any form."""
    if isinstance(target, ast.Name):
        for member in members(value):
            machine.name_storage(frame, member, target.id)
        bind_name(machine, frame, target.id, value)
        if kind == "comprehension":  # its variables can be read nowhere else
            machine.names.rebind(frame.context, target.id, target)
        else:
            name_size(machine, frame, target, target.id, value)
        record_binding(machine, frame, target, target.id, kind, value)
    elif isinstance(target, ast.Attribute):
        owner = expressions.evaluate(machine, frame, target.value)
        objects.set_attribute(machine, frame, target, owner, target.attr, value)
        if isinstance(machine.content(owner), Instance):
            with machine.recorder.muted():  # a property's setter may store something else
                value = objects.get_attribute(machine, frame, target, owner, target.attr)
        if isinstance(machine.content(owner), Instance) or not machine.holds_no_tensor(value):
            record_binding(machine, frame, target, ast.unparse(target), "attribute", value)
    elif isinstance(target, ast.Subscript):
        owner = expressions.evaluate(machine, frame, target.value)
        index = expressions.evaluate(machine, frame, target.slice)
        subscripts.set_item(machine, frame, target, owner, index, value)
        record_binding(machine, frame, target, ast.unparse(target), "subscript", read_back(machine, frame, target, owner, index, value))
    elif isinstance(target, ast.Starred):
        assign(machine, frame, target.value, value, kind)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(machine, frame, target, value, kind)


def read_back(machine: Machine, frame: Frame, target: ast.Subscript, owner: Value, index: Value, value: Value) -> Value:
    """What ``x[i]`` is after an assignment: of a tensor its own element, not what was written into it."""
    if machine.note(owner) is None:
        return value
    with machine.recorder.muted():
        return subscripts.get_item(machine, frame, target, owner, index)


def _unpack(machine: Machine, frame: Frame, target: ast.Tuple | ast.List, value: Value, kind: str) -> None:
    stars = [i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
    before = stars[0] if stars else len(target.elts)
    after = len(target.elts) - before - 1 if stars else 0
    values = iteration.unpack(machine, frame, target, FAILED if is_failure(value) else value, before, bool(stars), after)
    names = [getattr(element, "id", None) for element in target.elts]
    for index, (element, item) in enumerate(zip(target.elts, values, strict=True)):
        name = names[index]
        if name is not None and name in names[index + 1 :]:  # ``_, x, _``: afterwards the name is the last of them
            last = len(names) - 1 - names[::-1].index(name)
            record_binding(machine, frame, element, name, kind, values[last])
        else:
            assign(machine, frame, element, item, kind)


def run_assign(machine: Machine, frame: Frame, node: ast.Assign) -> bool:
    """``a = b = value``."""
    value = expressions.evaluate(machine, frame, node.value)
    for target in node.targets:
        assign(machine, frame, target, value)
    _heed(machine, frame, node, node.targets[0], value)
    return True


def _heed(machine: Machine, frame: Frame, node: ast.stmt, target: ast.expr, value: Value) -> None:
    """The comment behind a statement may state the shape of what it binds."""
    if isinstance(target, (ast.Name, ast.Attribute)):
        remarks.heed(machine, frame, node, ast.unparse(target), value)


def run_annotated(machine: Machine, frame: Frame, node: ast.AnnAssign) -> bool:
    """``a: T = value``."""
    if node.value is not None:
        value = contracts.assigned(machine, frame, node, expressions.evaluate(machine, frame, node.value))
        assign(machine, frame, node.target, value)
        _heed(machine, frame, node, node.target, value)
    return True


def run_augmented(machine: Machine, frame: Frame, node: ast.AugAssign) -> bool:
    """``a op= value``."""
    target = node.target
    if isinstance(target, ast.Name):
        current = expressions.evaluate(machine, frame, target)
        owner = index = None
    else:
        owner = expressions.evaluate(machine, frame, target.value)
        index = expressions.evaluate(machine, frame, target.slice) if isinstance(target, ast.Subscript) else None
        if isinstance(target, ast.Subscript):
            assert index is not None
            current = subscripts.get_item(machine, frame, target, owner, index)
        else:
            current = objects.get_attribute(machine, frame, target, owner, target.attr)
    value = operators.binary(machine, frame, node, type(node.op), current, expressions.evaluate(machine, frame, node.value), True)
    if is_failure(value) and not is_failure(current):
        return True  # the statement fails: what it would have changed stays as it was
    if isinstance(target, ast.Name):
        bind_name(machine, frame, target.id, value)
        if machine.tensor(value) is None:  # in place nothing changes its size
            name_size(machine, frame, target, target.id, value)
    elif isinstance(target, ast.Attribute) and owner is not None:
        objects.set_attribute(machine, frame, target, owner, target.attr, value)
    elif isinstance(target, ast.Subscript) and owner is not None and index is not None:
        subscripts.set_item(machine, frame, target, owner, index, value)
        value = read_back(machine, frame, target, owner, index, value)
    kept_elsewhere = owner is not None and (isinstance(machine.content(owner), Instance) or machine.tensor(owner) is not None)
    if isinstance(target, ast.Attribute) and owner is not None and kept_elsewhere:
        with machine.recorder.muted():  # a property's setter may store something else
            value = objects.get_attribute(machine, frame, target, owner, target.attr)
    record_binding(machine, frame, target, ast.unparse(target), "augmented", value)
    _heed(machine, frame, node, target, value)
    return True


def run_expression(machine: Machine, frame: Frame, node: ast.Expr) -> bool:
    """An expression statement; a call that changes its receiver in place is a fact."""
    expressions.evaluate(machine, frame, node.value)
    call = node.value
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and changes_in_place(call.func.attr):
        receiver = call.func.value
        if isinstance(receiver, (ast.Name, ast.Attribute, ast.Subscript)):
            with machine.recorder.muted():  # it was evaluated before the call; now it is looked at again
                target = expressions.evaluate(machine, frame, receiver)
            if machine.note(target) is not None:
                record_binding(machine, frame, receiver, ast.unparse(receiver), "inplace", target)
    return True


NUMPY_IN_PLACE = frozenset({"sort", "fill", "resize", "partition", "put", "itemset", "byteswap"})


def changes_in_place(name: str) -> bool:
    """Whether a method's name says that it changes its receiver: torch's trailing underscore, NumPy's few."""
    return (name.endswith("_") and not name.startswith("_") and not name.endswith("__")) or name in NUMPY_IN_PLACE
