"""What is known of one tensor or array."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tensorls.domain.dims import Dim, Shape, is_hidden, mul, show, symbol

Library = Literal["torch", "numpy"]

#: Short dtype names for inlay hints.
SHORT_DTYPES = {
    "float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64",
    "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
    "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64",
    "bool": "bool", "complex64": "c64", "complex128": "c128",
}  # fmt: skip


EITHER = "ndarray | generic"  # the type of what is an array on one path and a NumPy scalar on another


@dataclass(frozen=True, slots=True)
class TensorMeta:
    """Metadata of a ``torch.Tensor`` or a ``numpy.ndarray``; ``None`` is always *unknown*.

    ``shape``: sizes, or None when the rank is unknown.  ``strides``: in elements for torch, in bytes for NumPy.
    ``dtype``: the bare name (``float32``).  ``device``: ``cpu``, ``cuda``, ``cuda:1``; ``cpu`` for NumPy.
    ``data``: nested tuples of the values where the source itself states them (small constants only).
    ``type``: the public class name: ``Tensor``, ``Parameter``, ``ndarray``, ``float64`` (a NumPy scalar), ``EITHER``.
    """

    library: Library
    type: str
    shape: Shape | None
    dtype: str | None
    device: str | None = "cpu"
    requires_grad: bool | None = False
    strides: Shape | None = None
    is_leaf: bool | None = True
    data: object | None = None

    @property
    def contiguous(self) -> bool | None:
        """Whether the elements lie in C order without gaps; None when the layout is unknown."""
        if self.shape is None or self.strides is None or (self.library == "numpy" and self.dtype is None):
            return None

        step = 1 if self.library == "torch" else itemsize(self.dtype)
        if step is None:
            return None
        expected: Dim = step
        if any(size == 0 for size in self.shape):
            return True
        for size, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if size == 1:
                continue
            if stride != expected:
                return None if any(is_hidden(d) for d in (*self.shape, *self.strides)) else False  # a size may be 1 or 0
            expected = stride * size if isinstance(stride, int) and isinstance(size, int) else mul(stride, size)
        return True

    def with_(self, **changes: object) -> TensorMeta:
        """A copy with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]


ITEMSIZES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4,
    "float32": 4, "int64": 8, "uint64": 8, "float64": 8, "complex64": 8, "complex128": 16, "complex32": 4, "longdouble": 16,
    "float128": 16, "complex256": 32, "float8_e4m3fn": 1, "float8_e5m2": 1,
}  # fmt: skip


def itemsize(dtype: str | None) -> int | None:
    """Bytes of one element; None when the dtype is unknown or has no fixed size."""
    return ITEMSIZES.get(dtype) if dtype else None


def type_name(meta: TensorMeta) -> str:
    """The public qualified name: ``torch.Tensor``, ``torch.nn.Parameter``, ``numpy.ndarray``."""
    if meta.library == "torch":
        return "torch.nn.Parameter" if meta.type == "Parameter" else f"torch.{meta.type}"
    return "numpy.ma.MaskedArray" if meta.type == "MaskedArray" else f"numpy.{meta.type}"


def show_shape(shape: Shape | None) -> str:
    """As Python writes a tuple, without spaces: ``(3,2)``, ``(3,)``, ``()``; ``(...)`` when the rank is unknown."""
    if shape is None:
        return "(...)"
    dims = [str(show(d)) for d in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({','.join(dims)})"


def summary(meta: TensorMeta) -> str:
    """The first line of a hover: ``LIBRARY.TYPE (SHAPE) DEVICE DTYPE``."""
    parts = [type_name(meta), show_shape(meta.shape)]
    if meta.library == "torch":
        parts.append(meta.device or "?")
    parts.append(meta.dtype or "?")
    if meta.requires_grad:
        parts.append("requires_grad")
    return " ".join(parts)


HINT_LENGTH = 25  # inlay hints never push code further than this
UNNAMED = symbol("?", hidden=True)  # shown for a size whose name is too long for a hint


def short(meta: TensorMeta) -> str:
    """The inlay form, at most ``HINT_LENGTH`` characters: ``(3,2) f32 cuda``."""
    dtype = SHORT_DTYPES.get(meta.dtype or "", meta.dtype or "?")
    tail = [dtype] if meta.library == "numpy" else [dtype, *([meta.device] if meta.device not in (None, "cpu") else [])]
    tail = ["np", *tail] if meta.library == "numpy" else tail
    brief = None if meta.shape is None else tuple(d if show(d) is d or len(str(d)) <= 8 else UNNAMED for d in meta.shape)
    for parts in (tail, tail[:-1], []):
        for shape in (show_shape(meta.shape), show_shape(brief)):
            text = " ".join(p for p in (shape, *parts) if p)
            if len(text) <= HINT_LENGTH:
                return text
    rank = len(meta.shape or ())
    return f"({rank} dims)"
