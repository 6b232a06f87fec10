"""Operations in place that were not followed: what they may have left in their receiver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tensorls.domain.objects import TensorObject
from tensorls.domain.values import Ref, Union, Unknown, Value, members
from tensorls.interp.machine import Machine

_OPERATORS = frozenset(
    f"operator.i{name}" for name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
)
_WITHOUT_GRADIENT = ("int", "uint", "bool")


def written(machine: Machine, op: str, args: tuple[Value, ...], kwargs: tuple[tuple[str, Value], ...]) -> None:
    """A receiver may have got a gradient from what was written into it, and so may every view of its storage."""
    if op == "operator.setitem":
        sources: Iterable[Value] = args[2:]
    elif op in _OPERATORS or (op.startswith(".") and op.endswith("_") and not op.endswith("__")):
        sources = (*args[1:], *(v for _, v in kwargs))
    else:
        return
    mode = machine.mode()
    if not any(_may_require(machine, v) for v in sources) or (mode is not None and not mode.grad):
        return
    for receiver in members(args[0]):
        found = machine.tensor(receiver)
        if isinstance(receiver, Ref) and found is not None and found.meta.library == "torch":
            for address in (receiver.address, *_sharing(machine, found.storage)):
                _open_gradient(machine, address)


def _may_require(machine: Machine, value: Value) -> bool:
    if isinstance(value, Union):
        return any(_may_require(machine, v) for v in value.members)
    found = machine.tensor(value)
    return isinstance(value, Unknown) if found is None else found.meta.library == "torch" and found.meta.requires_grad is not False


def _sharing(machine: Machine, storage: int) -> list[int]:
    return [] if storage == -1 else [a for a, o in machine.store.objects() if isinstance(o, TensorObject) and o.storage == storage]


def _open_gradient(machine: Machine, address: int) -> None:
    found = machine.store.get(address)
    if not isinstance(found, TensorObject) or found.meta.requires_grad is not False or found.operation in ("detach", ".data"):
        return
    if not (found.meta.dtype or "").startswith(_WITHOUT_GRADIENT):
        machine.store.put(address, replace(found, meta=found.meta.with_(requires_grad=None, is_leaf=None)))
