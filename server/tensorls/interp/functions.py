"""User functions: binding arguments, running a body in its own frame, joining its returns."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import product

from tensorls.domain.fact import Problem
from tensorls.domain.objects import DictObject, GeneratorObject, ListObject, Namespace, TensorObject
from tensorls.domain.values import (
    NONE,
    Arguments,
    BoundMethod,
    Const,
    Function,
    ModeManager,
    Ref,
    Tuple,
    Union,
    Unknown,
    Value,
    members,
)  # fmt: skip
from tensorls.interp import assignment, calls, contracts, expressions, foreign, objects, remarks, statements
from tensorls.interp.frames import Context, Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.store import Delta
from tensorls.interp.terms import is_failure

NEVER = Unknown("never returns")


def make_function(machine: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
                  owner: Value | None) -> Function:  # fmt: skip
    """Evaluate a definition: its defaults, not its body."""
    defaults = tuple(expressions.evaluate(machine, frame, d) for d in node.args.defaults)
    kw_defaults = tuple(None if d is None else expressions.evaluate(machine, frame, d) for d in node.args.kw_defaults)
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    scope = frame.address
    if frame.is_class:  # a method does not see the names of its class body
        enclosing = machine.store.get(frame.address)
        scope = enclosing.parent if isinstance(enclosing, Namespace) and enclosing.parent is not None else frame.module
    function = Function(node, name, frame.file, scope, defaults, kw_defaults, owner)
    if not isinstance(node, ast.Lambda):
        machine.found_function(node, function, owner)
    return function


def with_modes(manager: ModeManager, arguments: Arguments) -> Value:
    """A mode used as a decorator: ``@torch.no_grad()``."""
    target = arguments.args[0] if arguments.args else None
    if isinstance(target, Function):
        return replace(target, modes=(*target.modes, manager))
    return target or Unknown("decorator")


def call_function(machine: Machine, frame: Frame, node: ast.AST, function: Function, arguments: Arguments) -> Value:
    """Run a user function on these arguments."""
    bound_depth = machine.limits.certain_recursion if frame.certain else machine.limits.recursion
    depth = frame.active.count(function)
    machine.recursive_calls[function.node] = machine.recursive_calls.get(function.node, 0) + 1 if depth else 0
    too_many = not frame.certain and machine.recursive_calls[function.node] > machine.limits.recursive_calls
    if len(frame.active) >= machine.limits.call_depth or depth >= bound_depth or too_many:
        return _give_up(machine, frame, function, arguments)
    machine.called.add(function.node)
    bound = bind_arguments(machine, frame, node, function, arguments)
    if bound is None:
        return FAILED
    if not contracts.check_call(machine, frame, node, function, bound, arguments):
        return FAILED
    site = machine.site(frame, node)
    split = _split(machine, bound)

    def run(values: tuple[Value, ...]) -> Value:
        chosen = {**bound, **dict(zip(split, values, strict=True))}
        context = _context(machine, frame.context, site, chosen)
        if foreign.is_border(machine, frame, function.file):
            return foreign.call(machine, function, arguments, lambda: run_function(machine, frame, function, chosen, context))
        return run_function(machine, frame, function, chosen, context)

    return _each(machine, [bound[name] for name in split], run) if split else run(())


def _each(machine: Machine, values: list[Value], run: Callable[[tuple[Value, ...]], Value]) -> Value:
    """Run a body for each combination of alternatives, as paths that meet again; what only some of them report is no error."""
    results: list[Value] = []
    effects: list[Delta] = []
    reports: list[list[tuple[Context, Problem]]] = []
    for combination in product(*(members(v) for v in values)):
        mark = machine.store.mark()
        machine.recorder.capture()
        try:
            results.append(run(combination))
        finally:
            reports.append(machine.recorder.release())
            effects.append(machine.store.rollback(mark))
    ended = [is_failure(r) or r == NEVER for r in results]  # such a path ends in the call
    machine.store.join([e for e, over in zip(effects, ended, strict=True) if not over or all(ended)], machine.joiner.content)
    everywhere = all(any(p.kind == "failed" for _, p in found) for found in reports)
    for context, problem in (report for found in reports for report in found):
        if everywhere or problem.kind != "failed":
            machine.recorder.problem(context, problem)
    kept = [r for r, over in zip(results, ended, strict=True) if not over]
    return machine.join(kept) if kept else results[0]


def _split(machine: Machine, bound: dict[str, Value]) -> list[str]:
    """The parameters whose alternatives are followed one by one, so that what hangs together stays together."""
    found: list[str] = []
    count = 1
    unions = [(name, value) for name, value in bound.items() if isinstance(value, Union) and machine.note(value) is not None]
    for name, value in unions:
        count *= len(value.members)
        if count <= machine.limits.alternatives_of_a_call:
            found.append(name)
    return found


def _give_up(machine: Machine, frame: Frame, function: Function, arguments: Arguments) -> Value:
    """The call is not followed: whatever its body could change is known no longer, and nothing is stated about the body."""
    reason = "call depth"
    source = machine.sources.get(function.file)
    if source is not None:
        machine.recorder.distrust(machine.span(Frame(0, 0, function.file), function.node))
    names = [p.arg for p in parameters(function.node.args)]
    given = dict(zip(names, arguments.args, strict=False))
    for name in _rebound(function.node):
        _forget_name(machine, function, name, reason)
    for node in ast.walk(function.node):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            target = given.get(node.value.id) or expressions.lookup(machine, _inside(machine, function), node.value.id)
            if target is not None and isinstance(target, Ref) and not machine.tensor(target):
                machine.store.set_cell(target.address, node.attr, Unknown("call depth"))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found = expressions.lookup(machine, _inside(machine, function), node.id)
            if found is not None:
                calls.forget_container(machine, found)
                forget_tensor(machine, found)
    for value in arguments.args:
        forget_tensor(machine, value)
    return calls.escape(machine, arguments, "call depth")


def forget_reach(machine: Machine, function: Function) -> None:
    """Unknown code may call the function at any time: containers and outer names that it can change are known no longer."""
    frame = _inside(machine, function)
    reason = "may be rebound by a function that unknown code calls"
    for name in _rebound(function.node):
        _forget_name(machine, function, name, reason)
    for node in ast.walk(function.node):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found = expressions.lookup(machine, frame, node.id)
            if found is not None:
                calls.forget_container(machine, found)


def _inside(machine: Machine, function: Function) -> Frame:
    return Frame(function.scope, machine.modules.get(function.file, function.scope), function.file)


@lru_cache(maxsize=4096)
def _rebound(node: ast.AST) -> tuple[str, ...]:
    """The outer names that a function binds, not those that it only declares."""
    declared: dict[str, None] = {}
    bound: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Global, ast.Nonlocal)):
            declared.update(dict.fromkeys(inner.names))
        elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            bound.add(inner.id)
        elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(inner.name)
        elif isinstance(inner, ast.alias):
            bound.add((inner.asname or inner.name).partition(".")[0])
        elif isinstance(inner, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and inner.name:
            bound.add(inner.name)
        elif isinstance(inner, ast.MatchMapping) and inner.rest:
            bound.add(inner.rest)
    return tuple(name for name in declared if name in bound)


def _forget_name(machine: Machine, function: Function, name: str, reason: str) -> None:
    scope: int | None = function.scope
    while scope is not None and machine.store.cell(scope, name) is None:
        scope = getattr(machine.store.get(scope), "parent", None)
    module = machine.modules.get(function.file)
    for address in (scope, module):
        if address is not None and machine.store.cell(address, name) is not None:
            machine.store.set_cell(address, name, Unknown(reason))


def forget_tensor(machine: Machine, value: Value) -> None:
    """An in-place operation may have changed what is known of it."""
    found = machine.tensor(value)
    if found is not None and isinstance(value, Ref):
        meta = found.meta.with_(shape=None, strides=None, requires_grad=None, is_leaf=None, data=None)
        machine.store.put(value.address, TensorObject(meta, found.storage, found.leaves, found.history, found.owner))


def _context(machine: Machine, outer: Context, site: str, bound: dict[str, Value]) -> Context:
    """The chain of calls with this one; calls of one site with different tensors are different contexts."""
    shapes = []
    for name, value in bound.items():
        note = machine.note(value)
        if note is not None:
            shapes.append(f"{name}:{note.meta.shape}{note.meta.dtype}{note.meta.device}{note.meta.requires_grad}")
        elif isinstance(value, Const) and isinstance(value.value, (bool, int, str)):
            shapes.append(f"{name}={value.value!r}"[:40])
    return (*outer, f"{site}#{'|'.join(shapes)}")


def run_function(machine: Machine, frame: Frame, function: Function, bound: dict[str, Value], context: Context,
                 uncalled: bool = False) -> Value:  # fmt: skip
    """Run a body with its parameters bound."""
    start = machine.store.mark()
    namespace = machine.store.new(Namespace(function.scope))
    receiver = next(iter(bound.values()), None) if function.owner is not None else None
    module = machine.modules.get(function.file, frame.module)
    inner = Frame(namespace.address, module, function.file, context, function, receiver, machine.store.mark(),
                  active=(*frame.active, function), guarded=frame.guarded, uncalled=uncalled,
                  certain=frame.certain and frame.branch_depth == 0,
                  expected=frame.expected and frame.branch_depth == frame.loop_depth and not frame.returns)  # fmt: skip
    inner.yields = [] if _is_generator(function.node) else None
    bound = contracts.enter(machine, inner, function, bound)
    for name, value in bound.items():
        machine.store.set_cell(inner.address, name, value)
    if not isinstance(function.node, ast.Lambda):
        _record_parameters(machine, inner, function.node, bound)
    inner.mark = machine.store.mark()
    with machine.managed(function.modes):
        if isinstance(function.node, ast.Lambda):
            result = expressions.evaluate(machine, inner, function.node.body)
        else:
            ends = statements.run_block(machine, inner, function.node.body)
            result = _result(machine, inner, falls_through=ends)
    if inner.yields is not None:
        items = tuple(inner.yields) if inner.yields_exact else None
        result = machine.store.new(GeneratorObject(items, machine.joiner.all(tuple(inner.yields), Unknown("empty"))))
    machine.store.drop_unreachable(start, inner.address, (result, *machine.kept_from(inner.address)))
    return result


def _result(machine: Machine, inner: Frame, falls_through: bool) -> Value:
    """Join the states and the values of every way out."""
    if not inner.returns:
        return NONE if falls_through else NEVER
    if len(inner.returns) == 1 and not falls_through and inner.returned == machine.store.version:
        machine.store.compact(inner.mark)
        return inner.returns[0][1]
    ends = list(inner.returns)
    if falls_through:
        ends.append((machine.store.delta(inner.mark), NONE))
    machine.store.rollback(inner.mark)
    machine.store.join([delta for delta, _ in ends], machine.joiner.content)
    return machine.join([value for _, value in ends])


@lru_cache(maxsize=4096)
def _is_generator(node: ast.AST) -> bool:
    if isinstance(node, ast.Lambda):
        return False
    stack: list[ast.AST] = list(getattr(node, "body", []))
    while stack:
        item = stack.pop()
        if isinstance(item, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(item))
    return False


def default_values(function: Function) -> dict[str, Value]:
    """The defaults of a function's parameters by name."""
    args = function.node.args
    positional = [p.arg for p in (*args.posonlyargs, *args.args)]
    found = dict(zip(positional[len(positional) - len(function.defaults) :], function.defaults, strict=False))
    found.update({p.arg: v for p, v in zip(args.kwonlyargs, function.kw_defaults, strict=False) if v is not None})
    return found


def parameters(args: ast.arguments) -> list[ast.arg]:
    """All parameters in order."""
    return [
        *args.posonlyargs, *args.args, *([args.vararg] if args.vararg else []), *args.kwonlyargs, *([args.kwarg] if args.kwarg else []),
    ]  # fmt: skip


def _record_parameters(machine: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, bound: dict[str, Value]) -> None:
    for parameter in parameters(node.args):
        if parameter.arg in bound:
            assignment.name_size(machine, frame, parameter, parameter.arg, bound[parameter.arg])
            assignment.record_binding(machine, frame, parameter, parameter.arg, "parameter", bound[parameter.arg],
                                      len(parameter.arg))  # fmt: skip
            remarks.heed(machine, frame, parameter, parameter.arg, bound[parameter.arg])


def bind_arguments(machine: Machine, frame: Frame, node: ast.AST, function: Function,
                   arguments: Arguments) -> dict[str, Value] | None:  # fmt: skip
    """The value of every parameter; None (and a problem) when the call does not fit the signature."""
    args = function.node.args
    positional = [p.arg for p in (*args.posonlyargs, *args.args)]
    bound: dict[str, Value] = dict(zip(positional, arguments.args, strict=False))
    extra = arguments.args[len(positional) :]
    keywords = dict(arguments.kwargs)
    only_positional = {p.arg for p in args.posonlyargs}
    names = {*positional, *(p.arg for p in args.kwonlyargs)} - only_positional
    surplus: dict[Value, Value] = {}
    for name, value in keywords.items():
        if name in names and name not in bound:
            bound[name] = value
        elif name in names and not arguments.open:
            return _mismatch(machine, frame, node, function, f"got multiple values for argument '{name}'")
        else:
            surplus[Const(name)] = value
    if surplus and args.kwarg is None and not arguments.open:
        name = next(str(k.value) for k in surplus if isinstance(k, Const))
        return _mismatch(machine, frame, node, function, f"got an unexpected keyword argument '{name}'")
    if extra and args.vararg is None and not arguments.open:
        count = len(arguments.args)
        takes = len(positional)
        text = f"takes {takes} positional argument{'s' if takes != 1 else ''} but {count} were given"
        return _mismatch(machine, frame, node, function, text)
    for name, default in zip(positional[len(positional) - len(function.defaults) :], function.defaults, strict=False):
        if name not in bound:
            bound[name] = machine.join([default, Unknown("unknown argument")]) if arguments.open else default
    for parameter, kw_default in zip(args.kwonlyargs, function.kw_defaults, strict=False):
        if parameter.arg not in bound and kw_default is not None:
            bound[parameter.arg] = Unknown("unknown argument") if arguments.open else kw_default
    missing = [p for p in (*positional, *(k.arg for k in args.kwonlyargs)) if p not in bound]
    if missing and not arguments.open:
        listed = ", ".join(f"'{m}'" for m in missing)
        kind = "positional" if missing[0] in positional else "keyword-only"
        plural = "s" if len(missing) > 1 else ""
        return _mismatch(machine, frame, node, function, f"missing {len(missing)} required {kind} argument{plural}: {listed}")
    for name in missing:
        bound[name] = Unknown("unknown argument")
    if args.vararg is not None:
        bound[args.vararg.arg] = Unknown("unknown arguments") if arguments.open else Tuple(tuple(extra))
    if args.kwarg is not None:
        bound[args.kwarg.arg] = machine.store.new(DictObject(surplus, Unknown("unknown") if arguments.open else None))
    order = [p.arg for p in parameters(args)]
    return {name: bound[name] for name in order if name in bound}


def _mismatch(machine: Machine, frame: Frame, node: ast.AST, function: Function, text: str) -> dict[str, Value] | None:
    machine.problem(frame, node, "failed", "call", "TypeError", f"{function.name}() {text}")
    return None


def apply_decorators(machine: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, value: Value) -> Value:
    """Apply decorators, innermost first; one that is not known makes the name unknown."""
    for decorator in reversed(node.decorator_list):
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter") and isinstance(decorator.value, ast.Name):
            name = decorator.value.id
            old = machine.store.cell(frame.address, name)
            machine.store.set_cell(frame.address, f"{name}.{decorator.attr}", value)
            return old or Unknown("property")
        function = expressions.evaluate(machine, frame, decorator)
        result = calls.call(machine, frame, decorator, function, Arguments((value,)))
        value = result
    return value


def call_method(machine: Machine, frame: Frame, node: ast.AST, receiver: Value, name: str, arguments: Arguments) -> Value | None:
    """Call a user-defined method by name; None when the class has none."""
    method = objects.special(machine, receiver, name) if not name.startswith("_") else None
    return calls.call(machine, frame, node, method, arguments) if method is not None else None


def list_of(machine: Machine, values: tuple[Value, ...]) -> Value:
    """A new list."""
    return machine.store.new(ListObject(values))


__all__ = ["BoundMethod", "bind_arguments", "call_function", "make_function", "run_function"]
