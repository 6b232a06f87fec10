"""Which kinds of values an operation takes in the place of a parameter, by asking it with one of each.

A kind is out only where the operation refuses it as such (a ``TypeError``, an array that "cannot be converted"): another value of
the kind may pass any other check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tensorls.domain.dims import Dim, Symbol, add, as_symbol, mul, substitute, symbol
from tensorls.domain.objects import TensorObject
from tensorls.domain.tensor import Library, TensorMeta
from tensorls.domain.values import NONE, Const, Parameter, Ref, Scalar, Tuple, Value
from tensorls.interp.machine import Machine
from tensorls.interp.terms import NotATerm, TermBuilder
from tensorls.oracle import question as q
from tensorls.oracle.terms import map_sizes

Keywords = tuple[tuple[str, Value], ...]
NUMBER = Scalar("number")  # an int or a float: Python takes the one wherever the other is meant
MAX_CANDIDATES = 24  # tensors tried for the parameters of one body
_TWO = Const(2)
_TUPLES = tuple(Tuple((_TWO,) * length) for length in (2, 1, 3, 4))


def ask(machine: Machine, op: str, args: tuple[Value, ...], kwargs: Keywords, chosen: Mapping[Value, Value]) -> q.Answer | None:
    """The answer with other values in the place of the parameters; None when something else is unknown."""
    mode = machine.mode()
    if mode is None:
        return None
    builder = TermBuilder(machine, chosen)
    try:
        terms = tuple(builder.build(v) for v in args)
        named = tuple((k, builder.build(v)) for k, v in kwargs)
    except NotATerm:
        return None
    return machine.oracle.ask(q.Question(op, terms, named, mode, builder.kinds))


def works(answer: q.Answer | None) -> bool:
    """Whether the operation succeeds, or would if sizes fitted together."""
    return isinstance(answer, q.Returned) or (isinstance(answer, q.Raised) and bool(answer.needs))


def only_numbers(
    machine: Machine, op: str, args: tuple[Value, ...], kwargs: Keywords, given: Sequence[Parameter]
) -> Mapping[Parameter, Scalar]:
    """The parameters that can be nothing but numbers where integers work for all: each "int", or "number" where a float does too.

    An array of one integer in the place of an integer counts as that integer.
    """
    numbers = dict[Value, Value](dict.fromkeys(given, _TWO))
    mark = machine.store.mark()
    try:
        is_module = op.startswith("torch.nn.") and machine.oracle.describe(op).is_nn_module
        others = (*_TUPLES, NONE) if is_module else (*_TUPLES, NONE, *_arrays(machine, (2,)))
        single = _arrays(machine, ())
        accepted = works if is_module else _takes  # a constructor looks at nothing but its arguments

        def takes(*values: Value, to: Sequence[Value]) -> bool:
            return any(accepted(ask(machine, op, args, kwargs, {**numbers, **dict.fromkeys(to, v)})) for v in values)

        if len(given) > 1 and takes(*others, to=given):
            return {}
        found: dict[Parameter, Scalar] = {}
        for p in given:
            if not takes(*others, to=[p]):
                fraction = takes(Const(2.0), to=[p])
                if not fraction:
                    found[p] = Scalar("int")
                elif not takes(*single, to=[p]):
                    found[p] = NUMBER
        return found
    finally:
        machine.store.rollback(mark)


def _takes(answer: q.Answer | None) -> bool:
    return not isinstance(answer, q.Raised) or (answer.exception != "TypeError" and "converted" not in answer.message)


def _arrays(machine: Machine, shape: tuple[int, ...]) -> list[Value]:
    made: list[Value] = []
    kinds: list[tuple[Library, str]] = [("torch", "Tensor"), ("numpy", "ndarray")]
    for library, name in kinds:
        for dtype in ("float32", "int64"):
            meta = TensorMeta(library, name, shape, dtype, "cpu", False, None, True if library == "torch" else None)
            made.append(machine.store.new(TensorObject(meta, -1)))
    return made


def tensor_kinds(machine: Machine, library: Library, op: str, args: tuple[Value, ...], kwargs: Keywords,
                 parameter: Parameter) -> list[TensorMeta]:  # fmt: skip
    """The tensors of a library that the operation takes in a parameter's place; none where that is not certain."""
    found: list[TensorMeta] = []
    unsure = False  # of something else too little is known, or too much was tried

    def takes(rank: int, dtype: str) -> bool:
        nonlocal unsure
        assert machine.assumed is not None
        if machine.assumed.asked >= MAX_CANDIDATES:
            machine.assumed.asked = MAX_CANDIDATES + 1  # they did not suffice
            unsure = True
        if unsure:
            return False
        meta = tensor_meta(library, tuple(symbol(f"d{i}") for i in range(rank)), dtype)
        mark = machine.store.mark()
        address = machine.store.reserve()
        machine.store.put(address, TensorObject(meta, address))
        answer = ask(machine, op, args, kwargs, {parameter: Ref(address)})
        machine.store.rollback(mark)
        unsure = answer is None or isinstance(answer, q.Unanswered)
        machine.assumed.asked += answer is not None
        if works(answer):
            found.append(meta)
        return works(answer)

    for dtype in ("float32", "int64"):  # what takes batches of images may take single ones; what takes rows takes any rank
        ranks = [rank for rank in (4, 3, 2) if takes(rank, dtype)]
        if ranks:
            if dtype == "float32" and not takes(ranks[0], "int64"):
                takes(ranks[0], "float64")
            if 4 in ranks and 2 not in ranks:
                takes(5, dtype)
            if 2 in ranks and 4 not in ranks and not takes(1, dtype):
                takes(0, dtype)
            break
    else:
        for rank in (1, 0, 5):
            _ = takes(rank, "float32") and (takes(rank, "int64") or takes(rank, "float64"))
    if unsure or (found and library == "numpy" and _takes_lists(machine, op, args, kwargs, parameter, found)):
        return []
    return found


def _takes_lists(machine: Machine, op: str, args: tuple[Value, ...], kwargs: tuple[tuple[str, Value], ...],
                 parameter: Parameter, kinds: list[TensorMeta]) -> bool:  # fmt: skip
    """Whether lists of numbers, or a number, do in the place of the array: then nobody knows that it is one."""
    value: Value = Const(2.0)
    for _ in range(min(len(k.shape or ()) for k in kinds)):
        value = Tuple((value, value))
    return works(ask(machine, op, args, kwargs, {parameter: value}))


def tensor_meta(library: Library, dims: tuple[Dim, ...] | None, dtype: str | None) -> TensorMeta:
    """A tensor of unknown layout and gradient."""
    device = "cpu" if library == "numpy" else None
    kind = "Tensor" if library == "torch" else "ndarray"
    return TensorMeta(library, kind, dims, dtype, device, None if library == "torch" else False, None, None)


def works_apart(machine: Machine, question: q.Question, left: Dim, right: Dim) -> bool:
    """Whether an operation that two equal sizes would cure succeeds with other sizes too: an axis, a divisor, a size of one."""
    a, b = as_symbol(left), as_symbol(right)
    trials: list[tuple[Symbol, Dim]] = []
    for name, other in ((a, right), (b, left)):
        if name is not None:
            trials += [(name, n) for n in (1, 2, 3, 5) if n != other]
            trials += [] if isinstance(other, int) else [(name, mul(2, other)), (name, add(other, 1))]
    return any(isinstance(machine.oracle.ask(_with(question, name, size)), q.Returned) for name, size in trials)


def _with(question: q.Question, name: Symbol, size: Dim) -> q.Question:
    return map_sizes(question, lambda dim: substitute(dim, {name: size}))
