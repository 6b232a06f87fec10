"""Calls: whom a call reaches, and what comes back."""

from __future__ import annotations

import ast
from dataclasses import replace

from tensorls.domain.dims import product
from tensorls.domain.objects import ClassObject, DictObject, Instance, LibObject, ListObject, ModuleObject, TensorObject
from tensorls.domain.values import (
    NONE,
    Arguments,
    BoundMethod,
    Builtin,
    Const,
    Descriptor,
    DeviceValue,
    Function,
    LibRef,
    ModeManager,
    NativeMethod,
    Parameter,
    Partial,
    Ref,
    Scalar,
    Tuple,
    Union,
    Unknown,
    Value,
    members,
    why,
)  # fmt: skip
from tensorls.interp import (
    assumptions,
    builtins,
    classes,
    functions,
    imports,
    libraries,
    makers,
    natives,
    nnderived,
    nnmodules,
    numbers,
    objects,
)
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import modes, versions
from tensorls.interp.library import arguments_failed, forget_data, is_library, operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure


def call(machine: Machine, frame: Frame, node: ast.AST, callee: Value, arguments: Arguments) -> Value:
    """``callee(arguments)``."""
    machine.step()
    if isinstance(callee, Union):
        return machine.alternatives(frame, (callee,), lambda v: call(machine, frame, node, v[0], arguments))
    if is_failure(callee):
        return FAILED
    if isinstance(callee, Function):
        return functions.call_function(machine, frame, node, callee, arguments)
    if isinstance(callee, BoundMethod):
        bound = Arguments((callee.receiver, *arguments.args), arguments.kwargs, arguments.open, arguments.nodes)
        return call(machine, frame, node, callee.function, bound)
    if isinstance(callee, LibRef):
        return call_library(machine, frame, node, callee, arguments)
    if isinstance(callee, NativeMethod):
        return natives.call_method(machine, frame, node, callee.receiver, callee.name, arguments)
    if isinstance(callee, Builtin):
        return builtins.call_builtin(machine, frame, node, callee.name, arguments)
    if isinstance(callee, Partial):
        kwargs = tuple({**dict(callee.kwargs), **dict(arguments.kwargs)}.items())
        return call(machine, frame, node, callee.function, Arguments((*callee.args, *arguments.args), kwargs, arguments.open))
    if isinstance(callee, ModeManager):
        return functions.with_modes(callee, arguments)
    if isinstance(callee, Descriptor) and callee.kind == "contextmanager":
        return modes.enter_generator(machine, frame, node, callee.function, arguments)
    if isinstance(callee, Descriptor):
        return call(machine, frame, node, callee.function, arguments)
    return _call_object(machine, frame, node, callee, arguments)


def _call_object(machine: Machine, frame: Frame, node: ast.AST, callee: Value, arguments: Arguments) -> Value:
    content = machine.content(callee)
    if isinstance(content, ClassObject):
        return classes.instantiate(machine, frame, node, callee, content, arguments)
    if isinstance(content, Instance):
        method = objects.special(machine, callee, "call")
        if method is None and objects.is_module(machine, callee):
            return nnmodules.call_user_module(machine, frame, node, callee, arguments)
        if method is not None:
            return call(machine, frame, node, method, arguments)
        return escape(machine, arguments, "instance without __call__")
    if isinstance(content, LibObject) and isinstance(callee, Ref):
        if content.is_module:
            return nnmodules.call_library_module(machine, frame, node, callee, content, arguments)
        return natives.call_method(machine, frame, node, callee, "__call__", arguments)
    if isinstance(content, TensorObject) and not arguments.open:
        kind = "Tensor" if content.meta.library == "torch" else f"numpy.{content.meta.type.split()[0]}"
        machine.problem(frame, node, "failed", "call", "TypeError", f"'{kind}' object is not callable")
        return FAILED
    if isinstance(callee, Parameter):
        known = assumptions.call(machine, frame, node, callee, arguments)
        if known is not None:
            return known
    return escape(machine, arguments, why("unknown function", callee))


def escape(machine: Machine, arguments: Arguments, reason: str = "unknown function") -> Value:
    """An unknown function was given these: what it could have changed in containers is known no longer, and what can be
    called it may call with anything."""
    for value in (*arguments.args, *(v for _, v in arguments.kwargs)):
        _let_go(machine, value, 2)
        forget_container(machine, value)
    return FAILED if arguments_failed(arguments) else Unknown(reason)


#: Unknown functions that keep what they are given, or only look at it.
KEEPERS = frozenset(["save", "load_state_dict", "watch", "add_graph", "print", "info", "debug", "deepcopy"])


def _let_go(machine: Machine, value: Value, depth: int) -> None:
    if isinstance(value, BoundMethod):
        value = value.function
    if isinstance(value, Function):
        _mark_escaped(machine, value)
        return
    content = machine.content(value)
    if isinstance(content, Instance):
        for name in ("forward", "__call__"):
            found = objects.find_in_class(machine, content.cls, name)
            if isinstance(found, Function):
                _mark_escaped(machine, found)
        if depth and objects.is_module(machine, value):
            for _, child in nnmodules.named_children(machine, value):
                _let_go(machine, child, depth)
    elif isinstance(content, LibObject) and content.children is not None:
        for _, child in content.children:
            _let_go(machine, child, depth)
    elif isinstance(content, ListObject) and depth:
        for item in content.items or (content.element,):
            _let_go(machine, item, depth - 1)
    elif isinstance(content, DictObject) and depth:
        for item in (*content.entries.values(), *((content.rest,) if content.rest is not None else ())):
            _let_go(machine, item, depth - 1)
    elif isinstance(value, (Tuple, Union)) and depth:
        for item in value.items if isinstance(value, Tuple) else value.members:
            _let_go(machine, item, depth - 1)


def _mark_escaped(machine: Machine, function: Function) -> None:
    if function.node not in machine.escaped:
        machine.escaped.add(function.node)
        functions.forget_reach(machine, function)
        if function.file in machine.sources:
            machine.recorder.escape(machine.span(Frame(0, 0, function.file), function.node))


def forget_container(machine: Machine, value: Value) -> None:
    """A list, dict or set may hold anything now, a tensor other values."""
    content = machine.content(value)
    if isinstance(value, Ref):
        if isinstance(content, TensorObject):
            forget_data(machine, value.address)
        if isinstance(content, ListObject):
            machine.store.put(value.address, ListObject(None, Unknown("passed to an unknown function"), content.kind))
        elif isinstance(content, DictObject):
            machine.store.put(value.address, DictObject({}, Unknown("passed to an unknown function")))


def call_library(machine: Machine, frame: Frame, node: ast.AST, callee: LibRef, arguments: Arguments) -> Value:
    """Call something of a library by its path."""
    path = callee.path
    if path in machine.patched:
        return escape(machine, arguments, f"{path} was replaced")
    handler = libraries.HANDLERS.get(path)
    if handler is not None:
        return handler(machine, frame, node, path, arguments)
    prefix = libraries.prefix_handler(path)
    if prefix is not None:
        return prefix(machine, frame, node, path, arguments)
    if not is_library(callee):
        return imports.call_foreign(machine, frame, node, path, arguments)
    if arguments.open:
        return _made(machine, frame, node, path, arguments, escape(machine, arguments, "unknown arguments"))
    if arguments.args and objects.is_module(machine, arguments.args[0]):
        unbound = nnderived.call_unbound(machine, frame, node, path, arguments)
        if unbound is not None:
            return unbound
    described = machine.oracle.describe(path)
    if described.kind == "denied":
        return _made(machine, frame, node, path, arguments, escape(machine, arguments, f"{path} is never executed"))
    if described.kind == "module":  # some functions share their name with the file that holds them
        return escape(machine, arguments, path)
    if described.is_nn_module:
        return nnmodules.construct(machine, frame, node, path, arguments)
    return call_operator(machine, frame, node, path, arguments)


def call_operator(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments) -> Value:
    """Ask the oracle; a user module, a callback or an unknown among the arguments makes the result unknown."""
    if path.startswith("numpy."):
        arguments = _as_arrays(machine, frame, node, arguments)
    args = arguments.args
    if path in CONTENT_ONLY and args:
        args = (_without_values(machine, args[0], 4), *args[1:])
    result = operate(machine, frame, node, path, args, arguments.kwargs, show=path)
    if path in CONTENT_MAKERS and arguments.args:
        content = natives.plain(machine, arguments.args[0])
        if content is natives.NOT_PLAIN:
            content = numbers.stated(machine, arguments.args[0]) or content
        _keep_content(machine, result, content)
    if isinstance(result, Unknown) and not is_failure(result):
        escape_lists = [v for v in arguments.args if isinstance(machine.content(v), ListObject)]
        if path.endswith("_") or path.startswith("numpy.random.shuffle"):
            for value in escape_lists:
                forget_container(machine, value)
    return _made(machine, frame, node, path, arguments, result)


def _made(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments, result: Value) -> Value:
    return makers.made(machine, frame, node, path, arguments, result) if isinstance(result, Unknown) and not is_failure(result) else result


def _as_arrays(machine: Machine, frame: Frame, node: ast.AST, arguments: Arguments) -> Arguments:
    """NumPy asks what is no array for one by ``__array__``."""

    def convert(values: tuple[Value, ...]) -> Value:
        method = objects.special(machine, values[0], "array")
        return values[0] if method is None else call(machine, frame, node, method, Arguments())

    if not any(isinstance(machine.content(m), Instance) for v in arguments.args for m in members(v)):
        return arguments
    args = tuple(machine.alternatives(frame, (v,), convert) for v in arguments.args)
    return Arguments(args, arguments.kwargs, arguments.open, arguments.nodes)


#: Functions whose first argument is the content of the tensor they make.
CONTENT_MAKERS = frozenset({"torch.tensor", "numpy.array", "numpy.asarray", "torch.LongTensor", "torch.IntTensor"})
KEPT_CONTENT = 64  # numbers
#: Functions to which the numbers in a list are content alone: their types count, not their values.
CONTENT_ONLY = CONTENT_MAKERS | {
    f"numpy.{n}" for n in ("mean", "sum", "std", "var", "median", "cumsum", "asanyarray", "min", "max", "argmin", "argmax", "diff")
}


def _without_values(machine: Machine, value: Value, depth: int) -> Value:
    """A list in which numbers that are not known are some number of their type, so that many of them cost no more than one."""
    content = machine.content(value)
    items = value.items if isinstance(value, Tuple) else content.items if isinstance(content, ListObject) else None
    if items is None or depth == 0:
        return value
    changed = tuple(_some_number(machine, v, depth) for v in items)
    if all(a is b for a, b in zip(items, changed, strict=True)):
        return value
    return Tuple(changed, value.kind, value.fields) if isinstance(value, Tuple) else machine.store.new(ListObject(changed))


def _some_number(machine: Machine, value: Value, depth: int) -> Value:
    if isinstance(value, Scalar) and value.kind in ("float", "bool", "complex"):
        return Const({"float": 0.5, "bool": True, "complex": 1j}[value.kind])
    if isinstance(value, Const) and isinstance(value.value, float):
        return Const(0.5)
    if isinstance(value, Union) and not any(machine.tensor(m) for m in value.members):
        return machine.join([_some_number(machine, m, depth) for m in value.members])
    return _without_values(machine, value, depth - 1)


def _keep_content(machine: Machine, result: Value, content: object) -> None:
    """Small content that the source states is known: indices, sizes, repeats."""
    found = machine.tensor(result)
    if found is None or not isinstance(result, Ref) or found.meta.shape is None or content is natives.NOT_PLAIN:
        return
    if found.meta.shape != () and not isinstance(content, (list, tuple)):  # the size of a legacy tensor: LongTensor(64)
        return
    count = product(found.meta.shape)
    if isinstance(count, int) and count <= KEPT_CONTENT and "int" in (found.meta.dtype or ""):
        meta = found.meta.with_(data=_frozen(content))
        machine.store.put(result.address, replace(found, meta=meta))


def _frozen(content: object) -> object:
    return tuple(_frozen(c) for c in content) if isinstance(content, (list, tuple)) else content


def operate_on(machine: Machine, frame: Frame, node: ast.AST, op: str, *values: Value) -> Value:
    """An oracle operation on values without keywords."""
    return operate(machine, frame, node, op, values)


def library_name(machine: Machine, path: str) -> Value:
    """``library.name`` as a value: constants become Python's, everything else stays a path."""
    path = libraries.canonical(path)
    known = libraries.CONSTANTS.get(path)
    if known is not None:
        return known
    if path.split(".")[0] not in ("torch", "numpy"):
        return machine.replaced(path, missing=False) or imports.foreign_name(machine, path)
    modelled = imports.modelled(machine, path)
    if modelled is not None:
        return modelled
    described = machine.oracle.describe(path)
    replaced = machine.replaced(path, described.kind == "missing")
    if replaced is not None:
        return replaced
    if described.kind == "constant":
        value = described.value
        if path == versions.TORCH and isinstance(value, str):
            return Const(versions.Version(value))
        if value is None or isinstance(value, (bool, int, float, complex, str)):
            return Const(value)
        return Unknown("constant")
    if described.kind == "missing":
        return Unknown(f"no {path}")
    return LibRef(path)


def library_attribute(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, name: str) -> Value:
    """An attribute of a library's object: set by the program, a child, or what the library says."""
    found = machine.store.cell(ref.address, name)
    if found is not None:
        return found
    if content.is_module:
        return nnmodules.library_module_attribute(machine, frame, node, ref, content, name)
    if content.recipe is not None and machine.oracle.describe(f"{content.path}.{name}").kind != "function":
        with machine.recorder.muted():  # what its class lacks its instances may have
            found = operate(machine, frame, node, f"getattr:{name}", (ref,), show=f".{name}")
        return NativeMethod(ref, name) if isinstance(found, Unknown) else found
    return NativeMethod(ref, name)


def module_attribute(machine: Machine, receiver: Value, name: str) -> Value:
    """What a user module inherits from ``torch.nn.Module``."""
    if name == "training":
        return machine.store.cell(receiver.address, "#training") or Const(True) if isinstance(receiver, Ref) else Unknown()
    if name == "__init__":
        return NativeMethod(receiver, "object.__init__")
    return NativeMethod(receiver, name)


def submodule(machine: Machine, frame: Frame, content: ModuleObject, name: str) -> Value:
    """``package.module`` after an import of either."""
    return imports.submodule(machine, frame, content, name)


def device_of(value: Value | None) -> str | None:
    """The device that a value names, when it names one."""
    if isinstance(value, DeviceValue):
        return value.name
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Const) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return f"cuda:{value.value}"
    return None


__all__ = ["NONE", "Tuple", "call", "call_library", "escape", "library_attribute", "library_name", "module_attribute"]
