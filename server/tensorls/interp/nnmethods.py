"""The methods that every ``torch.nn.Module`` has: moving, casting, freezing, walking, registering."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.objects import GeneratorObject, Instance, LibObject, TensorObject
from tensorls.domain.values import (
    FALSE,
    NONE,
    TRUE,
    Arguments,
    BoundMethod,
    Const,
    Function,
    Ref,
    Scalar,
    Tuple,
    Unknown,
    Value,
)  # fmt: skip
from tensorls.interp import calls, moving, nncontainers, nnderived, nnmodules, nnwalks, objects, tensors
from tensorls.interp.frames import Frame
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine
from tensorls.oracle import question as q


def call_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, name: str, arguments: Arguments) -> Value:
    """``module.name(...)`` for what every ``nn.Module`` has."""
    handler = METHODS.get(name)
    if handler is None and nncontainers.kind(machine, ref) is not None:
        handler = nncontainers.METHODS.get(name)
    if handler is not None:
        return handler(machine, frame, node, ref, arguments)
    content = machine.content(ref)
    if isinstance(content, Instance):
        inherited = (
            nnmodules.inherited_forward(machine, frame, node, ref, arguments) if name == "forward"
            else nnderived.call_method(machine, frame, node, ref, name, arguments)
        )  # fmt: skip
        return calls.escape(machine, arguments) if inherited is None else inherited
    if isinstance(content, LibObject) and content.recipe is not None and not arguments.open:
        return operate(machine, frame, node, f".{name}", (ref, *arguments.args), arguments.kwargs, show=f"{content.path}.{name}")
    if isinstance(content, LibObject) and content.children is not None and name == "__setitem__":
        nncontainers.replace(machine, ref, None)
    return calls.escape(machine, arguments)


Step = tuple[str, tuple[q.Term, ...]]


def with_step(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    """One more step of a recipe; of those that set a mode only the last counts."""
    kept = tuple(s for s in steps if s[0] != step[0]) if step[0] in ("train", "requires_grad_") else steps
    return (*kept, step) if kept[-1:] != (step,) else kept


def transform(machine: Machine, module: Ref, step: tuple[str, tuple[q.Term, ...]], device: str | None,
              change: Callable[[TensorObject], TensorObject] | None) -> None:  # fmt: skip
    """Apply ``.half()``, ``.to(device)``, ``.requires_grad_(False)`` to every parameter and buffer below a module."""
    placed = None if device == q.SOMEWHERE else device
    below = list(nnmodules.all_modules(machine, module))
    bases = [base[0] for found in below if (base := nnderived.base_of(machine, found)) is not None]
    for found in (*below, *bases):
        content = machine.content(found)
        assert isinstance(found, Ref)
        if isinstance(content, LibObject) and content.children is None:
            recipe = content.recipe
            if isinstance(recipe, q.Recipe) and step[0]:
                recipe = q.Recipe(recipe.path, recipe.args, recipe.kwargs, with_step(recipe.steps, step), recipe.kinds)
            machine.store.put(found.address, replace(content, recipe=recipe, device=placed if device else content.device))
        registered = nnwalks.names_in(machine, found, nnwalks.BUFFERS)
        for name, value in machine.store.cells(found.address):
            tensor = machine.tensor(value)
            plain = tensor is not None and tensor.meta.type != "Parameter" and name not in registered
            if plain and isinstance(content, Instance):
                continue  # a plain tensor attribute stays as it is
            if change is not None and tensor is not None and isinstance(value, Ref):
                machine.store.put(value.address, change(tensor))


_FLOATS = {"half": "float16", "float": "float32", "double": "float64", "bfloat16": "bfloat16"}


def _cast(machine: Machine, module: Ref, wanted: moving.Target) -> None:
    """Floating-point parameters and buffers take the dtype; everything takes the device."""
    device, dtype = wanted.device, wanted.dtype

    def change(tensor: TensorObject) -> TensorObject:
        meta = tensor.meta
        if dtype is not None and (meta.dtype or "float").startswith(("float", "bfloat")):
            meta = meta.with_(dtype=None if dtype == moving.SOME_DTYPE else dtype)
        if device is not None:
            meta = meta.with_(device=None if device == q.SOMEWHERE else device)
        return TensorObject(meta, tensor.storage, tensor.leaves, tensor.history, tensor.owner)

    terms: list[q.Term] = []
    if device is not None:
        terms.append(q.Device(device))
    if dtype not in (None, moving.SOME_DTYPE):
        terms.append(q.Global(f"torch.{dtype}"))
    transform(machine, module, ("to" if terms else "", tuple(terms)), device, change)
    if dtype is not None:
        for found in nnmodules.all_modules(machine, module):
            base = nnderived.base_of(machine, found)
            for part in (found, *(base[:1] if base is not None else ())):
                if isinstance(part, Ref):
                    machine.store.set_cell(part.address, nnmodules.SOME_DTYPE, Const(dtype == moving.SOME_DTYPE))


def _to(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    _cast(machine, ref, moving.target(machine, arguments))
    return ref


def _cuda(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    given = arguments.get(0, "device") or NONE
    _cast(machine, ref, moving.Target("cuda") if given == NONE else moving.target(machine, Arguments((), (("device", given),))))
    return ref


def _cpu(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    _cast(machine, ref, moving.Target("cpu"))
    return ref


def _float(name: str) -> Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]:
    def cast(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        _cast(machine, ref, moving.Target(None, _FLOATS[name]))
        return ref

    return cast


def _train(on: bool) -> Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]:
    def set_mode(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        mode = arguments.get(0, "mode") if on else FALSE
        known = mode.value if isinstance(mode, Const) else on
        own = objects.overridden(machine, ref, "train")
        if not on and own is not None:  # eval() is train(False)
            calls.call(machine, frame, node, own, Arguments((FALSE,)))
            return ref
        for found in nnmodules.all_modules(machine, ref):
            assert isinstance(found, Ref)
            machine.store.set_cell(found.address, nnmodules.TRAINING, Const(bool(known)))
        transform(machine, ref, ("train", (bool(known),)), None, None)
        for found in list(nnmodules.all_modules(machine, ref)):
            own = objects.overridden(machine, found, "train") if found != ref else None
            if own is not None:
                calls.call(machine, frame, node, own, Arguments((Const(bool(known)),)))
        return ref

    return set_mode


def _requires_grad(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    given = arguments.get(0, "requires_grad")
    on = given.value if isinstance(given, Const) else True if given is None else None

    def change(tensor: TensorObject) -> TensorObject:
        meta = tensor.meta
        if meta.type == "Parameter":
            meta = meta.with_(requires_grad=on)
        return TensorObject(meta, tensor.storage, tensor.leaves, tensor.history, tensor.owner)

    transform(machine, ref, ("requires_grad_", (bool(on),)), None, change)
    return ref


def _parameters(named: bool) -> Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]:
    def parameters(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        found = nnmodules.named_parameters(machine, frame, node, ref)
        if found is None:
            one = nnmodules.some_parameter(machine, frame, node, ref)
            return machine.store.new(GeneratorObject(None, Tuple((Scalar("str"), one)) if named else one, empty=True))
        values = tuple(Tuple((Const(n), v)) if named else v for n, v in found)
        return machine.store.new(GeneratorObject(values))

    return parameters


def _modules(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    return machine.store.new(GeneratorObject(tuple(nnmodules.all_modules(machine, ref))))


def _children(named: bool) -> Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]:
    def children(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        found = tuple(Tuple((Const(n), v)) if named else v for n, v in nnmodules.named_children(machine, ref))
        return machine.store.new(GeneratorObject(found))

    return children


def _register(kind: str) -> Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]:
    def register(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        name, value = arguments.get(0, "name"), arguments.get(1, kind)
        if isinstance(name, Const) and isinstance(name.value, str) and value is not None:
            machine.store.set_cell(ref.address, name.value, value)
            if kind == "tensor":
                nnwalks.add_name(machine, ref, nnwalks.BUFFERS, name)
                if arguments.get(2, "persistent") not in (None, TRUE):
                    nnwalks.add_name(machine, ref, nnwalks.TRANSIENT, name)
        return NONE

    return register


def _apply(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    for found in list(nnmodules.all_modules(machine, ref)):
        calls.call(machine, frame, node, arguments.args[0] if arguments.args else Unknown(), Arguments((found,)))
    return ref


def _zero_grad(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    tensors.clear_gradients(machine)
    return NONE


def _add_module(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    name, value = arguments.get(0, "name"), arguments.get(1, "module")
    content = machine.content(ref)
    if isinstance(content, LibObject) and content.children is not None and isinstance(name, Const) and value is not None:
        nncontainers.replace(machine, ref, tuple({**dict(content.children), str(name.value): value}.items()))
    elif isinstance(name, Const) and isinstance(name.value, str) and value is not None:
        machine.store.set_cell(ref.address, name.value, value)
    return NONE


def _hook(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    """A hook that returns nothing only looks on; any other may change what the module takes or gives."""
    hook = arguments.get(0, "hook")
    body = hook.function if isinstance(hook, BoundMethod) else hook
    looks_on = (
        isinstance(body, Function)
        and not isinstance(body.node, ast.Lambda)
        and not any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(body.node))
    )
    if not looks_on:
        content = machine.content(ref)
        machine.store.set_cell(ref.address, nnmodules.HOOKED, TRUE)
        if isinstance(content, LibObject):
            machine.store.put(ref.address, LibObject(content.path, None, content.device, True))
    calls.escape(machine, arguments)
    return Unknown("hook handle")


Handler = Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]


METHODS: Mapping[str, Handler] = {
    **nnwalks.METHODS,
    "register_forward_hook": _hook, "register_forward_pre_hook": _hook,
    "to": _to, "cuda": _cuda, "cpu": _cpu, "half": _float("half"), "float": _float("float"), "double": _float("double"),
    "bfloat16": _float("bfloat16"), "train": _train(True), "eval": _train(False), "requires_grad_": _requires_grad,
    "parameters": _parameters(False), "named_parameters": _parameters(True), "modules": _modules,
    "children": _children(False), "named_children": _children(True), "register_buffer": _register("tensor"),
    "register_parameter": _register("param"), "apply": _apply, "zero_grad": _zero_grad,
    "add_module": _add_module, "register_module": _add_module,
}  # fmt: skip
