"""Loops: of known length exactly, within a budget; others to a fix point."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable

from tensorls.domain.values import Ref, Unknown, Value
from tensorls.interp import assignment, calls, expressions, functions, iteration, operators, ranges, statements, tensors
from tensorls.interp.frames import Frame, Loop
from tensorls.interp.machine import Machine
from tensorls.interp.recorder import Pending
from tensorls.interp.signatures import UNIFORM, alike, signature
from tensorls.interp.store import Delta, Key

SETTLED_AFTER = 1  # iterations of an exact loop before it is asked whether they still change anything
SETTLING = 2  # passes after which a value that still changes is taken to change for ever
GROWING = 2  # alternatives that are then kept: the first and all others
SETTLED_STEPS = 400  # and steps that they took
TOLD_APART = 32  # items of a loop that nothing covers together run one by one, however long that takes


def run_for(machine: Machine, frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    """``for target in iterable``."""
    source = expressions.evaluate(machine, frame, node.iter)
    found = iteration.iterate(machine, source, frame, node.iter)
    if found.items is not None and len(found.items) <= machine.limits.exact_iterations:
        return _exact(machine, frame, node, list(found.items))
    element = iteration.any_item(machine, found)

    def body() -> bool:
        assignment.assign(machine, frame, node.target, ranges.renewed(machine, element), "loop")
        return statements.run_block(machine, frame, node.body)

    if found.phases:
        return _phases(machine, frame, node, found.phases, found.first is not None)
    return _fixpoint(machine, frame, body, _leave, node.orelse, certain=bool(found.items) or found.first is not None)


def _leave(head: int, breaks: list[Delta]) -> bool:
    """Nothing happens between the last iteration and what follows the loop."""
    return True


def _phases(machine: Machine, frame: Frame, node: ast.For | ast.AsyncFor, phases: tuple[Value, ...],
            certain: bool) -> bool:  # fmt: skip
    """Items of several kinds in their order, such as full batches and a smaller last one: each kind is a context."""
    outer = frame.context
    place = f"{frame.file}:{node.lineno}"

    def iteration_of(item: Value, name: str) -> bool:
        frame.context = (*outer, f"{place} ({name})#{node.col_offset}")
        try:
            assignment.assign(machine, frame, node.target, item, "loop")
            return statements.run_block(machine, frame, node.body)
        finally:
            frame.context = outer

    def leave(head: int, breaks: list[Delta]) -> bool:
        early = any(_may_end(n) for s in node.body for n in ast.walk(s))  # then the last batch may never come
        loop = Loop(head)
        frame.loops.append(loop)
        frame.branch_depth += 1
        frame.loop_depth += 1
        frame.guarded += early
        falls = iteration_of(phases[-1], "last batch")
        frame.guarded -= early
        frame.loop_depth -= 1
        frame.branch_depth -= 1
        frame.loops.pop()
        falls = _merge_continues(machine, loop, falls)
        breaks.extend(loop.breaks)
        return falls

    return _fixpoint(machine, frame, lambda: iteration_of(phases[0], "full batch"), leave, node.orelse, certain=certain)


def _may_end(node: ast.AST) -> bool:
    """Whether a loop may be left here before it has seen every item."""
    if isinstance(node, (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)):
        return True
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("exit", "quit", "_exit")


def _exact(machine: Machine, frame: Frame, node: ast.For | ast.AsyncFor, items: list[Value]) -> bool:
    loop = Loop(machine.store.mark())
    frame.loops.append(loop)
    start = machine.steps
    base = machine.store.reserve()
    settled: Hashable = None
    uniform = len(items) >= UNIFORM and alike(machine.store, items)
    targets = frozenset(n.id for n in ast.walk(node.target) if isinstance(n, ast.Name))
    longest = machine.limits.exact_loop_steps
    if len(items) <= TOLD_APART and isinstance(machine.join(items), Unknown):
        longest = machine.limits.steps
    falls = True
    for position, item in enumerate(items):
        spent = machine.steps - start
        if spent > longest or (uniform and position >= SETTLED_AFTER and spent > SETTLED_STEPS):
            now = _summary(machine, loop.mark, base, targets)
            if spent > longest or now == settled:
                frame.loops.pop()
                return _continue_as_fixpoint(machine, frame, node, machine.join(items[position:]), loop)
            settled = now
        assignment.assign(machine, frame, node.target, item, "loop")
        uncertain = bool(loop.breaks)  # an earlier iteration may have left the loop
        frame.branch_depth += uncertain
        falls = statements.run_block(machine, frame, node.body)
        frame.branch_depth -= uncertain
        falls = _merge_continues(machine, loop, falls)
        if not falls:
            break
    frame.loops.pop()
    return _finish(machine, frame, loop, falls, node.orelse)


def _summary(machine: Machine, mark: int, base: int, targets: frozenset[str]) -> Hashable:
    """What the iterations so far have left behind, whatever their addresses, besides the loop's own variables."""
    delta = machine.store.delta(mark)
    return frozenset((k, signature(machine.store, c)) for k, c in delta.items() if _counts(k, base) and k[1] not in targets)


def _continue_as_fixpoint(machine: Machine, frame: Frame, node: ast.For | ast.AsyncFor, element: Value, outer: Loop) -> bool:
    def body() -> bool:
        assignment.assign(machine, frame, node.target, ranges.renewed(machine, element), "loop")
        return statements.run_block(machine, frame, node.body)

    before = list(outer.breaks)
    falls = _fixpoint(machine, frame, body, _leave, node.orelse)
    if before:
        ends = [*before, *([machine.store.delta(outer.mark)] if falls else [])]
        machine.store.rollback(outer.mark)
        machine.store.join(ends, machine.joiner.content)
        return True
    return falls


def _merge_continues(machine: Machine, loop: Loop, falls: bool) -> bool:
    """The state in which the next iteration begins."""
    if not loop.continues:
        return falls
    states = [*loop.continues, *([machine.store.delta(loop.mark)] if falls else [])]
    loop.continues.clear()
    machine.store.rollback(loop.mark)
    machine.store.join(states, machine.joiner.content)
    return True


def _finish(machine: Machine, frame: Frame, loop: Loop, falls: bool, orelse: list[ast.stmt]) -> bool:
    """After the loop: ``else`` runs where it ended by itself; a break skips it."""
    if falls:
        falls = statements.run_block(machine, frame, orelse)
    if not loop.breaks:
        return falls
    ends = [*loop.breaks, *([machine.store.delta(loop.mark)] if falls else [])]
    machine.store.rollback(loop.mark)
    machine.store.join(ends, machine.joiner.content)
    return True


def run_while(machine: Machine, frame: Frame, node: ast.While) -> bool:
    """``while test``: exactly while the test stays known, then to a fix point."""
    loop = Loop(machine.store.mark())
    frame.loops.append(loop)
    start = machine.steps
    for _ in range(machine.limits.exact_iterations):
        known = operators.truth(machine, frame, node.test, expressions.evaluate(machine, frame, node.test))
        if known is None or machine.steps - start > machine.limits.exact_loop_steps:
            break
        if not known:
            frame.loops.pop()
            return _finish(machine, frame, loop, True, node.orelse)
        breaks = len(loop.breaks)
        falls = _merge_continues(machine, loop, statements.run_block(machine, frame, node.body))
        if not falls:
            frame.loops.pop()
            return _finish(machine, frame, loop, False, node.orelse)
        if len(loop.breaks) > breaks:
            break  # how often it runs is not known: go on to a fix point
    frame.loops.pop()
    endless = isinstance(node.test, ast.Constant) and bool(node.test.value)

    def body() -> bool:
        known = operators.truth(machine, frame, node.test, expressions.evaluate(machine, frame, node.test))
        if known is False:
            return True
        statements.narrow(machine, frame, node.test, True)
        return statements.run_block(machine, frame, node.body)

    def leave(head: int, breaks: list[Delta]) -> bool:
        statements.narrow(machine, frame, node.test, False)
        return True

    falls = _fixpoint(machine, frame, body, leave, node.orelse, endless)
    if loop.breaks:
        ends = [*loop.breaks, *([machine.store.delta(loop.mark)] if falls else [])]
        machine.store.rollback(loop.mark)
        machine.store.join(ends, machine.joiner.content)
        return True
    return falls


def _fixpoint(machine: Machine, frame: Frame, body: Callable[[], bool], leave: Callable[[int, list[Delta]], bool],
              orelse: list[ast.stmt], endless: bool = False, certain: bool = False) -> bool:  # fmt: skip
    """Run a body any number of times, once at least where that is ``certain``: join the state at its head until nothing new comes.

    ``leave`` runs when the loop ends by itself; it is given the head and the states in which the body was left early.
    """
    head = machine.store.mark()
    base = machine.store.reserve()
    state: Delta = {}
    breaks: list[Delta] = []
    frame.branch_depth += 1
    passes: list[Pending] = []
    settled = False
    frame.loop_depth += 1
    for number in range(machine.limits.fixpoint_passes):
        loop = Loop(head)
        frame.loops.append(loop)
        with machine.recorder.apart() as events:
            falls = body()
        passes.append(events)
        frame.loops.pop()
        falls = _merge_continues(machine, loop, falls)
        breaks = loop.breaks
        machine.store.compact(head)
        machine.store.drop_unreachable(head, base, (*(frame.yields or ()), *machine.kept_from(base)))
        after = machine.store.rollback(head)
        if not falls:
            machine.store.apply(state)
            settled = len(passes) == 1
            break
        with machine.joiner.narrowed(GROWING if number >= SETTLING else machine.limits.union):
            machine.store.join([state, after], machine.joiner.content)
        joined = machine.store.delta(head)
        settled = _same(machine, state, joined, base)
        state = joined
        if settled:
            if certain:  # what follows is what an iteration leaves behind, not what was there before the first
                machine.store.rollback(head)
                machine.store.apply(after)
            break
    else:
        _forget(machine, state, base)
    machine.recorder.take(passes, settled)
    frame.branch_depth -= 1
    frame.loop_depth -= 1
    falls = not endless
    if falls and leave(head, breaks):
        falls = statements.run_block(machine, frame, orelse)
    if not breaks:
        return falls
    ends = [*breaks, *([machine.store.delta(head)] if falls else [])]
    machine.store.rollback(head)
    machine.store.join(ends, machine.joiner.content)
    return True


def _counts(key: Key, base: int) -> bool:
    """Whether a key tells passes apart: not what the loop itself made, nor how often gradients came and went."""
    address, name = key
    return address < base and not (name is not None and name.startswith(tensors.GRAD))


def _same(machine: Machine, before: Delta, after: Delta, base: int) -> bool:
    """Whether a pass added nothing to what was known.  Objects made inside the loop count only through names."""

    def known(delta: Delta) -> dict[Key, Hashable]:
        return {k: signature(machine.store, c) for k, c in delta.items() if _counts(k, base)}

    return known(before) == known(after)


def _forget(machine: Machine, state: Delta, base: int) -> None:
    """No fix point within the bound: what the loop changes is unknown."""
    for address, name in [key for key in state if _counts(key, base)]:
        if name is not None:
            machine.store.set_cell(address, name, Unknown("changes in a loop"))
        else:
            calls.forget_container(machine, Ref(address))
            functions.forget_tensor(machine, Ref(address))
