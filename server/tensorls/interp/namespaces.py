"""``locals()``: the names of a function as a dict."""

from __future__ import annotations

import ast
from functools import lru_cache

from tensorls.domain.objects import DictObject, Namespace
from tensorls.domain.values import Const, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine


def of_function(machine: Machine, frame: Frame) -> Value:
    """A snapshot of the names of a function; elsewhere ``locals()`` is the namespace itself, which may be written to."""
    function, here = frame.function, machine.store.get(frame.address)
    if function is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return Unknown("locals")
    if not isinstance(here, Namespace) or here.parent != function.scope or frame.redirects:
        return Unknown("locals")
    entries: dict[Value, Value] = {Const(name): value for name, value in machine.store.cells(frame.address)}
    doubtful = frozenset(Const(name) for name, _ in machine.store.cells(frame.address) if machine.store.is_doubtful(frame.address, name))
    names = _names(function.node)
    for name in sorted(names):  # what an inner function uses of the ones around it is its own as well
        found = _enclosing(machine, here, name) if Const(name) not in entries else None
        if found is not None:
            entries[Const(name)] = found
    if function.owner is not None and names & {"super", "__class__"}:
        entries[Const("__class__")] = function.owner
    return machine.store.new(DictObject(entries, None, doubtful=doubtful))


def _enclosing(machine: Machine, here: Namespace, name: str) -> Value | None:
    address = here.parent
    while address is not None and isinstance(content := machine.store.get(address), Namespace):
        found = machine.store.cell(address, name)
        if found is not None:
            return found
        address = content.parent
    return None


@lru_cache(maxsize=1024)
def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
