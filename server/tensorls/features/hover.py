"""Hover: the value's summary first, then briefly what a person needs to know about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tensorls.domain.dims import product, show
from tensorls.domain.fact import Seen, Step
from tensorls.domain.tensor import TensorMeta, itemsize, show_shape, summary

LEGACY = {
    "float32": "FloatTensor", "float64": "DoubleTensor", "float16": "HalfTensor", "bfloat16": "BFloat16Tensor", "uint8": "ByteTensor",
    "int8": "CharTensor", "int16": "ShortTensor", "int32": "IntTensor", "int64": "LongTensor", "bool": "BoolTensor",
}  # fmt: skip


def hover(seen: Sequence[Seen], markdown: bool = True) -> str | None:
    """The text for the values at one place: one for each context; None when there is nothing to say."""
    tensors = [s for s in seen if s.meta is not None]
    if not tensors:
        note = next((s.note for s in seen if s.note), None)
        return None if note is None else _escape(note) if markdown else note
    first = tensors[0]
    assert first.meta is not None
    lines = [summary(first.meta)]
    if len(tensors) > 1:
        lines[0] += _where(first)
        lines += [summary(s.meta) + _where(s) for s in tensors[1:] if s.meta is not None]
        return ("  \n" if markdown else "\n").join(_escape(t) if markdown else t for t in dict.fromkeys(lines))
    details = list(_details(first, first.meta))
    if not markdown:
        return "\n".join([*lines, *details])
    return "\n\n".join([_escape(lines[0]), "  \n".join(_escape(d) for d in details)]) if details else _escape(lines[0])


def _where(seen: Seen) -> str:
    return f" in the call at {site(seen.context)}" if seen.context else ""


def site(context: str) -> str:
    """A call site as people write it: ``line 12`` or ``train.py line 12``."""
    path, _, line = context.rpartition(":")
    return f"{path.replace(chr(92), '/').rsplit('/', 1)[-1]} line {line}"


def _details(seen: Seen, meta: TensorMeta) -> Iterator[str]:
    moved = axes(seen)
    if moved:
        yield moved
    life = _life(seen.history)
    if life:
        yield life
    if seen.view_of:
        yield f"shares memory with {seen.view_of}" + ("" if meta.contiguous is not False else ", not contiguous")
    elif meta.contiguous is False:
        yield "not contiguous"
    size = _bytes(meta)
    legacy = LEGACY.get(meta.dtype or "") if meta.library == "torch" and (meta.device or "").split(":")[0] in ("cpu", "cuda") else None
    if legacy:
        legacy = f"torch.{'cuda.' if (meta.device or '').startswith('cuda') else ''}{legacy}"
    facts = " · ".join(t for t in (legacy, size) if t)
    if facts:
        yield facts
    if seen.context:
        yield f"in the call at {site(seen.context)}"


def axes(seen: Seen) -> str | None:
    """What the operation did to the shape: ``permute: (2,3) -> (3,2), axis 0 from 1, axis 1 from 0``."""
    meta = seen.meta
    if meta is None or not seen.before or seen.operation is None:
        return None
    before = seen.before[0]
    if before.shape is None or meta.shape is None or before.shape == meta.shape and not _permuted(before, meta):
        return None
    name = seen.operation.rsplit(".", 1)[-1]
    shapes = " , ".join(show_shape(b.shape) for b in seen.before)
    text = f"{name}: {shapes.replace(' , ', ', ')} -> {show_shape(meta.shape)}"
    sources = _permuted(before, meta)
    if sources:
        text += "; " + ", ".join(f"axis {i} was axis {j}" for i, j in enumerate(sources) if i != j)
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


def _life(history: Sequence[Step]) -> str | None:
    """``numpy at line 3, torch at line 7, cuda at line 9``: only when something changed, or for where it was born."""
    if not history:
        return None
    return ", ".join(f"{step.what} at line {step.line}" for step in history)


def _bytes(meta: TensorMeta) -> str | None:
    if meta.shape is None or itemsize(meta.dtype) is None:
        return None
    count = show(product(meta.shape))
    if not isinstance(count, int):
        return None
    size = float(count * (itemsize(meta.dtype) or 0))
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return None


def _escape(text: str) -> str:
    """Markdown leaves everything in a hover as it is but emphasis marks."""
    return text.replace("*", "\\*")
