"""Names of devices, and where a module is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tensorls.domain.tensor import TensorMeta
from tensorls.oracle.question import Device, Recipe, Sequence, Term

_DEVICE = re.compile(r"(cpu|cuda|meta|mps|xpu|hpu|xla|npu|privateuseone)(?::(\d+))?")


def normal(device: Term) -> str | None:
    """A device by the name it is shown with; None when the term is no device."""
    if isinstance(device, Device):
        device = device.name
    if isinstance(device, int) and not isinstance(device, bool):
        device = f"cuda:{device}"
    if not isinstance(device, str) or not (match := _DEVICE.fullmatch(device)):
        return None
    kind, index = match.groups()
    return kind if index in (None, "0") else f"{kind}:{index}"


def spelled(device: str) -> str:
    """As torch's messages write it."""
    return "cuda:0" if device == "cuda" else device


def recipe_device(recipe: Recipe, default: str) -> str | None:
    """Where a module's parameters are: the last step that moves it, else ``device=``, else where its parts are."""
    for name, items in reversed(recipe.steps):
        if name == "cpu":
            return "cpu"
        if name in ("cuda", "xpu"):
            return normal(items[0]) if items else name
        if name == "to":
            for item in items:
                if isinstance(item, TensorMeta):
                    return item.device
                if isinstance(item, Device):
                    return normal(item)
                if not isinstance(item, int) and (found := normal(item)):
                    return found
    for key, term in recipe.kwargs:
        if key == "device" and term is not None:
            return normal(term)
    parts = {recipe_device(part, default) for part in _parts([*recipe.args, *(t for _, t in recipe.kwargs)])}
    if not parts:
        return default
    return parts.pop() if len(parts) == 1 else None


def _parts(items: Iterable[Term]) -> Iterable[Recipe]:
    for item in items:
        if isinstance(item, Recipe) and item.path.startswith("torch.nn."):
            yield item
        elif isinstance(item, Sequence):
            yield from _parts(item.items)


def strip_recipe(recipe: Recipe) -> Recipe:
    """The module without steps and arguments that say where it is."""
    steps = []
    for name, items in recipe.steps:
        kept = tuple(t for t in items if not isinstance(t, Device) and (normal(t) is None or isinstance(t, int)))
        if name in ("cuda", "cpu", "xpu") or (name == "to" and not kept):
            continue
        steps.append((name, kept))

    def inner(term: Term) -> Term:
        if isinstance(term, Sequence):
            return replace(term, items=tuple(inner(t) for t in term.items))
        return strip_recipe(term) if isinstance(term, Recipe) else term

    return Recipe(
        recipe.path,
        tuple(inner(t) for t in recipe.args),
        tuple((k, inner(t)) for k, t in recipe.kwargs if k != "device"),
        tuple(steps),
    )
