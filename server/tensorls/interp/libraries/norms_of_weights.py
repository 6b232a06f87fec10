"""``weight_norm``, ``spectral_norm`` and their like: they change a module in place and give it back."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tensorls.domain.objects import LibObject
from tensorls.domain.values import Arguments, Const, Ref, Unknown, Value
from tensorls.interp import library
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.terms import NotATerm, TermBuilder, is_failure
from tensorls.oracle import question as q

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]


def _change(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import nnderived

    module = a.get(0, "module")
    base = nnderived.base_of(machine, module) if module is not None else None
    ref = base[0] if base is not None else module
    content = machine.content(ref) if ref is not None else None
    if not isinstance(ref, Ref) or not isinstance(content, LibObject) or module is None:
        name = a.get(1, "name") or Const("weight")
        if isinstance(module, Ref) and isinstance(name, Const) and machine.store.cell(module.address, str(name.value)) is not None:
            machine.store.set_cell(module.address, str(name.value), Unknown("computed from other parameters"))
        return module or Unknown(path)
    recipe = content.recipe
    builder = TermBuilder(machine)
    try:
        rest = tuple(builder.build(v) for v in a.args[1:])
        named = tuple((k, builder.build(v)) for k, v in a.kwargs if k != "module")
    except NotATerm:
        recipe = None
    if isinstance(recipe, q.Recipe) and not a.open:
        made = library.operate(machine, frame, node, path, (ref, *a.args[1:]), tuple((k, v) for k, v in a.kwargs if k != "module"))
        if is_failure(made):
            return made
        recipe = None if isinstance(made, Unknown) else q.Recipe(path, (recipe, *rest), named, (), builder.kinds)
    else:
        recipe = None
    for name_, value in machine.store.cells(ref.address):
        if machine.tensor(value) is not None:
            machine.store.delete_cell(ref.address, name_)
    machine.store.put(ref.address, replace(content, recipe=recipe))
    return module


def _register(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``register_parametrization(module, name, p)``: the parameter is from now on what ``p`` makes of it."""
    from tensorls.interp import calls, objects

    module, name, function = a.get(0, "module"), a.get(1, "tensor_name"), a.get(2, "parametrization")
    if not isinstance(module, Ref) or not isinstance(name, Const) or function is None:
        return calls.escape(machine, a, "unknown parametrization")
    old = objects.get_attribute(machine, frame, node, module, str(name.value))
    new = calls.call(machine, frame, node, function, Arguments((old,)))
    before, after = machine.tensor(old), machine.tensor(new)
    alike = before is not None and after is not None and (before.meta.shape, before.meta.dtype) == (after.meta.shape, after.meta.dtype)
    content = machine.content(module)
    if isinstance(content, LibObject) and not alike:
        machine.store.put(module.address, replace(content, recipe=None))
    elif not isinstance(content, LibObject):
        machine.store.set_cell(module.address, str(name.value), new)
    return module


_U = "torch.nn.utils"
_CHANGING = (
    f"{_U}.weight_norm", f"{_U}.spectral_norm", f"{_U}.remove_weight_norm", f"{_U}.remove_spectral_norm",
    f"{_U}.parametrizations.weight_norm", f"{_U}.parametrizations.spectral_norm", f"{_U}.parametrizations.orthogonal",
)  # fmt: skip
HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_CHANGING, _change), f"{_U}.parametrize.register_parametrization": _register,
}  # fmt: skip
