"""Operations of torch and NumPy: the oracle is asked, and its answer becomes values and state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import partial

from tensorls.domain.dims import Symbol, extreme
from tensorls.domain.fact import Operand
from tensorls.domain.objects import GeneratorObject, LibObject, ListObject, TensorObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import Arguments, Const, LibRef, Ref, SliceValue, Tuple, Union, Unknown, Value
from tensorls.interp import assumptions, lengths, numbers, ranges, standins, unseen
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import NotATerm, TermBuilder, from_output, hidden_of, is_failure, renamed, with_sizes, without_layout
from tensorls.oracle import question as q

FIELDS = tuple(f.name for f in fields(TensorMeta))
UNCHANGING = "torch.distributions."  # objects that only look at the tensors they are made from


def operate(machine: Machine, frame: Frame, node: ast.AST, op: str, args: tuple[Value, ...],
            kwargs: tuple[tuple[str, Value], ...] = (), show: str | None = None) -> Value:  # fmt: skip
    """Ask what ``op`` gives on these arguments, alternative by alternative; ``show`` names it for people."""
    kwargs = standins.placed(kwargs)
    if not standins.has_blank(machine, args, kwargs):
        return _operate(machine, frame, node, op, args, kwargs, show)
    again = standins.replaced(machine, op, args, kwargs)
    given = (args, kwargs) if again is None else again
    with machine.recorder.set_aside():  # what fails for what stands there may work for what is really there
        result = machine.joiner.merged(_operate(machine, frame, node, op, *given, show))
    standins.weaken(machine, result, given)
    if isinstance(result, Unknown):
        known = standins.returned(machine, op, args, kwargs)
        return known if known is not None else Unknown("unknown argument") if is_failure(result) else result
    return result


def _operate(machine: Machine, frame: Frame, node: ast.AST, op: str, args: tuple[Value, ...],
             kwargs: tuple[tuple[str, Value], ...], show: str | None) -> Value:  # fmt: skip
    names = [k for k, _ in kwargs]
    given = (*args, *(v for _, v in kwargs))
    inner: dict[Value, Value] = {}
    lists: dict[Ref, ListObject | GeneratorObject] = {}
    for value in given:
        _find_choices(machine, value, inner, lists, 3)
    for place, value in enumerate(given):  # of a dtype that is not known there is one all the same
        if place >= len(args) and names[place - len(args)] == "dtype" and isinstance(value, Unknown) and not is_failure(value):
            dtypes = Union(
                tuple(LibRef(f"numpy.{n}" if op.startswith("numpy.") else f"torch.{n}") for n in ("float32", "float64", "int64"))
            )
            rest = (*kwargs[: place - len(args)], ("dtype", dtypes), *kwargs[place - len(args) + 1 :])
            return machine.joiner.merged(_operate(machine, frame, node, op, args, rest, show))
    groups = lengths.groups(lists, op)
    counts = len(given) + len(inner)

    def run(values: tuple[Value, ...]) -> Value:
        positional = values[: len(args)]
        named = tuple(zip(names, values[len(args) : len(given)], strict=True))
        chosen = dict(zip(inner, values[len(given) : counts], strict=True))
        chosen.update(lengths.chosen(machine, lists, groups, values[counts:]))
        return _ask(machine, frame, node, op, positional, named, show or op, chosen)

    if not lists:
        return machine.alternatives(frame, (*given, *inner.values()), run)
    if len(groups) > lengths.MOST:
        return Unknown("lists of unknown length")
    choices = (*given, *inner.values())
    combine = None if any(isinstance(v, Union) for v in choices) else partial(lengths.combined, machine, groups)
    with machine.recorder.set_aside():  # what fails for the lengths tried may work for the list that is really there
        result = machine.joiner.merged(machine.alternatives(frame, (*choices, *([lengths.TRIED] * len(groups))), run, combine))
        empty = lengths.without_numbers(machine, lists, groups)
        if empty is not None:
            _same_dtype(machine, result, lambda: machine.alternatives(frame, (*choices, *empty), run))
    return Unknown("list of unknown length") if is_failure(result) else result


def _same_dtype(machine: Machine, result: Value, otherwise: Callable[[], Value]) -> None:
    """A result whose dtype is another one in another case has an unknown one."""
    found = machine.tensor(result)
    if found is None or not isinstance(result, Ref):
        return
    mark = machine.store.mark()
    other = machine.tensor(otherwise())
    machine.store.rollback(mark)
    if other is not None and other.meta.dtype != found.meta.dtype:
        machine.store.put(result.address, replace(found, meta=found.meta.with_(dtype=None, strides=None)))


def _own_sizes(machine: Machine, answer: q.Returned) -> frozenset[Symbol]:
    """The unknown sizes that an answer brings; answers come from a memo, so each is looked through once."""
    known = machine.hidden_sizes.get(id(answer))
    if known is None or known[0] is not answer:
        known = (answer, frozenset(s for s in hidden_of(answer) if s.name[1:].isdigit()))
        machine.hidden_sizes[id(answer)] = known
    return known[1]


def _find_choices(machine: Machine, value: Value, found: dict[Value, Value], lists: dict[Ref, ListObject | GeneratorObject],
                  depth: int) -> None:  # fmt: skip
    """Unions inside tuples and lists, and lists of unknown length: each stands for alternatives of the whole argument."""
    content = machine.content(value)
    if isinstance(value, (Tuple, SliceValue)) and depth:
        items: Iterable[Value] = value.items if isinstance(value, Tuple) else (value.start, value.stop, value.step)
    elif isinstance(content, (ListObject, GeneratorObject)) and depth:
        if content.items is None:
            element = machine.joiner.merged(content.element)
            if isinstance(element, Unknown):
                return
            if isinstance(value, Ref):
                lists[value] = replace(content, element=element)
            items = (element,)
        else:
            items = content.items
    else:
        return
    for item in items:
        if isinstance(item, Union):
            found[item] = item
        else:
            _find_choices(machine, item, found, lists, depth - 1)


def _ask(machine: Machine, frame: Frame, node: ast.AST, op: str, args: tuple[Value, ...],
         kwargs: tuple[tuple[str, Value], ...], show: str, chosen: Mapping[Value, Value]) -> Value:  # fmt: skip
    machine.step()
    if any(is_failure(v) for v in (*args, *(v for _, v in kwargs))):
        return FAILED
    mode = machine.mode()
    if mode is None:
        return Unknown("the mode differs between paths")
    some = standins.combined(machine, op, args)
    if some is not None:
        return some
    builder = TermBuilder(machine, chosen, op)
    try:
        terms = tuple(builder.build(v) for v in args)
        named = tuple((k, builder.build(v)) for k, v in kwargs)
    except NotATerm as reason:
        assumptions.fit(machine, frame, op, args, kwargs)
        unseen.written(machine, op, args, kwargs)
        return Unknown(str(reason) or "unknown argument")
    question = q.Question(op, terms, named, mode, builder.kinds)
    answer = machine.oracle.ask(question)
    if isinstance(answer, q.Unanswered):
        unseen.written(machine, op, args, kwargs)
        return _set_flag(machine, args, kwargs) if op == ".requires_grad_" else Unknown(answer.reason)
    if isinstance(answer, q.Raised):
        if not answer.certain:
            assumptions.need(machine, frame, node, show, question, answer)
            unseen.written(machine, op, args, kwargs)
            return Unknown(f"fails unless {' and '.join(answer.needs)}" if answer.needs else "may fail")
        if answer.exception == "AttributeError" and frame.branch_depth:
            return Unknown("no such attribute")  # the branch may be taken only where there is one
        operands = tuple(operands_of(machine, frame, node, builder.tensors))
        machine.problem(frame, node, "failed", show, answer.exception, answer.message, operands)
        return FAILED
    new = _own_sizes(machine, answer)
    if new:
        answer = renamed(answer, {s: machine.fresh() for s in sorted(new)})
    if isinstance(answer.value, q.OutTensor) and any(not isinstance(d, int) and extreme(d) for d in answer.value.meta.shape or ()):
        answer = with_sizes(answer, machine.simplified)
    leaves = frozenset[int]().union(*(reached(machine, Ref(a)) for a in builder.tensors), *(module_leaf(machine, v) for v in args[:1]))
    for index, meta in answer.changes:
        if index < len(builder.tensors):
            _change(machine, builder.tensors[index], meta, leaves)
    for index in answer.written:
        if index < len(builder.tensors):
            forget_data(machine, builder.tensors[index])
    if op.startswith("torch.sparse."):  # the stand-ins are not sparse, and what comes out lies otherwise
        answer = without_layout(answer)
    step = machine.step_at(frame, node, show)
    value = from_output(machine, answer.value, builder.tensors, step, show, leaves)
    if isinstance(answer.value, q.OutObject) and answer.value.kind in ("opaque", "module"):
        if not builder.tensors or op.startswith(UNCHANGING):
            recipe = q.Recipe(op, terms, named, (), builder.kinds)
            is_module = answer.value.kind == "module"
            held = tuple(builder.tensors)
            value = machine.store.new(LibObject(answer.value.path, recipe, None, is_module, None, held, mode if held else None))
    value = value if kwargs else numbers.valued(machine, op, args, value)
    return ranges.refined(machine, op, args, kwargs, value)


def _set_flag(machine: Machine, args: tuple[Value, ...], kwargs: tuple[tuple[str, Value], ...]) -> Value:
    """``requires_grad_`` of a tensor of which too little is known for a question."""
    given = [*args[1:], *(v for _, v in kwargs), Const(True)][0]
    found = machine.tensor(args[0])
    if found is not None and isinstance(args[0], Ref):
        flag = given.value if isinstance(given, Const) and isinstance(given.value, bool) else None
        _change(machine, args[0].address, found.meta.with_(requires_grad=flag), frozenset())
    return args[0]


def _change(machine: Machine, address: int, meta: TensorMeta, leaves: frozenset[int]) -> None:
    old = machine.store.get(address)
    if isinstance(old, TensorObject) and meta != old.meta:
        machine.store.put(address, TensorObject(meta, old.storage, old.leaves | leaves, old.history, old.owner))
        if meta.requires_grad and not old.meta.requires_grad and not meta.is_leaf and old.operation not in ("detach", ".data"):
            _follow_gradient(machine, address, old.storage, leaves)
        change_linked(machine, address, old.meta, meta)


def change_linked(machine: Machine, address: int, before: TensorMeta, after: TensorMeta) -> None:
    """What happened to a tensor may have happened to each that is the same object on some path."""
    changes = {f: getattr(after, f) for f in FIELDS if getattr(after, f) != getattr(before, f)}
    for linked in machine.joiner.links.get(address, ()):
        other = machine.store.get(linked)
        if isinstance(other, TensorObject):
            machine.store.put(linked, machine.joiner.objects(other, replace(other, meta=other.meta.with_(**changes))))


def _follow_gradient(machine: Machine, address: int, storage: int, leaves: frozenset[int]) -> None:
    """A tensor got a gradient in place: so did every other one on the same storage that autograd knows as its view."""
    for other, found in machine.store.objects():
        if not isinstance(found, TensorObject) or other == address or found.storage != storage or storage == -1:
            continue
        if found.meta.library == "torch" and found.operation not in ("detach", ".data"):
            meta = found.meta.with_(requires_grad=True, is_leaf=False)
            machine.store.put(other, TensorObject(meta, storage, found.leaves | leaves, found.history, found.owner))


def forget_data(machine: Machine, address: int) -> None:
    """The content of a tensor was written: what the source said of its values holds no longer, here and in its views."""
    old = machine.store.get(address)
    if isinstance(old, TensorObject) and (old.meta.data is not None or old.within is not None):
        machine.store.put(address, TensorObject(old.meta.with_(data=None), old.storage, old.leaves, old.history, old.owner))
    if isinstance(old, TensorObject) and old.storage in machine.bounded:
        for other in machine.bounded[old.storage]:
            found = machine.store.get(other)
            if isinstance(found, TensorObject) and found.within is not None:
                machine.store.put(other, replace(found, within=None))
    if isinstance(old, TensorObject) and old.storage not in (-1, address):
        forget_data(machine, old.storage)


def reached(machine: Machine, ref: Ref) -> frozenset[int]:
    """The leaves that autograd reaches from a tensor."""
    found = machine.tensor(ref)
    if found is None or found.meta.requires_grad is False:
        return frozenset()
    if found.meta.is_leaf is not False:
        return found.leaves | {ref.address if found.owner is None else found.owner}
    return found.leaves


def module_leaf(machine: Machine, value: Value) -> frozenset[int]:
    """A library module is a leaf as a whole: its parameters get their gradients together."""
    found = machine.content(value)
    if isinstance(value, Ref) and isinstance(found, LibObject) and found.is_module:
        return frozenset({value.address})
    return frozenset()


def operands_of(machine: Machine, frame: Frame, node: ast.AST, addresses: Iterable[int]) -> Iterable[Operand]:
    """The tensors of a failed operation with the source text that names them, where the node shows it."""
    texts = _operand_nodes(node)
    for index, address in enumerate(dict.fromkeys(addresses)):
        found = machine.tensor(Ref(address))
        note = machine.note(Ref(address))
        if found is None or note is None:
            continue
        place = texts[index] if index < len(texts) else node
        text = ast.unparse(place) if isinstance(place, ast.expr) else ""
        yield Operand(text, machine.span(frame, place), found.meta, found.history)


def _operand_nodes(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, (ast.Subscript, ast.Attribute, ast.UnaryOp)):
        return [node.operand if isinstance(node, ast.UnaryOp) else node.value]
    if isinstance(node, ast.Call):
        receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        return [*receiver, *node.args]
    return []


def is_library(value: Value) -> bool:
    """Whether a value is a tensor library's name."""
    return isinstance(value, LibRef) and value.path.split(".")[0] in ("torch", "numpy", "einops", "einx")


def holds_tensor(machine: Machine, value: Value, depth: int = 3) -> bool:
    """Whether a value is a tensor or a sequence that holds one."""
    if machine.tensor(value) is not None:
        return True
    if depth == 0:
        return False
    if isinstance(value, Tuple):
        return any(holds_tensor(machine, v, depth - 1) for v in value.items)
    content = machine.content(value)
    return isinstance(content, ListObject) and any(holds_tensor(machine, v, depth - 1) for v in content.items or ())


def arguments_failed(arguments: Arguments) -> bool:
    """Whether an argument comes from an operation that failed before."""
    return any(is_failure(v) for v in (*arguments.args, *(v for _, v in arguments.kwargs)))


def constant(value: Value) -> object:
    """The Python object of a constant; the class ``Const`` itself when it is none."""
    return value.value if isinstance(value, Const) else Const
