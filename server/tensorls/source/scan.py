"""A look at the lines of a text that may be broken: strings, comments, brackets and indentation.

Unlike `tokenize` it never gives up. Where a triple quote is missing, it finds the likeliest place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Line", "Scan", "margin_width", "open_brackets", "scan"]

_TOKEN = re.compile(r"#|[()\[\]{}]|'''|\"\"\"|'|\"")
_STRING_END = {
    "'": re.compile(r"[^\\']*(?:\\.[^\\']*)*'"),
    '"': re.compile(r'[^\\"]*(?:\\.[^\\"]*)*"'),
    "'''": re.compile(r"(?:[^\\']|\\.|'(?!''))*'''"),
    '"""': re.compile(r'(?:[^\\"]|\\.|"(?!""))*"""'),
}
_PAIRS = {")": "(", "]": "[", "}": "{"}
_LIKE_CODE = re.compile(
    r"\s*(?:(?:async )?def \w+\(|class \w+.*:$|return\b|import \w+$|from [\w.]+ import |@\w+|raise \w+\(|[\w.\[\]]+ = "
    r"|(?:if|for|while|with|elif|except) .*:$|(?:else|try|finally):$|\w[\w.]*\(.*\)$)"
)
_LIKE_PROSE = re.compile(r"\s*(?!(?:import|from|return|raise|assert|del|global) )[A-Za-z][a-z']*,?(?: [a-z']+,?){2,}")
_STRONG_CODE = re.compile(r"\s*(?:(?:async )?def \w+\(|class \w+.*:$)")
_DOCSTRING = re.compile(r"\s*[rRuU]?(?:\"\"\"|''')")
_STATEMENT_START = re.compile(r"\s*(?:@\w|(?:(?:async )?def|class) \w|import \w|from [\w.]+ import )")
_TRIPLE = re.compile(r"'''|\"\"\"")
_MOST_MISSING_QUOTES = 3
_CLEARLY_BETTER = 3


@dataclass(frozen=True)
class Line:
    """What a line is made of. `indent` counts tabs as Python does; `code_end` is where its code ends."""

    indent: int
    code_end: int
    brackets: str
    comment: int | None
    in_string: bool
    continues: bool
    """The line before ends in a backslash (and this one does not plainly start a statement)."""

    @property
    def blank(self) -> bool:
        """No code: empty or a comment only."""
        return self.code_end == 0 and not self.in_string


@dataclass(frozen=True)
class Scan:
    """All lines of a text; `unclosed` are the lines (from 0) where a triple quote opens and never closes."""

    lines: tuple[Line, ...]
    unclosed: frozenset[int]


def margin_width(line: str) -> int:
    """The column at which a line starts, counted as Python's tokenizer does."""
    blanks = line[: len(line) - len(line.lstrip(" \t\f"))]
    if "\t" not in blanks and "\f" not in blanks:
        return len(blanks)
    width = 0
    for char in blanks:
        width = 0 if char == "\f" else width + 1 if char == " " else (width // 8 + 1) * 8
    return width


def open_brackets(lines: Sequence[Line], before: str = "") -> str:
    """The brackets still open after these lines; a closing one closes what was forgotten inside it."""
    stack = before
    for line in lines:
        for char in line.brackets:
            if char not in _PAIRS:
                stack += char
            elif _PAIRS[char] in stack:
                stack = stack[: stack.rindex(_PAIRS[char])]
    return stack


def scan(lines: Sequence[str]) -> Scan:
    """Look at all lines."""
    unclosed = _missing_ends(lines)
    found = []
    state = _OUTSIDE
    for number, line in enumerate(lines):
        joined = state.continues and not _STATEMENT_START.match(line)
        seen = _read_line(line, state.quote)
        # A backslash alone joins nothing to the next line, unless it is itself inside a statement.
        empty = line.strip() == "\\" and not state.quote and not joined
        code_end = 0 if empty else seen.code_end
        found.append(Line(margin_width(line), code_end, seen.brackets, seen.comment, bool(state.quote), joined))
        state = _OUTSIDE if empty or number in unclosed else seen.after
    return Scan(tuple(found), unclosed)


class _State(NamedTuple):
    """Between two lines: the quote of the string that is open, and whether a backslash joins the lines."""

    quote: str
    continues: bool


_OUTSIDE = _State("", False)


class _Seen(NamedTuple):
    """What a line holds, given the string it starts in; `opens`: it opens a string of several lines."""

    code_end: int
    brackets: str
    comment: int | None
    after: _State
    opens: bool


def _read_line(line: str, quote: str) -> _Seen:
    """Read one line that starts in a string (`quote`) or outside."""
    if len(quote) == 3 and quote not in line:
        return _Seen(len(line.rstrip()), "", None, _State(quote, False), False)
    position, brackets, comment, opens = 0, "", None, False
    while True:
        if quote:
            end = _STRING_END[quote].match(line, position)
            if end is None:
                break
            quote, position, opens = "", end.end(), False
        token = _TOKEN.search(line, position)
        if token is None:
            break
        position = token.end()
        if token[0] == "#":
            comment = token.start()
            break
        if token[0] in "()[]{}":
            brackets += token[0]
        else:
            quote, opens = token[0], len(token[0]) == 3
    joined = comment is None and line.endswith("\\")
    if len(quote) == 1 and not joined:
        quote = ""
    code = line if comment is None else line[:comment]
    return _Seen(len(code.rstrip()), brackets, comment, _State(quote, joined and not quote), opens)


def _missing_ends(lines: Sequence[str]) -> frozenset[int]:
    """The lines whose triple quote most probably lacks its end: the fewest, such that code is code and text is text.

    Follows all ways to read the text at once, each with how much speaks against it.
    """
    if not any(_TRIPLE.search(line) for line in lines):
        return frozenset()
    looks = _looks(lines)
    ways: dict[tuple[_State, int], tuple[int, tuple[int, ...]]] = {(_OUTSIDE, 0): (0, ())}
    for number, line in enumerate(lines):
        following: dict[tuple[_State, int], tuple[int, tuple[int, ...]]] = {}
        for (state, missing), (cost, ends) in ways.items():
            look = looks[number] if state.quote else -looks[number]
            cost += max(look, 0)
            seen = _read_line(line, state.quote)
            choices = [((seen.after, missing), (cost, ends))]
            if seen.opens and missing < _MOST_MISSING_QUOTES:
                choices.append(((_OUTSIDE, missing + 1), (cost, (*ends, number))))
            for key, way in choices:
                if key not in following or way[0] <= following[key][0]:
                    following[key] = way
        ways = following
    closed = sorted((missing, way) for (state, missing), way in ways.items() if len(state.quote) != 3)
    if not closed:
        return frozenset(number for number in range(len(lines)) if _TRIPLE.search(lines[number]))
    fewest, (cost, best) = closed[0]
    for missing, (other_cost, ends) in closed[1:]:
        if fewest == 0 and missing == 1 and other_cost + _CLEARLY_BETTER <= cost:
            best = ends
    return frozenset(best)


def _looks(lines: Sequence[str]) -> list[int]:
    """How much each line looks like code (more than 0) or like prose (less)."""
    looks = []
    above = ""
    for line in lines:
        strong = _STRONG_CODE.match(line) or (_DOCSTRING.match(line) and _STRONG_CODE.match(above))
        looks.append(3 if strong else 1 if _LIKE_CODE.match(line) else -1 if _LIKE_PROSE.match(line) else 0)
        above = line if line.strip() else above
    return looks
