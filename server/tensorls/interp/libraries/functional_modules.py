"""``functional_call`` and ``stack_module_state``: modules called with parameters from outside."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace

from tensorls.domain.objects import DictObject, LibObject, TensorObject
from tensorls.domain.values import NONE, Arguments, Const, Ref, Tuple, Unknown, Value
from tensorls.interp import library, trees
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure
from tensorls.oracle import question as q

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _functional_call(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """A copy of the module computes with these parameters."""
    from tensorls.interp import calls, nnmodules, nnwalks
    from tensorls.interp.libraries import standard

    module, given, args, kwargs = a.get(0, "module"), a.get(1, "parameter_and_buffer_dicts"), a.get(2, "args"), a.get(3, "kwargs")
    if library.arguments_failed(a):
        return FAILED
    tensors = _tensors(machine, given)
    named = machine.content(kwargs) if kwargs is not None and kwargs != NONE else DictObject({})
    own = nnmodules.named_parameters(machine, frame, node, module) if module is not None else None
    if a.open or module is None or tensors is None or own is None or not isinstance(named, DictObject) or named.rest is not None:
        return calls.escape(machine, a, "unknown parameters")
    module = standard.deep_copy(machine, module)
    modules = {name: found for name, found in nnwalks.named_modules(machine, module) if isinstance(found, Ref)}
    for name, value in tensors.items():
        _put(machine, frame, node, modules, name, value)
    positional = args.items if isinstance(args, Tuple) else () if args is None or args == NONE else (args,)
    keywords = tuple((str(k.value), v) for k, v in named.entries.items() if isinstance(k, Const))
    missing = [v for n, v in own if n not in tensors and (t := machine.tensor(v)) is not None and t.meta.requires_grad is not False]
    with machine.blurred("requires_grad") if missing else nullcontext():
        result = calls.call(machine, frame, node, module, Arguments(positional, keywords))
    inside = frozenset(m.address for m in modules.values())
    return _from_outside(machine, result, inside, [*tensors.values(), *missing], bool(missing))


def _tensors(machine: Machine, given: Value | None) -> dict[str, Value] | None:
    found: dict[str, Value] = {}
    for part in given.items if isinstance(given, Tuple) else (given,):
        content = machine.content(part) if part is not None else None
        if not isinstance(content, DictObject) or content.rest is not None:
            return None
        found.update((str(k.value), v) for k, v in content.entries.items() if isinstance(k, Const))
    return found


def _put(machine: Machine, frame: Frame, node: ast.AST, modules: Mapping[str, Ref], name: str, value: Value) -> None:
    from tensorls.interp import nnderived, nnmethods, nnmodules

    owner = max((m for m in modules if not m or name.startswith(f"{m}.")), key=len)
    last = name[len(owner) + 1 :] if owner else name
    ref = modules[owner]
    base = nnderived.base_of(machine, ref)
    inherited = dict(nnmodules.own_parameters(machine, frame, node, base[0]) or []) if base is not None else {}
    if base is not None and last in inherited:
        ref = base[0]
    content = machine.content(ref)
    if not isinstance(content, LibObject):
        machine.store.set_cell(ref.address, last, value)
        return
    own = dict(nnmodules.own_parameters(machine, frame, node, ref) or [])
    old, new = machine.tensor(own.get(last, NONE)), machine.tensor(value)
    recipe = content.recipe
    if last not in own or not isinstance(recipe, q.Recipe):
        return  # a buffer of a module of torch: running statistics keep their size
    if old is None or new is None or (old.meta.shape, old.meta.dtype) != (new.meta.shape, new.meta.dtype) or new.meta.device is None:
        machine.store.put(ref.address, replace(content, recipe=None))
        return
    machine.store.set_cell(ref.address, last, value)
    steps = recipe.steps if new.meta.device == content.device else (*recipe.steps, ("to", (q.Device(new.meta.device),)))
    if new.meta.requires_grad is not None:
        steps = nnmethods.with_step(steps, ("requires_grad_", (new.meta.requires_grad,)))
    machine.store.put(ref.address, replace(content, recipe=replace(recipe, steps=steps), device=new.meta.device))


def _from_outside(machine: Machine, result: Value, modules: frozenset[int], tensors: Iterable[Value], blurred: bool) -> Value:
    """What gradients of the result reach are the tensors that were given, not the copy's own."""
    reached = frozenset[int]().union(*(library.reached(machine, v) for v in tensors if isinstance(v, Ref)))

    def outside(ref: Ref, found: TensorObject) -> Value:
        meta = found.meta.with_(requires_grad=None, is_leaf=None) if blurred else found.meta
        machine.store.put(ref.address, replace(found, meta=meta, leaves=(found.leaves - modules) | reached))
        return ref

    return result if is_failure(result) else trees.map_tensors(machine, result, outside)


def _stack_module_state(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Parameters and buffers of several modules, stacked by name."""
    from tensorls.interp import iteration, nnmodules, nnwalks

    models = iteration.iterate(machine, a.args[0], frame, node) if a.args else iteration.Items(())
    first = models.items[0] if models.items else models.element
    count = len(models.items) if models.items is not None else machine.fresh()
    parameters = nnmodules.named_parameters(machine, frame, node, first)
    buffers = nnwalks.named_buffers(machine, frame, node, first)
    if parameters is None or buffers is None:
        return Unknown("state of unknown modules")

    def stacked(named: list[tuple[str, Value]]) -> Value:
        entries: dict[Value, Value] = {}
        for name, value in named:
            found = machine.tensor(value)
            shape = None if found is None or found.meta.shape is None else (count, *found.meta.shape)
            if found is None or shape is None:
                entries[Const(name)] = Unknown("unknown parameter")
                continue
            meta = trees.like(found.meta, found.meta.requires_grad, shape).with_(is_leaf=True)
            entries[Const(name)] = trees.new_tensor(machine, meta)
        return machine.store.new(DictObject(entries))

    return Tuple((stacked(parameters), stacked(buffers)))


HANDLERS: Mapping[str, Handler] = {
    "torch.func.functional_call": _functional_call, "torch.nn.utils.stateless.functional_call": _functional_call,
    "torch.func.stack_module_state": _stack_module_state,
}  # fmt: skip
