"""``# (B, T, C)`` -> ``# (B, C, T)`` where the comment states another shape than the one that is known.

Before::

    x = x.transpose(1, 2)  # (B, T, C)

After::

    x = x.transpose(1, 2)  # (B, C, T)
"""

from __future__ import annotations

from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Edit, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """One fix where every size is known."""
    text = diagnostic.problem.details.get("replacement") if diagnostic.problem is not None else None
    if text:
        yield Fix(f"Correct the comment: {text}", (Edit(diagnostic.span, text),), preferred=True, exact=True)
