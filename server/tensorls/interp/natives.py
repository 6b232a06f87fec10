"""Methods of built-in objects: tensors, containers, strings, library objects."""

from __future__ import annotations

import ast
from dataclasses import replace

from tensorls.domain.objects import DictObject, GeneratorObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.values import (
    FALSE,
    NONE,
    Arguments,
    Const,
    Descriptor,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
)  # fmt: skip
from tensorls.interp import calls, functions, iteration, moving, namespaces, nnmethods, nnmodules, objects, operators, tensors
from tensorls.interp.frames import Frame
from tensorls.interp.libraries import arguments as arguments_of_programs
from tensorls.interp.libraries import custom_functions, enums, files, standard
from tensorls.interp.library import arguments_failed, operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure


def call_method(machine: Machine, frame: Frame, node: ast.AST, receiver: Value, name: str, arguments: Arguments) -> Value:
    """``receiver.name(arguments)``."""
    if is_failure(receiver):
        return FAILED
    if name == "type.__new__":
        return receiver
    if name == "object.__init__":
        nnmodules.init_container(machine, frame, node, receiver, arguments)
        instance = machine.content(receiver)
        if isinstance(receiver, Ref) and isinstance(instance, Instance) and namespaces.is_of_keywords(machine, instance.cls):
            namespaces.update(machine, receiver, replace(arguments, args=()))
        return NONE
    owner = namespaces.owner(receiver)
    if owner is not None:
        return _attributes_method(machine, frame, node, owner, name, arguments)
    content = machine.content(receiver)
    if isinstance(content, TensorObject) and isinstance(receiver, Ref):
        return _tensor_method(machine, frame, node, receiver, content, name, arguments)
    if isinstance(content, ListObject) and isinstance(receiver, Ref):
        return _list_method(machine, frame, node, receiver, content, name, arguments)
    if isinstance(content, DictObject) and isinstance(receiver, Ref):
        return _dict_method(machine, frame, node, receiver, content, name, arguments)
    if isinstance(content, GeneratorObject):
        return calls.escape(machine, arguments)
    if isinstance(content, Instance) and isinstance(receiver, Ref) and objects.is_module(machine, receiver):
        return nnmethods.call_method(machine, frame, node, receiver, name, arguments)
    if isinstance(content, LibObject) and isinstance(receiver, Ref):
        if content.is_module:
            return nnmethods.call_method(machine, frame, node, receiver, name, arguments)
        return _library_object_method(machine, frame, node, receiver, content, name, arguments)
    if name == "apply" and custom_functions.is_custom(machine, receiver):
        return custom_functions.apply(machine, frame, node, receiver, arguments)
    if isinstance(receiver, Tuple):
        return _tuple_method(machine, receiver, name, arguments)
    if isinstance(receiver, Descriptor):
        return receiver
    if isinstance(receiver, (Const, Scalar, SymInt)):
        return _scalar_method(machine, receiver, name, arguments)
    return calls.escape(machine, arguments)


def _attributes_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, name: str, arguments: Arguments) -> Value:
    """A method of ``x.__dict__``."""
    if name == "update":
        namespaces.update(machine, ref, arguments)
        return NONE
    if name in ("get", "items", "keys", "values", "copy"):
        return call_method(machine, frame, node, namespaces.snapshot(machine, ref), name, arguments)
    namespaces.forget(machine, ref)
    return calls.escape(machine, arguments)


def _tensor_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: TensorObject, name: str,
                   arguments: Arguments) -> Value:  # fmt: skip
    if name == "backward":
        return tensors.backward(machine, frame, node, ref, arguments)
    if name in ("register_hook", "retain_grad", "share_memory_"):
        return ref if name.endswith("_") else NONE
    if name == "set_" or (name == "resize" and content.meta.library == "numpy"):  # never executed, and they change everything
        functions.forget_tensor(machine, ref)
        return ref if name == "set_" else NONE
    if arguments.open:
        return calls.escape(machine, arguments, "unknown arguments")
    somewhere = moving.moved(machine, frame, node, ref, name, arguments) if content.meta.library == "torch" else None
    if somewhere is not None:
        return somewhere
    if name == "size" and content.meta.library == "torch" and not arguments.args and content.meta.shape is not None:
        return tensors.attribute(machine, frame, node, ref, content, "shape")
    if name in ("dim", "ndimension") and content.meta.shape is not None and content.meta.library == "torch":
        return Const(len(content.meta.shape))
    return operate(machine, frame, node, f".{name}", (ref, *arguments.args), arguments.kwargs, show=name)


# lists and sets


def _list_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: ListObject, name: str,
                 arguments: Arguments) -> Value:  # fmt: skip
    items = content.items
    args = arguments.args

    def put(new: tuple[Value, ...] | None, element: Value | None = None) -> None:
        if new is not None and len(new) > machine.limits.items:
            new, element = None, machine.joiner.element(ListObject(new))
        empty = name in ("extend", "update") and (content.empty or items == ())
        machine.store.put(ref.address, ListObject(new, element or content.element, content.kind, empty=empty))

    if name in ("append", "add", "appendleft") and len(args) == 1:
        if items is None:
            put(None, machine.joiner.all((content.element, args[0]), args[0]))
        elif content.kind == "set" and args[0] in items:
            pass
        else:
            put((args[0], *items) if name == "appendleft" else (*items, args[0]))
        return NONE
    if name in ("extend", "update") and args:
        found = iteration.iterate(machine, args[0], frame, node)
        if items is None or found.items is None:
            put(None, machine.joiner.all((machine.joiner.element(content), iteration.any_item(machine, found)), found.element))
        else:
            put(items + found.items)
        return NONE
    if name == "insert" and len(args) == 2:
        index = args[0].value if isinstance(args[0], Const) else None
        if items is None or not isinstance(index, int):
            put(None, machine.join([machine.joiner.element(content), args[1]]))
        else:
            changed = list(items)
            changed.insert(index, args[1])
            put(tuple(changed))
        return NONE
    if name in ("pop", "popleft"):
        index = 0 if name == "popleft" else args[0].value if args and isinstance(args[0], Const) else -1 if not args else None
        if items is not None and isinstance(index, int) and -len(items) <= index < len(items):
            changed = list(items)
            taken = changed.pop(index)
            put(tuple(changed))
            return taken
        put(None, machine.joiner.element(content))
        return machine.joiner.element(content)
    if name == "clear":
        put(())
        return NONE
    if name == "reverse":
        put(None if items is None else items[::-1])
        return NONE
    where = _first(items or (), args) if name in ("remove", "discard", "index", "count") else None
    if items is not None and where is not None and name in ("remove", "discard"):
        rest = items[where + 1 :]
        put(items[:where] + (tuple(v for v in rest if v != args[0]) if content.kind == "set" else rest))
        return NONE
    if name in ("sort", "remove", "discard", "rotate"):
        put(None, machine.joiner.element(content))
        return NONE
    if name == "copy":
        return machine.store.new(content)
    if name == "count" or name == "index":
        if items is None or where is None:
            return machine.unknown_int()
        return Const(where if name == "index" else items.count(args[0]))
    if content.kind == "set":
        return machine.store.new(ListObject(None, machine.joiner.element(content), "set"))
    return calls.escape(machine, arguments)


def _first(items: tuple[Value, ...], args: tuple[Value, ...]) -> int | None:
    """Where the only argument stands first, when everything is known and it is there."""
    known = len(args) == 1 and all(isinstance(v, Const) for v in (*items, *args))
    return items.index(args[0]) if known and args[0] in items else None


# dicts


def _dict_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: DictObject, name: str,
                 arguments: Arguments) -> Value:  # fmt: skip
    args = arguments.args
    exact = content.rest is None
    rest = (content.rest,) if content.rest is not None else ()
    if name == "keys":
        return machine.store.new(ListObject(tuple(content.entries) if exact else None, Unknown("unknown key")))
    if name == "values":
        values = tuple(content.entries.values())
        return machine.store.new(ListObject(values if exact else None, machine.joiner.all((*values, *rest), Unknown("empty"))))
    if name == "items":
        pairs = tuple(Tuple((k, v)) for k, v in content.entries.items())
        element = Tuple((Unknown("unknown key"), machine.joiner.all((*content.entries.values(), *rest), Unknown("empty"))))
        return machine.store.new(ListObject(pairs if exact else None, element))
    if name in ("get", "setdefault", "pop") and args:
        default = args[1] if len(args) > 1 else NONE
        is_key = isinstance(args[0], Const) or enums.is_member(machine, args[0])
        if is_key and args[0] in content.entries:
            found = content.entries[args[0]]
            if args[0] in content.doubtful:
                found = machine.join([found, default])
            if name == "pop":
                machine.store.put(ref.address, DictObject({k: v for k, v in content.entries.items() if k != args[0]}, content.rest))
            return found
        if is_key and exact:
            if name == "setdefault":
                machine.store.put(ref.address, DictObject({**content.entries, args[0]: default}, content.rest, content.default))
            return default
        if name != "get":
            machine.store.put(ref.address, DictObject({}, machine.joiner.all((*content.entries.values(), *rest, default))))
        return machine.join([*content.entries.values(), *rest, default])
    if name == "update":
        return _update(machine, ref, content, arguments)
    if name == "copy":
        return machine.store.new(content)
    if name == "clear":
        machine.store.put(ref.address, DictObject({}, None, content.default))
        return NONE
    return calls.escape(machine, arguments)


def _update(machine: Machine, ref: Ref, content: DictObject, arguments: Arguments) -> Value:
    entries = dict(content.entries)
    rest = content.rest
    if arguments.args:
        other = machine.content(arguments.args[0])
        if isinstance(other, DictObject):
            entries.update(other.entries)
            rest = other.rest if rest is None else rest
        else:
            rest = Unknown("updated from unknown")
    entries.update((Const(k), v) for k, v in arguments.kwargs)
    machine.store.put(ref.address, DictObject(entries, Unknown("open") if arguments.open else rest, content.default))
    return NONE


# tuples, numbers, strings


def _tuple_method(machine: Machine, receiver: Tuple, name: str, arguments: Arguments) -> Value:
    if name == "numel" and receiver.kind == "size":
        result: Value = Const(1)
        for item in receiver.items:
            result = _times(machine, result, item)
        return result
    where = _first(receiver.items, arguments.args) if name in ("index", "count") else None
    if where is not None:
        return Const(where if name == "index" else receiver.items.count(arguments.args[0]))
    if name == "_replace":
        values = tuple(arguments.keyword(f) or v for f, v in zip(receiver.fields, receiver.items, strict=True))
        return Tuple(values, receiver.kind, receiver.fields)
    return machine.unknown_int() if name in ("index", "count") else Unknown("tuple method")


def _times(machine: Machine, left: Value, right: Value) -> Value:
    from tensorls.domain.dims import TooComplex, mul
    from tensorls.domain.values import as_dim, int_value

    a, b = as_dim(left), as_dim(right)
    try:
        return int_value(mul(a, b)) if a is not None and b is not None else machine.unknown_int()
    except TooComplex:
        return machine.unknown_int()


#: Methods of str and numbers that have no side effects and give small results.
PURE = frozenset(
    [
        "bit_length",
        "is_integer",
        "conjugate",
        "upper",
        "lower",
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "splitlines",
        "join",
        "replace",
        "startswith",
        "endswith",
        "find",
        "rfind",
        "format",
        "title",
        "capitalize",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
        "count",
        "index",
        "partition",
        "rpartition",
        "removeprefix",
        "removesuffix",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "encode",
        "swapcase",
        "casefold",
        "as_integer_ratio",
        "isnumeric",
        "isidentifier",
    ]
)
_STR_RESULTS = {
    "startswith": "bool",
    "endswith": "bool",
    "isdigit": "bool",
    "find": "int",
    "count": "int",
    "index": "int",
    "rfind": "int",
}


def _scalar_method(machine: Machine, receiver: Value, name: str, arguments: Arguments) -> Value:
    kind = operators.scalar_kind(receiver)
    if name not in PURE or arguments_failed(arguments):
        return Unknown("unknown method")
    if isinstance(receiver, Const):
        positional = [plain(machine, v) for v in arguments.args]
        named = {k: plain(machine, v) for k, v in arguments.kwargs}
        if not any(p is NOT_PLAIN for p in (*positional, *named.values())) and not (name == "format" and len(str(receiver.value)) > 200):
            widths = [p for p in positional if isinstance(p, int) and abs(p) > machine.limits.text]
            try:
                if not widths and not (name == "format" and any(c.isdigit() for c in str(receiver.value))):
                    return from_plain(machine, getattr(receiver.value, name)(*positional, **named))
            except (TypeError, ValueError, AttributeError, LookupError):
                return Unknown("the call fails")
    if kind == "str":
        if name in ("split", "rsplit", "splitlines"):
            return machine.store.new(ListObject(None, Scalar("str")))
        found = _STR_RESULTS.get(name, "str")
        return machine.unknown_int() if found == "int" else Scalar(found)
    return Unknown("unknown method")


NOT_PLAIN = object()


def plain(machine: Machine, value: Value) -> object:
    """The Python object of a value made of constants only."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Tuple):
        items = tuple(plain(machine, v) for v in value.items)
        return NOT_PLAIN if any(i is NOT_PLAIN for i in items) else items
    content = machine.content(value)
    if isinstance(content, ListObject) and content.items is not None and content.kind == "list":
        listed = [plain(machine, v) for v in content.items]
        return NOT_PLAIN if any(i is NOT_PLAIN for i in listed) else listed
    return NOT_PLAIN


def from_plain(machine: Machine, value: object) -> Value:
    """The value of a Python object made of plain parts."""
    if isinstance(value, tuple):
        return Tuple(tuple(from_plain(machine, v) for v in value))
    if isinstance(value, list):
        return machine.store.new(ListObject(tuple(from_plain(machine, v) for v in value)))
    if isinstance(value, str) and len(value) > machine.limits.text:
        return Scalar("str")
    return Const(value)


# objects of libraries


def _library_object_method(machine: Machine, frame: Frame, node: ast.AST, ref: Ref, content: LibObject, name: str,
                           arguments: Arguments) -> Value:  # fmt: skip
    if content.path == arguments_of_programs.PARSER:
        found = arguments_of_programs.call_method(machine, frame, node, ref, name, arguments)
        return Unknown(content.path) if found is None else found
    if content.path == custom_functions.CONTEXT:
        return custom_functions.context_method(machine, ref, name, arguments)
    if content.path == files.TEXT_FILE:
        return files.call_method(machine, ref, name)
    if content.path == "collections.Counter":
        counted = standard.counter_method(machine, ref, name)
        return calls.escape(machine, arguments, content.path) if counted is None else counted
    if content.path.startswith("torch.optim"):
        return _optimizer_method(machine, frame, node, name, arguments)
    if arguments_failed(arguments):
        return FAILED
    if content.recipe is not None and not arguments.open:
        if name == "__call__":
            return operate(machine, frame, node, "call", (ref, *arguments.args), arguments.kwargs, show=content.path)
        return operate(machine, frame, node, f".{name}", (ref, *arguments.args), arguments.kwargs, show=name)
    return calls.escape(machine, arguments, f"{content.path}.{name}")


def _optimizer_method(machine: Machine, frame: Frame, node: ast.AST, name: str, arguments: Arguments) -> Value:
    if name == "zero_grad":
        tensors.clear_gradients(machine)
        return NONE
    if name == "step":
        closure = arguments.get(0, "closure")
        if closure is not None and closure != NONE:
            return calls.call(machine, frame, node, closure, Arguments())
        return NONE
    return Unknown("optimizer state")


__all__ = ["FALSE", "Union", "call_method", "from_plain", "plain"]
