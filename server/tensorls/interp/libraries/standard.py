"""The standard library as far as sizes and values flow through it."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from tensorls.domain import dims
from tensorls.domain.objects import ClassObject, DictObject, GeneratorObject, Instance, LibObject, ListObject, TensorObject
from tensorls.domain.values import (
    NONE,
    Arguments,
    Const,
    Descriptor,
    Function,
    LibRef,
    Partial,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Unknown,
    Value,
    as_dim,
    int_value,
    strings,
)  # fmt: skip
from tensorls.interp import ranges
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.numbers import Inexact, is_near_whole, number

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]

_MATH_FLOAT = frozenset(
    [
        "sqrt",
        "exp",
        "log",
        "log2",
        "log10",
        "log1p",
        "expm1",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "pow",
        "fabs",
        "fmod",
        "hypot",
        "degrees",
        "radians",
        "erf",
        "gamma",
        "lgamma",
        "copysign",
    ]
)
_MATH_INT = frozenset(["ceil", "floor", "trunc", "gcd", "lcm", "comb", "perm", "factorial", "isqrt"])
CONSTANTS: Mapping[str, Value] = {
    "math.pi": Const(math.pi), "math.e": Const(math.e), "math.inf": Const(math.inf), "math.nan": Const(math.nan),
    "math.tau": Const(math.tau), "sys.argv": Unknown("sys.argv"),
    "sys.maxsize": Const(2**63 - 1), "string.ascii_letters": Const("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "string.ascii_lowercase": Const("abcdefghijklmnopqrstuvwxyz"), "string.digits": Const("0123456789"),
}  # fmt: skip
_LARGEST = 10_000


def _math(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    name = path.removeprefix("math.")
    if name == "prod" and a.args:
        return _prod(machine, frame, node, a)
    numbers = [n for v in a.args if isinstance(n := number(machine, v), (int, float))]
    inexact = [n for n in numbers if isinstance(n, Inexact)]
    if inexact and (name not in ("ceil", "floor", "trunc") or is_near_whole(inexact[0])):
        return machine.unknown_int() if name in _MATH_INT else Scalar("float") if name in _MATH_FLOAT else Unknown(path)
    if len(numbers) == len(a.args) and numbers and all(abs(n) < 2**64 for n in numbers if n == n):
        if name in ("factorial", "comb", "perm") and max(numbers) > _LARGEST:
            return machine.unknown_int()
        try:
            return Const(getattr(math, name)(*numbers))
        except (ValueError, OverflowError, TypeError, AttributeError):
            return Unknown(f"{path} fails")
    if name in ("ceil", "floor", "trunc") and len(a.args) == 1 and isinstance(a.args[0], SymInt):
        return a.args[0]
    if name in _MATH_INT:
        return machine.unknown_int()
    if name in _MATH_FLOAT:
        return Scalar("float")
    return Scalar("bool") if name.startswith("is") else Unknown(path)


def _prod(machine: Machine, frame: Frame, node: ast.AST, a: Arguments) -> Value:
    from tensorls.interp import iteration

    found = iteration.iterate(machine, a.args[0], frame, node)
    sizes = [as_dim(v) for v in found.items or ()]
    if found.items is not None and all(s is not None for s in sizes):
        try:
            return int_value(dims.product(s for s in sizes if s is not None))
        except dims.TooComplex:
            return machine.unknown_int()
    return Unknown("product of unknown numbers")


def _partial(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Partial(a.args[0], a.args[1:], a.kwargs) if a.args and not a.open else Unknown("partial")


def _same(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """A decorator that leaves what it decorates as it is."""
    return a.args[0] if a.args else LibRef(path)


def _decorator(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """A decorator factory whose decorator leaves the function as it is: ``@functools.wraps(f)``, ``@lru_cache(3)``."""
    if path.endswith("cache") and a.args and isinstance(a.args[0], Function):
        return a.args[0]
    return LibRef("functools.identity")


def _cached_property(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Descriptor("property", a.args[0]) if a.args else Unknown(path)


def _dataclass(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import classes

    if not a.args:
        return LibRef("dataclasses.dataclass")
    content = machine.content(a.args[0])
    if isinstance(content, ClassObject):
        own = _annotated_fields(machine, content)
        classes.make_dataclass(machine, a.args[0], own)
    return a.args[0]


def _annotated_fields(machine: Machine, content: ClassObject) -> tuple[str, ...]:
    source = machine.sources.get(content.file)
    for node in ast.walk(source.tree) if source is not None else ():
        if isinstance(node, ast.ClassDef) and node.name == content.name:
            return tuple(
                s.target.id for s in node.body
                if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and "ClassVar" not in ast.unparse(s.annotation)
            )  # fmt: skip
    return ()


def _replace(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``dataclasses.replace(instance, **changes)``: a new instance made of the fields of the old one."""
    from tensorls.interp import calls

    old = a.args[0] if len(a.args) == 1 else NONE
    instance = machine.content(old)
    cls = machine.content(instance.cls) if isinstance(instance, Instance) else None
    if not isinstance(old, Ref) or not isinstance(cls, ClassObject) or cls.dataclass_fields is None or a.open:
        return calls.escape(machine, a, path)
    assert isinstance(instance, Instance)
    kept = [(name, machine.store.cell(old.address, name)) for name in cls.dataclass_fields]
    given = {**{name: value or Unknown("field") for name, value in kept}, **dict(a.kwargs)}
    return calls.call(machine, frame, node, instance.cls, Arguments((), tuple(given.items())))


def _field(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp.classes import FieldDefault

    return FieldDefault(a.keyword("default"), a.keyword("default_factory"))


def _simple_namespace(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``types.SimpleNamespace(**attributes)``."""
    cls = machine.store.new(ClassObject("SimpleNamespace", frame.file, (), ()))
    machine.store.put(cls.address, ClassObject("SimpleNamespace", frame.file, (), (cls,)))
    ref = machine.store.new(Instance(cls))
    for name, value in a.kwargs:
        machine.store.set_cell(ref.address, name, value)
    return ref


def _ordered_dict(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import builtins

    return builtins.call_builtin(machine, frame, node, "dict", a)


def _default_dict(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.store.new(DictObject({}, None, a.args[0] if a.args else None))


def _deque(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import iteration

    found = iteration.iterate(machine, a.args[0], frame, node) if a.args else iteration.Items(())
    bounded = a.get(1, "maxlen") is not None
    element = Unknown() if found.items == () else iteration.any_item(machine, found)
    return machine.store.new(ListObject(None if bounded else found.items, element, "deque"))


def _counter(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """How often each element occurs; which ones there are is not told apart."""
    from tensorls.interp import iteration

    ref = machine.store.new(LibObject(path))
    element: Value = Unknown("elements of a counter")
    if len(a.args) == 1 and not a.kwargs and not a.open and not isinstance(machine.content(a.args[0]), DictObject):
        element = iteration.any_item(machine, iteration.iterate(machine, a.args[0], frame, node))
    machine.store.set_cell(ref.address, "element", element)
    return ref


def counter_method(machine: Machine, ref: Ref, name: str) -> Value | None:
    """``most_common()`` and the like; None for what may add elements."""
    element = machine.store.cell(ref.address, "element") or Unknown("elements of a counter")
    items = {"most_common": Tuple((element, machine.unknown_int())), "items": Tuple((element, machine.unknown_int())),
             "keys": element, "elements": element, "values": machine.unknown_int(), "total": None}  # fmt: skip
    if name not in items:
        machine.store.set_cell(ref.address, "element", Unknown("elements of a counter"))
        return None
    found = items[name]
    return machine.unknown_int() if found is None else machine.store.new(ListObject(None, found))


def _named_tuple(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import iteration

    name, names = a.get(0, "typename"), a.get(1, "field_names")
    fields: list[str] | None = None
    if isinstance(names, Const) and isinstance(names.value, str):
        fields = names.value.replace(",", " ").split()
    elif names is not None:
        fields = strings(iteration.iterate(machine, names).items or (Unknown(),))
    if fields is None or not isinstance(name, Const):
        return Unknown("namedtuple")
    ref = machine.store.new(ClassObject(str(name.value), frame.file, (), ()))
    machine.store.put(ref.address, ClassObject(str(name.value), frame.file, (), (ref,), False, tuple(fields), named_tuple=True))
    return ref


def _itertools(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import iteration

    name = path.removeprefix("itertools.")
    found = [iteration.iterate(machine, v, frame, node) for v in a.args]
    if name == "chain":
        if all(f.items is not None for f in found):
            return machine.store.new(GeneratorObject(tuple(v for f in found for v in f.items or ())))
        return machine.store.new(GeneratorObject(None, machine.join([iteration.any_item(machine, f) for f in found])))
    if name == "product" and not a.kwargs:
        element = Tuple(tuple(iteration.any_item(machine, f) for f in found))
        rows: list[tuple[Value, ...]] = [()]
        for f in found:
            rows = [(*r, v) for r in rows for v in f.items or ()]
            if f.items is None or len(rows) > machine.limits.items:
                return machine.store.new(GeneratorObject(None, element))
        return machine.store.new(GeneratorObject(tuple(Tuple(r) for r in rows)))
    times = a.get(1, "times") if name == "repeat" else None
    if isinstance(times, Const) and isinstance(times.value, int) and times.value <= machine.limits.items:
        return machine.store.new(GeneratorObject((a.args[0],) * times.value))
    if name in ("repeat", "cycle", "islice", "takewhile", "dropwhile") and found:
        any_one = a.args[0] if name == "repeat" else iteration.any_item(machine, found[0])
        return machine.store.new(GeneratorObject(None, any_one))
    if name == "count":
        return machine.store.new(GeneratorObject(None, machine.unknown_int()))
    return Unknown(path)


def _copy(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """Modules and containers are copied with everything below them; each object once."""
    return deep_copy(machine, a.args[0]) if a.args else Unknown(path)


def deep_copy(machine: Machine, value: Value) -> Value:
    """``copy.deepcopy``."""
    return _deep(machine, value, {})


def _deep(machine: Machine, value: Value, done: dict[int, Value]) -> Value:
    if isinstance(value, Tuple):
        return Tuple(tuple(_deep(machine, v, done) for v in value.items), value.kind, value.fields)
    if not isinstance(value, Ref):
        return value
    if value.address in done:
        return done[value.address]
    content = machine.store.get(value.address)
    if content is None or isinstance(content, ClassObject):
        return value
    ref = machine.store.new(content)
    done[value.address] = ref
    if isinstance(content, TensorObject):
        machine.store.put(ref.address, TensorObject(content.meta, ref.address, content.leaves, content.history, _owner(content, done)))
    elif isinstance(content, ListObject) and content.items is not None:
        machine.store.put(ref.address, ListObject(tuple(_deep(machine, v, done) for v in content.items), kind=content.kind))
    elif isinstance(content, DictObject):
        machine.store.put(ref.address, DictObject({k: _deep(machine, v, done) for k, v in content.entries.items()}, content.rest))
    elif isinstance(content, LibObject) and content.children is not None:
        children = tuple((n, _deep(machine, v, done)) for n, v in content.children)
        machine.store.put(ref.address, LibObject(content.path, content.recipe, content.device, True, children))
    for name, cell in machine.store.cells(value.address):
        machine.store.set_cell(ref.address, name, _deep(machine, cell, done))
    return ref


def _owner(content: TensorObject, done: Mapping[int, Value]) -> int | None:
    """A parameter that is copied with its module belongs to the copy."""
    copied = done.get(content.owner) if content.owner is not None else None
    return copied.address if isinstance(copied, Ref) else content.owner


def _progress(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``tqdm(iterable)`` gives what the iterable gives."""
    from tensorls.interp import builtins

    if path.endswith("trange"):
        return builtins.call_builtin(machine, frame, node, "range", Arguments(a.args))
    given = a.get(0, "iterable")
    return given if given is not None and given != NONE else Unknown("progress bar")


def _quiet(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return NONE


def _number(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    if path in ("random.randint", "random.randrange"):
        return ranges.refined(machine, path, a.args, a.kwargs, machine.unknown_int())
    return Scalar("float")


def _choice(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    from tensorls.interp import iteration

    return iteration.any_item(machine, iteration.iterate(machine, a.args[0], frame, node)) if a.args else Unknown(path)


def _reduce(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``functools.reduce`` over items that are all known."""
    from tensorls.interp import calls, iteration

    found = iteration.iterate(machine, a.args[1], frame, node).items if len(a.args) in (2, 3) and not a.open else None
    if found is None or len(found) > machine.limits.exact_iterations or not (*a.args[2:], *found):
        return calls.escape(machine, a, path)
    result, *rest = (*a.args[2:], *found)
    for item in rest:
        result = calls.call(machine, frame, node, a.args[0], Arguments((result, item)))
    return result


def _sample(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``random.sample(population, k)``: any ``k`` of them."""
    from tensorls.interp import iteration

    if not a.args or a.open:
        return Unknown(path)
    one = iteration.any_item(machine, iteration.iterate(machine, a.args[0], frame, node))
    wanted = a.get(1, "k") if path.endswith("sample") else a.keyword("k") or Const(1)
    size = None if wanted is None else as_dim(wanted)
    if isinstance(size, int) and 0 <= size <= machine.limits.items:
        return machine.store.new(ListObject((one,) * size))
    return machine.store.new(ListObject(None, one, length=machine.fresh() if size is None else size))


def _shuffle(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """The same items in any order."""
    content = machine.content(a.args[0]) if a.args else None
    if isinstance(content, ListObject) and isinstance(a.args[0], Ref):
        one = machine.joiner.element(content)
        items = None if content.items is None else (one,) * len(content.items)
        machine.store.put(a.args[0].address, ListObject(items, one, content.kind, content.length))
    return NONE


def _numpy_prod(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``np.prod(x.shape)``: a NumPy integer whose value is known."""
    from tensorls.domain.tensor import TensorMeta
    from tensorls.interp import calls

    found = _prod(machine, frame, node, a) if len(a.args) == 1 and not a.kwargs and isinstance(a.args[0], Tuple) else NONE
    size = as_dim(found)
    if size is not None and isinstance(a.args[0], Tuple) and a.args[0].items:  # of nothing it is 1.0
        address = machine.store.reserve()
        meta = TensorMeta("numpy", "int64", (), "int64", strides=(), data=size)
        machine.store.put(address, TensorObject(meta, address))
        return Ref(address)
    return calls.call_operator(machine, frame, node, path, a)


HANDLERS: Mapping[str, Handler] = {
    "numpy.prod": _numpy_prod,
    "functools.partial": _partial, "functools.reduce": _reduce,
    "functools.wraps": _decorator, "functools.lru_cache": _decorator, "functools.cache": _same,
    "functools.identity": _same, "functools.cached_property": _cached_property, "abc.abstractmethod": _same,
    "dataclasses.dataclass": _dataclass, "dataclasses.field": _field, "dataclasses.replace": _replace,
    "types.SimpleNamespace": _simple_namespace, "argparse.Namespace": _simple_namespace,
    "collections.OrderedDict": _ordered_dict, "collections.defaultdict": _default_dict,
    "collections.deque": _deque, "collections.Counter": _counter, "collections.namedtuple": _named_tuple,
    "copy.deepcopy": _copy, "copy.copy": _copy,
    "random.seed": _quiet, "random.random": _number, "random.uniform": _number, "random.randint": _number,
    "random.randrange": _number, "random.choice": _choice, "random.sample": _sample,
    "random.choices": _sample, "random.shuffle": _shuffle, "random.gauss": _number, "time.time": _number,
    "time.perf_counter": _number, "time.sleep": _quiet, "warnings.filterwarnings": _quiet, "typing.cast": lambda m, f, n, p, a: (
        a.args[1] if len(a.args) > 1 else Unknown(p)), "typing.overload": _same, "typing.final": _same,
}  # fmt: skip
PREFIXES: tuple[tuple[str, Handler], ...] = (("math.", _math), ("itertools.", _itertools), ("tqdm.", _progress))
