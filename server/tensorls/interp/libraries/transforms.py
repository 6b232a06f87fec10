"""``torch.func`` and ``torch.autograd.functional``: functions of the program, called as these call them.

A transformed function is a partial call of a name that ends in ``()``: ``vmap(f, 1)`` is ``torch.func.vmap()`` with its
settings as first arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from tensorls.domain.dims import Dim
from tensorls.domain.objects import DictObject, ListObject, TensorObject
from tensorls.domain.values import FALSE, NONE, TRUE, Arguments, Const, LibRef, ModeManager, Partial, Ref, Tuple, Unknown, Value
from tensorls.interp import library, trees
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
ZERO = Const(0)


def partial(path: str, *settings: Value) -> Value:
    """A transformed function."""
    return Partial(LibRef(f"{path}()"), settings, ())


@dataclass(frozen=True, slots=True)
class Inside:
    """What a function returned inside a transform; ``outer``: whether that may have gradients outside of it, by leaves."""

    value: Value
    gradient: bool | None
    reached: frozenset[int]

    def back(self, machine: Machine, value: Value | None = None) -> Value:
        """A tree of such results as it is outside."""

        def outside(ref: Ref, found: TensorObject) -> Value:
            floating = (found.meta.dtype or "float").startswith(("float", "bfloat", "complex"))
            gradient = self.gradient if floating else False
            return trees.new_tensor(machine, trees.like(found.meta, gradient), self.reached if gradient is not False else frozenset())

        return trees.map_tensors(machine, self.value if value is None else value, outside)

    def likeness(self, machine: Machine, value: Value) -> Value:
        """Gradients of the tensors of a tree."""
        return trees.map_tensors(
            machine, value, lambda r, t: trees.new_tensor(machine, trees.like(t.meta, self.gradient), self.reached)
        )  # fmt: skip


def run(machine: Machine, frame: Frame, node: ast.AST, function: Value, original: tuple[Value, ...], args: tuple[Value, ...],
        kwargs: tuple[tuple[str, Value], ...], grad: bool) -> Inside:  # fmt: skip
    """Call the function as a transform does: on ``args`` that stand for the ``original`` ones, with or without gradients."""
    from tensorls.interp import calls

    given = [t for v in (*original, *(v for _, v in kwargs)) for t in trees.tensors(machine, v)]
    mode = machine.mode()
    outside = mode is None or mode.grad
    captured = outside and _captures_gradients(machine, frame, node, function, args, kwargs)
    reached = frozenset[int]().union(*(library.reached(machine, r) for r, _ in given)) if outside else frozenset[int]()
    gradient = None if captured or (outside and any(t.meta.requires_grad is not False for _, t in given)) else False
    with machine.managed([ModeManager((("grad", grad),))]), machine.blurred("requires_grad") if captured else nullcontext():
        value = calls.call(machine, frame, node, function, Arguments(args, kwargs))
    return Inside(value, gradient, reached)


def _captures_gradients(machine: Machine, frame: Frame, node: ast.AST, function: Value, args: tuple[Value, ...],
                        kwargs: tuple[tuple[str, Value], ...]) -> bool:  # fmt: skip
    """Whether the function reads tensors with gradients other than its arguments, such as parameters."""
    from tensorls.interp import calls

    detached = tuple(trees.map_tensors(machine, v, lambda r, t: trees.new_tensor(machine, trees.like(t.meta, False))) for v in args)
    mark, first = machine.store.mark(), machine.store.reserve()
    machine.recorder.capture()
    try:
        with machine.recorder.muted(), machine.managed([ModeManager((("grad", True),))]):
            calls.call(machine, frame, node, function, Arguments(detached, kwargs))
    finally:
        machine.recorder.release()
        delta = machine.store.rollback(mark)
    made = [t for t in delta.values() if isinstance(t, TensorObject) and t.meta.is_leaf is not True]
    return any(t.meta.requires_grad is None or any(leaf < first for leaf in t.leaves) for t in made)


def tracked(machine: Machine, value: Value, gradient: bool) -> Value:
    """What a function sees of an argument that a transform follows."""
    return trees.map_tensors(
        machine, value,
        lambda r, t: trees.new_tensor(machine, trees.like(t.meta, gradient).with_(is_leaf=True, strides=t.meta.strides)),
    )  # fmt: skip


# vmap


def _vmap(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    function = a.get(0, "func")
    if function is None or a.open:
        return Unknown("vmap")
    return partial("torch.func.vmap", function, a.get(1, "in_dims") or ZERO, a.get(2, "out_dims") or ZERO)


def _call_vmap(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import calls

    function, in_dims, out_dims, *args = a.args
    if library.arguments_failed(a):
        return FAILED
    sizes: list[Dim] = []

    def sample(value: Value, dim: int) -> Value:
        meta = machine.tensor(value)
        if meta is None or meta.meta.shape is None or not -len(meta.meta.shape) <= dim < len(meta.meta.shape):
            raise _Unmatched
        sizes.append(meta.meta.shape[dim])
        with machine.managed([ModeManager((("grad", False),))]):
            picked = library.operate(machine, frame, node, ".select", (value, Const(dim), ZERO), show="torch.vmap")
        content = machine.tensor(picked)
        return picked if content is None else trees.new_tensor(machine, trees.like(content.meta, False))

    try:
        samples = _by_dims(machine, in_dims, Tuple(tuple(args)), sample)
    except _Unmatched:
        samples = NONE
    if a.open or not isinstance(samples, Tuple) or not sizes:
        return calls.escape(machine, a, "unknown dimensions of vmap")
    with machine.blurred("strides"):  # a sample lies in the memory of the whole batch
        result = run(machine, frame, node, function, tuple(args), samples.items, a.kwargs, grad=False)
    if isinstance(result.value, Unknown):
        return result.value

    def batch(value: Value, place: int) -> Value:
        found = machine.tensor(value)
        if found is None or found.meta.shape is None or not -len(found.meta.shape) - 1 <= place <= len(found.meta.shape):
            raise _Unmatched
        place = place + len(found.meta.shape) + 1 if place < 0 else place
        shape = (*found.meta.shape[:place], sizes[0], *found.meta.shape[place:])
        return trees.new_tensor(machine, trees.like(found.meta, found.meta.requires_grad, shape), found.leaves)

    try:
        return _by_dims(machine, out_dims, result.back(machine), batch)
    except _Unmatched:
        return Unknown("unknown dimensions of vmap")


class _Unmatched(Exception):
    """Dimensions and values do not fit together, or one of them is not known."""


def _by_dims(machine: Machine, dims: Value, value: Value, change: Callable[[Value, int], Value]) -> Value:
    """A tree with each leaf changed along the dimension that ``dims``, one number or a tree like it, gives for it."""
    content = machine.content(value)
    items = _items(machine, value)
    single = isinstance(dims, Const) and (dims.value is None or isinstance(dims.value, int))
    if items is None:
        if not isinstance(dims, Const) or not single:
            raise _Unmatched
        return change(value, dims.value) if isinstance(dims.value, int) else value
    inner = dict.fromkeys(items, dims) if single else _items(machine, dims)
    if inner is None or list(inner) != list(items):
        raise _Unmatched
    changed = {k: _by_dims(machine, inner[k], v, change) for k, v in items.items()}
    if isinstance(value, Tuple):
        return replace(value, items=tuple(changed.values()))
    if isinstance(content, ListObject):
        return machine.store.new(replace(content, items=tuple(changed.values())))
    return machine.store.new(DictObject(changed))


def _items(machine: Machine, value: Value) -> Mapping[Value, Value] | None:
    content = machine.content(value)
    if isinstance(value, Tuple):
        return {Const(i): v for i, v in enumerate(value.items)}
    if isinstance(content, ListObject) and content.items is not None:
        return {Const(i): v for i, v in enumerate(content.items)}
    return content.entries if isinstance(content, DictObject) and content.rest is None else None


# gradients of functions


def _with_argnums(path: str) -> Handler:
    def make(machine: Machine, frame: Frame, node: ast.AST, _: str, a: Arguments) -> Value:
        function = a.get(0, "func")
        if function is None or a.open:
            return Unknown(path)
        return partial(path, function, a.get(1, "argnums") or ZERO, a.get(2, "has_aux") or FALSE)

    return make


@dataclass(frozen=True, slots=True)
class _Called:
    """A function called for its derivative: what it gave, and the arguments it was derived by, as ``argnums`` has them."""

    inside: Inside
    output: Value
    aux: Value | None
    by: Value


def _differentiate(machine: Machine, frame: Frame, node: ast.AST, a: Arguments, gradient: bool) -> _Called | Value:
    from tensorls.interp import calls

    function, argnums, has_aux, *args = a.args
    chosen = argnums.items if isinstance(argnums, Tuple) else (argnums,)
    numbers = [n.value for n in chosen if isinstance(n, Const) and isinstance(n.value, int) and -len(args) <= n.value < len(args)]
    if library.arguments_failed(a):
        return FAILED
    if a.open or len(numbers) < len(chosen) or has_aux not in (TRUE, FALSE):
        return calls.escape(machine, a, "unknown arguments")
    picked = {n % len(args) for n in numbers}
    seen = tuple(tracked(machine, v, gradient) if i in picked else v for i, v in enumerate(args))
    inside = run(machine, frame, node, function, tuple(args), seen, a.kwargs, gradient)
    by = tuple(args[n] for n in numbers)
    result, aux = inside.value, None
    if has_aux == TRUE:
        if not isinstance(result, Tuple) or len(result.items) != 2:
            return FAILED if is_failure(result) else Unknown("unknown result")
        result, aux = result.items
    return _Called(inside, result, aux, Tuple(by) if isinstance(argnums, Tuple) else by[0])


def _call_grad(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    found = _differentiate(machine, frame, node, a, True)
    if isinstance(found, Value):
        return found
    if is_failure(found.output):
        return FAILED
    inside = found.inside
    gradients = inside.likeness(machine, found.by)
    aux = None if found.aux is None else inside.back(machine, found.aux)
    if path == "torch.func.grad()":
        return gradients if aux is None else Tuple((gradients, aux))
    value = inside.back(machine, found.output)
    return Tuple((gradients, value if aux is None else Tuple((value, aux))))


def _call_jacobian(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    found = _differentiate(machine, frame, node, a, path == "torch.func.jacrev()")
    if isinstance(found, Value):
        return found
    if is_failure(found.output):
        return FAILED
    result = jacobian(machine, found.output, found.by, found.inside.gradient, found.inside.reached)
    return result if found.aux is None else Tuple((result, found.inside.back(machine, found.aux)))


def jacobian(machine: Machine, output: Value, by: Value, gradient: bool | None, reached: frozenset[int]) -> Value:
    """For every tensor of the output, for every tensor it is derived by: the sizes of one behind those of the other."""

    def row(_: Ref, out: TensorObject) -> Value:
        def entry(_: Ref, arg: TensorObject) -> Value:
            known = out.meta.shape is not None and arg.meta.shape is not None
            meta = trees.like(arg.meta, gradient, (*(out.meta.shape or ()), *(arg.meta.shape or ())))
            meta = meta if known else meta.with_(shape=None)
            return trees.new_tensor(machine, meta if out.meta.dtype == arg.meta.dtype else meta.with_(dtype=None), reached)

        return trees.map_tensors(machine, by, entry)

    return trees.map_tensors(machine, output, row)


def _hessian(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    function, argnums = a.get(0, "func"), a.get(1, "argnums") or ZERO
    if function is None or a.open:
        return Unknown(path)
    return partial("torch.func.jacfwd", partial("torch.func.jacrev", function, argnums, FALSE), argnums, FALSE)


def _vjp(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    has_aux = a.keyword("has_aux") or FALSE
    if not a.args or a.open:
        return Unknown(path)
    numbers = Tuple(tuple(Const(i) for i in range(len(a.args) - 1)))
    found = _differentiate(machine, frame, node, Arguments((a.args[0], numbers, has_aux, *a.args[1:])), True)
    if isinstance(found, Value):
        return found
    back = partial("torch.func.vjp", found.inside.likeness(machine, found.by))
    value = found.inside.back(machine, found.output)
    return Tuple((value, back) if found.aux is None else (value, back, found.inside.back(machine, found.aux)))


def _call_again(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """What ``vjp`` and ``linearize`` returned: every call gives new tensors like the first ones."""
    if library.arguments_failed(a):
        return FAILED
    gradient = None if any(t.meta.requires_grad is not False for _, t in trees.tensors(machine, Tuple(a.args))) else False
    return trees.map_tensors(machine, a.args[0], lambda r, t: trees.new_tensor(machine, trees.like(t.meta, gradient), t.leaves))


def _jvp(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    primals = a.get(1, "primals")
    if not a.args or a.open or not isinstance(primals, Tuple):
        return Unknown(path)
    numbers = Tuple(tuple(Const(i) for i in range(len(primals.items))))
    has_aux = a.keyword("has_aux") or FALSE
    found = _differentiate(machine, frame, node, Arguments((a.args[0], numbers, has_aux, *primals.items)), False)
    if isinstance(found, Value):
        return found
    value, tangent = found.inside.back(machine, found.output), found.inside.back(machine, found.output)
    return Tuple((value, tangent) if found.aux is None else (value, tangent, found.inside.back(machine, found.aux)))


def _linearize(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    if not a.args or a.open or a.kwargs:
        return Unknown(path)
    numbers = Tuple(tuple(Const(i) for i in range(len(a.args) - 1)))
    found = _differentiate(machine, frame, node, Arguments((a.args[0], numbers, FALSE, *a.args[1:])), False)
    if isinstance(found, Value):
        return found
    return Tuple((found.inside.back(machine, found.output), partial("torch.func.vjp", found.inside.back(machine, found.output))))


_BY_ARGNUMS = ("torch.func.grad", "torch.func.grad_and_value", "torch.func.jacrev", "torch.func.jacfwd")
HANDLERS: Mapping[str, Handler] = {
    "torch.func.vmap": _vmap, "torch.vmap": _vmap, "torch.func.vmap()": _call_vmap,
    **{path: _with_argnums(path) for path in _BY_ARGNUMS},
    "torch.func.grad()": _call_grad, "torch.func.grad_and_value()": _call_grad,
    "torch.func.jacrev()": _call_jacobian, "torch.func.jacfwd()": _call_jacobian,
    "torch.func.hessian": _hessian, "torch.func.vjp": _vjp, "torch.func.vjp()": _call_again, "torch.func.jvp": _jvp,
    "torch.func.linearize": _linearize,
}  # fmt: skip
