"""``torch.autograd.grad`` and ``torch.autograd.functional``: results that look like what they are derived by."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.dims import Shape
from tensorls.domain.objects import ListObject, TensorObject
from tensorls.domain.values import FALSE, NONE, Arguments, Const, Ref, Tuple, Union, Unknown, Value
from tensorls.interp import library, trees
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import transforms
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _grad(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``torch.autograd.grad(outputs, inputs)``: a gradient like each input; with ``create_graph`` it may have one itself."""
    from tensorls.interp import calls, iteration

    inputs = a.get(1, "inputs")
    if library.arguments_failed(a) or (inputs is not None and is_failure(inputs)):
        return FAILED
    if a.open or inputs is None:
        return calls.escape(machine, a, "unknown arguments")
    items: tuple[Value, ...] | None = (inputs,)
    if machine.tensor(inputs) is None:
        items = iteration.iterate(machine, inputs, frame, node).items
    if items is None:
        return Unknown("gradients of an unknown number of tensors")
    unused = a.get(5, "allow_unused") not in (None, FALSE, NONE) and a.get(7, "materialize_grads") in (None, FALSE)
    again = None if a.get(4, "create_graph") not in (None, FALSE) else False
    batch = _batch(machine, a)
    outputs = a.get(0, "outputs")
    reached = frozenset[int]().union(*(t.leaves for _, t in trees.tensors(machine, outputs or NONE))) if again is None else frozenset()

    def gradient(value: Value) -> Value:
        found = machine.tensor(value)
        if found is None or batch is None:
            return Unknown("gradient of an unknown tensor")
        shape = found.meta.shape
        meta = trees.like(found.meta, again, None if shape is None else (*batch, *shape))
        made = trees.new_tensor(machine, meta, reached)
        return Union((made, NONE)) if unused else made

    return Tuple(tuple(gradient(v) for v in items))


def _batch(machine: Machine, a: Arguments) -> Shape | None:
    """The leading size of batched gradients; nothing for plain ones."""
    if a.get(6, "is_grads_batched") in (None, FALSE):
        return ()
    found = next((t for _, t in trees.tensors(machine, a.get(2, "grad_outputs") or NONE)), None)
    return (found.meta.shape[0],) if found is not None and found.meta.shape else None


# torch.autograd.functional


def _called(machine: Machine, frame: Frame, node: ast.AST, function: Value, inputs: Value) -> transforms.Inside:
    args = inputs.items if isinstance(inputs, Tuple) else (inputs,)
    seen = tuple(transforms.tracked(machine, v, True) for v in args)
    return transforms.run(machine, frame, node, function, args, seen, (), grad=True)


def _functional(result: Callable[[Machine, Value, Value, bool | None, frozenset[int]], Value], create_graph: int) -> Handler:
    def handle(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
        from tensorls.interp import calls

        function, inputs = a.get(0, "func"), a.get(1, "inputs")
        if library.arguments_failed(a):
            return FAILED
        forward = any(isinstance(v, Const) and v.value == "forward-mode" for v in (*a.args, *(v for _, v in a.kwargs)))
        if a.open or function is None or inputs is None or forward or isinstance(machine.content(inputs), ListObject):
            return calls.escape(machine, a, "unknown arguments")
        found = _called(machine, frame, node, function, inputs)
        if is_failure(found.value):
            return FAILED
        gradient = None if a.get(create_graph, "create_graph") not in (None, FALSE) else False
        return result(machine, found.value, inputs, gradient, found.reached)

    return handle


def _like(machine: Machine, value: Value, gradient: bool | None, reached: frozenset[int]) -> Value:
    def one(_: Ref, found: TensorObject) -> Value:
        return trees.new_tensor(machine, trees.like(found.meta, gradient), reached if gradient is None else frozenset())

    return trees.map_tensors(machine, value, one)


def _hessian(machine: Machine, output: Value, by: Value, gradient: bool | None, reached: frozenset[int]) -> Value:
    return transforms.jacobian(machine, by, by, gradient, reached)


def _backwards(machine: Machine, output: Value, by: Value, gradient: bool | None, reached: frozenset[int]) -> Value:
    return Tuple((_like(machine, output, gradient, reached), _like(machine, by, gradient, reached)))


def _forwards(machine: Machine, output: Value, by: Value, gradient: bool | None, reached: frozenset[int]) -> Value:
    return Tuple((_like(machine, output, gradient, reached), _like(machine, output, gradient, reached)))


_F = "torch.autograd.functional"
HANDLERS: Mapping[str, Handler] = {
    "torch.autograd.grad": _grad, f"{_F}.jacobian": _functional(transforms.jacobian, 2), f"{_F}.hessian": _functional(_hessian, 2),
    f"{_F}.vjp": _functional(_backwards, 3), f"{_F}.vhp": _functional(_backwards, 3), f"{_F}.hvp": _functional(_backwards, 3),
    f"{_F}.jvp": _functional(_forwards, 3),
}  # fmt: skip
