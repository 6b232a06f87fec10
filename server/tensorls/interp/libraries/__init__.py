"""What the interpreter itself must know of libraries: names, and calls that change the ambient state.

Operators are not here: those the oracle answers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.values import Arguments, Builtin, Const, Value
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import (
    abstract,
    arguments,
    checkers,
    checkpoints,
    custom_functions,
    datasets,
    enums,
    files,
    functional_modules,
    gradients,
    introspection,
    modes,
    norms_of_weights,
    numpy_callbacks,
    packed,
    standard,
    torch_objects,
    transforms,
)  # fmt: skip
from tensorls.interp.machine import Machine

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]

HANDLERS: Mapping[str, Handler] = {
    **modes.HANDLERS,
    **torch_objects.HANDLERS,
    **standard.HANDLERS,
    **arguments.HANDLERS,
    **datasets.HANDLERS,
    **custom_functions.HANDLERS,
    **transforms.HANDLERS,
    **enums.HANDLERS,
    **checkpoints.HANDLERS,
    **norms_of_weights.HANDLERS,
    **packed.HANDLERS,
    **introspection.HANDLERS,
    **gradients.HANDLERS,
    **functional_modules.HANDLERS,
    **abstract.HANDLERS,
    **files.HANDLERS,
    **numpy_callbacks.HANDLERS,
    **checkers.HANDLERS,
}
_PREFIXES: tuple[tuple[str, Handler], ...] = (*torch_objects.PREFIXES, *standard.PREFIXES)

#: Constants that need no oracle.
CONSTANTS: Mapping[str, Value] = {
    "numpy.newaxis": Const(None), "typing.TYPE_CHECKING": Const(False), **standard.CONSTANTS, **introspection.CONSTANTS,
    **{f"builtins.{n}": Builtin(n) for n in ("int", "float", "len", "range", "str", "list", "dict", "tuple", "set", "bool")},
}  # fmt: skip

#: Other public names of the same thing.
_ALIASES: Mapping[str, str] = {
    "torch.nn.parameter.Parameter": "torch.nn.Parameter",
    "torch.autograd.no_grad": "torch.no_grad",
    "torch.autograd.Variable": "torch.autograd.Variable",
    "torch.autograd.grad_mode.no_grad": "torch.no_grad",
    "torch.nn.modules.module.Module": "torch.nn.Module",
    "torch.nn.modules.Module": "torch.nn.Module",
    "torch.autograd.function.Function": "torch.autograd.Function",
    "torch.autograd.function.InplaceFunction": "torch.autograd.Function",
    "torch.utils.data.dataloader.DataLoader": "torch.utils.data.DataLoader",
}  # fmt: skip


def canonical(path: str) -> str:
    """The one name under which a thing is known here."""
    if path.startswith("torch.distributions."):  # each distribution's file exports it to the package
        return f"torch.distributions.{path.rsplit('.', 1)[-1]}"
    return _ALIASES.get(path, path)


def prefix_handler(path: str) -> Handler | None:
    """The handler of a whole family of names."""
    return next((handler for prefix, handler in _PREFIXES if path.startswith(prefix)), None)
