"""Python's built-in functions on abstract values."""

from __future__ import annotations

import ast
import builtins as python
from collections.abc import Callable, Mapping

from tensorls.domain.dims import maximum, minimum
from tensorls.domain.objects import ClassObject, DictObject, GeneratorObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.values import (
    FALSE, NONE, TRUE, Arguments, BoundMethod, Builtin, Const, Descriptor, Function, LibRef, NativeMethod, Partial, RangeValue, Ref,
    Scalar, SliceValue, SuperValue, SymInt, Tuple, Union, Unknown, Value, as_dim, int_value,
)  # fmt: skip
from tensorls.interp import calls, classes, natives, objects, operators
from tensorls.interp.frames import Frame
from tensorls.interp.library import arguments_failed, is_library, operate
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.operators import scalar_kind
from tensorls.oracle.question import Question, Raised, Returned

Handler = Callable[[Machine, Frame, ast.AST, Arguments], Value]
NAMES = frozenset(n for n in dir(python) if not n.startswith("_")) | {"__import__", "__build_class__"}


def call_builtin(machine: Machine, frame: Frame, node: ast.AST, name: str, arguments: Arguments) -> Value:
    """``name(arguments)`` for a Python builtin."""
    handler = HANDLERS.get(name)
    if handler is None:
        exception = getattr(python, name, None)
        if isinstance(exception, type) and issubclass(exception, BaseException):
            return Unknown("exception")
        return calls.escape(machine, arguments, f"{name}()")
    if arguments.open:
        return calls.escape(machine, arguments)
    if arguments_failed(arguments) and name not in ("print", "isinstance"):
        return FAILED
    return handler(machine, frame, node, arguments)


def _print(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return NONE


def _len(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) != 1:
        return Unknown("len")
    return machine.alternatives(frame, a.args, lambda v: objects.length(machine, frame, node, v[0]))


def _range(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    args = [_index(machine, v) for v in a.args]
    if len(args) == 1:
        return RangeValue(Const(0), args[0], Const(1))
    return RangeValue(args[0], args[1], args[2] if len(args) > 2 else Const(1)) if args else Unknown("range")


def _index(machine: Machine, value: Value) -> Value:
    return value if as_dim(value) is not None else machine.unknown_int()


def _enumerate(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    start = a.get(1, "start")
    first = start.value if isinstance(start, Const) and isinstance(start.value, int) else 0
    found = objects.iterate(machine, a.args[0], frame, node)
    if found.items is None or (start is not None and not isinstance(start, Const)):
        element = found.element if found.items is None else objects.any_item(machine, found)
        return machine.store.new(GeneratorObject(None, Tuple((machine.unknown_int(), element))))
    return machine.store.new(GeneratorObject(tuple(Tuple((Const(first + i), v)) for i, v in enumerate(found.items))))


def _zip(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = [objects.iterate(machine, v, frame, node) for v in a.args]
    known = [f.items for f in found if f.items is not None]
    if len(known) == len(found):
        return machine.store.new(GeneratorObject(tuple(Tuple(row) for row in zip(*known, strict=False))))
    element = Tuple(tuple(objects.any_item(machine, f) for f in found))
    return machine.store.new(GeneratorObject(None, element))


def _map(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    rows = machine.content(_zip(machine, frame, node, Arguments(a.args[1:])))
    assert isinstance(rows, GeneratorObject)

    def apply(row: Value) -> Value:
        return calls.call(machine, frame, node, a.args[0], Arguments(row.items if isinstance(row, Tuple) else ()))

    if rows.items is None or len(rows.items) > machine.limits.exact_iterations:
        return machine.store.new(GeneratorObject(None, apply(rows.element if rows.items is None else machine.join(rows.items))))
    return machine.store.new(GeneratorObject(tuple(apply(row) for row in rows.items)))


def _filter(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = objects.iterate(machine, a.args[1], frame, node)
    kept: list[Value] = []
    for item in found.items or ():
        verdict = item if a.args[0] == NONE else calls.call(machine, frame, node, a.args[0], Arguments((item,)))
        known = operators.truth(machine, frame, node, verdict)
        if known is None:
            return machine.store.new(GeneratorObject(None, objects.any_item(machine, found)))
        if known:
            kept.append(item)
    return machine.store.new(GeneratorObject(None if found.items is None else tuple(kept), found.element))


def _sequence(kind: str) -> Handler:
    def make(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        if not a.args:
            return Tuple(()) if kind == "tuple" else machine.store.new(ListObject((), kind=kind))
        found = objects.iterate(machine, a.args[0], frame, node)
        if kind == "tuple":
            return Tuple(found.items) if found.items is not None else machine.store.new(ListObject(None, found.element))
        items = found.items
        if kind == "set" and items is not None:
            items = tuple(dict.fromkeys(items)) if all(isinstance(v, Const) for v in items) else None
        element = found.element if found.items is None else objects.any_item(machine, found)
        return machine.store.new(ListObject(items, element, kind))

    return make


def _dict(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    entries: dict[Value, Value] = {}
    rest: Value | None = None
    if a.args:
        content = machine.content(a.args[0])
        if isinstance(content, DictObject):
            entries.update(content.entries)
            rest = content.rest
        else:
            found = objects.iterate(machine, a.args[0], frame, node)
            for pair in found.items or ():
                if isinstance(pair, Tuple) and len(pair.items) == 2:
                    entries[pair.items[0]] = pair.items[1]
                else:
                    rest = Unknown("unknown entry")
            if found.items is None:
                rest = Unknown("unknown entries")
    entries.update((Const(k), v) for k, v in a.kwargs)
    return machine.store.new(DictObject(entries, rest))


def _reversed(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = objects.iterate(machine, a.args[0], frame, node)
    return machine.store.new(GeneratorObject(None if found.items is None else found.items[::-1], found.element))


def _sorted(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = objects.iterate(machine, a.args[0], frame, node)
    if found.items is not None and not a.kwargs and all(isinstance(v, Const) for v in found.items):
        try:
            ordered = sorted((v.value for v in found.items if isinstance(v, Const)))  # type: ignore[type-var]
            return machine.store.new(ListObject(tuple(Const(v) for v in ordered)))
        except TypeError:
            return Unknown("not comparable")
    if found.items is not None and len({machine.note(v) for v in found.items}) == 1 and found.items:
        return machine.store.new(ListObject(found.items))
    if found.items is not None:
        return machine.store.new(ListObject((machine.join(found.items),) * len(found.items)))
    return machine.store.new(ListObject(None, found.element))


def _sum(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if machine.tensor(a.args[0]) is not None:
        return operate(machine, frame, node, "builtins.sum", a.args, a.kwargs, show="sum")
    found = objects.iterate(machine, a.args[0], frame, node)
    total = a.get(1, "start") or Const(0)
    if found.items is None:
        element = found.element
        one = operators.binary(machine, frame, node, ast.Add, total, element)
        return machine.join([one, operators.binary(machine, frame, node, ast.Add, one, element)])
    for item in found.items:
        total = operators.binary(machine, frame, node, ast.Add, total, item)
    return total


def _extreme(name: str) -> Handler:
    def pick(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        values = a.args
        if len(values) == 1:
            if machine.tensor(values[0]) is not None:
                return operate(machine, frame, node, f"builtins.{name}", values, show=name)
            found = objects.iterate(machine, values[0], frame, node)
            if found.items is None:
                return found.element if not a.kwargs or a.keyword("default") is None else Unknown(name)
            values = found.items
        if a.keyword("key") is not None or not values:
            return machine.join(values) if values else Unknown(name)
        sizes = [as_dim(v) for v in values]
        if all(s is not None for s in sizes):
            result = sizes[0]
            for size in sizes[1:]:
                assert result is not None and size is not None
                result = (minimum if name == "min" else maximum)(result, size)
            assert result is not None
            return int_value(result)
        if all(isinstance(v, Const) for v in values):
            try:
                numbers = [v.value for v in values if isinstance(v, Const)]
                return Const(min(numbers) if name == "min" else max(numbers))  # type: ignore[type-var]
            except TypeError:
                return Unknown("not comparable")
        if all(scalar_kind(v) in ("int", "float", "bool") for v in values):
            kinds = {scalar_kind(v) for v in values}
            return Scalar("float") if kinds == {"float"} else machine.unknown_int() if kinds == {"int"} else Unknown(name)
        return machine.join(values)

    return pick


def _quantifier(name: str) -> Handler:
    def check(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        found = objects.iterate(machine, a.args[0], frame, node)
        if found.items is None:
            return Scalar("bool")
        verdicts = [operators.truth(machine, frame, node, v) for v in found.items]
        decisive = name == "any"
        if decisive in verdicts:
            return Const(decisive)
        return Scalar("bool") if None in verdicts else Const(not decisive)

    return check


def _number(kind: str) -> Handler:
    convert = {"int": int, "float": float, "bool": bool, "complex": complex}[kind]

    def make(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        if not a.args:
            return Const(convert())

        def one(values: tuple[Value, ...]) -> Value:
            value = values[0]
            if isinstance(value, Const) and isinstance(value.value, (str, int, float)) and not a.args[1:]:
                try:
                    return Const(convert(value.value))
                except (ValueError, OverflowError):
                    return Unknown("ValueError")
            if kind == "int" and isinstance(value, SymInt):
                return value
            if kind == "bool":
                known = operators.truth(machine, frame, node, value)
                return Scalar("bool") if known is None else Const(known)
            if machine.tensor(value) is not None:
                operate(machine, frame, node, f"builtins.{kind}", (value,), show=kind)
            return machine.unknown_int() if kind == "int" else Scalar(kind)

        return machine.alternatives(frame, a.args[:1], one)

    return make


def _str(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    value = a.args[0] if a.args else Const("")
    if isinstance(value, Const) and isinstance(value.value, (str, int, bool, type(None))):
        return Const(str(value.value))
    return Scalar("str")


def _text(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return Scalar("str")


def _arithmetic(name: str) -> Handler:
    def apply(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        if any(operators.is_array_operand(machine, v) for v in a.args):
            return operate(machine, frame, node, f"builtins.{name}", a.args, a.kwargs, show=name)
        values = [natives.plain(machine, v) for v in a.args]
        if not any(v is natives.NOT_PLAIN for v in values):
            if name == "pow":
                return operators.binary(machine, frame, node, ast.Pow, *a.args[:2])
            try:
                return natives.from_plain(machine, getattr(python, name)(*values))
            except (TypeError, ValueError, ArithmeticError):
                return Unknown(name)
        if name == "divmod" and len(a.args) == 2:
            return Tuple((operators.binary(machine, frame, node, ast.FloorDiv, *a.args),
                          operators.binary(machine, frame, node, ast.Mod, *a.args)))  # fmt: skip
        kind = scalar_kind(a.args[0]) if a.args else None
        if name == "round" and len(a.args) == 1 or kind == "int":
            return machine.unknown_int()
        return Scalar(kind) if kind in ("float",) else Unknown(name)

    return apply


def _isinstance(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) != 2:
        return Scalar("bool")

    def one(values: tuple[Value, ...]) -> Value:
        verdict = is_instance(machine, values[0], a.args[1])
        return Scalar("bool") if verdict is None else Const(verdict)

    return machine.alternatives(frame, a.args[:1], one)


_CLASS_NAMES = {"int", "float", "bool", "str", "complex", "bytes", "list", "tuple", "dict", "set", "slice", "range"}


def is_instance(machine: Machine, value: Value, wanted: Value) -> bool | None:
    """``isinstance(value, wanted)``; None when not known."""
    if isinstance(wanted, Tuple):
        verdicts = [is_instance(machine, value, w) for w in wanted.items]
        return True if True in verdicts else None if None in verdicts else False
    if isinstance(value, (Unknown, Union)):
        return None
    content = machine.content(value)
    kind = scalar_kind(value)
    if isinstance(wanted, Builtin) and wanted.name in _CLASS_NAMES:
        if kind is not None:
            return kind == wanted.name or (kind == "bool" and wanted.name == "int")
        if isinstance(value, Tuple):
            return wanted.name == "tuple"
        if isinstance(content, ListObject):
            return content.kind == wanted.name
        if isinstance(content, DictObject):
            return wanted.name == "dict"
        if isinstance(content, TensorObject):
            return content.meta.library == "numpy" and content.meta.type == "float64" and wanted.name == "float"
        if isinstance(content, Instance):
            return classes.subclass_of(machine, content.cls, wanted)
        return wanted.name == "slice" if isinstance(value, SliceValue) else None if content is None else False
    if isinstance(wanted, Builtin) and wanted.name == "object":
        return True
    if isinstance(content, Instance):
        return classes.subclass_of(machine, content.cls, wanted)
    if isinstance(wanted, LibRef):
        return _is_library_instance(machine, value, wanted.path)
    if isinstance(machine.content(wanted), ClassObject):
        return False if isinstance(content, (TensorObject, ListObject, DictObject, LibObject)) or kind is not None else None
    return None


def _is_library_instance(machine: Machine, value: Value, path: str) -> bool | None:
    content = machine.content(value)
    if isinstance(content, TensorObject):
        if path == "torch.Tensor":
            return content.meta.library == "torch"
        if path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
            return content.meta.type == "Parameter"
        if path == "numpy.ndarray":
            return content.meta.library == "numpy" and content.meta.type in ("ndarray", "MaskedArray", "matrix")
        return False if machine.oracle.describe(path).is_nn_module else None
    if isinstance(content, LibObject) and content.is_module:
        if path == "torch.nn.Module" or path == content.path:
            return True
        described = machine.oracle.describe(content.path)
        mro = getattr(described, "mro", ())
        return path in mro or getattr(machine.oracle.describe(path), "name", None) in mro if mro else None
    if path in ("torch.Tensor", "numpy.ndarray", "torch.nn.Module") and (
        isinstance(content, (ListObject, DictObject, ClassObject)) or isinstance(value, (Tuple, Function)) or scalar_kind(value)
    ):
        return False
    return None


def _getattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) >= 2 and isinstance(a.args[1], Const) and isinstance(a.args[1].value, str):
        name = a.args[1].value
        if len(a.args) == 2:
            return objects.get_attribute(machine, frame, node, a.args[0], name)
        content = machine.content(a.args[0])
        if isinstance(content, Instance) and isinstance(a.args[0], Ref) and not objects.is_module(machine, a.args[0]):
            found = machine.store.cell(a.args[0].address, name) or objects.find_in_class(machine, content.cls, name)
            return a.args[2] if found is None else objects.get_attribute(machine, frame, node, a.args[0], name)
    return Unknown("getattr")


def _setattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 3 and isinstance(a.args[1], Const) and isinstance(a.args[1].value, str):
        objects.set_attribute(machine, frame, node, a.args[0], a.args[1].value, a.args[2])
    return NONE


def _delattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 2 and isinstance(a.args[1], Const) and isinstance(a.args[1].value, str):
        objects.delete_attribute(machine, a.args[0], a.args[1].value)
    return NONE


def _hasattr(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    content = machine.content(a.args[0]) if a.args else None
    if len(a.args) == 2 and isinstance(a.args[0], LibRef) and isinstance(a.args[1], Const) and is_library(a.args[0]):
        return Const(machine.oracle.describe(f"{a.args[0].path}.{a.args[1].value}").kind != "missing")
    name = a.args[1].value if len(a.args) > 1 and isinstance(a.args[1], Const) else None
    if isinstance(content, (TensorObject, LibObject)) and isinstance(name, str):
        return _library_object_has(machine, a.args[0], content, name)
    if isinstance(content, Instance) and isinstance(a.args[0], Ref) and isinstance(name, str):
        if machine.store.is_doubtful(a.args[0].address, name):
            return Scalar("bool")
        if machine.store.cell(a.args[0].address, name) is not None or isinstance(
            objects.find_in_class(machine, content.cls, name), (Function, Descriptor, Const)
        ):
            return TRUE
        cls = machine.content(content.cls)
        bases = cls.mro if isinstance(cls, ClassObject) else (Unknown(),)
        if all(isinstance(b, Ref) or b == objects.MODULE_CLASS for b in bases):
            inherited = objects.MODULE_CLASS in bases and machine.oracle.describe(f"torch.nn.Module.{name}").kind != "missing"
            return TRUE if inherited else FALSE
        return Scalar("bool")
    return Scalar("bool")


def _super(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 2:
        return SuperValue(a.args[0], a.args[1])
    if frame.function is not None and frame.function.owner is not None and frame.receiver is not None:
        return SuperValue(frame.function.owner, frame.receiver)
    return Unknown("super")


def _type(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    content = machine.content(a.args[0]) if len(a.args) == 1 else None
    if isinstance(content, Instance):
        return content.cls
    if isinstance(content, LibObject) and content.is_module:
        return LibRef(content.path)
    if isinstance(content, TensorObject) and content.meta.type in ("Tensor", "ndarray"):
        return LibRef(f"{content.meta.library}.{content.meta.type}")
    kind = scalar_kind(a.args[0]) if len(a.args) == 1 else None
    return Builtin(kind) if kind else Unknown("type")


def _library_object_has(machine: Machine, value: Value, content: TensorObject | LibObject, name: str) -> Value:
    if isinstance(content, TensorObject):
        path = "torch.Tensor" if content.meta.library == "torch" else f"numpy.{content.meta.type}"
        return Const(machine.oracle.describe(f"{path}.{name}").kind != "missing")
    if isinstance(value, Ref) and machine.store.cell(value.address, name) is not None:
        return TRUE
    if content.is_module and content.recipe is not None:
        answer = machine.oracle.ask(Question(f"getattr:{name}", (content.recipe,)))  # type: ignore[arg-type]
        if isinstance(answer, (Returned, Raised)):
            return Const(isinstance(answer, Returned))
    return Scalar("bool")


def _exec(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    """Code in a string may bind any name."""
    for name, _ in machine.store.cells(frame.address):
        machine.store.set_cell(frame.address, name, Unknown("exec"))
    return NONE


def _slice(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    if len(a.args) == 1:
        return SliceValue(NONE, a.args[0], NONE)
    return SliceValue(a.args[0], a.args[1], a.args[2] if len(a.args) > 2 else NONE) if a.args else Unknown("slice")


def _iter(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    found = objects.iterate(machine, a.args[0], frame, node)
    return machine.store.new(GeneratorObject(found.items, found.element))


def _next(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    content = machine.content(a.args[0])
    if isinstance(content, GeneratorObject) and isinstance(a.args[0], Ref):
        if content.items:
            machine.store.put(a.args[0].address, GeneratorObject(content.items[1:], content.element))
            return content.items[0]
        return content.element if content.items is None else a.args[1] if len(a.args) > 1 else Unknown("StopIteration")
    method = objects.special(machine, a.args[0], "next")
    return calls.call(machine, frame, node, method, Arguments()) if method else Unknown("next")


def _descriptor(kind: str) -> Handler:
    def make(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
        return Descriptor(kind, a.args[0]) if a.args else Unknown(kind)

    return make


def _callable(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    value = a.args[0] if a.args else NONE
    if isinstance(value, (Function, BoundMethod, Builtin, NativeMethod, Partial)) or objects.is_module(machine, value):
        return TRUE
    return FALSE if scalar_kind(value) or isinstance(value, Tuple) or value == NONE else Scalar("bool")


def _unknown_int(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    return machine.unknown_int()


HANDLERS: Mapping[str, Handler] = {
    "print": _print, "len": _len, "range": _range, "enumerate": _enumerate, "zip": _zip, "map": _map, "filter": _filter,
    "list": _sequence("list"), "tuple": _sequence("tuple"), "set": _sequence("set"), "frozenset": _sequence("set"), "dict": _dict,
    "reversed": _reversed, "sorted": _sorted, "sum": _sum, "min": _extreme("min"), "max": _extreme("max"),
    "any": _quantifier("any"), "all": _quantifier("all"), "int": _number("int"), "float": _number("float"),
    "bool": _number("bool"), "complex": _number("complex"), "str": _str, "repr": _text, "format": _text, "input": _text, "chr": _text,
    "abs": _arithmetic("abs"), "round": _arithmetic("round"), "divmod": _arithmetic("divmod"), "pow": _arithmetic("pow"),
    "isinstance": _isinstance, "getattr": _getattr, "setattr": _setattr, "delattr": _delattr, "hasattr": _hasattr, "super": _super, "type": _type,
    "slice": _slice, "iter": _iter, "next": _next, "property": _descriptor("property"), "callable": _callable,
    "staticmethod": _descriptor("staticmethod"), "classmethod": _descriptor("classmethod"), "id": _unknown_int, "hash": _unknown_int,
    "ord": _unknown_int, "exec": _exec,
}  # fmt: skip
