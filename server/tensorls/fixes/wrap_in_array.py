"""``torch.from_numpy([1, 2])`` -> ``torch.tensor([1, 2])``: ``from_numpy`` takes arrays only.

Before::

    t = torch.from_numpy([1, 2, 3])

After::

    t = torch.tensor([1, 2, 3])
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """One fix for ``from_numpy`` of something that is no array."""
    node = context.find(diagnostic.span, ast.Call)
    if not isinstance(node, ast.Call) or "expected np.ndarray" not in diagnostic.message:
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "from_numpy":
        module = context.text(node.func.value)
        yield Fix(f"Replace by {module}.tensor(...)", (context.replace(node.func, f"{module}.tensor"),), True)
