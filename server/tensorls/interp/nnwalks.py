"""Methods of modules that look through everything below: buffers, modules by name, the state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from tensorls.domain.objects import DictObject, GeneratorObject, Instance, LibObject
from tensorls.domain.values import FALSE, NONE, Arguments, Const, LibRef, Ref, Tuple, Unknown, Value
from tensorls.interp import functions, iteration, nncontainers, nnderived, nnmodules, objects
from tensorls.interp.frames import Frame
from tensorls.interp.library import operate
from tensorls.interp.machine import Machine

BUFFERS = "#buffers"  # cell of a module: the names of its registered buffers
TRANSIENT = "#transient"  # those of them that the state leaves out

Named = list[tuple[str, Value]]
Handler = Callable[[Machine, Frame, ast.AST, Ref, Arguments], Value]


def names_in(machine: Machine, module: Value, cell: str) -> frozenset[object]:
    """The names that a cell of a module lists."""
    found = machine.store.cell(module.address, cell) if isinstance(module, Ref) else None
    return frozenset(v.value for v in found.items if isinstance(v, Const)) if isinstance(found, Tuple) else frozenset()


def add_name(machine: Machine, module: Ref, cell: str, name: Const) -> None:
    """Add a name to such a list."""
    old = machine.store.cell(module.address, cell)
    machine.store.set_cell(module.address, cell, Tuple((*(old.items if isinstance(old, Tuple) else ()), name)))


def named_modules(machine: Machine, module: Value, prefix: str = "", seen: set[Value] | None = None) -> Iterator[tuple[str, Value]]:
    """The module and everything below it by dotted name, each once."""
    seen = set() if seen is None else seen
    if module in seen:
        return
    seen.add(module)
    yield prefix, module
    for name, child in nnmodules.named_children(machine, module):
        yield from named_modules(machine, child, f"{prefix}.{name}" if prefix else name, seen)


def own_buffers(machine: Machine, frame: Frame, node: ast.AST, module: Value) -> Named | None:
    """Buffers held directly; None when unknown."""
    content = machine.content(module)
    if isinstance(module, Ref) and nnmodules.holds_unknown(machine, module):
        return None
    if isinstance(content, LibObject):
        if content.children is not None:
            return []
        return None if content.recipe is None else _listed(machine, operate(machine, frame, node, ".named_buffers", (module,)))
    base = nnderived.base_of(machine, module)
    inherited = own_buffers(machine, frame, node, base[0]) if base is not None else []
    if inherited is None or not isinstance(module, Ref) or (base is None and nnderived.base_class(machine, module) is not None):
        return None
    registered = names_in(machine, module, BUFFERS)
    return inherited + [(n, v) for n, v in machine.store.cells(module.address) if n in registered and v != NONE]


def _listed(machine: Machine, listed: Value) -> Named | None:
    items = iteration.iterate(machine, listed).items
    pairs = [v.items for v in items or () if isinstance(v, Tuple) and len(v.items) == 2]
    named = [(str(k.value), v) for k, v in pairs if isinstance(k, Const)]
    return named if items is not None and len(named) == len(items) else None


def _collect(machine: Machine, frame: Frame, node: ast.AST, module: Value, own: Callable[[Value], Named | None]) -> Named | None:
    result: Named = []
    seen: set[Value] = set()
    for prefix, found in named_modules(machine, module):
        if nncontainers.is_open(machine, found):
            return None
        named = own(found)
        if named is None:
            return None
        for name, value in named:
            if value not in seen:
                seen.add(value)
                result.append((f"{prefix}.{name}" if prefix else name, value))
    return result


def named_buffers(machine: Machine, frame: Frame, node: ast.AST, module: Value) -> Named | None:
    """All buffers below a module by dotted name; None when some are unknown."""
    return _collect(machine, frame, node, module, lambda m: own_buffers(machine, frame, node, m))


def _buffers(named: bool) -> Handler:
    def buffers(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
        found = named_buffers(machine, frame, node, ref)
        if found is None:
            return machine.store.new(GeneratorObject(None, Unknown("buffers of unknown modules")))
        return machine.store.new(GeneratorObject(tuple(Tuple((Const(n), v)) if named else v for n, v in found)))

    return buffers


def _named_modules(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    prefix = arguments.keyword("prefix") or Const("")
    if arguments.args or not isinstance(prefix, Const):
        return Unknown("named_modules with other arguments")
    found = named_modules(machine, ref, str(prefix.value))
    return machine.store.new(GeneratorObject(tuple(Tuple((Const(n), v)) for n, v in found)))


def state(machine: Machine, frame: Frame, node: ast.AST, module: Value) -> Named | None:
    """Parameters and lasting buffers by dotted name, as ``state_dict()`` lists them; None when some are unknown."""

    def own(found: Value) -> Named | None:
        parameters = nnmodules.own_parameters(machine, frame, node, found)
        buffers = own_buffers(machine, frame, node, found)
        if parameters is None or buffers is None:
            return None
        transient = names_in(machine, found, TRANSIENT)
        return parameters + [(n, v) for n, v in buffers if n not in transient]

    return _collect(machine, frame, node, module, own)


def _state_dict(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    found = state(machine, frame, node, ref)
    if found is None or arguments.args or arguments.kwargs or _changes_state(machine, ref):
        return machine.store.new(DictObject({}, Unknown("state of unknown modules")))
    entries: dict[Value, Value] = {
        Const(n): operate(machine, frame, node, ".detach", (v,)) if machine.tensor(v) is not None else v for n, v in found
    }
    return machine.store.new(DictObject(entries))


def _changes_state(machine: Machine, ref: Ref) -> bool:
    """Whether a class below says itself what its state is."""
    for found in nnmodules.all_modules(machine, ref):
        content = machine.content(found)
        if isinstance(content, Instance):
            own = [objects.find_in_class(machine, content.cls, n) for n in ("_save_to_state_dict", "state_dict", "get_extra_state")]
            if any(not isinstance(f, LibRef) for f in own):
                return True
    return False


def _by_path(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    """``get_submodule("a.b")``, ``get_parameter``, ``get_buffer``."""
    given = arguments.get(0, "target")
    value: Value = ref
    if not isinstance(given, Const) or not isinstance(given.value, str):
        return Unknown("unknown path")
    for part in given.value.split(".") if given.value else ():
        value = objects.get_attribute(machine, frame, node, value, part)
    return value


def _load_state_dict(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, arguments: Arguments) -> Value:
    """Values change, metadata does not, unless the tensors themselves are put in place."""
    if arguments.get(2, "assign") not in (None, FALSE):
        for _, value in nnmodules.named_parameters(machine, frame, node, ref) or ():
            functions.forget_tensor(machine, value)
        return Unknown("load_state_dict")
    listed = machine.store.new(DictObject({}, Unknown("keys")))
    return Tuple((listed, listed), "IncompatibleKeys", ("missing_keys", "unexpected_keys"))


METHODS: Mapping[str, Handler] = {
    "buffers": _buffers(False), "named_buffers": _buffers(True), "named_modules": _named_modules, "state_dict": _state_dict,
    "load_state_dict": _load_state_dict, "get_submodule": _by_path, "get_parameter": _by_path, "get_buffer": _by_path,
}  # fmt: skip
