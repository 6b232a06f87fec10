"""Between the interpreter's values and the oracle's terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import EllipsisType

from tensorls.domain.dims import Dim, Expr, Symbol, substitute, symbols
from tensorls.domain.fact import Step
from tensorls.domain.objects import DictObject, GeneratorObject, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import (
    NONE,
    Builtin,
    Const,
    DeviceValue,
    LibRef,
    RangeValue,
    Ref,
    Scalar,
    SliceValue,
    SymInt,
    Tuple,
    Unknown,
    Value,
)  # fmt: skip
from tensorls.interp.machine import Machine
from tensorls.oracle import question as q
from tensorls.oracle.terms import tensors

#: Methods of distributions that compute what they return: without gradients it has none, whatever the object was made from.
COMPUTED = frozenset({".sample", ".rsample", ".log_prob", ".entropy"})
LIBRARIES = ("torch", "numpy", "einops", "einx")


class NotATerm(Exception):
    """A value that cannot be put to the oracle, and why."""


class TermBuilder:
    """Turns argument values into terms; ``tensors`` are the addresses of the tensors met, in the oracle's order."""

    def __init__(self, machine: Machine, chosen: Mapping[Value, Value] | None = None, op: str = "") -> None:
        self._machine = machine
        self._op = op
        self._chosen = chosen or {}
        self.tensors: list[int] = []
        self._kinds: list[str] = []

    @property
    def kinds(self) -> str:
        """The types of the numbers met, in order."""
        return "".join(self._kinds)

    def build(self, value: Value) -> q.Term:
        """The term of one argument; raises NotATerm."""
        value = self._chosen.get(value, value) if self._chosen else value
        if isinstance(value, Const):
            return self._const(value.value)
        if isinstance(value, SymInt):
            return value.expr
        if isinstance(value, Scalar):
            if value.kind == "int":
                return self._machine.fresh()
            if value.kind in ("float", "bool", "complex", "number"):
                return q.AnyScalar(value.kind)
            raise NotATerm(f"unknown {value.kind}")
        if isinstance(value, Tuple):
            return q.Sequence(value.kind if value.kind in ("tuple", "size") else "tuple", tuple(self.build(v) for v in value.items))
        if isinstance(value, RangeValue):
            return self._range(value)
        if isinstance(value, SliceValue):
            return q.Slice(self.build(value.start), self.build(value.stop), self.build(value.step))
        if isinstance(value, DeviceValue):
            return q.Device(value.name or q.SOMEWHERE)
        if isinstance(value, LibRef):
            if value.path.split(".")[0] not in LIBRARIES:
                raise NotATerm(value.path)
            return q.Global(value.path)
        if isinstance(value, Ref):
            return self._heap(value)
        if isinstance(value, Builtin) and value.name in ("int", "float", "bool", "complex", "str"):
            return q.Global(f"builtins.{value.name}")
        raise NotATerm(getattr(value, "reason", "") or type(value).__name__)

    def _const(self, value: object) -> q.Term:
        if value is None or isinstance(value, (str, EllipsisType)):
            return value
        if isinstance(value, (bool, int, float, complex)):
            self._kinds.append("-" if value == 0 and str(value).startswith("-") else type(value).__name__[0])
            return value
        raise NotATerm(type(value).__name__)

    def _range(self, value: RangeValue) -> q.Term:
        bounds = [v.value for v in (value.start, value.stop, value.step) if isinstance(v, Const) and isinstance(v.value, int)]
        if len(bounds) < 3:
            raise NotATerm("range of unknown length")
        numbers = range(bounds[0], bounds[1], bounds[2] or 1)
        if len(numbers) > self._machine.limits.items:
            raise NotATerm("long range")
        return q.Sequence("list", tuple(numbers))

    def _heap(self, ref: Ref) -> q.Term:
        content = self._machine.store.get(ref.address)
        if isinstance(content, TensorObject):
            self.tensors.append(ref.address)
            return content.meta
        if isinstance(content, (ListObject, GeneratorObject)):
            if content.items is None:
                raise NotATerm("list of unknown length")
            if isinstance(content, ListObject) and content.kind == "set":
                raise NotATerm("set")
            return q.Sequence("list", tuple(self.build(v) for v in content.items))
        if isinstance(content, DictObject):
            if content.rest is not None:
                raise NotATerm("dict with unknown keys")
            return q.Mapping(tuple((self.build(k), self.build(v)) for k, v in content.entries.items()))
        if isinstance(content, LibObject) and isinstance(content.recipe, q.Recipe):
            if content.tensors and not content.is_module:
                self._check_held(content, content.recipe)
            self.tensors.extend(content.tensors)
            return content.recipe
        raise NotATerm(type(content).__name__)

    def _check_held(self, content: LibObject, recipe: q.Recipe) -> None:
        """The oracle makes the object anew: that gives the same only while its tensors, and the mode, are what they were."""
        now = [t.meta if (t := self._machine.tensor(Ref(a))) is not None else None for a in content.tensors]
        if now != tensors(q.Question("call", (recipe,))):
            raise NotATerm("an object whose tensors have changed since it was made")
        mode = self._machine.mode()
        if content.mode != mode and not (self._op in COMPUTED and mode is not None and content.mode == replace(mode, grad=True)):
            raise NotATerm("an object made in another mode")


def from_output(machine: Machine, output: q.Output, args: list[int], step: Step | None, operation: str,
                leaves: frozenset[int]) -> Value:  # fmt: skip
    """The value of what the oracle returned; new tensors get new heap objects."""

    def convert(out: q.Output) -> Value:
        if isinstance(out, q.OutTensor):
            return _tensor(machine, out, args, step, operation, leaves)
        if isinstance(out, q.OutScalar):
            return machine.unknown_int() if out.kind == "int" else Scalar(out.kind)
        if isinstance(out, q.OutObject):
            return _object(machine, out)
        if isinstance(out, q.OutSequence):
            items = tuple(convert(o) for o in out.items)
            return machine.store.new(ListObject(items)) if out.kind == "list" else Tuple(items, out.kind, out.fields)
        if isinstance(out, q.OutMapping):
            return machine.store.new(DictObject({convert(k): convert(v) for k, v in out.items}))
        if isinstance(out, Expr):
            return SymInt(out)
        return NONE if out is None else Const(out)

    return convert(output)


def _object(machine: Machine, out: q.OutObject) -> Value:
    if out.kind == "device":
        return DeviceValue(out.path)
    if out.path == "numpy.str":  # the type of texts of any length has no public name like the others
        return LibRef("numpy.str_")
    if out.kind in ("dtype", "class", "function"):
        return LibRef(out.path)
    return machine.store.new(LibObject(out.path, is_module=out.kind == "module"))


def _tensor(machine: Machine, out: q.OutTensor, args: list[int], step: Step | None, operation: str,
            leaves: frozenset[int]) -> Value:  # fmt: skip
    if out.same_as is not None and out.same_as < len(args):
        return Ref(args[out.same_as])
    first = machine.tensor(Ref(args[0])) if args else None
    history = first.history if first is not None else ()
    before = tuple(t.meta for a in args[:3] if (t := machine.tensor(Ref(a))) is not None)
    if step is not None:
        history = extend_history(history, before[0] if before else None, out.meta, step)
    address = machine.store.reserve()
    storage = address
    if out.shares is not None and out.shares < len(args):
        shared = machine.tensor(Ref(args[out.shares]))
        storage = shared.storage if shared is not None else -1
    reached = leaves if out.meta.requires_grad is not False else frozenset()
    machine.store.put(address, TensorObject(out.meta, storage, reached, history, None, operation, before))
    return Ref(address)


MAX_HISTORY = 8


def extend_history(history: tuple[Step, ...], before: TensorMeta | None, after: TensorMeta, step: Step) -> tuple[Step, ...]:
    """The life of a value with one more event, when something that people look for changed."""
    if before is None or not history:
        what = f"{after.library}" + (f" on {after.device}" if after.device not in ("cpu", None) else "")
        return (Step(what, step.file, step.line),)
    changes: list[str] = []
    if before.library != after.library:
        changes.append(after.library)
    if before.device != after.device and after.device and (after.device != "cpu" or before.library == after.library):
        changes.append(after.device)
    if not changes:
        return history
    return (*history[-MAX_HISTORY:], Step(" ".join(changes), step.file, step.line))


def renamed(answer: q.Returned, names: Mapping[Symbol, Dim]) -> q.Returned:
    """The answer with its hidden symbols replaced."""
    return with_sizes(answer, lambda d: substitute(d, names))


def with_sizes(answer: q.Returned, dim: Callable[[Dim], Dim]) -> q.Returned:
    """The answer with every size replaced."""

    def meta(m: TensorMeta) -> TensorMeta:
        shape = None if m.shape is None else tuple(dim(d) for d in m.shape)
        strides = None if m.strides is None else tuple(dim(d) for d in m.strides)
        return m.with_(shape=shape, strides=strides)

    def output(out: q.Output) -> q.Output:
        if isinstance(out, q.OutTensor):
            return q.OutTensor(meta(out.meta), out.same_as, out.shares)
        if isinstance(out, q.OutSequence):
            return q.OutSequence(out.kind, tuple(output(o) for o in out.items), out.fields)
        if isinstance(out, q.OutMapping):
            return q.OutMapping(tuple((output(k), output(v)) for k, v in out.items))
        return dim(out) if isinstance(out, Expr) else out

    return q.Returned(output(answer.value), tuple((i, meta(m)) for i, m in answer.changes), answer.written)


def without_layout(answer: q.Returned) -> q.Returned:
    """The answer with nothing said of strides."""
    value = answer.value
    if not isinstance(value, q.OutTensor):
        return answer
    return replace(answer, value=replace(value, meta=value.meta.with_(strides=None)))


def hidden_of(answer: q.Returned) -> frozenset[Symbol]:
    """The hidden symbols of an answer."""
    found: set[Symbol] = set()

    def shape(dims: tuple[Dim, ...] | None) -> None:
        for d in dims or ():
            if isinstance(d, Expr):
                found.update(s for s in symbols(d) if s.hidden)

    def visit(out: q.Output) -> None:
        if isinstance(out, q.OutTensor):
            shape(out.meta.shape)
            shape(out.meta.strides)
        elif isinstance(out, q.OutSequence):
            for o in out.items:
                visit(o)
        elif isinstance(out, q.OutMapping):
            for _, v in out.items:
                visit(v)
        elif isinstance(out, Expr):
            shape((out,))

    visit(answer.value)
    for _, m in answer.changes:
        shape(m.shape)
        shape(m.strides)
    return frozenset(found)


def is_failure(value: Value) -> bool:
    """Whether a value stands for an operation that failed before; what follows from it is silent."""
    return isinstance(value, Unknown) and value.reason == "failed"
