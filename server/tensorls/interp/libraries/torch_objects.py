"""Objects of torch that are no tensors: devices, optimizers, and functions that only change hidden state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import LibObject
from tensorls.domain.values import NONE, Arguments, Const, DeviceValue, LibRef, Ref, Scalar, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

WRAPPED = "#wrapped"  # cell of a module behind DataParallel: its attribute ``module`` is the module itself
Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _device(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    kind, index = a.get(0, "type"), a.get(1, "index")
    return machine.alternatives(frame, (kind or NONE, index or NONE), lambda v: _one_device(v[0], v[1]))


def _one_device(kind: Value, index: Value) -> Value:
    if isinstance(kind, DeviceValue):
        return kind
    if isinstance(kind, Const) and isinstance(kind.value, str):
        name = kind.value
        if isinstance(index, Const) and isinstance(index.value, int):
            name = f"{name}:{index.value}"
        elif index != NONE:
            return DeviceValue(None)
        return DeviceValue("cuda" if name == "cuda:0" else name)
    if isinstance(kind, Const) and isinstance(kind.value, int):
        return DeviceValue("cuda" if kind.value == 0 else f"cuda:{kind.value}")
    return DeviceValue(None)


def _quiet(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return NONE


def _optimizer(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.store.new(LibObject(path))


def _available(kind: str) -> Handler:
    """What this machine answers: the facts behind it hold here, and another machine shows its own."""

    def answer(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
        return Const(kind in machine.oracle.devices)

    return answer


def _current_accelerator(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    found = next((d for d in machine.oracle.devices if d != "cpu"), None)
    return NONE if found is None else DeviceValue(found)


def _has_accelerator(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Const(len(machine.oracle.devices) > 1)


def _no(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Const(False)


def _device_count(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Const(sum(d.startswith("cuda") for d in machine.oracle.devices))


def _compile(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Transparent: what it returns computes what it was given."""
    return a.args[0] if a.args else LibRef(path)


def _parallel(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Computes what the module does; the module itself is its attribute ``module``."""
    wrapped = a.get(0, "module")
    if isinstance(wrapped, Ref):
        machine.store.set_cell(wrapped.address, WRAPPED, Const(True))
    return wrapped or Unknown(path)


def _is_tensor(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    if not a.args or isinstance(a.args[0], Unknown):
        return Scalar("bool")

    def one(values: tuple[Value, ...]) -> Value:
        if isinstance(values[0], Unknown):
            return Scalar("bool")
        found = machine.tensor(values[0])
        return Const(found is not None and found.meta.library == "torch")

    return machine.alternatives(frame, a.args[:1], one)


def _variable(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``Variable(x)`` has been the tensor itself since 0.4."""
    from tensorls.interp import natives

    if not a.args:
        return Unknown("Variable")
    wants = a.get(1, "requires_grad")
    value = natives.call_method(machine, frame, node, a.args[0], "detach", Arguments())
    if wants is None or wants == Const(False):
        return value
    return natives.call_method(machine, frame, node, value, "requires_grad_", Arguments((wants,)))


HANDLERS: Mapping[str, Handler] = {
    "torch.device": _device, "torch.is_tensor": _is_tensor, "torch.autograd.Variable": _variable,
    "torch.cuda.is_available": _available("cuda"), "torch.backends.mps.is_available": _available("mps"),
    "torch.cuda.device_count": _device_count, "torch.compile": _compile, "torch.jit.script": _compile,
    "torch.accelerator.is_available": _has_accelerator, "torch.accelerator.current_accelerator": _current_accelerator,
    **{f"torch.jit.{n}": _compile for n in ("unused", "ignore", "export", "script_method", "script_if_tracing")},
    "torch.jit.is_scripting": _no, "torch.jit.is_tracing": _no, "torchvision._is_tracing": _no,
    "torch.compiler.disable": _compile, "torch._dynamo.disable": _compile,
    "torch.compiler.is_compiling": _no, "torch.onnx.is_in_onnx_export": _no,
    "torch.nn.DataParallel": _parallel, "torch.nn.parallel.DistributedDataParallel": _parallel,
    **{f"torch.{n}": _quiet for n in (
        "manual_seed", "seed", "cuda.manual_seed", "cuda.manual_seed_all", "set_printoptions", "set_num_threads", "save",
        "cuda.synchronize", "cuda.empty_cache", "cuda.set_device", "use_deterministic_algorithms", "autograd.set_detect_anomaly",
        "set_float32_matmul_precision", "nn.utils.clip_grad_norm", "nn.utils.clip_grad_value_", "cuda.reset_peak_memory_stats")},
    **{f"numpy.{n}": _quiet for n in ("random.seed", "set_printoptions", "save", "savez", "savetxt", "seterr",
                                      "savez_compressed")},
}  # fmt: skip

PREFIXES: tuple[tuple[str, Handler], ...] = (("torch.optim.", _optimizer),)
