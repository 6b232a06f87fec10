"""Statements: assignment, branches, loops, exceptions.  ``run_block`` says whether control falls through its end."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from tensorls.domain.fact import Span
from tensorls.domain.objects import Instance
from tensorls.domain.values import NONE, Arguments, Const, DeviceValue, ModeManager, Union, Unknown, Value, members
from tensorls.interp import calls, classes, expressions, functions, imports, loops, objects, operators, patterns, subscripts
from tensorls.interp.frames import Frame
from tensorls.interp.libraries.modes import device_manager
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.store import Delta
from tensorls.interp.terms import is_failure


def run_block(machine: Machine, frame: Frame, body: Sequence[ast.stmt]) -> bool:
    """Run statements in order; False when control never reaches the end."""
    return all(run(machine, frame, statement) for statement in body)


def run(machine: Machine, frame: Frame, node: ast.stmt) -> bool:
    """Run one statement; False when control does not continue after it."""
    machine.step()
    handler = _HANDLERS.get(type(node))
    return True if handler is None else handler(machine, frame, node)


# binding


def bind_name(machine: Machine, frame: Frame, name: str, value: Value) -> None:
    """Bind a name in the scope that it belongs to."""
    machine.store.set_cell(frame.redirects.get(name, frame.address), name, value)


def record_binding(machine: Machine, frame: Frame, node: ast.AST, name: str, kind: str, value: Value,
                   width: int | None = None) -> None:  # fmt: skip
    """Note the fact of a binding.  ``width``: only so many characters of the node are the name."""
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
        record_binding(machine, frame, target, target.id, kind, value)
    elif isinstance(target, ast.Attribute):
        owner = expressions.evaluate(machine, frame, target.value)
        objects.set_attribute(machine, frame, target, owner, target.attr, value)
        if isinstance(machine.content(owner), Instance):
            with machine.recorder.muted():  # a property's setter may store something else
                value = objects.get_attribute(machine, frame, target, owner, target.attr)
        if isinstance(machine.content(owner), Instance) or machine.note(value) is not None:
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
    values = objects.unpack(machine, frame, target, FAILED if is_failure(value) else value, before, bool(stars), after)
    for element, item in zip(target.elts, values, strict=True):
        assign(machine, frame, element, item, kind)


def _assign(machine: Machine, frame: Frame, node: ast.Assign) -> bool:
    value = expressions.evaluate(machine, frame, node.value)
    for target in node.targets:
        assign(machine, frame, target, value)
    return True


def _annotated(machine: Machine, frame: Frame, node: ast.AnnAssign) -> bool:
    if node.value is not None:
        assign(machine, frame, node.target, expressions.evaluate(machine, frame, node.value))
    return True


def _augmented(machine: Machine, frame: Frame, node: ast.AugAssign) -> bool:
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
    elif isinstance(target, ast.Attribute) and owner is not None:
        objects.set_attribute(machine, frame, target, owner, target.attr, value)
    elif isinstance(target, ast.Subscript) and owner is not None and index is not None:
        subscripts.set_item(machine, frame, target, owner, index, value)
        value = read_back(machine, frame, target, owner, index, value)
    record_binding(machine, frame, target, ast.unparse(target), "augmented", value)
    return True


def _expression(machine: Machine, frame: Frame, node: ast.Expr) -> bool:
    value = expressions.evaluate(machine, frame, node.value)
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


def _delete(machine: Machine, frame: Frame, node: ast.Delete) -> bool:
    for target in node.targets:
        if isinstance(target, ast.Name):
            machine.store.delete_cell(frame.redirects.get(target.id, frame.address), target.id)
        elif isinstance(target, ast.Attribute):
            objects.delete_attribute(machine, expressions.evaluate(machine, frame, target.value), target.attr)
        elif isinstance(target, ast.Subscript):
            owner = expressions.evaluate(machine, frame, target.value)
            subscripts.delete_item(machine, owner, expressions.evaluate(machine, frame, target.slice))
    return True


# definitions


def _function(machine: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    function: Value = functions.make_function(machine, frame, node, None)
    bind_name(machine, frame, node.name, functions.apply_decorators(machine, frame, node, function))
    return True


def _class(machine: Machine, frame: Frame, node: ast.ClassDef) -> bool:
    bind_name(machine, frame, node.name, classes.define(machine, frame, node))
    return True


def _global(machine: Machine, frame: Frame, node: ast.Global) -> bool:
    for name in node.names:
        frame.redirects[name] = frame.module
    return True


def _nonlocal(machine: Machine, frame: Frame, node: ast.Nonlocal) -> bool:
    content = machine.store.get(frame.address)
    address = getattr(content, "parent", None)
    for name in node.names:
        scope = address
        while scope is not None and machine.store.cell(scope, name) is None:
            scope = getattr(machine.store.get(scope), "parent", None)
        if scope is not None:
            frame.redirects[name] = scope
    return True


def _import(machine: Machine, frame: Frame, node: ast.Import) -> bool:
    imports.run_import(machine, frame, node)
    return True


def _import_from(machine: Machine, frame: Frame, node: ast.ImportFrom) -> bool:
    imports.run_import_from(machine, frame, node)
    return True


# ways out


def _return(machine: Machine, frame: Frame, node: ast.Return) -> bool:
    value = NONE if node.value is None else expressions.evaluate(machine, frame, node.value)
    if node.value is not None:
        record_binding(machine, frame, node, "<return>", "return", value, len("return"))
    frame.returns.append((machine.store.delta(frame.mark), value))
    return False


def _raise(machine: Machine, frame: Frame, node: ast.Raise) -> bool:
    if node.exc is not None:
        expressions.evaluate(machine, frame, node.exc)
    return False


def _break(machine: Machine, frame: Frame, node: ast.Break) -> bool:
    if frame.loops:
        frame.loops[-1].breaks.append(machine.store.delta(frame.loops[-1].mark))
    return False


def _continue(machine: Machine, frame: Frame, node: ast.Continue) -> bool:
    if frame.loops:
        frame.loops[-1].continues.append(machine.store.delta(frame.loops[-1].mark))
    return False


def _assert(machine: Machine, frame: Frame, node: ast.Assert) -> bool:
    known = operators.truth(machine, frame, node.test, expressions.evaluate(machine, frame, node.test))
    if known is None:
        narrow(machine, frame, node.test, True)
    return known is not False


# branches


def run_paths(machine: Machine, frame: Frame, paths: Sequence[Callable[[], bool]]) -> bool:
    """Run alternative paths from the present state and go on with the join of those that fall through."""
    mark = machine.store.mark()
    ends: list[Delta] = []
    frame.branch_depth += 1
    for path in paths:
        falls = path()
        delta = machine.store.rollback(mark)
        if falls:
            ends.append(delta)
    frame.branch_depth -= 1
    if ends:
        machine.store.join(ends, machine.joiner.content)
    return bool(ends)


def _if(machine: Machine, frame: Frame, node: ast.If) -> bool:
    known = operators.truth(machine, frame, node.test, expressions.evaluate(machine, frame, node.test))
    if known is not None:
        return run_block(machine, frame, node.body if known else node.orelse)

    def path(body: Sequence[ast.stmt], holds: bool) -> Callable[[], bool]:
        def follow() -> bool:
            narrow(machine, frame, node.test, holds)
            return run_block(machine, frame, body)

        return follow

    return run_paths(machine, frame, [path(node.body, True), path(node.orelse, False)])


Restore = list[tuple[int, str, Value]]


def narrow(machine: Machine, frame: Frame, test: ast.expr, holds: bool) -> Restore:
    """Keep, of every union named in a test, the members under which the test may come out like this.

    The answer gives back to ``widen`` what the names held before.
    """
    restored: Restore = []
    for node in _named(test):
        place = _place(machine, frame, node)
        if place is None:
            continue
        address, name = place
        value = machine.store.cell(address, name)
        if not isinstance(value, Union):
            continue
        kept = []
        for member in value.members:
            machine.store.set_cell(address, name, member)
            machine.recorder.capture()
            try:
                verdict = operators.truth(machine, frame, test, expressions.evaluate(machine, frame, test))
            finally:
                machine.recorder.release()
            if verdict is not (not holds):
                kept.append(member)
        machine.store.set_cell(address, name, machine.join(kept) if kept else value)
        restored.append((address, name, value))
    return restored


def widen(machine: Machine, restored: Restore) -> None:
    """Undo ``narrow``."""
    for address, name, value in restored:
        machine.store.set_cell(address, name, value)


def _named(test: ast.expr) -> list[ast.expr]:
    """Names and attributes of names in a test, without walrus targets and without what calls return."""
    return [n for n in ast.walk(test) if isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, ast.Load)]


def _place(machine: Machine, frame: Frame, node: ast.expr) -> tuple[int, str] | None:
    if isinstance(node, ast.Name):
        address: int | None = frame.redirects.get(node.id, frame.address)
        while address is not None and machine.store.cell(address, node.id) is None:
            address = getattr(machine.store.get(address), "parent", None)
        return (address, node.id) if address is not None else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = expressions.lookup(machine, frame, node.value.id)
        if owner is not None and isinstance(machine.content(owner), Instance):
            return (owner.address, node.attr)  # type: ignore[attr-defined]
    return None


# with, try, match


def _with(machine: Machine, frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    modes: list[ModeManager] = []
    exits: list[Value] = []
    swallows = False
    with ExitStack() as stack:
        for item in node.items:
            manager = expressions.evaluate(machine, frame, item.context_expr)
            if isinstance(manager, DeviceValue):
                manager = device_manager(manager) or Unknown("device")
            if isinstance(manager, ModeManager):
                modes.append(manager)
                stack.enter_context(machine.managed([manager]))
            entered = _entered(machine, frame, item, manager)
            leave = objects.special(machine, manager, "exit")
            if leave is not None:
                exits.append(leave)
            swallows = swallows or leave is not None or _may_swallow(item.context_expr)
            if item.optional_vars is not None:
                assign(machine, frame, item.optional_vars, entered, "with")
        certain = any(_may_swallow(item.context_expr) for item in node.items)
        falls = _guarded_block(machine, frame, node.body, certain) if swallows else run_block(machine, frame, node.body)
    for leave in reversed(exits):
        arguments = Arguments((Unknown("exception type"), Unknown("exception"), Unknown("traceback")))
        calls.call(machine, frame, node, leave, arguments)
    return falls


def _entered(machine: Machine, frame: Frame, item: ast.withitem, manager: Value) -> Value:
    """What ``as`` binds."""
    if isinstance(manager, ModeManager):
        return manager.entered or NONE
    enter = objects.special(machine, manager, "enter")
    if enter is not None:
        return calls.call(machine, frame, item.context_expr, enter, Arguments())
    return Unknown("context manager")


def _may_swallow(node: ast.expr) -> bool:
    """Whether a context manager is one of those that exist to swallow exceptions, by its name."""
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node).rsplit(".", 1)[-1].lower()
    return any(word in name for word in ("suppress", "raises"))


def _guarded_block(machine: Machine, frame: Frame, body: Sequence[ast.stmt], anywhere: bool) -> bool:
    """A block whose exceptions may be swallowed around it: it may stop (``anywhere``, or where it raises) and go on behind."""
    mark = machine.store.mark()
    frame.guarded += 1
    falls = run_block(machine, frame, body)
    frame.guarded -= 1
    if falls and not anywhere and not any(isinstance(n, ast.Raise) for statement in body for n in ast.walk(statement)):
        return True
    touched = list(machine.store.intermediate(mark))
    normal = machine.store.rollback(mark)
    _enter_handler(machine, touched, normal)
    return True


def _try(machine: Machine, frame: Frame, node: ast.Try) -> bool:
    returns = len(frame.returns)
    falls = _try_body(machine, frame, node)
    if node.finalbody and len(frame.returns) > returns:
        _finally_returns(machine, frame, node.finalbody, returns)
    after = run_block(machine, frame, node.finalbody)
    return falls and after


def _finally_returns(machine: Machine, frame: Frame, body: Sequence[ast.stmt], first: int) -> None:
    """``finally`` runs behind every ``return`` inside the ``try`` as well."""
    present = machine.store.rollback(frame.mark)
    pending, frame.returns[first:] = frame.returns[first:], []
    for delta, value in pending:
        machine.store.apply(delta)
        if run_block(machine, frame, body):
            frame.returns.append((machine.store.delta(frame.mark), value))
        machine.store.rollback(frame.mark)
    machine.store.apply(present)


def _try_body(machine: Machine, frame: Frame, node: ast.Try) -> bool:
    if not node.handlers:
        return run_block(machine, frame, node.body)
    mark = machine.store.mark()
    frame.guarded += 1
    frame.branch_depth += 1
    falls = run_block(machine, frame, node.body)
    frame.guarded -= 1
    if falls:
        falls = run_block(machine, frame, node.orelse)
    touched = list(machine.store.intermediate(mark))
    normal = machine.store.rollback(mark)
    ends = [normal] if falls else []
    for handler in node.handlers:
        _enter_handler(machine, touched, normal)
        if handler.name:
            bind_name(machine, frame, handler.name, Unknown("exception"))
        if run_block(machine, frame, handler.body):
            ends.append(machine.store.delta(mark))
        machine.store.rollback(mark)
    frame.branch_depth -= 1
    if ends:
        machine.store.join(ends, machine.joiner.content)
    return bool(ends)


def _enter_handler(machine: Machine, touched: list[tuple[tuple[int, str | None], object]], normal: Delta) -> None:
    """The body may have stopped anywhere: each name holds what it held before, or any value the body gave it."""
    merged: Delta = {}
    for key, content in [*touched, *normal.items()]:
        if content is None:
            continue
        old = merged.get(key)
        merged[key] = content if old is None else machine.joiner.content(old, content)  # type: ignore[arg-type, assignment]
    machine.store.apply(merged)


def _match(machine: Machine, frame: Frame, node: ast.Match) -> bool:
    subject = expressions.evaluate(machine, frame, node.subject)
    return patterns.run_match(machine, frame, node, subject)


_HANDLERS: Mapping[type[ast.stmt], Callable[..., bool]] = {
    ast.Assign: _assign, ast.AnnAssign: _annotated, ast.AugAssign: _augmented, ast.Expr: _expression, ast.Delete: _delete,
    ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.ClassDef: _class, ast.Global: _global,
    ast.Nonlocal: _nonlocal, ast.Import: _import, ast.ImportFrom: _import_from, ast.Return: _return, ast.Raise: _raise,
    ast.Break: _break, ast.Continue: _continue, ast.Assert: _assert, ast.If: _if, ast.For: loops.run_for,
    ast.AsyncFor: loops.run_for, ast.While: loops.run_while, ast.With: _with, ast.AsyncWith: _with, ast.Try: _try, ast.Match: _match,
}  # fmt: skip
if hasattr(ast, "TryStar"):  # Python 3.11
    _HANDLERS = {**_HANDLERS, ast.TryStar: _try}

__all__ = ["Const", "assign", "bind_name", "narrow", "record_binding", "run_block", "widen"]
