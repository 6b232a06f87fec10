"""``x.to(...)``: where to, and as what, as far as the arguments say it; the sizes hold whatever they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tensorls.domain.objects import TensorObject
from tensorls.domain.values import Arguments, Const, DeviceValue, LibRef, Ref, Scalar, SymInt, Unknown, Value, members
from tensorls.interp import calls
from tensorls.interp.frames import Frame
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine
from tensorls.interp.terms import is_failure
from tensorls.oracle.question import SOMEWHERE

SOME_DTYPE = "?"
OTHER_OPTIONS = frozenset({"non_blocking", "copy", "memory_format"})


@dataclass(frozen=True, slots=True)
class Target:
    """``device``: the new one, ``SOMEWHERE`` when it is not known, None to stay; ``dtype``: the same with ``SOME_DTYPE``."""

    device: str | None = None
    dtype: str | None = None


def is_open(value: Value) -> bool:
    """Whether a value may be a device, or a name or number of one, of which nothing is known."""
    return value == Scalar("str") or isinstance(value, SymInt) or (isinstance(value, Unknown) and not is_failure(value))


def target(machine: Machine, arguments: Arguments) -> Target:
    """What the arguments of ``to`` say, whichever of their alternatives holds."""
    found = Target()
    for name, value in _stated(arguments):
        choices = {_aim(machine, name, member, found) for member in members(value)}
        first = next(iter(choices))
        devices, dtypes = {c.device for c in choices}, {c.dtype for c in choices}
        found = Target(SOMEWHERE if len(devices) > 1 else first.device, SOME_DTYPE if len(dtypes) > 1 else first.dtype)
    return found


def _aim(machine: Machine, name: str, value: Value, found: Target) -> Target:
    """What one more argument adds."""
    if isinstance(value, LibRef) and value.path.startswith("torch."):
        return replace(found, dtype=value.path.removeprefix("torch."))
    tensor = machine.tensor(value)
    if tensor is not None:
        return Target(tensor.meta.device or SOMEWHERE, tensor.meta.dtype or SOME_DTYPE)
    device = calls.device_of(value)
    if device is not None:
        return replace(found, device="cuda" if device == "cuda:0" else device)
    if isinstance(value, Const):
        return found
    if name == "dtype":
        return replace(found, dtype=SOME_DTYPE)
    if name == "device" or isinstance(value, (DeviceValue, Scalar, SymInt)):
        return replace(found, device=SOMEWHERE)
    return Target(SOMEWHERE, found.dtype or SOME_DTYPE)


def _stated(arguments: Arguments) -> Iterator[tuple[str, Value]]:
    """The arguments that say where to or as what, those of one meaning only first."""
    named = [(n, v) for n, v in arguments.kwargs if n not in OTHER_OPTIONS]
    places = [("dtype" if i else "", v) for i, v in enumerate(arguments.args[:2]) if not (i and _is_flag(v))]
    yield from sorted([*named, *places], key=lambda pair: pair[0] in ("", "tensor", "other"))


def _is_flag(value: Value) -> bool:
    return value == Scalar("bool") or (isinstance(value, Const) and isinstance(value.value, bool))


def moved(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, name: str, arguments: Arguments) -> Value | None:
    """A tensor moved by an argument that is not known; None when the library can be asked."""
    given = (*arguments.args, *(v for n, v in arguments.kwargs if n not in OTHER_OPTIONS))
    if name not in ("to", "cuda", "type_as") or not any(is_open(m) for v in given for m in members(v)):
        return None
    wanted = Target(SOMEWHERE) if name == "cuda" else target(machine, arguments)
    args: tuple[Value, ...] = (ref,)
    if wanted.device is not None:
        args += (DeviceValue(None if wanted.device == SOMEWHERE else wanted.device),)
    if wanted.dtype not in (None, SOME_DTYPE):
        args += (LibRef(f"torch.{wanted.dtype}"),)
    result = operate(machine, frame, node, ".to", args, show=name)
    found = machine.tensor(result)
    return machine.store.new(_of_some_dtype(found)) if wanted.dtype == SOME_DTYPE and found is not None else result


def _of_some_dtype(tensor: TensorObject) -> TensorObject:
    """A tensor, or a copy of it as something else: of whole numbers, perhaps, which need no gradient."""
    gradient = False if tensor.meta.requires_grad is False else None
    strides = tensor.meta.strides if tensor.meta.contiguous else None
    meta = tensor.meta.with_(type="Tensor", dtype=None, requires_grad=gradient, is_leaf=None, strides=strides, data=None)
    return replace(tensor, meta=meta, storage=-1)
