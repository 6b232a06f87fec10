"""How a function of torch or NumPy may be called, and what it says that it gives."""

from __future__ import annotations

import inspect
from typing import Any

from .libs import torch

#: One way to call: ``[[name, type, may be left out, by name only], ...]`` and ``[[name, type], ...]`` of what comes back.
Overload = list[Any]
ANY = "*"  # the type of any number of arguments


def overloads(found: Any) -> list[Overload]:
    """Every way to call a function or class that is on record; types as their authors wrote them, ``""`` where none stands."""
    if torch is None:
        return _of_python(found, found)
    if inspect.isclass(found):
        return _of_python(found, vars(found).get("forward", found)) if issubclass(found, torch.nn.Module) else []
    if inspect.isfunction(found):
        return _of_python(found, found)
    return _of_schemas(getattr(found, "__name__", ""))


def _of_python(found: Any, giving: Any) -> list[Overload]:
    try:
        parameters = inspect.signature(found).parameters.values()
        result = inspect.signature(giving).return_annotation
    except (TypeError, ValueError):  # written in C, without a signature
        return []
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return []
    taken: list[list[Any]] = []
    for p in parameters:
        several = p.kind == p.VAR_POSITIONAL
        taken.append([p.name, ANY if several else _text(p.annotation), several or p.default is not p.empty, p.kind == p.KEYWORD_ONLY])
    return [[taken, [["", _text(result)]]]]


def _text(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return text.replace("typing.", "").replace("torch.Tensor", "Tensor").strip("'\"")


def _of_schemas(name: str) -> list[Overload]:
    """Of an operator, without the forms that TorchScript alone knows and those that write into ``out``."""
    found: list[Overload] = []
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        types = [str(a.type) for a in (*schema.arguments, *schema.returns)]
        if any(a.is_out for a in schema.arguments) or "Dimname" in "".join(types) or not any("Tensor" in t for t in types):
            continue
        taken = [[a.name, str(a.type), a.has_default_value(), a.kwarg_only] for a in schema.arguments]
        found.append([taken, [[r.name, str(r.type)] for r in schema.returns]])
    return found
