"""``a + b`` on two devices -> ``a.to(b.device) + b``.

Before::

    total = cpu_tensor + gpu_tensor

After::

    total = cpu_tensor.to(gpu_tensor.device) + gpu_tensor
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Edit, Fix, Operand
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """Move the operand on the CPU to where the other one is."""
    problem = diagnostic.problem
    if problem is None or "same device" not in diagnostic.message:
        return
    named = [o for o in problem.operands if _movable(o, diagnostic, context)]
    stays = next((o for o in named if o.meta.device not in ("cpu", None)), None)
    moves = [o for o in named if o.meta.device == "cpu" and o.meta.shape != ()]
    if stays is None or not moves:
        return
    edits = tuple(Edit(o.span, f"{_receiver(o, context)}.to({_receiver(stays, context)}.device)") for o in moves)
    names = ", ".join(o.text for o in moves)
    yield Fix(f"Move {names} to the device of {stays.text}", edits, True)


def _movable(operand: Operand, diagnostic: Diagnostic, context: FixContext) -> bool:
    return bool(operand.text) and operand.span != diagnostic.span and context.find(operand.span, ast.expr) is not None


def _receiver(operand: Operand, context: FixContext) -> str:
    node = context.find(operand.span, ast.expr)
    return context.receiver(node) if isinstance(node, ast.expr) else operand.text
