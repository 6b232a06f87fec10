"""none-index: a torch tensor gets a new axis by indexing with ``None``.

It works, but it is NumPy's idiom; ``unsqueeze`` says what is meant and which library is at work::

    x = torch.tensor([1, 2, 3])
    x[None]         # hint
    x.unsqueeze(0)  # the same
"""

from __future__ import annotations

from tensorls.domain.fact import Problem
from tensorls.rules.rule import Rule


def _applies(problem: Problem) -> bool:
    return problem.kind == "none-index"


def _message(problem: Problem) -> str:
    return "a new axis by indexing: unsqueeze(dim) says which, and that this is a torch tensor"


RULE = Rule("none-index", "hint", "A torch tensor gets a new axis by indexing with None.", _applies, _message)
