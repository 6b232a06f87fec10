"""All fixes by the code that they cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes import (
    contiguous_view,
    correct_comment,
    detach_before_numpy,
    expand_dims,
    move_to_cpu,
    move_to_other_device,
    transpose_operand,
    unsqueeze,
    wrap_in_array,
)  # fmt: skip
from tensorls.fixes.context import FixContext

Offer = Callable[[Diagnostic, FixContext], Iterator[Fix]]

FIXES: Mapping[str, tuple[Offer, ...]] = {
    "none-index": (unsqueeze.offer,),
    "shape-comment": (correct_comment.offer,),
    "device-mismatch": (move_to_cpu.offer, move_to_other_device.offer),
    "shape-mismatch": (transpose_operand.offer,),
    "invalid-operation": (detach_before_numpy.offer, expand_dims.offer, wrap_in_array.offer, contiguous_view.offer),
}  # fmt: skip


def fixes_for(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """Candidate fixes; who offers them proves them first."""
    for offer in FIXES.get(diagnostic.code, ()):
        yield from offer(diagnostic, context)
