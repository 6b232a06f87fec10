"""declared-mismatch: a tensor is not what its annotation declares.

Contradicts::

    def norm(x: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch"]:
        return x.norm(dim=1, keepdim=True)  # (batch,1): 2 dimensions where 1 are declared

Right::

        return x.norm(dim=1)

A warning, since annotations are comments to the program that runs; an error where a decorator checks them
(``@jaxtyped(typechecker=beartype)``).
"""

from __future__ import annotations

from tensorls.domain.fact import Problem, Severity
from tensorls.rules.rule import Rule


def _applies(problem: Problem) -> bool:
    return problem.kind == "declared"


def _severity(problem: Problem) -> Severity:
    return "error" if problem.details.get("severity") == "error" else "warning"


RULE = Rule("declared-mismatch", "warning", "A tensor is not what its annotation declares.", _applies, lambda p: p.message, _severity)
