"""Suppression comments: `# tensorls: ignore[code, code]`, `# tensorls: ignore` and `# tensorls: ignore-file[code]`.

A line comment holds for every physical line of the statement (or header) that it stands in.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from tensorls.source.scan import open_brackets, scan
from tensorls.source.text import SourceText

__all__ = ["Suppression", "Suppressions", "find_suppressions"]

_MARKER = "tensorls:"
_COMMENT = re.compile(r"#\s*tensorls:\s*ignore(?P<file>-file)?\s*(?:\[(?P<codes>[^\[\]]*)\]|(?![\w\[-]))")
_LAYOUT = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


@dataclass(frozen=True)
class Suppression:
    """One comment (line from 1, columns in code points) and the lines that it covers; `codes` None means all."""

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...] | None
    first_line: int
    last_line: int
    whole_file: bool = False

    def covers(self, line: int, code: str) -> bool:
        """Whether it silences this code on this line."""
        here = self.whole_file or self.first_line <= line <= self.last_line
        return here and (self.codes is None or code in self.codes)


@dataclass(frozen=True)
class Suppressions:
    """All suppression comments of a text."""

    entries: tuple[Suppression, ...] = ()

    def covers(self, line: int, code: str) -> bool:
        """Whether any comment silences this code on this line."""
        return any(entry.covers(line, code) for entry in self.entries)

    def unused(self, used: AbstractSet[tuple[int, str]]) -> tuple[Suppression, ...]:
        """The comments that silence none of the diagnostics (line, code) found before suppression.

        One that is needed in part comes back with the codes that aren't.
        """
        idle = []
        for entry in self.entries:
            if entry.codes is None:
                if not any(entry.covers(line, code) for line, code in used):
                    idle.append(entry)
                continue
            needed = {code for line, code in used if entry.covers(line, code)}
            rest = tuple(code for code in entry.codes if code not in needed)
            if rest or not entry.codes:
                idle.append(replace(entry, codes=rest))
        return tuple(idle)


def find_suppressions(text: SourceText) -> Suppressions:
    """The suppression comments of any text, broken or not."""
    if _MARKER not in text.text:
        return Suppressions()
    try:
        found = list(_exact(text))
    except (tokenize.TokenError, SyntaxError, ValueError):
        found = list(_tolerant(text))
    return Suppressions(tuple(found))


def _exact(text: SourceText) -> Iterator[Suppression]:
    """With Python's tokenizer: the statement of a comment is its logical line."""
    comments: list[tuple[int, int, str]] = []
    first = 0
    for token in tokenize.generate_tokens(io.StringIO("\n".join(text.lines)).readline):
        if token.type == tokenize.COMMENT:
            comments.append((*token.start, token.string))
        elif token.type not in _LAYOUT and not first:
            first = token.start[0]
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            for line, column, comment in comments:
                inside = 0 < first <= line <= token.start[0]
                yield from _read(comment, line, column, first if inside else line, token.start[0] if inside else line)
            comments, first = [], 0


def _tolerant(text: SourceText) -> Iterator[Suppression]:
    """For a broken text: brackets that never close end with their line."""
    lines = scan(text.lines).lines
    number = 0
    while number < len(lines):
        end = number
        still_open = open_brackets(lines[number : number + 1])
        if still_open:
            for ahead in range(number + 1, len(lines)):
                still_open = open_brackets(lines[ahead : ahead + 1], still_open)
                if not still_open:
                    end = ahead
                    break
        while end + 1 < len(lines) and (lines[end + 1].in_string or lines[end + 1].continues):
            end += 1
        for at in range(number, end + 1):
            column = lines[at].comment
            if column is not None:
                yield from _read(text.lines[at][column:], at + 1, column, number + 1, end + 1)
        number = end + 1


def _read(comment: str, line: int, column: int, first: int, last: int) -> Iterator[Suppression]:
    """The suppressions that a comment spells."""
    for found in _COMMENT.finditer(comment):
        listed = found["codes"]
        codes = None if listed is None else tuple(dict.fromkeys(code for code in re.split(r"[\s,]+", listed) if code))
        start, end = column + found.start(), column + found.end()
        if found["file"]:
            yield Suppression(line, start, end, codes, line, line, whole_file=True)
        else:
            yield Suppression(line, start, end, codes, first, last)
