"""Hover: the value's summary first, then briefly what a person needs to know about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tensorls.domain.dims import product, show
from tensorls.domain.fact import Seen, Step
from tensorls.domain.tensor import TensorMeta, itemsize, show_shape, summary

LEGACY = {
    "float32": "FloatTensor", "float64": "DoubleTensor", "float16": "HalfTensor", "bfloat16": "BFloat16Tensor",
    "uint8": "ByteTensor", "int8": "CharTensor", "int16": "ShortTensor", "int32": "IntTensor", "int64": "LongTensor",
    "bool": "BoolTensor",
}  # fmt: skip
SHOWN = 6  # contexts


def hover(seen: Sequence[Seen], markdown: bool = True) -> str | None:
    """The text for the values at one place: one for each context; None when there is nothing to say."""
    tensors = [(s, s.meta) for s in seen if s.meta is not None]
    if not tensors:
        note = next((s.note for s in seen if s.note and s.note != "None"), None)
        return note if note is None or not markdown else _escape(note)
    if len(tensors) == 1:
        item, meta = tensors[0]
        parts = [[summary(meta)], list(_details(item, meta))]
    else:
        parts = _each(tensors)
    if not markdown:
        return "\n".join(line.replace("`", "") for part in parts for line in part)
    return "\n\n".join("  \n".join(_escape(line) for line in part) for part in parts if part)


def _each(tensors: Sequence[tuple[Seen, TensorMeta]]) -> list[list[str]]:
    """Every different value with the calls that lead to it."""
    calls: dict[str, list[str]] = {}
    for item, meta in tensors:
        where = calls.setdefault(summary(meta), [])
        if item.context and site(item) not in where:
            where.append(site(item))
    parts = [[text, *([f"called at {', '.join(where)}"] if where else [])] for text, where in calls.items()]
    more = len(parts) - SHOWN
    return parts if more <= 0 else [*parts[:SHOWN], [f"and {more} more"]]


def site(seen: Seen) -> str:
    """The call of a value's context as people write it: ``line 12``, or ``line 12 of train.py`` in another file."""
    path, _, line = (seen.context or "").rpartition(":")
    return f"line {line}" if path == seen.span.file else f"line {line} of {_name(path)}"


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _details(seen: Seen, meta: TensorMeta) -> Iterator[str]:
    moved = axes(seen)
    if moved:
        yield moved
    if len(seen.history) > 1 or (seen.history and not _here(seen)):
        yield ", ".join(_step(step, seen.span.file) for step in seen.history)
    if seen.needs:
        yield f"needs {', '.join(seen.needs)}"
    layout = [_shares(seen)] if seen.view_of else []
    if meta.contiguous is False:
        layout.append("not contiguous")
    if layout:
        yield ", ".join(layout)
    facts = " · ".join(t for t in (_legacy(meta), _bytes(meta)) if t)
    if facts:
        yield facts
    if seen.context:
        yield f"called at {site(seen)}"


def _here(seen: Seen) -> bool:
    """Whether all there is to tell happened on the line one looks at."""
    return all((s.file, s.line) == (seen.span.file, seen.span.line) for s in seen.history)


def _step(step: Step, file: str) -> str:
    """``numpy at line 3``: an event of a value's life."""
    return f"{step.what} at line {step.line}" + ("" if step.file == file else f" of {_name(step.file)}")


def _shares(seen: Seen) -> str:
    """With which name it shares memory; a name that was bound anew since is the earlier one."""
    earlier = "an earlier " if seen.text == seen.view_of else ""
    return f"shares memory with {earlier}`{seen.view_of}`"


def axes(seen: Seen) -> str | None:
    """What the operation did to the axes: ``permute: (2,3) -> (3,2), axis 0 was axis 1, axis 1 was axis 0``."""
    meta = seen.meta
    if meta is None or not seen.before or seen.operation is None:
        return None
    before = seen.before[0]
    sources = _permuted(before, meta)
    if before.shape is None or meta.shape is None or (before.shape == meta.shape and not sources):
        return None
    name = seen.operation.rsplit(".", 1)[-1].strip("_") or seen.operation
    text = f"{name}: {', '.join(show_shape(b.shape) for b in seen.before)} -> {show_shape(meta.shape)}"
    if sources:
        text += "".join(f", axis {i} was axis {j}" for i, j in enumerate(sources) if i != j)
    return text


def _permuted(before: TensorMeta, after: TensorMeta) -> list[int] | None:
    """For a view that only reorders axes: where each axis came from, read off sizes and strides; None when ambiguous."""
    if before.shape is None or after.shape is None or before.strides is None or after.strides is None:
        return None
    old = list(zip(before.shape, before.strides, strict=True))
    new = list(zip(after.shape, after.strides, strict=True))
    if len(old) != len(new) or old == new or len(set(old)) != len(old) or set(old) != set(new):
        return None
    return [old.index(axis) for axis in new]


def _legacy(meta: TensorMeta) -> str | None:
    """The name that ``Tensor.type()`` gives."""
    kind = (meta.device or "").split(":")[0]
    if meta.library != "torch" or kind not in ("cpu", "cuda") or meta.dtype not in LEGACY:
        return None
    return f"torch.{'cuda.' if kind == 'cuda' else ''}{LEGACY[meta.dtype]}"


def _bytes(meta: TensorMeta) -> str | None:
    """How much memory the elements take; nothing for views that repeat elements."""
    one = itemsize(meta.dtype)
    if meta.shape is None or one is None or 0 in (meta.strides or ()):
        return None
    count = show(product(meta.shape))
    if not isinstance(count, int):
        return None
    size = float(count * one)
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"


def _escape(text: str) -> str:
    """Markdown leaves everything in a hover as it is but emphasis marks."""
    return text.replace("*", "\\*")
