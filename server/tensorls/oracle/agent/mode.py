"""The ambient state of a call: gradients, inference mode, default dtype, autocast; restored afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from .build import Unanswerable, torch_dtype
from .libs import torch

#: Functions that change the process for later calls; what they changed is put back.
STATEFUL = frozenset({"torch.set_default_dtype", "torch.manual_seed", "numpy.random.seed"})

_nothing = nullcontext()


def ambient(mode: dict[str, Any], op: str) -> Any:
    """A context manager for the mode of a question; the default mode costs nothing."""
    if torch is None or (not mode and op not in STATEFUL):
        return _nothing
    return _changed(mode)


@contextmanager
def _changed(mode: dict[str, Any]) -> Iterator[None]:
    before = torch.get_default_dtype()
    with ExitStack() as stack:
        stack.callback(torch.set_default_dtype, before)
        if "dtype" in mode:
            torch.set_default_dtype(torch_dtype(mode["dtype"]))
        if mode.get("inference"):
            stack.enter_context(torch.inference_mode())
        elif not mode.get("grad", True):
            stack.enter_context(torch.no_grad())
        if "autocast" in mode:
            device, dtype = mode["autocast"]
            if device != "cpu":
                raise Unanswerable(f"autocast on {device} without such a device")
            stack.enter_context(torch.autocast("cpu", dtype=torch_dtype(dtype)))
        yield
