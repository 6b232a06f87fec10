"""What a body that nobody calls requires of its parameters: ``T <= block_size``, ``C == n_embd``, ``H % 2 == 0``."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from tensorls.domain.dims import Dim, Expr, as_symbol, is_hidden
from tensorls.domain.fact import Span
from tensorls.domain.values import Function, Parameter, Value, as_dim
from tensorls.interp import assumptions, expressions
from tensorls.interp.assumptions import Assumptions
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.recorder import ASSUMED

_SIGNS: Mapping[type[ast.cmpop], str] = {ast.Eq: "==", ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">", ast.NotEq: "!="}


def asserted(machine: Machine, frame: Frame, test: ast.expr) -> None:
    """``assert T <= self.block_size``: a relation between sizes that every run fulfils which goes on."""
    found = machine.assumed
    if found is None or frame.context != (ASSUMED,) or not assumptions.is_certain(machine, frame):
        return
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            asserted(machine, frame, part)
        return
    if not isinstance(test, ast.Compare):
        return
    places = [test.left, *test.comparators]
    with machine.recorder.muted():
        sizes = [_size(expressions.evaluate(machine, frame, place)) for place in places]
    for op, left, right in zip(test.ops, sizes, sizes[1:], strict=False):
        sign = _SIGNS.get(type(op))
        if sign is not None and left is not None and right is not None and not (isinstance(left, int) and isinstance(right, int)):
            _state(found, sign, left, right)


def _state(found: Assumptions, sign: str, left: Dim, right: Dim) -> None:
    order = list(found.names)
    sides = sorted((left, right), key=lambda d: order.index(s.name) if (s := as_symbol(d)) is not None and s.name in order else -1)
    names = [s.name for s in map(as_symbol, sides) if s is not None]
    if sign == "==" and len(names) + isinstance(sides[0], int) == 2 and not set(names) <= found.rigid:
        found.equate(*sides)
    else:
        found.require(f"{_text(left)} {sign} {_text(right)}", left, right)


def _size(value: Value) -> Dim | None:
    size = value.size if isinstance(value, Parameter) else as_dim(value)
    return None if size is None or is_hidden(size) else size


def _text(size: Dim) -> str:
    return str(size).replace("%", " % ") if isinstance(size, Expr) else str(size)


def note(machine: Machine, frame: Frame, function: Function, found: Assumptions) -> None:
    """Show what is required at the parameters, and all of it at the function's name."""
    node = function.node
    if isinstance(node, ast.Lambda) or not found.required:
        return
    start = machine.span(frame, node)
    machine.recorder.require(Span(start.file, start.line, start.column, start.line, start.column + 1), tuple(found.required))
    arguments = node.args
    for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        name = parameter.arg
        own = {s for s, path in found.names.items() if path == name or path.startswith((f"{name}.", f"{name}["))}
        relations = tuple(text for text, names in found.required.items() if names & own)
        if relations:
            place = machine.span(frame, parameter)
            machine.recorder.require(Span(place.file, place.line, place.column, place.line, place.column + len(name)), relations)
