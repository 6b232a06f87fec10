"""``x[None]`` -> ``x.unsqueeze(0)``, ``x[:, None]`` -> ``x.unsqueeze(1)``, ``x[..., None]`` -> ``x.unsqueeze(-1)``.

Before::

    batch = image[None]

After::

    batch = image.unsqueeze(0)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """One fix when the index holds new axes and full slices only, else none."""
    node = context.find(diagnostic.span, ast.Subscript)
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    dims = new_axes(parts)
    if dims is None:
        return
    calls = "".join(f".unsqueeze({d})" for d in dims)
    yield Fix(f"Replace by {calls[1:]}", (context.replace(node, context.receiver(node.value) + calls),), preferred=True, exact=True)


def new_axes(parts: list[ast.expr]) -> list[int] | None:
    """The dims to unsqueeze, in order; None when the index does anything else."""
    kinds = [_kind(p) for p in parts]
    if "other" in kinds or kinds.count("...") > 1 or "new" not in kinds:
        return None
    split = kinds.index("...") if "..." in kinds else len(kinds)
    front, back = kinds[:split], kinds[split + 1 :]
    dims = [i for i, kind in enumerate(front) if kind == "new"]
    # behind the ellipsis count from the end; the last one first keeps the others' places
    dims += [i - len(back) for i in range(len(back)) if back[i] == "new"][::-1] if "full" not in back else []
    if "full" in back:
        return None
    return dims


def _kind(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and node.value is None:
        return "new"
    if isinstance(node, ast.Attribute) and node.attr == "newaxis":
        return "new"
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return "..."
    if isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None:
        return "full"
    return "other"
