"""Functions that no call reached: run with symbolic parameters, each from the state at the end of its module."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from tensorls.domain.dims import Expr, symbols
from tensorls.domain.fact import Span
from tensorls.domain.objects import ClassObject, Instance, LibObject, TensorObject
from tensorls.domain.values import NONE, Const, Function, Parameter, Ref, Scalar, Unknown, Value
from tensorls.interp import assumptions, contracts, functions, objects, requirements
from tensorls.interp.assumptions import AnyTensor, Assumptions, Kind
from tensorls.interp.constructed import Constructed
from tensorls.interp.evidence import NUMBER
from tensorls.interp.frames import Context, Frame
from tensorls.interp.machine import Cancelled, Machine, OutOfBudget
from tensorls.interp.recorder import ASSUMED
from tensorls.interp.sizes import Sizes
from tensorls.oracle import question as q

log = logging.getLogger(__name__)

MAX_RUNS = 6  # of one body, until nothing more is decided about its parameters
CONSTRUCTOR = "__init__"


def run_uncalled(machine: Machine, file: str, module: int, end: int) -> bool:
    """Run every function of a file that nothing called; whether all of them ended within the budget.

    ``end``: the number of steps at which no more of them are run.
    """
    complete = True
    machine.constructed = Constructed()
    pending = [(n, f, cls) for n, (f, cls) in machine.functions.items() if f.file == file]
    pending.sort(key=lambda item: (getattr(item[0], "lineno", 0), getattr(item[0], "col_offset", 0)))
    for node, function, cls in pending:
        if node not in machine.called:
            complete = _run(machine, file, module, function, cls, end) and complete
    return complete


def _run(machine: Machine, file: str, module: int, function: Function, cls: Value | None, end: int) -> bool:
    frame = Frame(module, module, file, mark=machine.store.mark())
    found = Assumptions()
    machine.step_limit = min(machine.steps + machine.limits.steps_in_uncalled, end)
    machine.recorder.begin()
    try:
        _settle(machine, frame, function, cls, found)
        machine.step_limit = min(machine.steps + machine.limits.steps_in_uncalled, end)
        _final(machine, frame, function, cls, found)
        requirements.note(machine, frame, function, found)
    except OutOfBudget:
        machine.recorder.forget(_outside_loops(function.node))
        return False
    except Cancelled:
        raise
    except Exception as error:
        log.error("%s:%s: the function was passed over", file, getattr(function.node, "lineno", 0), exc_info=error)
        machine.recorder.distrust(machine.span(frame, function.node))
    return True


def _settle(machine: Machine, frame: Frame, function: Function, cls: Value | None, found: Assumptions) -> None:
    """Run a body until nothing more is decided."""
    for _ in range(MAX_RUNS):
        found.changed = False
        with machine.recorder.muted():
            _once(machine, frame, function, cls, found)
        if not found.changed:
            break


def _final(machine: Machine, frame: Frame, function: Function, cls: Value | None, found: Assumptions) -> None:
    """The run that is noted.  Where a single sample would do as well as a batch, only what fails for both is an error."""
    if not found.guessed:
        _once(machine, frame, function, cls, found)
        return
    single = Assumptions(single=True)
    _settle(machine, frame, function, cls, single)
    reports = []
    for one in (found, single):
        machine.recorder.capture()
        try:
            with machine.recorder.without_facts():
                _once(machine, frame, function, cls, one)
        finally:
            reports.append(machine.recorder.release())
    failed = [{(p.span, p.kind) for _, p in found if p.kind == "failed"} for found in reports]
    chosen = single if failed[0] and not failed[1] else found
    machine.recorder.capture()
    try:
        _once(machine, frame, function, cls, chosen)
    finally:
        problems = machine.recorder.release()
    for context, problem in problems:
        if problem.kind != "failed" or (problem.span, problem.kind) in failed[0] & failed[1]:
            machine.recorder.problem(context, problem)


def _outside_loops(node: ast.AST) -> Callable[[Span, Context], bool]:
    """Of a body that was not followed to its end: what cannot run again, in its own statements."""
    loops = (ast.For, ast.AsyncFor, ast.While)
    lines = {i for n in ast.walk(node) if isinstance(n, loops) for i in range(n.lineno, (n.end_lineno or n.lineno) + 1)}
    return lambda span, context: context == (ASSUMED,) and span.line not in lines


def _once(machine: Machine, frame: Frame, function: Function, cls: Value | None, found: Assumptions) -> None:
    """One run with what is decided so far, rolled back at its end."""
    mark = machine.store.mark()
    called = frozenset(machine.called)
    machine.assumed = found
    try:
        bound = _bound(machine, frame, function, cls)
        functions.run_function(machine, frame, function, bound, (ASSUMED,), uncalled=True)
    finally:
        machine.assumed = None
        machine.called.intersection_update(called)  # what a body that nobody calls calls is as uncalled as before
        machine.store.rollback(mark)


def _bound(machine: Machine, frame: Frame, function: Function, cls: Value | None) -> dict[str, Value]:
    decorators = getattr(function.node, "decorator_list", [])
    static = any(isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in decorators)
    constructor = objects.find_in_class(machine, cls, CONSTRUCTOR) if isinstance(cls, Ref) and machine.assumed is not None else None
    if isinstance(constructor, Function) and contracts.declarations_of(machine, function):  # "b dim" is most likely the dim given there
        for parameter in functions.parameters(constructor.node.args)[1:]:
            assert machine.assumed is not None
            machine.assumed.symbol_for(f"{CONSTRUCTOR}.{parameter.arg}")
    bound = _parameters(machine, frame, function, "", "of a function that nothing calls")
    if isinstance(cls, Ref) and bound and not static:
        bound[next(iter(bound))] = _instance(machine, frame, cls, function)
    return bound


def _parameters(machine: Machine, frame: Frame, function: Function, prefix: str, what: str) -> dict[str, Value]:
    """Every parameter with what its annotation, its default and its use say."""
    found = machine.assumed
    assert found is not None
    arguments = function.node.args
    defaults = functions.default_values(function)
    bound: dict[str, Value] = {}
    for parameter in functions.parameters(arguments):
        name, reason = parameter.arg, f"parameter {parameter.arg} {what}"
        path = f"{prefix}.{name}" if prefix else name
        if parameter in (arguments.vararg, arguments.kwarg):
            bound[name] = Parameter(reason, f"{path}.*")
            continue
        if defaults.get(name) == NONE:
            found.optional.add(path)
        kind = _declared(machine, function, name, prefix) or _stated(machine, frame, function, parameter, defaults.get(name))
        if kind is not None and path not in found.kinds:
            found.kinds[path] = found.symbol_for(path) if kind == "int" else kind  # type: ignore[assignment]
        bound[name] = assumptions.value_of(machine, path, reason)
    return bound


def _declared(machine: Machine, function: Function, name: str, prefix: str) -> Kind | None:
    """A tensor as an annotation describes it: one symbol for each name in the annotations of the function."""
    found = machine.assumed
    declaration = contracts.declarations_of(machine, function).get(name)
    if found is None or declaration is None or declaration.tensor is None:
        return None
    path = f"{prefix}.{name}" if prefix else name
    if declaration.optional:
        found.optional.add(path)

    def named(text: str) -> Expr:
        size = found.symbol_for(f"{prefix}#{text}.shape[", text)
        found.rigid |= {s.name for s in symbols(size)}
        return size

    sizes = Sizes(inner=lambda code: found.symbol_for(f"{prefix}.{code}" if prefix else code))
    tensor = declaration.tensor
    shape = sizes.shape(tensor, named, machine.fresh)
    return AnyTensor(tensor.library) if shape is None and tensor.dtype is None else contracts.meta_of(tensor, shape)


def _stated(machine: Machine, frame: Frame, function: Function, parameter: ast.arg, default: Value | None) -> Kind | str | None:
    """What an annotation or a default says."""
    if parameter.annotation is not None:
        text = ast.unparse(parameter.annotation).strip("'\"")
        last = text.rpartition(".")[2]
        if text == "int":
            return "int"
        if text == "float":
            return NUMBER
        if text in ("bool", "str", "complex"):
            return Scalar(text)
        if last == "Tensor" and text in ("Tensor", "torch.Tensor"):
            return AnyTensor("torch")
        if last == "ndarray" and text in ("np.ndarray", "numpy.ndarray", "ndarray"):
            return AnyTensor("numpy")
    if isinstance(default, Const) and isinstance(default.value, bool):
        return Scalar("bool")
    if isinstance(default, Const) and isinstance(default.value, float) and function.name == CONSTRUCTOR:
        return NUMBER  # elsewhere a factor may well be a tensor
    return None


def _instance(machine: Machine, frame: Frame, cls: Ref, function: Function) -> Value:
    """An instance of a class made with symbolic arguments, without noting what its constructor does."""
    constructor = objects.find_in_class(machine, cls, CONSTRUCTOR)
    if not isinstance(constructor, Function) or constructor.node is function.node:
        return _construct(machine, frame, cls, None)
    assert machine.constructed is not None
    return machine.constructed.make(machine, cls, f"{CONSTRUCTOR}.", lambda: _construct(machine, frame, cls, constructor))


def _construct(machine: Machine, frame: Frame, cls: Ref, constructor: Function | None) -> Ref:
    instance = machine.store.new(Instance(cls))
    first = instance.address
    if constructor is not None:
        bound = _parameters(machine, frame, constructor, CONSTRUCTOR, "of a constructor that nothing calls")
        if bound:
            bound[next(iter(bound))] = instance
        with machine.recorder.muted():
            functions.run_function(machine, frame, constructor, bound, (ASSUMED,), uncalled=True)
    for name in _set_later(machine, cls):
        if machine.store.cell(instance.address, name) is not None:
            machine.store.set_cell(instance.address, name, Unknown(f"{name} is set by other methods"))
    _anywhere(machine, first)
    return instance


def _anywhere(machine: Machine, first: int) -> None:
    """What a constructor made may have been moved to any device before a method runs."""
    for address, content in machine.store.made_after(first):
        if isinstance(content, LibObject) and content.is_module:
            recipe = content.recipe
            if isinstance(recipe, q.Recipe):
                recipe = replace(recipe, steps=(*recipe.steps, ("to", (q.Device(q.SOMEWHERE),))))
            machine.store.put(address, replace(content, recipe=recipe, device=None))
        elif isinstance(content, TensorObject) and content.meta.library == "torch":
            machine.store.put(address, replace(content, meta=content.meta.with_(device=None)))


def _set_later(machine: Machine, cls: Ref) -> set[str]:
    """The attributes that methods change which the constructor does not call: who knows which of them ran before."""
    content = machine.content(cls)
    order = content.mro if isinstance(content, ClassObject) else ()
    methods = {
        name: value.node for c in reversed(order) if isinstance(c, Ref) for name, value in machine.store.cells(c.address)
        if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef)
    }  # fmt: skip
    during, waiting = set[str](), [CONSTRUCTOR]
    while waiting:
        name = waiting.pop()
        if name in methods and name not in during:
            during.add(name)
            waiting += [n.attr for n in ast.walk(methods[name]) if isinstance(n, ast.Attribute)]
    return {attribute for name, node in methods.items() if name not in during for attribute in _changed(node)}


CHANGING = frozenset(["append", "extend", "insert", "pop", "clear", "update", "remove", "add", "setdefault", "appendleft"])


def _changed(node: ast.FunctionDef) -> Iterator[str]:
    """The attributes of ``self`` that a method assigns, or changes the content of."""
    receiver = node.args.args[0].arg if node.args.args else ""
    for part in ast.walk(node):
        target: ast.AST = part
        while isinstance(target, ast.Subscript) and isinstance(target.ctx, (ast.Store, ast.Del)):
            target = target.value
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in CHANGING:
            target = part.func.value
        stored = target is not part or (isinstance(part, ast.Attribute) and isinstance(part.ctx, (ast.Store, ast.Del)))
        if stored and isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == receiver:
            yield target.attr
