"""Decorators that check annotations when the program runs: jaxtyping's, beartype's, typeguard's.  The function is the same."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tensorls.domain.values import NONE, Arguments, Descriptor, Function, LibRef, Partial, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

if TYPE_CHECKING:
    from tensorls.interp.libraries import Handler


def _decorate(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    if not a.args:  # @beartype(conf=...)
        return Partial(LibRef(path), (), a.kwargs)
    target = a.args[0].function if isinstance(a.args[0], Descriptor) else a.args[0]
    if isinstance(target, Function):
        found = {path.partition(".")[0]}
        checker = a.keyword("typechecker") or (a.args[1] if len(a.args) > 1 else NONE)
        if checker != NONE:
            found.add("typechecker")
        machine.checkers[target.node] = machine.checkers.get(target.node, frozenset()) | found
    return a.args[0]


def _ignored(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return NONE if path.endswith("patch_typeguard") else Unknown(path)


_DECORATORS = ("jaxtyping.jaxtyped", "beartype.beartype", "beartype._decor.decormain.beartype", "typeguard.typechecked")
HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_DECORATORS, _decorate),
    **dict.fromkeys(("torchtyping.patch_typeguard", "jaxtyping.install_import_hook", "typeguard.install_import_hook"), _ignored),
}
