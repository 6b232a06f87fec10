"""device-mismatch: tensors on different devices meet, or a GPU tensor meets NumPy.

Fails::

    a = torch.ones(2)
    b = torch.zeros(2).to("cuda")
    a + b  # Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!

Right::

    a.to(b.device) + b
"""

from __future__ import annotations

from tensorls.domain.fact import Problem
from tensorls.rules.rule import Rule, library_words

_WORDS = (
    "same device",
    "device type tensor to numpy",
    "Expected a 'cpu' device",
    "on different devices",
    "indices should be either on cpu",
)


def _applies(problem: Problem) -> bool:
    return problem.kind == "failed" and any(words in problem.message for words in _WORDS)


RULE = Rule("device-mismatch", "error", "Tensors on different devices meet.", _applies, library_words)
