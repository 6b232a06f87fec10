"""``torch.nn.Module``: the library's own through the oracle, the user's by interpreting them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import (
    TRUE,
    Arguments,
    BoundMethod,
    Const,
    Function,
    LibRef,
    NativeMethod,
    Ref,
    Tuple,
    Unknown,
    Value,
)  # fmt: skip
from tensorls.interp import assumptions, calls, iteration, nncontainers, nnderived, nnmethods, numbers, objects, standins, trees
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import packed
from tensorls.interp.library import arguments_failed, operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import NotATerm, TermBuilder
from tensorls.oracle import question as q

TRAINING = "#training"
SOME_DTYPE = "#some_dtype"  # cell of a module: whether its parameters were given a dtype that is not known
HOOKED = "#hooked"  # cell of a module whose hooks may change what goes in or comes out


def construct(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments) -> Value:
    """``nn.Linear(3, 4)``: the oracle makes one, so wrong arguments fail here in torch's words."""
    if any(p.startswith((path, "torch.nn.Module.")) for p in machine.patched):
        return machine.store.new(LibObject(path, None, None, is_module=True))
    if path in nncontainers.KINDS:
        return _container(machine, frame, node, path, arguments)
    if arguments_failed(arguments):
        return FAILED
    arguments = replace(arguments, kwargs=standins.placed(arguments.kwargs))
    names = [k for k, _ in arguments.kwargs]
    count = len(arguments.args)

    def run(values: tuple[Value, ...]) -> Value:
        values = tuple(numbers.as_int(machine, v) for v in values)
        chosen = Arguments(values[:count], tuple(zip(names, values[count:], strict=True)), arguments.open)
        return _construct(machine, frame, node, path, chosen)

    return machine.alternatives(frame, (*arguments.args, *(v for _, v in arguments.kwargs)), run)


def _construct(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments) -> Value:
    if machine.assumed is not None:
        arguments = assumptions.fitted(machine, frame, path, arguments)
    if standins.has_blank(machine, arguments.args, arguments.kwargs):
        again = standins.replaced(machine, path, arguments.args, arguments.kwargs)
        with machine.recorder.set_aside():
            made = FAILED if again is None else _construct(machine, frame, node, path, Arguments(*again, arguments.open))
        if made != FAILED:
            return made
    builder = TermBuilder(machine)
    try:
        args = tuple(builder.build(v) for v in arguments.args)
        kwargs = tuple((k, builder.build(v)) for k, v in arguments.kwargs)
    except NotATerm as reason:
        ref = machine.store.new(LibObject(path, None, None, is_module=True))
        machine.store.set_cell(ref.address, "#reason", Unknown(str(reason)))
        return ref
    made = operate(machine, frame, node, path, arguments.args, arguments.kwargs, show=path)
    if made == FAILED:
        return FAILED
    device = calls.device_of(arguments.keyword("device")) or _default_device(machine)
    recipe = q.Recipe(path, args, kwargs, _default_steps(machine), builder.kinds) if not isinstance(made, Unknown) else None
    return machine.store.new(LibObject(path, recipe, device, is_module=True, tensors=tuple(builder.tensors)))


def _default_steps(machine: Machine) -> tuple[tuple[str, tuple[q.Term, ...]], ...]:
    """A module made under another default dtype has its parameters in that dtype, whenever it is made anew."""
    mode = machine.mode()
    if mode is None or mode.default_dtype == "float32":
        return ()
    return (("to", (q.Global(f"torch.{mode.default_dtype}"),)),)


def _default_device(machine: Machine) -> str:
    mode = machine.mode()
    return mode.default_device if mode is not None else "cpu"


def _container(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments) -> Value:
    """A container of what its constructor is given."""
    given = arguments.args
    if path != nncontainers.SEQUENTIAL and given:
        content = machine.content(given[0])
        if path == nncontainers.DICT or isinstance(content, DictObject):
            children = nncontainers.named(machine, frame, node, given[0])
            rest = content.rest if isinstance(content, DictObject) else None
            return _new_container(machine, path, None if arguments.open else children, rest)
        found = iteration.iterate(machine, given[0], frame, node)
        if found.items is None:
            return _new_container(machine, path, None, found.element)
        given = found.items
    first = machine.content(given[0]) if len(given) == 1 else None
    if isinstance(first, DictObject):
        return _new_container(machine, path, nncontainers.named(machine, frame, node, given[0]), first.rest)
    return _new_container(machine, path, None if arguments.open else nncontainers.numbered(given), None)


def _new_container(machine: Machine, path: str, children: nncontainers.Children | None, element: Value | None) -> Value:
    """``element``: one of the modules, where it is not known which they are."""
    ref = machine.store.new(LibObject(path, None, None if children is None else "cpu", True, children))
    if children is None:
        machine.store.set_cell(ref.address, "#element", element or Unknown("unknown modules"))
    return ref


def call_library_module(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, arguments: Arguments) -> Value:
    """``module(x)`` for a module of torch."""
    if machine.store.cell(ref.address, SOME_DTYPE) != TRUE or content.children is not None:
        return _call_library_module(machine, frame, node, ref, content, arguments)
    args = tuple(trees.map_tensors(machine, v, lambda r, t: _of_any_dtype(machine, r, t)) for v in arguments.args)
    kwargs = tuple((k, trees.map_tensors(machine, v, lambda r, t: _of_any_dtype(machine, r, t))) for k, v in arguments.kwargs)
    result = _call_library_module(machine, frame, node, ref, content, Arguments(args, kwargs, arguments.open, arguments.nodes))
    return trees.map_tensors(machine, result, lambda r, t: _of_any_dtype(machine, r, t))


def _of_any_dtype(machine: Machine, ref: Ref, found: TensorObject) -> Ref:
    """A tensor of numbers with a fraction, as it may be when its dtype is open."""
    if not (found.meta.dtype or "").startswith(("float", "bfloat")):
        return ref
    return machine.store.new(replace(found, meta=found.meta.with_(dtype=None)))


def _call_library_module(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, arguments: Arguments) -> Value:
    if content.path == "torch.nn.Sequential":
        return _call_sequential(machine, frame, node, content, arguments)
    forward = machine.store.cell(ref.address, "forward")
    if forward is not None:
        return calls.call(machine, frame, node, forward, arguments)
    if content.children is not None or content.recipe is None:
        if arguments_failed(arguments):
            return FAILED
        returned = standins.returned(machine, "call", (ref, *arguments.args), arguments.kwargs)
        return returned or machine.store.cell(ref.address, "#reason") or Unknown("module whose arguments are unknown")
    if arguments.open:
        return calls.escape(machine, arguments)
    if content.path in packed.RECURRENT and arguments.args and packed.is_packed(machine, arguments.args[0]):
        return packed.call_recurrent(machine, frame, node, ref, arguments)
    _follow_flags(machine, frame, node, ref, content.recipe)
    result = operate(machine, frame, node, "call", (ref, *arguments.args), arguments.kwargs, show=content.path)
    inputs = [t for v in arguments.args if (t := machine.tensor(v)) is not None]
    if any(t.meta.requires_grad is None for t in _own_cells(machine, ref)) and not any(t.meta.requires_grad for t in inputs):
        _open_gradients(machine, result)
    return result


def _own_cells(machine: Machine, ref: Ref) -> list[TensorObject]:
    """The parameters of a library module that the program has looked at."""
    return [t for _, v in machine.store.cells(ref.address) if (t := machine.tensor(v)) is not None and t.meta.type == "Parameter"]


def _open_gradients(machine: Machine, result: Value) -> None:
    """Whether the parameters get gradients is not known, so neither whether what comes out does."""
    for value in result.items if isinstance(result, Tuple) else (result,):
        found = machine.tensor(value)
        if isinstance(value, Tuple):
            _open_gradients(machine, value)
        elif found is not None and isinstance(value, Ref) and found.meta.requires_grad:
            machine.store.put(value.address, replace(found, meta=found.meta.with_(requires_grad=None, is_leaf=None)))


def init_container(machine: Machine, frame: Frame, node: ast.AST, receiver: Value, arguments: Arguments) -> None:
    """``Sequential.__init__(self, a, b)`` of a class derived from it registers the modules."""
    if nnderived.init(machine, frame, node, receiver, arguments):
        return
    kind = nncontainers.kind(machine, receiver)
    if not isinstance(receiver, Ref) or kind is None:
        return
    made = machine.content(_container(machine, frame, node, kind, arguments))
    nncontainers.replace(machine, receiver, made.children if isinstance(made, LibObject) else None)


def replace_attribute(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, name: str, value: Value) -> None:
    """``linear.weight = other``: a parameter like the old one changes nothing; anything else makes the module unknown."""
    with machine.recorder.muted():  # a new attribute is no error
        old = machine.store.cell(ref.address, name) or operate(machine, frame, node, f"getattr:{name}", (ref,), show=f".{name}")
    if old == FAILED and name != "forward":
        return
    before, after = machine.tensor(old), machine.tensor(value)
    if before is not None and after is not None and (before.meta.shape, before.meta.dtype) == (after.meta.shape, after.meta.dtype):
        return
    if old != value:
        machine.store.put(ref.address, LibObject(content.path, None, content.device, True, content.children))


def _follow_flags(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, recipe: object) -> None:
    """Where the program turned gradients off for every parameter, one by one, or on again, the module is made so."""
    cells = _own_cells(machine, ref)
    off = ("requires_grad_", (False,))
    if any(t.meta.requires_grad is False for t in cells):
        own = own_parameters(machine, frame, node, ref) or []
        if all((t := machine.tensor(v)) is not None and t.meta.requires_grad is False for _, v in own):
            nnmethods.transform(machine, ref, off, None, None)
            return
    if any(t.meta.requires_grad for t in cells) and isinstance(recipe, q.Recipe) and off in recipe.steps:
        nnmethods.transform(machine, ref, ("requires_grad_", (True,)), None, None)


def _call_sequential(machine: Machine, frame: Frame, node: ast.AST, content: LibObject, arguments: Arguments) -> Value:
    if content.children is None or len(arguments.args) != 1:
        return Unknown("unknown modules")
    value = arguments.args[0]
    for _, child in content.children:
        value = calls.call(machine, frame, node, child, Arguments((value,)))
    return value


def call_user_module(machine: Machine, frame: Frame, node: ast.AST, callee: Value, arguments: Arguments) -> Value:
    """``model(x)`` runs ``forward``; hooks are left alone."""
    content = machine.content(callee)
    assert isinstance(content, Instance)
    if isinstance(callee, Ref) and machine.store.cell(callee.address, HOOKED) is not None:
        return calls.escape(machine, arguments, "module with hooks")
    forward = machine.store.cell(callee.address, "forward") if isinstance(callee, Ref) else None
    found = objects.find_in_class(machine, content.cls, "forward")
    if forward is not None:
        return calls.call(machine, frame, node, forward, arguments)
    if isinstance(found, Function):
        return calls.call(machine, frame, node, BoundMethod(callee, found), arguments)
    return inherited_forward(machine, frame, node, callee, arguments)


def inherited_forward(machine: Machine, frame: Frame, node: ast.AST, receiver: Value, arguments: Arguments) -> Value:
    """The ``forward`` that torch's class gives to a class derived from it."""
    content = machine.content(receiver)
    cls = machine.content(content.cls) if isinstance(content, Instance) else None
    if isinstance(cls, ClassObject) and LibRef(nncontainers.SEQUENTIAL) in cls.mro:
        children = nncontainers.children(machine, receiver)
        if children is None:
            return calls.escape(machine, arguments, "unknown modules")
        return _call_sequential(machine, frame, node, LibObject(nncontainers.SEQUENTIAL, None, None, True, children), arguments)
    result = nnderived.call_method(machine, frame, node, receiver, "forward", arguments) if isinstance(receiver, Ref) else None
    return calls.escape(machine, arguments, "forward of an unknown base class") if result is None else result


def library_module_attribute(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, name: str) -> Value:
    """An attribute of a module of torch: a child, a method, a parameter (one object however often it is read)."""
    if name == "training":
        return machine.store.cell(ref.address, TRAINING) or TRUE
    if name == "__class__":
        return LibRef(content.path)
    if content.children is not None:
        child = dict(content.children).get(name)
        return child if child is not None else NativeMethod(ref, name)
    if content.recipe is None or name in nnmethods.METHODS or name.startswith("__"):
        return NativeMethod(ref, name)
    described = machine.oracle.describe(f"{content.path}.{name}")
    if described.kind == "function":
        return NativeMethod(ref, name)
    value = operate(machine, frame, node, f"getattr:{name}", (ref,), show=f".{name}")
    _adopt(machine, ref, content, value)
    if isinstance(value, Ref):
        machine.store.set_cell(ref.address, name, value)
    return value


def _adopt(machine: Machine, owner: Ref, content: LibObject, value: Value) -> None:
    """A parameter belongs to its module: it is on the module's device and gets its gradient with it."""
    found = machine.tensor(value)
    if found is not None and isinstance(value, Ref):
        meta = found.meta.with_(device=content.device)
        if machine.store.cell(owner.address, SOME_DTYPE) == TRUE and (meta.dtype or "").startswith(("float", "bfloat")):
            meta = meta.with_(dtype=None)
        machine.store.put(value.address, TensorObject(meta, found.storage, found.leaves, found.history, owner.address))


# the methods of every module


def named_children(machine: Machine, module: Value) -> Iterator[tuple[str, Value]]:
    """Direct submodules by name."""
    content = machine.content(module)
    if isinstance(content, LibObject) and content.children is not None:
        yield from ((n, v) for n, v in content.children if objects.is_module(machine, v))
    elif isinstance(module, Ref) and (
        isinstance(content, Instance) or (isinstance(content, LibObject) and content.path == "torch.nn.Module")
    ):
        for name, value in machine.store.cells(module.address):
            if not name.startswith("#") and objects.is_module(machine, value):
                yield name, value


def all_modules(machine: Machine, module: Value, seen: set[Value] | None = None) -> Iterator[Value]:
    """The module and everything below it, each once."""
    seen = set() if seen is None else seen
    if module in seen:
        return
    seen.add(module)
    yield module
    for _, child in named_children(machine, module):
        yield from all_modules(machine, child, seen)


def own_parameters(machine: Machine, frame: Frame, node: ast.AST, module: Value) -> list[tuple[str, Value]] | None:
    """Parameters held directly; None when unknown."""
    content = machine.content(module)
    if not isinstance(module, Ref):
        return None
    if isinstance(content, LibObject) and content.children is None:
        if content.recipe is None:
            return None
        listed = operate(machine, frame, node, ".named_parameters", (module,), show="named_parameters")
        found = iteration.iterate(machine, listed)
        if found.items is None:
            return None
        result = []
        for pair in found.items:
            if not (isinstance(pair, Tuple) and len(pair.items) == 2 and isinstance(pair.items[0], Const)):
                return None
            name = str(pair.items[0].value)
            cell = machine.store.cell(module.address, name)
            if cell is None:
                _adopt(machine, module, content, pair.items[1])
                cell = pair.items[1]
                machine.store.set_cell(module.address, name, cell)
            result.append((name, cell))
        return result
    if holds_unknown(machine, module):
        return None
    if isinstance(content, LibObject):
        return [(n, v) for n, v in content.children or () if machine.tensor(v) is not None]
    base = nnderived.base_of(machine, module)
    inherited = own_parameters(machine, frame, node, base[0]) if base is not None else []
    if inherited is None or (base is None and nnderived.base_class(machine, module) is not None):
        return None
    registered = dict(inherited)
    for name, value in machine.store.cells(module.address):
        tensor = machine.tensor(value)
        if tensor is not None and tensor.meta.type == "Parameter":
            registered[name] = value
    return list(registered.items())


def holds_unknown(machine: Machine, module: Ref) -> bool:
    """Whether a module has an attribute of which nothing is known: it may be a module with parameters of its own."""
    content = machine.content(module)
    if isinstance(content, LibObject):
        return any(isinstance(v, Unknown) for _, v in content.children or ())
    return any(isinstance(v, Unknown) and not name.startswith("#") for name, v in machine.store.cells(module.address))


def named_parameters(machine: Machine, frame: Frame, node: ast.AST, module: Value, prefix: str = "",
                     seen: set[Value] | None = None) -> list[tuple[str, Value]] | None:  # fmt: skip
    """All parameters below a module by dotted name, each once; None when some are unknown."""
    seen = set() if seen is None else seen
    own = own_parameters(machine, frame, node, module)
    if own is None or nncontainers.is_open(machine, module):
        return None
    result = []
    for name, value in own:
        if value not in seen:
            seen.add(value)
            result.append((prefix + name, value))
    for name, child in named_children(machine, module):
        below = named_parameters(machine, frame, node, child, f"{prefix}{name}.", seen)
        if below is None:
            return None
        result.extend(below)
    return result


def some_parameter(machine: Machine, frame: Frame, node: ast.AST, module: Value) -> Value:
    """Any parameter of a module with unknown parts: it may be one of those that are known."""
    known = [v for m in all_modules(machine, module) for _, v in own_parameters(machine, frame, node, m) or _held(machine, m)]
    meta = TensorMeta("torch", "Parameter", None, None, None, None)
    return machine.joiner.any_of(TensorObject(meta, -1), known)


def _held(machine: Machine, module: Value) -> list[tuple[str, Value]]:
    """The parameters that are attributes of a module of which not all is known."""
    cells = machine.store.cells(module.address) if isinstance(module, Ref) else ()
    return [(n, v) for n, v in cells if (t := machine.tensor(v)) is not None and t.meta.type == "Parameter"]


__all__ = ["ClassObject", "call_library_module", "call_user_module", "construct", "named_children"]
