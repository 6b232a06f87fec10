"""The device rule: the one thing about an operator that a torch without the device cannot be asked.

Devices are taken out of a question before it is asked (``place``) and put back on what comes out (``restore``).
The rule: new tensors are where the tensor arguments are; a call without tensor arguments makes its tensors on ``device=`` or
the default device; arguments on two devices are torch's error.  The exceptions are the tables below; the tests replay all of
it on torch's ``meta`` device, which a CPU build has and which mixes like an accelerator.

An unknown device (None) never makes an error.  ``cuda`` and ``cuda:0`` are one device, called ``cuda``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import terms
from tensorls.oracle.places import normal, recipe_device, spelled, strip_recipe
from tensorls.oracle.question import (
    Answer,
    Device,
    Global,
    OutObject,
    Output,
    OutScalar,
    OutTensor,
    Question,
    Raised,
    Recipe,
    Returned,
    Sequence,
    Term,
    Unanswered,
)

#: Made on ``device=`` or the default device, wherever their tensor arguments are (which must be single numbers).
FACTORIES = frozenset({
    "arange", "linspace", "logspace", "range", "full", "zeros", "ones", "empty", "rand", "randn", "randint", "randperm",
    "eye", "tril_indices", "triu_indices", "empty_strided", "bartlett_window", "blackman_window", "hamming_window",
    "hann_window", "kaiser_window", "fftfreq", "rfftfreq",
})  # fmt: skip
#: Copy or wrap data: a tensor keeps its device, anything else goes to ``device=`` or the default device.
FROM_DATA = frozenset({
    "tensor", "as_tensor", "asarray", "scalar_tensor", "sparse_coo_tensor",
})  # fmt: skip
#: Legacy constructors and bridges from NumPy: always on the CPU, whatever the default device is.
ALWAYS_CPU = frozenset({
    "torch.Tensor", "torch.FloatTensor", "torch.LongTensor", "torch.from_numpy", "torch.frombuffer",
})  # fmt: skip
#: Read only the shape or the dtype of the other tensors, or put up with their device; the first tensor decides.
FIRST_DECIDES = frozenset({
    "expand_as", "view_as", "reshape_as", "is_same_size", "result_type", "can_cast", "broadcast_shapes", "copy_",
    "getitem", "setitem", "__getitem__", "__setitem__", "index_put", "index_put_", "tensor_split", "pack_padded_sequence",
    "pad_packed_sequence", "ctc_loss", "is_tensor", "size", "stride", "dim",
})  # fmt: skip
#: Several tensors in, each comes out on its own device.
EACH_ITS_OWN = frozenset({
    "broadcast_tensors", "atleast_1d", "atleast_2d", "atleast_3d",
})  # fmt: skip
#: NumPy functions that call the tensor's own method of that name instead of converting it.
NUMPY_WRAPPERS = frozenset({
    "sum", "prod", "mean", "std", "var", "max", "min", "amax", "amin", "any", "all", "cumsum", "cumprod", "argmax",
    "argmin", "argsort", "sort", "round", "clip", "squeeze", "reshape", "transpose", "ravel", "swapaxes", "diagonal",
    "trace", "repeat", "take", "nonzero", "ptp", "shape", "ndim", "size", "copy",
})  # fmt: skip
#: Move to another device: where to is in the arguments.
MOVES = frozenset({
    ".to", ".cuda", ".cpu", ".type_as", ".type", ".pin_memory", ".xpu",
})  # fmt: skip
#: Answered without asking.
QUERIES = frozenset({
    "is_cuda", "is_cpu", "is_meta", "is_mps", "is_xpu",
})  # fmt: skip

_LEGACY = re.compile(r"torch\.(?:(cuda|xpu)\.)?(\w+Tensor)")

HasState = Callable[[Recipe], "bool | None"]


@dataclass(frozen=True, slots=True)
class Placed:
    """``question`` holds no devices; ``result`` is where new tensors are (None: unknown); ``answer`` needs no asking.

    ``moves``: the result is a copy on another device ("unknown": it may be).
    """

    question: Question
    result: str | None
    answer: Answer | None = None
    moves: bool | None = False
    own: bool = False


def mixed(first: str, second: str) -> Raised:
    """Torch's error for arguments on two devices."""
    where = f"{spelled(first)} and {spelled(second)}"
    text = f"Expected all tensors to be on the same device, but found at least two devices, {where}!"
    return Raised("RuntimeError", text, certain=True)


# ---- before asking ----------------------------------------------------------------------------------------------------


def place(question: Question, has_state: HasState = lambda recipe: None) -> Placed:
    """Take the devices out; ``has_state``: whether a module has parameters or buffers (None: cannot tell)."""
    name = question.op.rpartition(".")[2].removeprefix("getattr:")
    tensors = [t for t in terms.tensors(question) if t.library == "torch"]
    first = tensors[0] if tensors else None
    default = normal(question.mode.default_device) or "cpu"
    decided = _query(question, name, first, default)
    if decided is not None:
        return Placed(question, None, decided)
    asked = _strip(question)
    if question.op in MOVES and first is not None:
        return _move(question, asked, first)
    requested, wanted = _requested(question)
    if requested:
        return Placed(asked, wanted if wanted is not None else None)
    if question.op in ALWAYS_CPU and first is None:
        return Placed(asked, "cpu")
    if name in FACTORIES and not question.op.startswith("."):
        return Placed(asked, default)
    if name in FROM_DATA and question.op.startswith("torch."):
        data = question.args[0] if question.args else None
        return Placed(asked, data.device if isinstance(data, TensorMeta) and data.library == "torch" else default)
    if name in EACH_ITS_OWN:
        return Placed(asked, None, own=True)
    if name in FIRST_DECIDES or name.endswith("_like") or name.startswith("new_"):
        return Placed(asked, first.device if first else default, _index_error(question, name, tensors))
    return _common(question, asked, tensors, default, has_state)


def _query(question: Question, name: str, first: TensorMeta | None, default: str) -> Answer | None:
    """Questions about devices."""
    if question.op == "torch.device" and question.args:
        device = normal(question.args[0])
        index = question.args[1] if len(question.args) > 1 else dict(question.kwargs).get("index")
        if device and isinstance(index, int):
            device = normal(f"{device}:{index}")
        return Returned(OutObject("device", device)) if device else Unanswered("an unknown device")
    if question.op == "torch.get_default_device":
        return Returned(OutObject("device", default))
    if first is None or not question.args or question.args[0] is not first:
        return None
    device = first.device
    if question.op == "getattr:device":
        return Returned(OutObject("device", device)) if device else Unanswered("the device is unknown")
    if question.op.startswith("getattr:") and name in QUERIES:
        return Returned(OutScalar("bool") if device is None else device.partition(":")[0] == name[3:])
    if question.op == ".get_device":
        if device is None:
            return Returned(OutScalar("int"))
        kind, _, index = device.partition(":")
        return Returned(-1 if kind == "cpu" else int(index or 0))
    return None


def _strip(question: Question) -> Question:
    """Every tensor on the CPU, no ``device=`` anywhere."""

    def leaf(term: Term) -> Term:
        if isinstance(term, TensorMeta):
            return term if term.device == "cpu" else replace(term, device="cpu")
        return strip_recipe(term) if isinstance(term, Recipe) else term

    cleaned = terms.map_terms(_map_recipes(question), leaf)
    return replace(
        cleaned,
        kwargs=tuple((k, t) for k, t in cleaned.kwargs if k != "device"),
        mode=replace(cleaned.mode, default_device="cpu"),
    )


def _map_recipes(question: Question) -> Question:
    def walk(term: Term) -> Term:
        if isinstance(term, Recipe):
            return strip_recipe(term)
        if isinstance(term, Sequence):
            return replace(term, items=tuple(walk(t) for t in term.items))
        return term

    args, kwargs = tuple(walk(t) for t in question.args), tuple((k, walk(t)) for k, t in question.kwargs)
    return replace(question, args=args, kwargs=kwargs)


def _requested(question: Question) -> tuple[bool, str | None]:
    """Whether ``device=`` says where to, and where (None: an unknown place)."""
    for name, term in question.kwargs:
        if name == "device" and term is not None:
            return True, normal(term)
    return False, None


def _move(question: Question, asked: Question, first: TensorMeta) -> Placed:
    """``.to`` and its relatives: a copy where the device changes, else whatever torch does on one device."""
    rest = question.args[1:]
    target = first.device
    kept: tuple[Term, ...] = asked.args[1:]
    op = ".to"
    if question.op == ".cpu":
        target, kept = "cpu", ()
    elif question.op in (".cuda", ".xpu"):
        stated = rest[0] if rest else dict(question.kwargs).get("device")
        target, kept = (normal(stated) if stated is not None else question.op[1:]), ()
    elif question.op == ".pin_memory":
        return Placed(replace(asked, op=".clone", args=asked.args[:1], kwargs=()), first.device)
    elif question.op == ".type":
        return _legacy_type(question, asked, first)
    else:
        requested, device = _requested(question)
        other = rest[0] if rest else dict(question.kwargs).get("other")
        if isinstance(other, TensorMeta):
            target = other.device
        elif isinstance(other, Device) or normal(other) is not None:
            target, kept = normal(other), asked.args[2:]
        elif requested:
            target = device
    kwargs = asked.kwargs if question.op == ".to" else ()
    plain = replace(asked, op=op, args=(asked.args[0], *_no_devices(kept)), kwargs=kwargs)
    if target is None or first.device is None:
        return Placed(plain, target, moves=None)
    if target == first.device:
        return Placed(plain, target)
    without = tuple((k, t) for k, t in plain.kwargs if k != "copy")
    arguments = tuple(t for t in plain.args[1:] if not isinstance(t, bool))  # non_blocking, copy by position
    return Placed(replace(plain, args=(plain.args[0], *arguments), kwargs=(*without, ("copy", True))), target, moves=True)


def _no_devices(items: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(t for t in items if not isinstance(t, Device))


def _legacy_type(question: Question, asked: Question, first: TensorMeta) -> Placed:
    """``.type(torch.cuda.FloatTensor)`` moves; ``.type()`` is a string that names the device."""
    wanted = question.args[1] if len(question.args) > 1 else None
    text = wanted.path if isinstance(wanted, Global) else wanted
    match = _LEGACY.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return Placed(asked, first.device)
    target = match.group(1) or "cpu"
    plain = replace(asked, args=(asked.args[0], f"torch.{match.group(2)}"))
    return Placed(plain, target, moves=None if first.device is None else target != first.device)


def _index_error(question: Question, name: str, tensors: list[TensorMeta]) -> Answer | None:
    """Indices may be on the CPU; indices on an accelerator index tensors there only."""
    if name not in ("getitem", "setitem", "__getitem__", "__setitem__", "index_put", "index_put_") or len(tensors) < 2:
        return None
    own = tensors[0].device
    indices = tensors[1:] if name.endswith("getitem__") or name == "getitem" else []
    for index in indices:
        if None not in (own, index.device) and index.device not in ("cpu", own) and "meta" not in (own, index.device):
            text = f"indices should be either on cpu or on the same device as the indexed tensor ({spelled(own or '')})"
            return Raised("RuntimeError", text, certain=True)
    return None


def _common(question: Question, asked: Question, tensors: list[TensorMeta], default: str, has_state: HasState) -> Placed:
    """The common device of the tensor arguments and of a module that is called; torch's error when there are two."""
    devices = list(dict.fromkeys(t.device for t in _deciding(tensors)))
    modules = [t for t in question.args if isinstance(t, Recipe)]
    if modules and question.op in ("call", ".forward"):
        home = recipe_device(modules[0], default)
        if home not in devices or None in devices:
            state = has_state(asked.args[0]) if devices and isinstance(asked.args[0], Recipe) else True
            if state is None:
                return Placed(asked, None)
            if state:
                devices = list(dict.fromkeys([*devices, home]))
    elif modules and not tensors:
        devices = [recipe_device(modules[0], default)]
    known = [d for d in devices if d is not None]
    if len(known) > 1:
        return Placed(asked, None, mixed(known[0], known[1]))
    if not devices:
        return Placed(asked, default if not tensors else tensors[0].device)
    return Placed(asked, None if None in devices else known[0])


def _deciding(tensors: list[TensorMeta]) -> list[TensorMeta]:
    """Without single numbers on the CPU, which mix with tensors anywhere (an unknown rank may be one)."""
    if all(t.device == "cpu" for t in tensors):
        return tensors
    others = [t for t in tensors if t.device != "cpu" or t.shape]
    return others or tensors


# ---- afterwards ---------------------------------------------------------------------------------------------------------


def restore(answer: Answer, placed: Placed, question: Question) -> Answer:
    """Put the devices back on what came out."""
    if not isinstance(answer, Returned):
        return answer
    arguments = terms.tensors(question)
    away = next((t.device for t in arguments if t.library == "torch" and t.device not in ("cpu", None)), None)
    converts = away and any(t.meta.library == "numpy" and t.same_as is None for t in terms.out_tensors(answer))
    if away and question.op.startswith("numpy.") and not converts:
        if question.op.rpartition(".")[2] in NUMPY_WRAPPERS:
            return Unanswered("a NumPy function on a tensor of a device")
        converts = bool(terms.out_tensors(answer))
    if converts and not any(k == "force" and v is True for k, v in question.kwargs):
        text = f"can't convert {spelled(away or '')} device type tensor to numpy. "
        return Raised("TypeError", f"{text}Use Tensor.cpu() to copy the tensor to host memory first.", certain=True)

    def one(out: OutTensor) -> OutTensor:
        if out.meta.library == "numpy":
            return out if not away else replace(out, shares=None)
        if placed.moves is None:  # may or may not be a copy
            leaf = None if out.meta.requires_grad else out.meta.is_leaf
            return OutTensor(replace(out.meta, device=placed.result, is_leaf=leaf))
        if placed.moves:
            return OutTensor(replace(out.meta, device=placed.result))
        source = out.same_as if out.same_as is not None else out.shares
        device = placed.result
        if source is not None and source < len(arguments):
            if arguments[source].library == "torch":
                device = arguments[source].device
            elif device != "cpu":  # an array that goes to an accelerator is copied
                return OutTensor(replace(out.meta, device=device))
        return replace(out, meta=replace(out.meta, device=device))

    changes = tuple((i, replace(meta, device=arguments[i].device)) for i, meta in answer.changes)
    value: Output = terms.map_output(answer.value, lambda d: d, one)
    if question.op == ".type" and isinstance(value, str) and arguments and arguments[0].device not in (None, "cpu"):
        kind = str(arguments[0].device).partition(":")[0]
        value = value.replace("torch.", f"torch.{kind}.", 1)
    return replace(answer, value=value, changes=changes)
