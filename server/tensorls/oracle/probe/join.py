"""What several answers have in common: equal parts stay, parts that differ become unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tensorls.domain.dims import Dim, Expr, Shape, symbol
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle.question import OutMapping, Output, OutScalar, OutSequence, OutTensor, Returned

#: Stands for a size that is not the same in all answers; ``name_unknowns`` gives these their names at the end.
UNKNOWN = symbol("?", hidden=True)

SizeJoin = Callable[[Dim, Dim], Dim]


class Differs(Exception):
    """Two answers have no common structure (another number of outputs, another type)."""


def join_size(left: Dim, right: Dim) -> Dim:
    """Equal or unknown."""
    return left if left == right else UNKNOWN


def keep_size(left: Dim, right: Dim) -> Dim:
    """For answers of one question under several sizes: the sizes are decoded elsewhere."""
    return UNKNOWN if UNKNOWN in (left, right) else left


def join(answers: Sequence[Returned], size: SizeJoin = join_size) -> Returned:
    """The common part; raises ``Differs``."""
    result = answers[0]
    for other in answers[1:]:
        if other is not result and other != result:
            result = _pair(result, other, size)
    return result


def _pair(left: Returned, right: Returned, size: SizeJoin) -> Returned:
    changed_left, changed_right = dict(left.changes), dict(right.changes)
    if changed_left.keys() != changed_right.keys() or left.written != right.written:
        raise Differs
    changes = tuple((i, join_meta(m, changed_right[i], size)) for i, m in left.changes)
    return Returned(_output(left.value, right.value, size), changes, left.written)


def join_meta(left: TensorMeta, right: TensorMeta, size: SizeJoin) -> TensorMeta:
    """Two tensors as one."""
    if left == right:
        return left
    shape = _sizes(left.shape, right.shape, size)
    kind = left.type
    if left.type != right.type:
        scalars = {left.type, right.type} - {"ndarray", "MaskedArray", "matrix"}
        if left.library != "numpy" or left.library != right.library or (len(scalars) == 1 and shape is not None):
            raise Differs
        kind = "generic" if len(scalars) == 2 else "ndarray"
    return TensorMeta(
        library=left.library,
        type=kind,
        shape=shape,
        dtype=left.dtype if left.dtype == right.dtype else None,
        device=left.device if left.device == right.device else None,
        requires_grad=left.requires_grad if left.requires_grad == right.requires_grad else None,
        strides=None if shape is None else _sizes(left.strides, right.strides, size),
        is_leaf=left.is_leaf if left.is_leaf == right.is_leaf else None,
        data=left.data if left.data == right.data else None,
    )


def _sizes(left: Shape | None, right: Shape | None, size: SizeJoin) -> Shape | None:
    if left is None or right is None or len(left) != len(right):
        return None
    return tuple([size(a, b) for a, b in zip(left, right, strict=True)])


def _output(left: Output, right: Output, size: SizeJoin) -> Output:
    if isinstance(left, OutTensor) and isinstance(right, OutTensor):
        if left.meta.library != right.meta.library:
            raise Differs
        return OutTensor(
            join_meta(left.meta, right.meta, size),
            left.same_as if left.same_as == right.same_as else None,
            left.shares if left.shares == right.shares else None,
        )
    if isinstance(left, OutSequence) and isinstance(right, OutSequence):
        if (left.kind, left.fields, len(left.items)) != (right.kind, right.fields, len(right.items)):
            raise Differs
        return replace(left, items=tuple([_output(a, b, size) for a, b in zip(left.items, right.items, strict=True)]))
    if isinstance(left, OutMapping) and isinstance(right, OutMapping):
        if len(left.items) != len(right.items):
            raise Differs
        pairs = zip(left.items, right.items, strict=True)
        return OutMapping(tuple([(_output(a, c, size), _output(b, d, size)) for (a, b), (c, d) in pairs]))
    if _is_size(left) and _is_size(right):
        return size(left, right)  # type: ignore[arg-type]
    if type(left) is type(right) and left == right:
        return left
    for kind in ("bool", "int", "float", "complex", "str"):
        if _kind(left) == _kind(right) == kind:
            return OutScalar(kind)
    raise Differs


def _is_size(value: Output) -> bool:
    return isinstance(value, Expr) or (isinstance(value, int) and not isinstance(value, bool))


def _kind(value: Output) -> str:
    if isinstance(value, OutScalar):
        return value.kind
    return "int" if isinstance(value, Expr) else type(value).__name__
