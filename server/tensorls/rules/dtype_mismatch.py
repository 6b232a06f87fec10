"""dtype-mismatch: an operation refuses the element types it is given.

Fails::

    torch.ones(2, 3) @ torch.ones(3, 4, dtype=torch.int64)  # expected m1 and m2 to have the same dtype, ...

Right::

    torch.ones(2, 3) @ torch.ones(3, 4, dtype=torch.int64).float()
"""

from __future__ import annotations

import re

from tensorls.domain.fact import Problem
from tensorls.rules.rule import Rule, library_words

_WORDS = re.compile(
    r"dtype|scalar type|not implemented for '|can't be cast|Cannot cast|data type|floating.point|to be (?:Long|Int)|"
    r"tensor type|of type torch|ufunc '\w+' not supported|Half|BFloat16",
    re.IGNORECASE,
)


def _applies(problem: Problem) -> bool:
    return (
        problem.kind == "failed"
        and problem.exception != "AttributeError"
        and bool(problem.operands)
        and (bool(_WORDS.search(problem.message)) and "unexpected keyword" not in problem.message and "arguments" not in problem.message)
    )


RULE = Rule("dtype-mismatch", "error", "An operation refuses the element types it is given.", _applies, library_words)
