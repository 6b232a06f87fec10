"""``y.numpy()`` -> ``y.detach().numpy()`` for a tensor that requires grad.

Before::

    values = y.numpy()

After::

    values = y.detach().numpy()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """One fix where torch asks for it in so many words."""
    node = context.find(diagnostic.span, ast.Call)
    if "requires grad" not in diagnostic.message or not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "numpy":
        yield Fix(
            "Detach first: .detach().numpy()",
            (context.replace(node.func, f"{context.receiver(node.func.value)}.detach().numpy"),),
            True,
        )
