"""Calls that change the ambient mode: gradients, default dtype and device, autocast."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.objects import GeneratorObject
from tensorls.domain.values import NONE, Arguments, Const, Descriptor, DeviceValue, Function, LibRef, ModeManager, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _switch(**changes: object) -> Handler:
    manager = ModeManager(tuple(changes.items()))

    def make(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
        if a.args and isinstance(a.args[0], Function):  # @torch.no_grad without parentheses
            return replace(a.args[0], modes=(*a.args[0].modes, manager))
        return manager

    return make


def _set_grad_enabled(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    mode = a.get(0, "mode")
    if not (isinstance(mode, Const) and isinstance(mode.value, bool)):
        return Unknown("gradient mode")
    before = machine.base_mode()
    machine.change_mode((("grad", mode.value),))  # takes effect at once, and lasts unless used in a with statement
    return ModeManager((("grad", mode.value),), restores=before)


def _set_default_dtype(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    if a.args and isinstance(a.args[0], LibRef):
        machine.change_mode((("default_dtype", a.args[0].path.removeprefix("torch.")),))
    return NONE


def _set_default_device(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp.calls import device_of

    name = device_of(a.args[0]) if a.args else None
    if name is not None:
        machine.change_mode((("default_device", "cuda" if name == "cuda:0" else name),))
    return NONE


def _autocast(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    device = a.get(0, "device_type")
    kind = path.split(".")[1] if path in ("torch.cuda.amp.autocast", "torch.cpu.amp.autocast") else None
    if kind is None and isinstance(device, Const) and isinstance(device.value, str):
        kind = device.value
    dtype = a.keyword("dtype") or (a.args[1] if len(a.args) > 1 else None)
    enabled = a.keyword("enabled")
    if enabled is not None and enabled == Const(False):
        return ModeManager((("autocast", None),))
    if kind is None or (enabled is not None and enabled != Const(True)):
        return Unknown("autocast")
    name = dtype.path.removeprefix("torch.") if isinstance(dtype, LibRef) else "float16" if kind == "cuda" else "bfloat16"
    return ModeManager((("autocast", (kind, name)),))


def device_manager(value: DeviceValue) -> ModeManager | None:
    """``with torch.device("cuda"):``."""
    return ModeManager((("default_device", value.name),)) if value.name is not None else None


#: Names in the body of a context manager function by which it may change the mode.
_MODE_NAMES = frozenset(
    [
        "no_grad",
        "enable_grad",
        "inference_mode",
        "set_grad_enabled",
        "autocast",
        "device",
        "set_default_dtype",
        "set_default_device",
    ]
)


def _context_manager(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Descriptor("contextmanager", a.args[0]) if a.args else Unknown(path)


def enter_generator(machine: Machine, frame: Frame, node: ast.AST, function: Value, a: Arguments) -> Value:
    """``with f():`` for a generator function decorated with ``contextlib.contextmanager``."""
    from tensorls.interp import calls

    content = machine.content(calls.call(machine, frame, node, function, a))
    items = content.items if isinstance(content, GeneratorObject) else None
    body = function.node if isinstance(function, Function) else None
    names = {getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(body)} if body is not None else set(_MODE_NAMES)
    return ModeManager((), items[0] if items else Unknown("context manager"), bool(names & _MODE_NAMES))


def _null_context(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return ModeManager((), a.args[0] if a.args else None)


HANDLERS: Mapping[str, Handler] = {
    "contextlib.contextmanager": _context_manager, "contextlib.nullcontext": _null_context,
    "torch.no_grad": _switch(grad=False), "torch.enable_grad": _switch(grad=True),
    "torch.inference_mode": _switch(inference=True, grad=False), "torch.set_grad_enabled": _set_grad_enabled,
    "torch.set_default_dtype": _set_default_dtype, "torch.set_default_device": _set_default_device,
    "torch.autocast": _autocast, "torch.amp.autocast": _autocast, "torch.cuda.amp.autocast": _autocast,
    "torch.cpu.amp.autocast": _autocast,
}  # fmt: skip
