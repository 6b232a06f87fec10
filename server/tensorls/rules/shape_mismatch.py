"""shape-mismatch: sizes that do not fit each other.

Fails::

    g = torch.rand(5, 10)
    g @ g  # mat1 and mat2 shapes cannot be multiplied (5x10 and 5x10)

Right::

    g @ g.T
"""

from __future__ import annotations

import re

from tensorls.domain.fact import Problem
from tensorls.rules.rule import Rule, library_words

_WORDS = re.compile(
    r"shapes? cannot be multiplied|must match|invalid for input of size|size mismatch|Sizes of|expects each tensor to be equal size|"
    r"could not be broadcast|cannot be broadcast|not aligned|core dimension|mismatch in|inconsistent tensor size|"
    r"to have \d+ channels|expected input|Expected \d|Expected size|Expected input|shape mismatch|is invalid for|cannot reshape array|"
    r"expected to be the same|incompatible|values to unpack|doesn't match|does not match the (?:broadcast )?shape|"
    r"Kernel size can't be greater|output size is too small|expected a matrix|must be the same size|must have (?:the )?same (?:size|shape)|"
    r"input must have \d|Given groups|same number of dimensions|The size of tensor|batch ?size|1D tensors expected|must be divisible|"
    r"Unmatched|Shape mismatch|input dimensions? must|dimension mismatch|to be a multiple|out of bounds for dimension",
)


def _applies(problem: Problem) -> bool:
    return (
        problem.kind == "failed"
        and problem.exception not in ("AttributeError", "TypeError")
        and bool(_WORDS.search(problem.message))
        and ("number of dimensions in the tensor input" not in problem.message)
    )


RULE = Rule("shape-mismatch", "error", "Sizes that do not fit each other.", _applies, library_words)
