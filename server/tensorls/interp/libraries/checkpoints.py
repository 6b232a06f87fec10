"""``torch.utils.checkpoint``: a function called now, and again when gradients are wanted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.objects import TensorObject
from tensorls.domain.values import FALSE, NONE, TRUE, Arguments, ModeManager, Ref, Unknown, Value
from tensorls.interp import library, trees
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
Run = Callable[[], Value]
_SETTINGS = ("use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug", "early_stop")


def _checkpoint(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import calls

    function = a.get(0, "function")
    if function is None or a.open:
        return calls.escape(machine, a, "unknown arguments")
    given = Arguments(a.args[1:], tuple((k, v) for k, v in a.kwargs if k not in _SETTINGS and k != "function"))
    return _run(machine, lambda: calls.call(machine, frame, node, function, given), given.args, a.keyword("use_reentrant"))


def _sequential(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import calls, iteration

    functions, given = a.get(0, "functions"), a.get(2, "input")
    items = iteration.iterate(machine, functions, frame, node).items if functions is not None else None
    if items is None or given is None or a.open:
        return calls.escape(machine, a, "unknown modules")
    start = given

    def run() -> Value:
        value = start
        for function in items:
            value = calls.call(machine, frame, node, function, Arguments((value,)))
        return value

    return _run(machine, run, (start,), a.keyword("use_reentrant"))


def _run(machine: Machine, run: Run, args: tuple[Value, ...], reentrant: Value | None) -> Value:
    """The older kind, still the default, runs without gradients first and with them in the backward pass."""
    mode = machine.mode()
    if reentrant == FALSE or (mode is not None and not mode.grad):
        return run()
    if reentrant not in (TRUE, NONE, None):
        with machine.blurred("requires_grad"):
            return _blurred(machine, run())
    mark = machine.store.mark()
    machine.recorder.capture()
    try:
        with machine.recorder.muted():
            again = run()
        reached = frozenset[int]().union(*(t.leaves for _, t in trees.tensors(machine, again)))
    finally:
        machine.recorder.release()
        machine.store.rollback(mark)
    with machine.blurred("requires_grad"), machine.managed([ModeManager((("grad", False),))]):
        result = run()
    needs = [t.meta.requires_grad for v in args if (t := machine.tensor(v)) is not None]
    needs += [None for v in args if isinstance(v, Unknown)]
    reached = reached.union(*(library.reached(machine, v) for v in args if isinstance(v, Ref)))
    return _with_gradient(machine, result, True if True in needs else None if None in needs else False, reached)


def _with_gradient(machine: Machine, value: Value, wanted: bool | None, reached: frozenset[int]) -> Value:
    def one(ref: Ref, found: TensorObject) -> Value:
        floating = (found.meta.dtype or "float").startswith(("float", "bfloat", "complex"))
        gradient = wanted if floating else False
        meta = found.meta.with_(requires_grad=gradient, is_leaf=None if gradient is None else not gradient)
        machine.store.put(ref.address, replace(found, meta=meta, leaves=reached if gradient is not False else frozenset()))
        return ref

    return trees.map_tensors(machine, value, one)


def _blurred(machine: Machine, value: Value) -> Value:
    def one(ref: Ref, found: TensorObject) -> Value:
        machine.store.put(ref.address, replace(found, meta=found.meta.with_(requires_grad=None, is_leaf=None)))
        return ref

    return trees.map_tensors(machine, value, one)


HANDLERS: Mapping[str, Handler] = {
    "torch.utils.checkpoint.checkpoint": _checkpoint, "torch.utils.checkpoint.checkpoint_sequential": _sequential,
}  # fmt: skip
