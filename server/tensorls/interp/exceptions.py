"""``with`` and ``try``: managers entered and left, bodies that may stop anywhere."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import ExitStack

from tensorls.domain.objects import LibObject
from tensorls.domain.values import NONE, Arguments, DeviceValue, ModeManager, Unknown, Value
from tensorls.interp import (
    assignment,
    calls,
    expressions,
    objects,
    statements,
)
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import files
from tensorls.interp.libraries.modes import device_manager
from tensorls.interp.machine import Machine
from tensorls.interp.store import Content, Delta, Key


def run_with(machine: Machine, frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    """``with manager as name``."""
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
                assignment.assign(machine, frame, item.optional_vars, entered, "with")
        certain = any(_may_swallow(item.context_expr) for item in node.items)
        falls = _guarded_block(machine, frame, node.body, certain) if swallows else statements.run_block(machine, frame, node.body)
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
    content = machine.content(manager)
    if isinstance(content, LibObject) and content.path == files.TEXT_FILE:
        return manager
    return Unknown("context manager")


def _may_swallow(node: ast.expr) -> bool:
    """Whether a context manager is one of those that exist to swallow exceptions, by its name."""
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node).rsplit(".", 1)[-1].lower()
    return any(word in name for word in ("suppress", "raises"))


def _guarded_block(machine: Machine, frame: Frame, body: Sequence[ast.stmt], anywhere: bool) -> bool:
    """A block whose exceptions may be swallowed around it: it may stop (``anywhere``, or where it raises) and go on behind."""
    mark = machine.store.mark()
    frame.guarded += 1
    falls = statements.run_block(machine, frame, body)
    frame.guarded -= 1
    if falls and not anywhere and not any(isinstance(n, ast.Raise) for statement in body for n in ast.walk(statement)):
        return True
    touched = list(machine.store.intermediate(mark))
    normal = machine.store.rollback(mark)
    _enter_handler(machine, touched, normal)
    return True


def run_try(machine: Machine, frame: Frame, node: ast.Try) -> bool:
    """``try`` with its handlers, ``else`` and ``finally``."""
    returns = len(frame.returns)
    falls = _try_body(machine, frame, node)
    if node.finalbody and len(frame.returns) > returns:
        _finally_returns(machine, frame, node.finalbody, returns)
    after = statements.run_block(machine, frame, node.finalbody)
    return falls and after


def _finally_returns(machine: Machine, frame: Frame, body: Sequence[ast.stmt], first: int) -> None:
    """``finally`` runs behind every ``return`` inside the ``try`` as well."""
    present = machine.store.rollback(frame.mark)
    pending, frame.returns[first:] = frame.returns[first:], []
    for delta, value in pending:
        machine.store.apply(delta)
        if statements.run_block(machine, frame, body):
            frame.returns.append((machine.store.delta(frame.mark), value))
        machine.store.rollback(frame.mark)
    machine.store.apply(present)


def _try_body(machine: Machine, frame: Frame, node: ast.Try) -> bool:
    if not node.handlers:
        return statements.run_block(machine, frame, node.body)
    mark = machine.store.mark()
    frame.guarded += 1
    frame.branch_depth += 1
    falls = statements.run_block(machine, frame, node.body)
    frame.guarded -= 1
    if falls:
        falls = statements.run_block(machine, frame, node.orelse)
    touched = list(machine.store.intermediate(mark))
    normal = machine.store.rollback(mark)
    ends = [normal] if falls else []
    for handler in node.handlers:
        _enter_handler(machine, touched, normal)
        if handler.name:
            assignment.bind_name(machine, frame, handler.name, Unknown("exception"))
        if statements.run_block(machine, frame, handler.body):
            ends.append(machine.store.delta(mark))
        machine.store.rollback(mark)
    frame.branch_depth -= 1
    if ends:
        machine.store.join(ends, machine.joiner.content)
    return bool(ends)


def _enter_handler(machine: Machine, touched: Sequence[tuple[Key, Content]], normal: Delta) -> None:
    """The body may have stopped anywhere: each name holds what it held before, or any value the body gave it."""
    merged: Delta = {}
    held: list[tuple[Key, Content | None]] = [*touched, *normal.items()]
    for key, content in held:
        if content is None:
            continue
        old = merged.get(key)
        merged[key] = content if old is None else machine.joiner.content(old, content)
    machine.store.apply(merged)
