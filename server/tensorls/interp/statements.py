"""Statements: assignment, branches, loops, exceptions.  ``run_block`` says whether control falls through its end."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache

from tensorls.domain.objects import Instance
from tensorls.domain.values import NONE, Union, Value
from tensorls.interp import (
    assignment,
    classes,
    contracts,
    exceptions,
    expressions,
    functions,
    imports,
    loops,
    objects,
    operators,
    patterns,
    remarks,
    requirements,
    subscripts,
)
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.store import Delta


def run_block(machine: Machine, frame: Frame, body: Sequence[ast.stmt]) -> bool:
    """Run statements in order; False when control never reaches the end."""
    return all(run(machine, frame, statement) for statement in body)


def run(machine: Machine, frame: Frame, node: ast.stmt) -> bool:
    """Run one statement; False when control does not continue after it."""
    machine.step()
    handler = _handlers().get(type(node))
    return True if handler is None else handler(machine, frame, node)


# binding


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
    assignment.bind_name(machine, frame, node.name, functions.apply_decorators(machine, frame, node, function))
    return True


def _class(machine: Machine, frame: Frame, node: ast.ClassDef) -> bool:
    assignment.bind_name(machine, frame, node.name, classes.define(machine, frame, node))
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
        value = contracts.returned(machine, frame, node, value)
        assignment.record_binding(machine, frame, node, "<return>", "return", value, len("return"))
        remarks.heed(machine, frame, node, "the value returned", value)
    frame.returns.append((machine.store.delta(frame.mark), value))
    frame.returned = machine.store.version
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
        requirements.asserted(machine, frame, node.test)
    return known is not False or not isinstance(node.test, ast.Constant)  # what this machine lacks another may have


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


@lru_cache(maxsize=4096)
def _named(test: ast.expr) -> tuple[ast.expr, ...]:
    """Names and attributes of names in a test, without walrus targets and without what calls return."""
    return tuple(n for n in ast.walk(test) if isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, ast.Load))


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


def _match(machine: Machine, frame: Frame, node: ast.Match) -> bool:
    subject = expressions.evaluate(machine, frame, node.subject)
    return patterns.run_match(machine, frame, node, subject)


@cache
def _handlers() -> Mapping[type[ast.stmt], Callable[..., bool]]:
    """By node type; made on first use, since the modules that run statements import each other."""
    found: dict[type[ast.stmt], Callable[..., bool]] = {
        ast.Assign: assignment.run_assign, ast.AnnAssign: assignment.run_annotated, ast.AugAssign: assignment.run_augmented,
        ast.Expr: assignment.run_expression, ast.Delete: _delete, ast.FunctionDef: _function, ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class, ast.Global: _global, ast.Nonlocal: _nonlocal, ast.Import: _import, ast.ImportFrom: _import_from,
        ast.Return: _return, ast.Raise: _raise, ast.Break: _break, ast.Continue: _continue, ast.Assert: _assert, ast.If: _if,
        ast.For: loops.run_for, ast.AsyncFor: loops.run_for, ast.While: loops.run_while, ast.With: exceptions.run_with,
        ast.AsyncWith: exceptions.run_with, ast.Try: exceptions.run_try, ast.Match: _match,
    }  # fmt: skip
    if hasattr(ast, "TryStar"):  # Python 3.11
        found[ast.TryStar] = exceptions.run_try
    return found
