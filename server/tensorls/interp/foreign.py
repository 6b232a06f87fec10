"""Code of installed packages: interpreted like the user's, within a bound of its own."""

from __future__ import annotations

from collections.abc import Callable

from tensorls.domain.objects import Instance
from tensorls.domain.values import Arguments, Function, Ref, Unknown, Value
from tensorls.interp import calls
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine, OutOfBudget

REASON = "the package does too much"


def is_border(machine: Machine, frame: Frame, file: str) -> bool:
    """Whether code that runs in a frame enters an installed package here."""
    return machine.imports.is_foreign(file) and not machine.imports.is_foreign(frame.file)


def call(machine: Machine, function: Function, arguments: Arguments, run: Callable[[], Value]) -> Value:
    """A call from the user's code; one that does too much is a call of an unknown function."""
    mark, receiver = machine.store.mark(), arguments.args[0] if arguments.args else None
    if function.node not in machine.too_much:
        try:
            return bounded(machine, run)
        except OutOfBudget:
            machine.store.rollback(mark)
            machine.too_much.add(function.node)
    if function.owner is not None and isinstance(receiver, Ref) and isinstance(machine.content(receiver), Instance):
        machine.store.put(receiver.address, Instance(Unknown(REASON)))  # what it has is known no longer
    return calls.escape(machine, arguments, REASON)


def bounded(machine: Machine, run: Callable[[], Value]) -> Value:
    """Run within the bound; raises OutOfBudget with the bound of the whole analysis as it was."""
    start, outer = machine.steps, machine.step_limit
    left = machine.limits.steps_in_all_foreign - machine.foreign_steps
    machine.step_limit = min(outer, start + min(left, machine.limits.steps_in_foreign_call))
    try:
        return run()
    finally:
        machine.step_limit = outer
        machine.foreign_steps += machine.steps - start
