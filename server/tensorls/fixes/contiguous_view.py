"""``x.view(...)`` of a non-contiguous tensor -> ``x.reshape(...)``.

Before::

    row = rotated.view(1, 8)

After::

    row = rotated.reshape(1, 8)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """``reshape`` copies where it must."""
    node = context.find(diagnostic.span, ast.Call)
    if not isinstance(node, ast.Call) or "view size is not compatible" not in diagnostic.message:
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "view":
        receiver = context.receiver(node.func.value)
        yield Fix("Replace view by reshape", (context.replace(node.func, f"{receiver}.reshape"),), True)
        yield Fix("Make it contiguous first", (context.replace(node.func, f"{receiver}.contiguous().view"),))
