"""``torch.autograd.Function``: the program's own ``forward`` and ``backward``, interpreted.

``forward`` runs without gradients; what it returns requires a gradient when a tensor among the arguments does.  ``backward``
runs where the call stands, from gradients that look like the outputs, and what it changes is taken back: when and how often
it runs is up to the program.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from tensorls.domain.objects import ClassObject, LibObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import NONE, Arguments, Const, LibRef, ModeManager, Ref, Scalar, Tuple, Unknown, Value
from tensorls.interp import library
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
FUNCTION = LibRef("torch.autograd.Function")
CONTEXT = "torch.autograd.function.FunctionCtx"
SAVED = "saved_tensors"
DIRTY = "#dirty"
PLAIN = "#plain"  # outputs that were marked as not differentiable
_DIFFERENTIABLE = ("float", "bfloat", "complex")


def is_custom(machine: Machine, value: Value) -> bool:
    """Whether a value is a user class derived from ``torch.autograd.Function``."""
    content = machine.content(value)
    return isinstance(content, ClassObject) and FUNCTION in content.mro


def apply(machine: Machine, frame: Frame, node: ast.AST, cls: Value, a: Arguments) -> Value:
    """``MyFunction.apply(...)``."""
    from tensorls.interp import calls

    mode = machine.mode()
    if a.open or a.kwargs or mode is None or library.arguments_failed(a):
        return calls.escape(machine, a, "unknown arguments")
    inputs = [v for v in a.args if machine.tensor(v) is not None]
    needs = [_needs(machine, v) if mode.grad else False for v in a.args]
    context = machine.store.new(LibObject(CONTEXT))
    machine.store.set_cell(context.address, "needs_input_grad", Tuple(tuple(Scalar("bool") if n is None else Const(n) for n in needs)))
    with machine.managed([ModeManager((("grad", False),))]):
        result = _forward(machine, frame, node, cls, context, a)
    if any(isinstance(v, Unknown) for v in a.args) and True not in needs:
        needs.append(None)
    wanted = True if True in needs else None if None in needs else False
    leaves = frozenset[int]().union(*(library.reached(machine, v) for v in inputs if isinstance(v, Ref)))
    outputs = result.items if isinstance(result, Tuple) else (result,)
    made = tuple(_output(machine, context, v, a.args, wanted, leaves) for v in outputs)
    twice = any(_differentiates_twice(source.tree) for source in machine.sources.values())
    if wanted is not False and mode.autocast is None and not twice:
        _backward(machine, frame, node, cls, context, made)
    return replace(result, items=made) if isinstance(result, Tuple) else made[0]


def _needs(machine: Machine, value: Value) -> bool | None:
    found = machine.tensor(value)
    return found.meta.requires_grad if found is not None else None if isinstance(value, Unknown) else False


def _forward(machine: Machine, frame: Frame, node: ast.AST, cls: Value, context: Ref, a: Arguments) -> Value:
    from tensorls.interp import calls, objects

    forward = objects.get_attribute(machine, frame, node, cls, "forward")
    setup = objects.find_in_class(machine, cls, "setup_context")
    if setup is None or isinstance(setup, LibRef):
        return calls.call(machine, frame, node, forward, Arguments((context, *a.args)))
    result = calls.call(machine, frame, node, forward, a)
    setup = objects.get_attribute(machine, frame, node, cls, "setup_context")
    calls.call(machine, frame, node, setup, Arguments((context, Tuple(a.args), result)))
    return result


def _output(machine: Machine, context: Ref, value: Value, inputs: tuple[Value, ...], wanted: bool | None, leaves: frozenset[int]) -> Value:
    found = machine.tensor(value)
    if found is None or not isinstance(value, Ref):
        return value
    if value in _listed(machine, context, PLAIN) or not (found.meta.dtype or "float").startswith(_DIFFERENTIABLE):
        wanted, leaves = False, frozenset()
    dirty = value in _listed(machine, context, DIRTY)
    meta = found.meta.with_(requires_grad=wanted, is_leaf=None if wanted is None else not wanted)
    if value in inputs and not dirty:  # an input given back is a view of it
        meta = meta.with_(type="Tensor")
        return machine.store.new(TensorObject(meta, found.storage, leaves, found.history))
    machine.store.put(value.address, replace(found, meta=meta, leaves=leaves, operation=None))
    return value


def _listed(machine: Machine, context: Ref, cell: str) -> tuple[Value, ...]:
    found = machine.store.cell(context.address, cell)
    return found.items if isinstance(found, Tuple) else ()


def _backward(machine: Machine, frame: Frame, node: ast.AST, cls: Value, context: Ref, outputs: tuple[Value, ...]) -> None:
    from tensorls.interp import calls, objects

    gradients = tuple(_gradient(machine, v) for v in outputs)
    mark = machine.store.mark()
    backward = objects.get_attribute(machine, frame, node, cls, "backward")
    with machine.managed([ModeManager((("grad", False),))]):
        calls.call(machine, frame, node, backward, Arguments((context, *gradients)))
    machine.store.rollback(mark)


def _gradient(machine: Machine, output: Value) -> Value:
    found = machine.tensor(output)
    if found is None:
        return NONE if not isinstance(output, Unknown) else output
    meta = TensorMeta("torch", "Tensor", found.meta.shape, found.meta.dtype, found.meta.device, False, None, True)
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta, address))
    return Ref(address)


@lru_cache(maxsize=256)
def _differentiates_twice(tree: ast.Module) -> bool:
    """Whether gradients may have gradients themselves; then nothing is said of how ``backward`` runs."""
    return any(isinstance(n, ast.keyword) and n.arg == "create_graph" for n in ast.walk(tree))


def context_method(machine: Machine, ref: Ref, name: str, a: Arguments) -> Value:
    """``ctx.save_for_backward(...)`` and its like."""
    cell = {"save_for_backward": SAVED, "mark_dirty": DIRTY, "mark_non_differentiable": PLAIN}.get(name)
    if cell is not None:
        machine.store.set_cell(ref.address, cell, Unknown("unknown tensors") if a.open else Tuple(a.args))
        return NONE
    return NONE if name in ("set_materialize_grads", "save_for_forward") else Unknown(name)


def _decorate(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Decorators of ``forward`` and ``backward`` that change nothing that is followed here."""
    if a.keyword("cast_inputs") not in (None, NONE):
        return Unknown("inputs are cast under autocast")
    return a.args[0] if a.args else LibRef("functools.identity")


HANDLERS: Mapping[str, Handler] = {
    "torch.autograd.function.once_differentiable": _decorate,
    **{f"torch.{m}.{n}": _decorate for m in ("amp", "cuda.amp") for n in ("custom_fwd", "custom_bwd")},
}  # fmt: skip
