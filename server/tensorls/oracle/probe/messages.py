"""Error text without stand-in numbers: every number in torch's words is decoded back into what it stands for.

Expressions are put between two control characters, so that the client can rename the symbols in them; ``plain`` ends that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from tensorls.domain.dims import Dim, Expr, Symbol, as_symbol, is_hidden, render, substitute
from tensorls.oracle import terms
from tensorls.oracle.decode import Observations
from tensorls.oracle.question import Question, Raised

OPEN, CLOSE = "\x02", "\x03"
_NUMBER = re.compile(r"\d+")
_MARKED = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_NAME = re.compile(r"[^\W\d]\w*|\?\w+")

Point = Mapping[Symbol, int]


#: Errors that tell of the number of axes alone.
_RANK = re.compile(r"too many indices for (array|tensor)|axis -?\d+ is out of bounds for array of dimension|Dimension out of range")


def by_rank(question: Question, message: str) -> bool:
    """Whether a call fails for how many axes its arguments have, whatever the sizes; not where an axis is computed."""
    return bool(_RANK.match(message)) and not any(isinstance(t, Expr) for t in terms.leaves(question))


def quote(dim: Dim, alone: bool = True) -> str:
    """The size as part of a message; one that is not ``alone`` (``2x(H-2)``) needs brackets."""
    if isinstance(dim, int):
        return str(dim)
    if is_hidden(dim):
        return "?"
    text = render(dim)
    single = as_symbol(dim) is not None or ("*" in text and "+" not in text and "-" not in text)
    return f"{OPEN}{text if alone or single else f'({text})'}{CLOSE}"


def rename(message: str, names: Mapping[str, str]) -> str:
    """The message with the symbols in its expressions called by other names; the marks stay."""

    def inside(match: re.Match[str]) -> str:
        return OPEN + _NAME.sub(lambda m: names.get(m.group(), m.group()), match.group(1)) + CLOSE

    return _MARKED.sub(inside, message)


def plain(message: str) -> str:
    """The message as a person reads it."""
    return message.replace(OPEN, "").replace(CLOSE, "")


def translate(failures: Sequence[tuple[Point, Raised]], literals: Collection[int], back: Callable[[Dim], Dim] = lambda dim: dim) -> Raised:
    """One error for all assignments: the commonest wording, its numbers decoded, ``?`` where that is not possible."""
    shapes = [(r.exception, _NUMBER.sub("#", r.message)) for _, r in failures]
    wanted, _ = Counter(shapes).most_common(1)[0]
    same = [f for f, shape in zip(failures, shapes, strict=True) if shape == wanted]
    exception, skeleton = wanted
    rows = [[int(n) for n in _NUMBER.findall(r.message)] for _, r in same]
    observations = Observations([p for p, _ in same])
    # without other sizes to compare with, a number that the question does not hold may be a stand-in
    few = len(same) < 3 and bool(same[0][0])

    pieces = skeleton.split("#")

    def text(column: tuple[int, ...], before: str, after: str) -> str:
        if len(set(column)) == 1:
            return "?" if few and column[0] not in literals and column[0] > 4 else str(column[0])
        if few:
            return "?"
        found = observations.decode(column)
        return "?" if found is None else quote(back(found), not (before.endswith("x") or after.startswith("x")))

    if len(pieces) != len(rows[0]) + 1:  # the words themselves hold a '#'
        return Raised(exception, skeleton.replace("#", "?"), certain=False)
    numbers = [text(column, *pieces[i : i + 2]) for i, column in enumerate(zip(*rows, strict=True))]
    message = "".join(p + n for p, n in zip(pieces, [*numbers, ""], strict=True))
    return Raised(exception, message, certain=False)


def literal_back(values: Mapping[Symbol, int]) -> Callable[[Dim], Dim]:
    """Back from symbols that stand for literals."""

    def back(dim: Dim) -> Dim:
        return substitute(dim, values) if isinstance(dim, Expr) else dim

    return back
