"""shape-comment: a comment states another shape than the one that is known.

Out of date::

    x = x.transpose(1, 2)  # (B, T, C)

Right::

    x = x.transpose(1, 2)  # (B, C, T)

Only comments that are nothing but a shape count, at the end of a line that binds a tensor.
"""

from __future__ import annotations

from tensorls.domain.fact import Problem
from tensorls.rules.rule import Rule


def _applies(problem: Problem) -> bool:
    return problem.kind == "comment"


RULE = Rule("shape-comment", "hint", "A comment states another shape than the one that is known.", _applies, lambda p: p.message)
