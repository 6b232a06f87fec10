"""Packed sequences: batches of sequences of different length, as recurrent modules take and give them.

Beside its tensors a packed sequence keeps what it looks like when it is padded, time first: recurrent modules are asked about
that, since they compute the same on either form.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.dims import Dim
from tensorls.domain.objects import LibObject
from tensorls.domain.tensor import TensorMeta
from tensorls.domain.values import FALSE, NONE, TRUE, Arguments, Const, Ref, Tuple, Unknown, Value, as_dim
from tensorls.interp import library, trees
from tensorls.interp.frames import Frame
from tensorls.interp.machine import FAILED, Machine
from tensorls.interp.terms import is_failure

Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
PACKED = "torch.nn.utils.rnn.PackedSequence"
PADDED = "#padded"
RECURRENT = ("torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU")
_FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")


def is_packed(machine: Machine, value: Value) -> bool:
    """Whether a value is a packed sequence."""
    content = machine.content(value)
    return isinstance(content, LibObject) and content.path == PACKED


def _new(machine: Machine, fields: tuple[Value, ...], padded: Value) -> Value:
    ref = machine.store.new(LibObject(PACKED))
    for name, value in (*zip(_FIELDS, fields, strict=True), (PADDED, padded)):
        machine.store.set_cell(ref.address, name, value)
    return ref


def fields(machine: Machine, value: Value) -> tuple[Value, ...]:
    """The four parts of a packed sequence."""
    cells = dict(machine.store.cells(value.address)) if isinstance(value, Ref) else {}
    return tuple(cells.get(name, Unknown("packed sequence")) for name in _FIELDS)


def _pack_padded(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    given, lengths = a.get(0, "input"), a.get(1, "lengths")
    found = machine.tensor(given or NONE)
    if library.arguments_failed(a):
        return FAILED
    if a.open or found is None or given is None or lengths is None or found.meta.shape is None or len(found.meta.shape) < 2:
        return Unknown("packed sequence of unknown tensors")
    answer = library.operate(machine, frame, node, path, a.args, a.kwargs)
    if is_failure(answer):
        return FAILED
    batch_first = a.get(2, "batch_first") or FALSE
    enforced = a.get(3, "enforce_sorted") or TRUE
    if batch_first not in (TRUE, FALSE) or enforced not in (TRUE, FALSE):
        return Unknown("packed sequence of unknown layout")
    batch = found.meta.shape[1] if batch_first == FALSE else found.meta.shape[0]
    rest = found.meta.shape[2:]
    known = _lengths(machine, lengths)
    steps: Dim = max(known) if known else machine.fresh()
    total: Dim = sum(known) if known else machine.fresh()
    if isinstance(answer, Tuple) and len(answer.items) == 4:
        parts = answer.items
    else:
        made = found.meta.with_(shape=(total, *rest), strides=None, is_leaf=None, type="Tensor", data=None)
        index = NONE if enforced == TRUE else trees.new_tensor(machine, _integers(batch, found.meta.device))
        sizes = trees.new_tensor(machine, _integers(steps, "cpu"))
        parts = (
            trees.new_tensor(machine, made, library.reached(machine, given) if isinstance(given, Ref) else frozenset()),
            sizes,
            index,
            index,
        )
    data = machine.tensor(parts[0])
    meta = (data or found).meta.with_(shape=(steps, batch, *rest), strides=None, type="Tensor", data=None)
    return _new(machine, parts, trees.new_tensor(machine, meta, data.leaves if data is not None else frozenset()))


def _integers(size: Dim, device: str | None) -> TensorMeta:
    return TensorMeta("torch", "Tensor", (size,), "int64", device)


def _lengths(machine: Machine, lengths: Value) -> list[int] | None:
    """The lengths, where the source states them."""
    from tensorls.interp import iteration

    found = machine.tensor(lengths)
    if found is not None:
        numbers = found.meta.data if isinstance(found.meta.data, tuple) else ()
        return [n for n in numbers if isinstance(n, int)] or None
    items = [as_dim(v) for v in iteration.iterate(machine, lengths).items or ()]
    return [n for n in items if isinstance(n, int)] if items and all(isinstance(n, int) for n in items) else None


def _pack_sequence(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    answer = library.operate(machine, frame, node, path, a.args, a.kwargs)
    padded = library.operate(machine, frame, node, "torch.nn.utils.rnn.pad_sequence", a.args[:1])
    if is_failure(answer) or is_failure(padded):
        return FAILED
    if not isinstance(answer, Tuple) or len(answer.items) != 4 or machine.tensor(padded) is None:
        return Unknown("packed sequence of unknown tensors")
    return _new(machine, answer.items, padded)


def _make(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``PackedSequence(data, batch_sizes)``: how many sequences there are only its numbers tell."""
    data = machine.tensor(a.get(0, "data") or NONE)
    if a.open or data is None or data.meta.shape is None:
        return Unknown("packed sequence of unknown tensors")
    parts = tuple(a.get(i, name) or NONE for i, name in enumerate(_FIELDS))
    sizes = machine.tensor(parts[1])
    steps = sizes.meta.shape[0] if sizes is not None and sizes.meta.shape else machine.fresh()
    order = machine.tensor(parts[2])
    batch = order.meta.shape[0] if order is not None and order.meta.shape else machine.fresh()
    meta = data.meta.with_(shape=(steps, batch, *data.meta.shape[1:]), strides=None, type="Tensor", data=None)
    return _new(machine, parts, trees.new_tensor(machine, meta, data.leaves))


def _pad_packed(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    given, first, total = a.get(0, "sequence"), a.get(1, "batch_first") or FALSE, a.get(3, "total_length") or NONE
    padded = machine.tensor(machine.store.cell(given.address, PADDED) or NONE) if isinstance(given, Ref) else None
    if given is not None and is_failure(given):
        return FAILED
    if a.open or padded is None or padded.meta.shape is None or first not in (TRUE, FALSE):
        return Unknown("padding of an unknown sequence")
    time, batch, *rest = padded.meta.shape
    if total != NONE:
        known = as_dim(total)
        time = machine.fresh() if known is None else known
    shape = (batch, time, *rest) if first == TRUE else (time, batch, *rest)
    result = trees.new_tensor(machine, padded.meta.with_(shape=shape, strides=None), padded.leaves)
    return Tuple((result, trees.new_tensor(machine, _integers(batch, "cpu"))))


def call_recurrent(machine: Machine, frame: Frame, node: ast.AST, module: Ref, a: Arguments) -> Value:
    """An RNN of torch on a packed sequence."""
    packed, *state = a.args
    padded = machine.store.cell(packed.address, PADDED) if isinstance(packed, Ref) else None
    first = library.operate(machine, frame, node, "getattr:batch_first", (module,))
    if padded is None or first not in (TRUE, FALSE):
        return Unknown("recurrent module on an unknown sequence")
    seen = library.operate(machine, frame, node, ".transpose", (padded, Const(0), Const(1))) if first == TRUE else padded
    answer = library.operate(machine, frame, node, "call", (module, seen, *state), a.kwargs, show="recurrent module")
    if not isinstance(answer, Tuple) or len(answer.items) != 2:
        return answer
    output, last = answer.items
    if first == TRUE:
        output = library.operate(machine, frame, node, ".transpose", (output, Const(0), Const(1)))
    made, data = machine.tensor(output), machine.tensor(fields(machine, packed)[0])
    if made is None or made.meta.shape is None or data is None or data.meta.shape is None:
        return Tuple((Unknown("packed sequence of unknown tensors"), last))
    flat = made.meta.with_(shape=(data.meta.shape[0], *made.meta.shape[2:]), strides=None)
    rest = fields(machine, packed)[1:]
    return Tuple((_new(machine, (trees.new_tensor(machine, flat, made.leaves), *rest), output), last))


_RNN = "torch.nn.utils.rnn"
HANDLERS: Mapping[str, Handler] = {
    f"{_RNN}.pack_padded_sequence": _pack_padded, f"{_RNN}.pack_sequence": _pack_sequence, f"{_RNN}.pad_packed_sequence": _pad_packed,
    PACKED: _make,
}  # fmt: skip
