"""Arguments of which nothing is known: what the parameter takes says what they may be, and the result what all of those give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from tensorls.domain.objects import LibObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import NONE, Const, DeviceValue, Parameter, Ref, Scalar, SymInt, Tuple, Union, Unknown, Value
from tensorls.interp.machine import Machine
from tensorls.interp.terms import is_failure
from tensorls.oracle.question import Overload
from tensorls.source.installed import MISSING

Keywords = tuple[tuple[str, Value], ...]

NUMBER = ("float", "int", "bool", "complex")
#: Integers that stand for something else.
CODES = frozenset({"dtype", "out_dtype", "layout", "memory_format", "device", "reduction"})
#: What may be given one by one instead.
SPREAD = {"List[int]": "int", "List[Tensor]": "Tensor", "*": "?"}
#: Of a tensor where a number would do: does the operator broadcast it?
SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (7,), (1,) * 6)
#: In place, a tensor stays what it is whatever it is combined with.
IN_PLACE = frozenset(f"operator.{n}" for n in ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow")) | frozenset(
    f".{n}_" for n in ("add", "sub", "mul", "div", "copy", "clamp", "fill", "masked_fill", "index_add", "index_copy", "index_fill",
                       "scatter", "scatter_add", "masked_scatter", "addcmul", "addcdiv", "lerp", "pow"))  # fmt: skip
BINARY = frozenset(f"operator.{n}" for n in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"))
ORDER = frozenset(f"operator.{n}" for n in ("lt", "le", "gt", "ge"))


def is_blank(value: Value) -> bool:
    """Whether a value is there of which nothing is known.

    A failure has none, a parameter is about to be told from its use, and what a package gives that is not installed has never
    been there: what follows from it does not run here.
    """
    if not isinstance(value, Unknown) or isinstance(value, Parameter) or is_failure(value):
        return False
    return not value.reason.endswith(MISSING)


def placed(kwargs: Keywords) -> Keywords:
    """``device=`` a text or a number that is not known: some device."""

    def one(value: Value) -> Value:
        if isinstance(value, Union):
            return Union(tuple(dict.fromkeys(one(m) for m in value.members)))
        return DeviceValue(None) if value == Scalar("str") or isinstance(value, SymInt) else value

    return tuple((k, one(v) if k == "device" else v) for k, v in kwargs)


def has_blank(machine: Machine, args: tuple[Value, ...], kwargs: Keywords) -> bool:
    """Whether an argument, or an item of one, is unknown, and none of them a parameter."""
    found = False
    for value in _flat(machine, (*args, *(v for _, v in kwargs))):
        if isinstance(value, Unknown) and not is_blank(value):
            return False
        found = found or is_blank(value)
    return found


def _flat(machine: Machine, values: Sequence[Value], depth: int = 3) -> Iterator[Value]:
    for value in values:
        items = _items(machine, value) if depth else None
        yield from (value,) if items is None else _flat(machine, items, depth - 1)


def _items(machine: Machine, value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, Tuple):
        return value.items
    content = machine.content(value)
    return tuple(content.items) if isinstance(content, ListObject) and content.items is not None else None


def _is_numpy(machine: Machine, op: str, args: tuple[Value, ...]) -> bool:
    first = machine.tensor(args[0]) if args else None
    return op.startswith("numpy.") or (op == ".reshape" and first is not None and first.meta.library == "numpy")


def _sizes_of_numpy(op: str, place: int | str, count: int) -> frozenset[str]:
    """What NumPy takes for a shape, which its functions say nothing of."""
    name = op.rpartition(".")[2]
    if place in ("shape", "size") or (place == 0 and name in ("zeros", "ones", "empty", "full")):
        return frozenset({"ints"})
    if place == "num" or (place == 2 and name in ("linspace", "logspace", "geomspace")):
        return frozenset({"int"})
    if op == ".reshape" and place != 0:
        return frozenset({"int"}) if count > 2 else frozenset({"ints"})
    if op in ("numpy.random.rand", "numpy.random.randn"):
        return frozenset({"int"})
    return frozenset()


def replaced(machine: Machine, op: str, args: tuple[Value, ...], kwargs: Keywords) -> tuple[tuple[Value, ...], Keywords] | None:
    """The arguments with what stands for the unknown ones; None where what they may be cannot be told."""
    numpy = _is_numpy(machine, op, args)
    fitting = [] if numpy else list(_fitting(machine, op, args, kwargs))
    if op == "call" or not (fitting or numpy):
        return None
    first = machine.tensor(args[0]) if args else None
    device = first.meta.device if first is not None and first.meta.shape else None

    def one(value: Value, place: int | str) -> Value | None:
        if place == "device" and is_blank(value):
            return DeviceValue(None)
        kinds = set(_sizes_of_numpy(op, place, len(args)) if numpy else ())
        for overload in fitting:
            kinds |= _kinds(_type_at(overload, place, len(args)))
        return _stand_in(machine, value, frozenset(kinds), device)

    positional = [one(v, i) for i, v in enumerate(args)]
    named = [(k, one(v, k)) for k, v in kwargs]
    if any(v is None for v in positional) or any(v is None for _, v in named):
        return None
    return tuple(v for v in positional if v is not None), tuple((k, v) for k, v in named if v is not None)


def weaken(machine: Machine, result: Value, given: tuple[tuple[Value, ...], Keywords]) -> None:
    """Where a tensor may stand for a number, it may need a gradient."""
    choices = [v for v in (*given[0], *(v for _, v in given[1])) if isinstance(v, Union)]
    found = machine.tensor(result)
    if found is None or not isinstance(result, Ref) or not any(isinstance(m, Ref) for v in choices for m in v.members):
        return
    if found.meta.requires_grad is False:
        machine.store.put(result.address, replace(found, meta=found.meta.with_(requires_grad=None, is_leaf=None)))


def returned(machine: Machine, op: str, args: tuple[Value, ...], kwargs: Keywords) -> Value | None:
    """What comes back whatever the arguments are: tensors, where torch says so.

    Not in bodies that nobody calls, where most is unknown: questions about tensors of any rank and dtype cost too much there.
    """
    if machine.assumed is not None:
        return None
    first = machine.tensor(args[0]) if args else None
    if op in IN_PLACE | BINARY | ORDER:
        if first is None or first.meta.library != "torch" or not isinstance(args[0], Ref):
            return None
        if op in IN_PLACE:
            if first.meta.requires_grad is False:
                machine.store.put(args[0].address, replace(first, meta=first.meta.with_(requires_grad=None, is_leaf=None, data=None)))
            return args[0]
        single = first.meta.shape == () or first.meta.shape is None  # which may be on the CPU whatever the other is on
        return _some_tensor(machine, "bool" if op in ORDER else None, None if single else first.meta.device)
    if op == "operator.getitem":
        if first is None or first.meta.library != "torch":
            return None
        meta = TensorMeta("torch", "Tensor", None, first.meta.dtype, first.meta.device, first.meta.requires_grad, None, None)
        return machine.store.new(replace(first, meta=meta, storage=-1))
    if (op.startswith(".") and op.endswith("_")) or (op != "call" and is_module(machine, op)):
        return None
    fitting = list(_fitting(machine, op, args, kwargs))
    results = {o.gives for o in fitting}
    if len(results) != 1 or not all(any("Tensor" in t or t == "*" for _, t, _, _ in o.takes) or op == "call" for o in fitting):
        return None
    gives = results.pop()
    if not gives or any(t != "Tensor" for _, t in gives):
        return None
    found = tuple(_some_tensor(machine) for _ in gives)
    return found[0] if len(found) == 1 else Tuple(found, "namedtuple", tuple(n for n, _ in gives))


def combined(machine: Machine, op: str, args: tuple[Value, ...]) -> Value | None:
    """What is made of a tensor of which nothing is known is such a tensor: that needs no question."""
    if op not in BINARY | ORDER:
        return None
    tensors = [t for v in args if (t := machine.tensor(v)) is not None]
    others = [v for v in args if machine.tensor(v) is None]
    if any(t.meta.library != "torch" for t in tensors) or not all(isinstance(v, (Scalar, SymInt, Const)) for v in others):
        return None
    if not any(t.meta.shape is None and t.meta.dtype is None for t in tensors):
        return None
    placed = [t.meta.device for t in tensors if t.meta.shape]  # one that has axes is where the result is
    return _some_tensor(machine, "bool" if op in ORDER else None, placed[0] if placed else None)


def _some_tensor(machine: Machine, dtype: str | None = None, device: str | None = None) -> Value:
    return machine.store.new(TensorObject(TensorMeta("torch", "Tensor", None, dtype, device, False if dtype else None), -1))


def is_module(machine: Machine, op: str) -> bool:
    """Whether an operation makes a module."""
    return op.startswith("torch.nn.") and machine.oracle.describe(op).is_nn_module


# the ways to call


def _fitting(machine: Machine, op: str, args: tuple[Value, ...], kwargs: Keywords) -> Iterator[Overload]:
    """The ways on record that a call with so many arguments and these keywords may take."""
    path = _path(machine, op, args)
    if path is None:
        return
    for overload in machine.oracle.describe(path).overloads:
        if op == "call" or _accepts(overload, len(args), {k for k, _ in kwargs}):
            yield overload


def _path(machine: Machine, op: str, args: tuple[Value, ...]) -> str | None:
    if op == "call":
        content = machine.content(args[0])
        return content.path if isinstance(content, LibObject) and content.path.startswith("torch.nn.") else None
    if op.startswith("."):
        first = machine.tensor(args[0]) if args else None
        return f"torch.Tensor{op}" if first is not None and first.meta.library == "torch" else None
    return op if op.startswith("torch.") else None


def _accepts(overload: Overload, count: int, names: set[str]) -> bool:
    places = [p for p in overload.takes if not p[3]]
    if count > len(places) and not (places and places[-1][1] in SPREAD):
        return False
    rest = [p for p in overload.takes if p not in places[:count]]
    if not names <= {p[0] for p in rest}:
        return False
    return all(left_out or name in names for name, _, left_out, _ in rest)


def _type_at(overload: Overload, place: int | str, count: int) -> str:
    """The type of a parameter; sizes may be given one by one."""
    places = [p for p in overload.takes if not p[3]]
    if isinstance(place, str):
        return next((t for n, t, _, _ in overload.takes if n == place and n not in CODES), "?")
    if count > len(places) and place >= len(places) - 1:
        return SPREAD[places[-1][1]]
    name, kind = places[place][:2]
    return "?" if name in CODES else kind


@lru_cache(1000)
def _kinds(text: str) -> frozenset[str]:
    """What a type as torch writes it admits."""
    parts = _alternatives(text)
    if len(parts) > 1:
        return frozenset().union(*(_kinds(p) for p in parts))
    if text == "number":
        return frozenset(NUMBER)
    if text in ("float", "int", "bool"):
        return frozenset({text})
    if text == "None":
        return frozenset({"none"})
    if text == "Tensor":
        return frozenset({"tensor"})
    if text in ("List[Tensor]", "tuple[Tensor, ...]"):
        return frozenset({"tensors"})
    if text == "List[int]":
        return frozenset({"ints"})
    if text.startswith("tuple[int,") and set(text[6:-1].split(", ")) == {"int"}:
        return frozenset({f"ints*{text.count('int')}"})
    return frozenset({"?"})


def _alternatives(text: str) -> list[str]:
    if text.startswith("Optional[") and text.endswith("]"):
        return [text[9:-1], "None"]
    if text.startswith("Union[") and text.endswith("]"):
        text, separator = text[6:-1], ","
    else:
        separator = "|"
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [p.strip() for p in parts]


# what stands for them


def _stand_in(machine: Machine, value: Value, kinds: frozenset[str], device: str | None) -> Value | None:
    if is_blank(value):
        return _any_of(machine, kinds, device)
    items = _items(machine, value)
    if items is None or not any(is_blank(v) for v in _flat(machine, items)):
        return value
    if "tensors" in kinds:
        return Tuple(tuple(_some_tensor(machine) if is_blank(v) else v for v in items))
    sizes = "ints" in kinds or any(k.startswith("ints*") for k in kinds)
    if not sizes or any(not is_blank(v) and _items(machine, v) is not None for v in items):
        return None
    return Tuple(tuple(Scalar("int") if is_blank(v) else v for v in items))


def _any_of(machine: Machine, kinds: frozenset[str], device: str | None) -> Value | None:
    pairs = [int(k[5:]) for k in kinds if k.startswith("ints*")]
    if len(pairs) == 1 and kinds <= {f"ints*{pairs[0]}", "int", "?"}:
        return Tuple((Scalar("int"),) * pairs[0])
    if not kinds or not kinds <= {*NUMBER, "none", "tensor"} or kinds <= {"tensor", "none"}:
        return None
    numbers: list[Value] = [Scalar(k) for k in NUMBER if k in kinds]
    if "none" in kinds:
        numbers.append(NONE)
    if "tensor" in kinds:
        for shape in SHAPES:  # of a dtype that wins over most
            numbers.append(machine.store.new(TensorObject(TensorMeta("torch", "Tensor", shape, "float64", device), -1)))
    return numbers[0] if len(numbers) == 1 else Union(tuple(numbers))
