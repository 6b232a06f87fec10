"""``x.numpy()`` -> ``x.cpu().numpy()`` for a tensor on a GPU, and ``np.f(x)`` -> ``np.f(x.cpu().numpy())``.

Before::

    values = on_gpu.numpy()

After::

    values = on_gpu.cpu().numpy()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Edit, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """One fix where a GPU tensor meets NumPy."""
    if "to numpy" not in diagnostic.message or diagnostic.problem is None:
        return
    node = context.find(diagnostic.span, ast.Call)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "numpy":
        detach = ".detach()" if any(o.meta.requires_grad for o in diagnostic.problem.operands) else ""
        text = f"{context.receiver(node.func.value)}{detach}.cpu().numpy"
        yield Fix(f"Copy to the CPU first: {detach}.cpu().numpy()", (context.replace(node.func, text),), True)
        return
    edits: list[Edit] = []
    for operand in diagnostic.problem.operands:
        if operand.meta.device not in ("cpu", None) and operand.text and operand.span != diagnostic.span:
            detach = ".detach()" if operand.meta.requires_grad else ""
            edits.append(Edit(operand.span, f"{operand.text}{detach}.cpu().numpy()"))
    if edits:
        yield Fix("Copy to the CPU first: .cpu().numpy()", tuple(edits), True)
