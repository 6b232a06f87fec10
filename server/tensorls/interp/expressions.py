"""Expressions: one small function for each node of Python's grammar."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import DictObject, GeneratorObject, ListObject, Namespace
from tensorls.domain.values import (
    NONE,
    Arguments,
    Builtin,
    Const,
    Function,
    Lazy,
    Ref,
    Scalar,
    SliceValue,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_key,
)  # fmt: skip
from tensorls.interp import (
    assignment,
    builtin_iteration,
    builtins,
    calls,
    comprehensions,
    functions,
    imports,
    iteration,
    namespaces,
    objects,
    operators,
    statements,
    subscripts,
)
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import introspection
from tensorls.interp.machine import FAILED, Machine, show_value
from tensorls.interp.terms import is_failure

Evaluator = Callable[[Machine, Frame, ast.expr], Value]


def evaluate(machine: Machine, frame: Frame, node: ast.expr) -> Value:
    """The value of an expression; tensors among them are noted for hovers."""
    machine.step()
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return Unknown(type(node).__name__)
    value = handler(machine, frame, node)
    if not machine.recorder.covers(frame.file):
        return value
    if isinstance(value, (Ref, Union)):
        note = machine.note(value, frame)
        if note is not None:
            machine.recorder.see(machine.span(frame, node), "", frame.context, note)
            return value
    elif isinstance(value, (SymInt, Tuple)) or (isinstance(value, Const) and not isinstance(node, ast.Constant)):
        text = show_value(machine, value)
        if text is not None:
            machine.recorder.describe(machine.span(frame, node), frame.context, text)
    return value


def lookup(machine: Machine, frame: Frame, name: str) -> Value | None:
    """The value bound to a name, innermost scope first; a lazily imported one is imported now."""
    found = bound(machine, frame, name)
    if isinstance(found, Lazy):
        found = imports.force(machine, frame, found)
        with machine.store.permanent():
            machine.store.set_cell(frame.module, name, found)
    return found


def bound(machine: Machine, frame: Frame, name: str) -> Value | None:
    """The same, without importing anything."""
    redirected = frame.redirects.get(name)
    if redirected is not None:
        return machine.store.cell(redirected, name)
    address: int | None = frame.address
    while address is not None:
        found = machine.store.cell(address, name)
        if found is not None:
            return found
        content = machine.store.get(address)
        address = content.parent if isinstance(content, Namespace) else None
    return machine.store.cell(frame.module, name)


def _name(machine: Machine, frame: Frame, node: ast.Name) -> Value:
    found = lookup(machine, frame, node.id)
    if found is not None:
        return found
    starred = imports.from_stars(machine, frame, node.id)
    if starred is not None:
        return starred
    return Builtin(node.id) if node.id in builtins.NAMES else Unknown(f"{node.id} is not known here")


def _constant(machine: Machine, frame: Frame, node: ast.Constant) -> Value:
    return Const(node.value)


def _sequence(machine: Machine, frame: Frame, elements: list[ast.expr]) -> tuple[tuple[Value, ...] | None, Value]:
    """The items of a display; None (and any item) when a star of unknown length is among them."""
    items: list[Value] = []
    exact = True
    for element in elements:
        if isinstance(element, ast.Starred):
            found = iteration.iterate(machine, evaluate(machine, frame, element.value), frame, element)
            exact = exact and found.items is not None
            items.extend(found.items if found.items is not None else (found.element,))
        else:
            items.append(evaluate(machine, frame, element))
    if exact:
        return tuple(items), Unknown()
    return None, machine.join(items)


def _tuple(machine: Machine, frame: Frame, node: ast.Tuple) -> Value:
    items, element = _sequence(machine, frame, node.elts)
    return Tuple(items) if items is not None else machine.store.new(ListObject(None, element))


def _list(machine: Machine, frame: Frame, node: ast.List) -> Value:
    items, element = _sequence(machine, frame, node.elts)
    return machine.store.new(ListObject(items, element))


def _set(machine: Machine, frame: Frame, node: ast.Set) -> Value:
    items, element = _sequence(machine, frame, node.elts)
    known = items is not None and all(isinstance(v, Const) for v in items)
    unique = tuple(dict.fromkeys(items)) if items is not None and known else None
    return machine.store.new(ListObject(unique, machine.join(items) if items else element, "set"))


def _dict(machine: Machine, frame: Frame, node: ast.Dict) -> Value:
    entries: dict[Value, Value] = {}
    rest: Value | None = None
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            other = machine.content(evaluate(machine, frame, value))
            if isinstance(other, DictObject):
                entries.update(other.entries)
                rest = other.rest if other.rest is not None else rest
            else:
                rest = Unknown("unknown entries")
            continue
        known = evaluate(machine, frame, key)
        found = evaluate(machine, frame, value)
        if isinstance(known, (Unknown, Union, Scalar)):
            rest = found if rest is None else machine.join([rest, found])
        else:
            entries[as_key(known)] = found
    return machine.store.new(DictObject(entries, rest))


def _attribute(machine: Machine, frame: Frame, node: ast.Attribute) -> Value:
    return objects.get_attribute(machine, frame, node, evaluate(machine, frame, node.value), node.attr)


def _subscript(machine: Machine, frame: Frame, node: ast.Subscript) -> Value:
    value = evaluate(machine, frame, node.value)
    index = evaluate(machine, frame, node.slice)
    return subscripts.get_item(machine, frame, node, value, index)


def _slice(machine: Machine, frame: Frame, node: ast.Slice) -> Value:
    parts = [NONE if part is None else evaluate(machine, frame, part) for part in (node.lower, node.upper, node.step)]
    return SliceValue(*parts)


def _binary(machine: Machine, frame: Frame, node: ast.BinOp) -> Value:
    left = evaluate(machine, frame, node.left)
    return operators.binary(machine, frame, node, type(node.op), left, evaluate(machine, frame, node.right))


def _unary(machine: Machine, frame: Frame, node: ast.UnaryOp) -> Value:
    return operators.unary(machine, frame, node, type(node.op), evaluate(machine, frame, node.operand))


def _compare(machine: Machine, frame: Frame, node: ast.Compare) -> Value:
    left = evaluate(machine, frame, node.left)
    result: Value = Const(True)
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = evaluate(machine, frame, comparator)
        verdict = operators.compare(machine, frame, node, type(op), left, right)
        if len(node.ops) == 1:
            return verdict
        known = operators.truth(machine, frame, node, verdict)
        if known is False:
            return Const(False)
        if known is None:
            result = verdict
        left = right
    return result


def _bool(machine: Machine, frame: Frame, node: ast.BoolOp) -> Value:
    """``and``/``or``: later operands run only where the earlier ones let them, narrowed by what those said."""
    decisive = isinstance(node.op, ast.Or)
    results: list[Value] = []
    undo: list[list[tuple[int, str, Value]]] = []
    for position, operand in enumerate(node.values):
        value = evaluate(machine, frame, operand)
        if position == len(node.values) - 1:
            results.append(value)
            break
        known = operators.truth(machine, frame, operand, value)
        if known is decisive:
            results.append(value)
            break
        if known is None:
            results.append(_with_truth(machine, frame, operand, value, decisive))
            undo.append(statements.narrow(machine, frame, operand, not decisive))
    for restored in reversed(undo):
        statements.widen(machine, restored)
    return machine.join(results)


def _with_truth(machine: Machine, frame: Frame, node: ast.expr, value: Value, wanted: bool) -> Value:
    """Of a union, only the members that may have this truth value."""
    if not isinstance(value, Union):
        return value
    kept = [m for m in value.members if operators.truth(machine, frame, node, m) is not (not wanted)]
    return machine.join(kept) if kept else value


def _conditional(machine: Machine, frame: Frame, node: ast.IfExp) -> Value:
    known = operators.truth(machine, frame, node.test, evaluate(machine, frame, node.test))
    if known is not None:
        return evaluate(machine, frame, node.body if known else node.orelse)
    results = []
    for branch, holds in ((node.body, True), (node.orelse, False)):
        restored = statements.narrow(machine, frame, node.test, holds)
        results.append(evaluate(machine, frame, branch))
        statements.widen(machine, restored)
    return machine.join(results)


def _lambda(machine: Machine, frame: Frame, node: ast.Lambda) -> Value:
    return functions.make_function(machine, frame, node, None)


def evaluate_arguments(machine: Machine, frame: Frame, node: ast.Call) -> Arguments:
    """The arguments of a call, stars spread out."""
    args: list[Value] = []
    kwargs: list[tuple[str, Value]] = []
    unknown = False
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            found = iteration.iterate(machine, evaluate(machine, frame, argument.value), frame, argument)
            unknown = unknown or found.items is None
            args.extend(found.items or ())
        else:
            args.append(evaluate(machine, frame, argument))
    for keyword in node.keywords:
        value = evaluate(machine, frame, keyword.value)
        if keyword.arg is not None:
            kwargs.append((keyword.arg, value))
            continue
        owner = namespaces.owner(value)
        content = machine.content(value if owner is None else namespaces.snapshot(machine, owner))
        if isinstance(content, DictObject):
            kwargs.extend((str(k.value), v) for k, v in content.entries.items() if isinstance(k, Const))
            unknown = unknown or content.rest is not None
        else:
            unknown = True
    return Arguments(tuple(args), tuple(kwargs), unknown, tuple(node.args))


def _call(machine: Machine, frame: Frame, node: ast.Call) -> Value:
    callee = evaluate(machine, frame, node.func)
    if callee == Builtin("zip") and len(node.args) == 1 and isinstance(node.args[0], ast.Starred) and not node.keywords:
        return builtin_iteration.transpose(machine, frame, node, evaluate(machine, frame, node.args[0].value))
    arguments = evaluate_arguments(machine, frame, node)
    if callee == Builtin("vars") and len(arguments.args) == 1:
        return objects.get_attribute(machine, frame, node, arguments.args[0], "__dict__")
    if callee == Builtin("globals") and not arguments.args:
        return introspection.global_names(machine, frame)
    return calls.call(machine, frame, node, callee, arguments)


def _comprehension(machine: Machine, frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    found = comprehensions.generate(machine, frame, node.generators, lambda inner: evaluate(machine, inner, node.elt))
    items, element = found.items, found.element
    if isinstance(node, ast.GeneratorExp):
        return machine.store.new(GeneratorObject(items, element, length=found.length, empty=found.empty))
    if isinstance(node, ast.SetComp):
        if items is not None and all(isinstance(v, Const) for v in items):
            return machine.store.new(ListObject(tuple(dict.fromkeys(items)), kind="set"))
        any_one = element if items is None else machine.joiner.all(items, Unknown("empty"))
        return machine.store.new(ListObject(None, any_one, "set"))
    return machine.store.new(ListObject(items, element, length=found.length, empty=found.empty))


def _dict_comprehension(machine: Machine, frame: Frame, node: ast.DictComp) -> Value:
    def pair(inner: Frame) -> Value:
        return Tuple((evaluate(machine, inner, node.key), evaluate(machine, inner, node.value)))

    found = comprehensions.generate(machine, frame, node.generators, pair)
    items, element = found.items, found.element
    entries: dict[Value, Value] = {}
    rest: Value | None = element.items[1] if items is None and isinstance(element, Tuple) else None
    for item in items or ():
        if isinstance(item, Tuple) and not isinstance(item.items[0], (Unknown, Union, Scalar)):
            entries[item.items[0]] = item.items[1]
        else:
            rest = item.items[1] if isinstance(item, Tuple) else Unknown("unknown entry")
    return machine.store.new(DictObject(entries, rest))


def _walrus(machine: Machine, frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(machine, frame, node.value)
    assignment.assign(machine, frame, node.target, value, "walrus")
    return value


def _joined_string(machine: Machine, frame: Frame, node: ast.JoinedStr) -> Value:
    texts: list[str] = []
    known = True
    for part in node.values:
        if isinstance(part, ast.Constant):
            texts.append(str(part.value))
            continue
        value = evaluate(machine, frame, part)
        if isinstance(value, Const) and isinstance(value.value, str):
            texts.append(value.value)
        else:
            known = False
    return Const("".join(texts)) if known and sum(map(len, texts)) < machine.limits.text else Scalar("str")


def _formatted(machine: Machine, frame: Frame, node: ast.FormattedValue) -> Value:
    value = evaluate(machine, frame, node.value)
    if node.format_spec is not None:
        evaluate(machine, frame, node.format_spec)
        return Scalar("str")
    if isinstance(value, Const) and isinstance(value.value, (str, int)) and node.conversion == -1:
        return Const(str(value.value))
    return Scalar("str")


def _starred(machine: Machine, frame: Frame, node: ast.Starred) -> Value:
    evaluate(machine, frame, node.value)
    return Unknown("starred")


def _yield(machine: Machine, frame: Frame, node: ast.Yield) -> Value:
    value = NONE if node.value is None else evaluate(machine, frame, node.value)
    if frame.yields is not None:
        frame.yields.append(value)
        frame.yields_exact = frame.yields_exact and frame.branch_depth == 0 and len(frame.yields) <= machine.limits.items
    return Unknown("sent value")


def _yield_from(machine: Machine, frame: Frame, node: ast.YieldFrom) -> Value:
    found = iteration.iterate(machine, evaluate(machine, frame, node.value), frame, node)
    if frame.yields is not None:
        frame.yields.extend(found.items if found.items is not None else (found.element,))
        frame.yields_exact = frame.yields_exact and found.items is not None and frame.branch_depth == 0
    return Unknown("generator's return value")


def _await(machine: Machine, frame: Frame, node: ast.Await) -> Value:
    return evaluate(machine, frame, node.value)


_HANDLERS: Mapping[type[ast.expr], Callable[..., Value]] = {
    ast.Name: _name, ast.Constant: _constant, ast.Tuple: _tuple, ast.List: _list, ast.Set: _set, ast.Dict: _dict,
    ast.Attribute: _attribute, ast.Subscript: _subscript, ast.Slice: _slice, ast.BinOp: _binary, ast.UnaryOp: _unary,
    ast.Compare: _compare, ast.BoolOp: _bool, ast.IfExp: _conditional, ast.Lambda: _lambda, ast.Call: _call,
    ast.ListComp: _comprehension, ast.SetComp: _comprehension, ast.GeneratorExp: _comprehension, ast.DictComp: _dict_comprehension,
    ast.NamedExpr: _walrus, ast.JoinedStr: _joined_string, ast.FormattedValue: _formatted, ast.Starred: _starred,
    ast.Yield: _yield, ast.YieldFrom: _yield_from, ast.Await: _await,
}  # fmt: skip

__all__ = ["FAILED", "Function", "evaluate", "evaluate_arguments", "is_failure", "lookup"]
