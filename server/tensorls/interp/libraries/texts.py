"""Programs in texts: what ``timeit`` runs."""

from __future__ import annotations

import ast
from textwrap import dedent

from tensorls.domain.objects import DictObject, Namespace
from tensorls.domain.values import NONE, Arguments, Const, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine


def execute(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``execute(names, text, ...)``: statements run one text after the other, with a dict of names that stays as it is."""
    from tensorls.interp import calls, statements

    names = machine.content(a.args[0])
    trees = [_parsed(text, node) for text in a.args[1:]]
    if not isinstance(names, DictObject) or None in trees:
        return calls.escape(machine, a, "a text that is not known is run")
    scope = machine.store.new(Namespace(None))
    for key, value in names.entries.items():
        if isinstance(key, Const):
            machine.store.set_cell(scope.address, str(key.value), value)
    inner = Frame(scope.address, scope.address, frame.file, frame.context, mark=machine.store.mark(), active=frame.active)
    for tree in trees:
        if tree is not None and not statements.run_block(machine, inner, tree.body):
            return Unknown("a text that does not come to its end")
    return NONE


def _parsed(text: Value, place: ast.AST) -> ast.Module | None:
    """The statements of a text; all of it stands where it is run."""
    if not isinstance(text, Const) or not isinstance(text.value, str):
        return None
    try:
        tree = ast.parse(dedent(text.value))
    except SyntaxError:
        return None
    for inner in ast.walk(tree):
        ast.copy_location(inner, place)
    return tree
