"""invalid-operation: a call that the library refuses for any other reason, or that does not exist there.

Fails::

    y = torch.ones(2, requires_grad=True)
    y.numpy()  # Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.

Right::

    y.detach().numpy()
"""

from __future__ import annotations

from tensorls.domain.fact import Problem
from tensorls.rules.rule import Rule, library_words


def _applies(problem: Problem) -> bool:
    return problem.kind == "failed"


RULE = Rule("invalid-operation", "error", "A call that the library refuses, or that does not exist there.", _applies, library_words)
