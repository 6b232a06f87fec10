"""What the parameters of a function that nobody calls must be, told from how its body uses them.

A body is run with parameters of which nothing is known; each use that allows one kind of value only (an unpacking of the
shape, a layer that takes four dimensions, a size that a factory takes) decides, and the body is run again with what was
decided, until nothing new comes.  Only uses that every run of the body reaches decide.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tensorls.domain.dims import Dim, Expr, Symbol, add, as_symbol, floordiv, is_hidden, mod, mul, sub, substitute, symbol, symbols
from tensorls.domain.objects import ListObject, TensorObject
from tensorls.domain.tensor import Library, TensorMeta
from tensorls.domain.values import (
    NONE,
    Arguments,
    Const,
    DeviceValue,
    LibRef,
    Parameter,
    Ref,
    Scalar,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    as_dim,
)
from tensorls.interp.evidence import NUMBER, ask, only_numbers, tensor_kinds, tensor_meta, works, works_apart
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.recorder import ASSUMED
from tensorls.oracle import question as q

#: Letters for the dimensions of what only a layer names.
LETTERS = {4: ("N", "C", "H", "W"), 3: ("N", "C", "L"), 5: ("N", "C", "D", "H", "W")}


@dataclass(frozen=True, slots=True)
class AnyTensor:
    """A tensor of which only some dimensions are known, by position (from the end where negative)."""

    library: Library


Kind = TensorMeta | Expr | Scalar | AnyTensor


@dataclass(slots=True)
class Assumptions:
    """What was decided about the parameters of one body so far, by path."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    equal: dict[Symbol, Dim] = field(default_factory=dict)  # symbols that must be something else
    attributes: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # symbol name -> path
    wanted: set[str] = field(default_factory=set)  # names that symbols asked for
    optional: set[str] = field(default_factory=set)  # that may be None
    changed: bool = False
    guessed: bool = False  # a batch was chosen where a single sample would do as well
    single: bool = False  # choose the single sample there
    required: dict[str, frozenset[str]] = field(default_factory=dict)  # ``C == n_embd`` -> the symbols in it
    invented: set[str] = field(default_factory=set)  # symbols whose names no code gives
    rigid: frozenset[str] = frozenset()  # symbols that annotations declare to be sizes of their own
    asked: int = 0  # candidates that were tried

    def decide(self, path: str, kind: Kind) -> None:
        """Note what a parameter is; the first evidence stays unless the new one says more."""
        old = self.kinds.get(path)
        if old is None or (isinstance(old, AnyTensor) and isinstance(kind, TensorMeta)):
            self.kinds[path] = kind
            self.changed = True

    def require(self, relation: str, left: Dim, right: Dim) -> None:
        """Only what fulfils this relation works.  In later runs of the body its sizes may bear other names."""
        old = next((r for r in self.required if self._resolved(relation) in (r, self._resolved(r))), relation)
        self.required.setdefault(old, frozenset(s.name for size in (left, right) for s in symbols(size)))

    def _resolved(self, relation: str) -> str:
        names = {s.name: str(d) for s, d in self.equal.items()}
        return re.sub(r"[^\W\d]\w*", lambda m: names.get(m.group(), m.group()), relation)

    def unify(self, left: Symbol, right: Dim, why: bool = True) -> None:
        """Two sizes are one, or a size is a number, in every run that works; ``why``: a requirement of the body."""
        if left not in self.equal and left not in symbols(right):
            if why and left.name not in self.invented:
                self.required.setdefault(f"{left.name} == {right}", frozenset({left.name, *(s.name for s in symbols(right))}))
            self.equal = {s: substitute(d, {left: right}) for s, d in self.equal.items()}
            self.equal[left] = right
            self.changed = True

    def resolved(self, dim: Dim) -> Dim:
        """A size with what is known to be equal put in."""
        return substitute(dim, self.equal)

    def equate(self, left: Dim, right: Dim) -> None:
        """Two sizes are one: names of settings stay, names of single dimensions give way."""
        a, b = as_symbol(left), as_symbol(right)
        if b is not None and (isinstance(left, int) or (a is not None and self._rank(a) <= self._rank(b))):
            self.unify(b, left)
        elif a is not None:
            self.unify(a, right)

    def _rank(self, name: Symbol) -> int:
        return 1 if ".shape[" in self.names.get(name.name, ".shape[") else 0

    def rename(self, size: Dim, name: str) -> None:
        """A comment names a size for which the code has no name."""
        old = as_symbol(size)
        if old is not None and old.name in self.invented and name not in self.names:
            self.invented.discard(old.name)
            self.unify(old, self.symbol_for(f"comment.{name}", name), why=False)

    def symbol_for(self, path: str, wanted: str | None = None) -> Expr:
        """The symbol of a size: named after the last part of its path, or as the code names it."""
        name = wanted or path.rpartition(".")[2].strip("[]_") or "n"
        number = 2
        base = name
        self.wanted.add(name)
        while self.names.setdefault(name, path) != path:
            name = f"{base}{number}"
            number += 1
            self.wanted.add(name)
        return symbol(name)


def value_of(machine: Machine, path: str, reason: str) -> Value:
    """A parameter, or something read from one, as far as it is decided."""
    found = machine.assumed
    assert found is not None
    value = _decided(machine, found, path, reason)
    return Union((NONE, value)) if path in found.optional and not isinstance(value, Parameter) else value


def _decided(machine: Machine, found: Assumptions, path: str, reason: str) -> Value:
    kind = found.kinds.get(path)
    if isinstance(kind, TensorMeta):
        shape = None if kind.shape is None else tuple(found.resolved(d) for d in kind.shape)
        address = machine.store.reserve()
        machine.store.put(address, TensorObject(kind.with_(shape=shape), address))
        return Ref(address)
    if isinstance(kind, Scalar):
        return kind
    size = found.symbol_for(path)
    if isinstance(kind, Expr):
        resolved = found.resolved(kind)
        return Const(resolved) if isinstance(resolved, int) else SymInt(resolved)
    return Parameter(reason, path, size)


def is_certain(machine: Machine, frame: Frame, path: str = "") -> bool:
    """Whether every run of the body comes here, or ends before for another reason; of what may be None, those with a value."""
    if machine.assumed is not None and path in machine.assumed.optional:
        return True
    return frame.expected and frame.branch_depth == frame.loop_depth and frame.guarded == 0 and not frame.returns


# uses


def attribute(machine: Machine, frame: Frame, value: Parameter, name: str) -> Value:
    """``x.shape``, ``config.n_embd``, the method ``x.size``."""
    found = machine.assumed
    if found is None or value.path.endswith((".shape", "]")):
        return value
    found.attributes.setdefault(value.path, set()).add(name)
    if name == "device":
        return DeviceValue(None)
    return value_of(machine, f"{value.path}.{name}", value.reason)


def call(machine: Machine, frame: Frame, node: ast.AST, callee: Parameter, arguments: Arguments) -> Value | None:
    """``x.size()``, ``x.size(0)``, and methods that only a tensor has; None when the use tells nothing."""
    base, _, name = callee.path.rpartition(".")
    if machine.assumed is None or name not in machine.assumed.attributes.get(base, ()):
        return None
    if name == "size" and not arguments.kwargs:
        _library(machine, frame, base, "torch")
        if not arguments.args:
            return Parameter(callee.reason, f"{base}.shape")
        position = arguments.args[0]
        if isinstance(position, Const) and isinstance(position.value, int):
            return Parameter(callee.reason, f"{base}.shape[{position.value}]")
        return None
    if is_certain(machine, frame, base) and _tensor_only(machine, base):
        receiver = Parameter(callee.reason, base)
        fit(machine, frame, f".{name}", (receiver, *arguments.args), arguments.kwargs)
    return None


def item(machine: Machine, value: Parameter, index: Value) -> Value | None:
    """``x.shape[0]``, ``x.shape[-2:]``."""
    if not value.path.endswith(".shape"):
        return None
    if isinstance(index, Const) and isinstance(index.value, int):
        return Parameter(value.reason, f"{value.path}[{index.value}]")
    return None


def unpacked(machine: Machine, frame: Frame, node: ast.AST, value: Parameter, count: int) -> None:
    """``B, T, C = x.shape``: as many dimensions as names, and these are their names."""
    found = machine.assumed
    base = value.path.removesuffix(".shape")
    if found is None or base == value.path or not is_certain(machine, frame, base):
        return
    library = _library_of(machine, frame, base)
    targets = node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
    if library is None or len(targets) != count or any(isinstance(t, ast.Starred) for t in targets):
        return
    names = [t.id.strip("_") if isinstance(t, ast.Name) else "" for t in targets]
    dims = tuple(found.symbol_for(f"{base}.shape[{i}]", n or f"{base.rpartition('.')[2]}{i}") for i, n in enumerate(names))
    found.invented |= {s.name for n, d in zip(names, dims, strict=True) for s in symbols(d) if not n}
    found.decide(base, tensor_meta(library, dims, None))


def combined(op: str, left: Value, right: Value, reason: str) -> Value | None:
    """Arithmetic with a parameter that may be an integer: what it gives if it is one."""
    sides = [v.size if isinstance(v, Parameter) else as_dim(v) for v in (left, right)]
    a, b = sides
    rule = _ARITHMETIC.get(op)
    if a is None or b is None or rule is None:
        return None
    try:
        size = rule(a, b)
    except ArithmeticError:
        return None
    return Parameter(reason, "", size) if isinstance(size, Expr) else None


_ARITHMETIC: Mapping[str, Callable[[Dim, Dim], Dim]] = {"add": add, "sub": sub, "mul": mul, "floordiv": floordiv, "mod": mod}


def needed_integer(machine: Machine, frame: Frame, value: Value) -> None:
    """``range(n)``, ``[x] * n``: only an integer works here."""
    if machine.assumed is not None and isinstance(value, Parameter) and value.size is not None and is_certain(machine, frame):
        _decide_integers(machine, value.size)


def _decide_integers(machine: Machine, size: Dim) -> None:
    found = machine.assumed
    assert found is not None
    for s in symbols(size):
        path = found.names.get(s.name)
        if path is not None and path not in found.kinds and not s.hidden:
            found.decide(path, symbol(s.name))


# questions


#: What takes sizes takes tensors of one element in their place too, as numbers.
_SIZES = frozenset(f"{root}.{name}" for root in ("torch", "numpy") for name in (
    "zeros", "ones", "empty", "full", "eye", "arange", "randn", "rand", "randperm", "randint", "linspace",
))  # fmt: skip


def fit(machine: Machine, frame: Frame, op: str, args: tuple[Value, ...], kwargs: tuple[tuple[str, Value], ...]) -> None:
    """An operation was given parameters: which kinds of values does it take there?"""
    found = machine.assumed
    if found is None:
        return
    given = list(dict.fromkeys(_parameters(machine, (*args, *(v for _, v in kwargs)))))
    if not given or not all(is_certain(machine, frame, p.path) for p in given):
        return
    as_integers: dict[Value, Value] = {p: SymInt(p.size) for p in given if p.size is not None}
    integers = len(as_integers) == len(given) and works(ask(machine, op, args, kwargs, as_integers))
    direct = [p for p in given if p.path and not p.path.endswith(("]", ".shape"))]
    if is_module(machine, op) and not integers:  # a rate
        if len(direct) == len(given) and works(ask(machine, op, args, kwargs, dict.fromkeys(given, NUMBER))):
            for p in direct:
                found.decide(p.path, NUMBER)
        return
    alone = len(direct) == len(given) == 1 and not (integers and (op in _SIZES or is_module(machine, op))) and _comes_first(machine, args)
    tensors = _tensor_kinds(machine, frame, op, args, kwargs, direct[0]) if alone else []
    if integers and not tensors:
        sizes = {p for p in given if _is_size(found, p)}
        numbers = only_numbers(machine, op, args, kwargs, [p for p in given if p not in sizes])
        for p in given:
            if p.size is not None and (p in sizes or numbers.get(p) == Scalar("int")):
                _decide_integers(machine, p.size)
            elif p in direct and p in numbers:
                found.decide(p.path, numbers[p])
    elif tensors and not integers:
        kind = _chosen(tensors, found)
        if kind is not None:
            found.decide(direct[0].path, kind.with_(shape=_named(found, direct[0].path, len(kind.shape or ()))))
        elif direct[0].path not in found.kinds:
            found.decide(direct[0].path, AnyTensor(tensors[0].library))


def fitted(machine: Machine, frame: Frame, path: str, arguments: Arguments) -> Arguments:
    """The arguments of a module that is made, with parameters as they are decided; of others nothing is known."""
    given = (*arguments.args, *(v for _, v in arguments.kwargs))
    found = machine.assumed
    if found is None or not any(isinstance(v, Parameter) for v in given):
        return arguments
    fit(machine, frame, path, arguments.args, arguments.kwargs)

    def decided(value: Value) -> Value:
        if not isinstance(value, Parameter):
            return value
        kind = found.kinds.get(value.path)
        if isinstance(kind, Scalar):
            return kind
        names = [] if value.size is None else [found.names.get(s.name, "") for s in symbols(value.size)]
        if names and all(isinstance(found.kinds.get(n), Expr) for n in names):
            return SymInt(value.size) if value.size is not None else value
        return Unknown(value.reason)

    return Arguments(tuple(map(decided, arguments.args)), tuple((k, decided(v)) for k, v in arguments.kwargs), arguments.open)


def _is_size(found: Assumptions, parameter: Parameter) -> bool:
    """Whether only sizes of arrays are in it: integers without further evidence."""
    names = [] if parameter.size is None else [found.names.get(s.name, "") for s in symbols(parameter.size)]
    return bool(names) and all(".shape[" in n for n in names)


def need(machine: Machine, frame: Frame, node: ast.AST, show: str, question: q.Question,
         answer: q.Raised) -> None:  # fmt: skip
    """An operation works only if two sizes are equal: from here on they are, unless they are declared to be different."""
    found = machine.assumed
    if found is None or not answer.only or len(answer.needs) != 1 or not is_certain(machine, frame):
        return
    left, right = (_side(found, part) for part in answer.needs[0].split(" == "))
    if left is None or right is None or works_apart(machine, question, left, right):
        return
    a, b = as_symbol(left), as_symbol(right)
    if a is not None and b is not None and {a.name, b.name} <= found.rigid:
        if frame.context == (ASSUMED,) and frame.is_plain:
            message = f"{answer.message.rstrip('.')}: {a.name} and {b.name} are declared as sizes of their own"
            machine.problem(frame, node, "declared", show, message=message)
    else:
        found.equate(left, right)


def _side(found: Assumptions, text: str) -> Dim | None:
    text = text.strip()
    if text.isdigit():
        return int(text)
    return symbol(text) if text in found.names else None


def is_module(machine: Machine, op: str) -> bool:
    """Whether an operation makes a module: its sizes are integers."""
    return op.startswith("torch.nn.") and machine.oracle.describe(op).is_nn_module


def _comes_first(machine: Machine, args: tuple[Value, ...]) -> bool:
    """Whether no tensor stands before the parameter: a state or a mask has too many forms to try."""
    before = next((i for i, v in enumerate(args) if any(True for _ in _parameters(machine, (v,)))), len(args))
    return not any(machine.tensor(v) is not None for v in args[:before])


def _parameters(machine: Machine, values: Iterable[Value]) -> Iterator[Parameter]:
    for value in values:
        if isinstance(value, Parameter):
            yield value
        elif isinstance(value, Tuple):
            yield from _parameters(machine, value.items)
        elif isinstance(content := machine.content(value), ListObject) and content.items is not None:
            yield from _parameters(machine, content.items)


def _tensor_kinds(machine: Machine, frame: Frame, op: str, args: tuple[Value, ...], kwargs: tuple[tuple[str, Value], ...],
                  parameter: Parameter) -> list[TensorMeta]:  # fmt: skip
    """The tensors that the operation takes in the parameter's place."""
    library = _library_of(machine, frame, parameter.path)
    if library is None or not _tensor_only(machine, parameter.path):
        return []
    return tensor_kinds(machine, library, op, args, kwargs, parameter)


def _chosen(kinds: list[TensorMeta], found: Assumptions) -> TensorMeta | None:
    """One kind, where the operation leaves one; of a batch and a single sample the batch."""
    ranks = {len(k.shape or ()) for k in kinds}
    rank = max(ranks)
    if len(ranks) > 2 or (len(ranks) == 2 and min(ranks) != rank - 1) or (rank < 3 and len(ranks) > 1):
        return None
    found.guessed = found.guessed or len(ranks) == 2
    rank = min(ranks) if found.single else rank
    dtypes = {k.dtype for k in kinds}
    return replace(next(k for k in kinds if len(k.shape or ()) == rank), dtype=dtypes.pop() if dtypes == {"float32"} else None)


def _named(found: Assumptions, path: str, rank: int) -> tuple[Dim, ...]:
    """Dimensions called by their letters, or after the parameter."""
    last = path.rpartition(".")[2]
    letters = LETTERS.get(rank, tuple(f"{last}{i}" for i in range(rank)))
    dims = tuple(found.symbol_for(f"{path}.shape[{i}]", letter) for i, letter in enumerate(letters))
    found.invented |= {s.name for d in dims for s in symbols(d)}
    return dims


def _tensor_only(machine: Machine, path: str) -> bool:
    """Whether everything that is read from the parameter is an attribute of tensors."""
    assert machine.assumed is not None
    names = machine.assumed.attributes.get(path, set())
    return all(machine.oracle.describe(f"torch.Tensor.{n}").kind != "missing" or n in ("grad", "shape", "device") for n in names)


def _library(machine: Machine, frame: Frame, path: str, library: Library) -> None:
    if machine.assumed is not None and is_certain(machine, frame, path):
        machine.assumed.attributes.setdefault(path, set()).add("unsqueeze" if library == "torch" else "astype")


def _library_of(machine: Machine, frame: Frame, path: str) -> Library | None:
    """Which library's tensors the function works with: torch in modules, else what its file imports."""
    assert machine.assumed is not None
    if "unsqueeze" in machine.assumed.attributes.get(path, ()):
        return "torch"
    roots = {v.path.split(".")[0] for _, v in machine.store.cells(frame.module) if isinstance(v, LibRef)}
    if frame.function is not None and frame.function.owner is not None and "torch" in roots:
        return "torch"
    known: list[Library] = [name for name in ("torch", "numpy") if name in roots]
    return known[0] if len(known) == 1 else None


def settled(meta: TensorMeta) -> bool:
    """Whether nothing in the shape is unknown."""
    return not any(isinstance(d, Expr) and is_hidden(d) for d in meta.shape or ())
