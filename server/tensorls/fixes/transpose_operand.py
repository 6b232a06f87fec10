"""``g @ g`` that does not fit -> ``g @ g.T``.

Before::

    scores = q @ k

After::

    scores = q @ k.T
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """Transpose one operand of a product whose inner sizes would then agree."""
    node = context.find(diagnostic.span, ast.BinOp)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.MatMult) or diagnostic.problem is None:
        return
    shapes = [o.meta.shape for o in diagnostic.problem.operands]
    if len(shapes) == 1:
        shapes = shapes * 2  # the same tensor on both sides
    left, right = shapes[:2]
    if left is None or right is None or len(left) != 2 or len(right) != 2:
        return
    if left[1] == right[1]:
        yield Fix(f"Transpose the right operand: {context.receiver(node.right)}.T",
                  (context.replace(node.right, f"{context.receiver(node.right)}.T"),), True)  # fmt: skip
    if left[0] == right[0]:
        yield Fix(f"Transpose the left operand: {context.receiver(node.left)}.T",
                  (context.replace(node.left, f"{context.receiver(node.left)}.T"),))  # fmt: skip
