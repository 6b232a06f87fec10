"""Repair of a broken text by islands of indentation: only the broken statement or header is replaced.

The text keeps its number of lines, and every line outside the broken regions stays as it is. Each top-level statement is
repaired on its own, so that the result for one doesn't depend on the others (`parse_incremental` builds on that).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tensorls.source.scan import Line, Scan, margin_width, open_brackets, scan
from tensorls.source.stand_in import (
    PLACEHOLDER,
    header_stand_in,
    header_word,
    inline_stand_in,
    probe_header,
    statement_stand_in,
    unexpected_header,
)
from tensorls.source.syntax import Failure, parse_python, parses
from tensorls.source.wounds import Repaired, Wound, merged

__all__ = ["repair"]

_LONGEST_BRACKET = 400
"""Lines within which a bracket is expected to close."""
_MOST_REPAIRS = 500
"""From there on a text is hardly Python: broken statements are passed over without a closer look."""
_MOST_BLANKED = 8
_RECENT = 20
_FOLLOWING = ("elif", "else", "except", "finally")
_CLOSING = re.compile(r"\s*[)\]}]")
_PLAIN_HEADER = re.compile(r"(\s*)(?:else|try|finally)\s*:")
_BARE_EXPRESSION = re.compile(r"\s*[\w.]+\s*$")


def repair(lines: Sequence[str]) -> Repaired:
    """Replace what is broken in lines that Python refuses as a whole."""
    seen = scan(lines)
    mender = _Mender(lines, seen)
    start = mender.significant(0, len(lines))
    if start is not None:
        mender.block(start, len(lines), "", "if 1:")
    return Repaired(tuple(mender.lines), merged(mender.wounds, mender.lines, seen.unclosed), not seen.unclosed)


class _Mender:
    """The work on one text."""

    def __init__(self, lines: Sequence[str], seen: Scan) -> None:
        self.original = tuple(lines)
        self.lines = list(lines)
        self.seen: tuple[Line, ...] = seen.lines
        self.wounds: list[Wound] = []
        self.context: Failure | None = None
        self.never_closed = 0

    def significant(self, start: int, stop: int) -> int | None:
        """The first line that starts with code."""
        for number in range(start, stop):
            if not self.seen[number].blank and not self.seen[number].in_string:
                return number
        return None

    def text(self, start: int, stop: int) -> str:
        """The lines, without the comment of the last."""
        last = self.original[stop - 1][: self.seen[stop - 1].code_end]
        return "\n".join([*self.original[start : stop - 1], last])

    def refused(self, start: int, stop: int, margin: str, opener: str) -> Failure | None:
        """Why the statements of a suite are refused, if they are."""
        body = "\n".join(self.lines[start:stop])
        result = parse_python(f"{opener}\n{body}" if margin else body)
        return result.moved(start - bool(margin)) if isinstance(result, Failure) else None

    def replace(self, start: int, stop: int, text: str) -> None:
        """Put a stand-in in place of lines."""
        put = text.split("\n")
        self.lines[start:stop] = put + [""] * (stop - start - len(put))
        self.wound(start, stop)

    def wound(self, start: int, stop: int) -> None:
        """Note that lines are broken, and why."""
        for wound in self.wounds[-_RECENT:]:
            if wound.first <= start and stop <= wound.last + 1:
                return
        self.wounds.append(Wound(start, stop - 1, self.reason(start, stop)))

    def pass_over(self, start: int, stop: int, margin: str) -> None:
        """Drop a statement without a closer look; all that are dropped so are one wound."""
        self.lines[start:stop] = [f"{margin}pass"] + [""] * (stop - start - 1)
        last = self.wounds[-1]
        if len(self.wounds) == _MOST_REPAIRS or last.first > start:
            last = Wound(start, stop - 1, self.reason(start, stop))
            self.wounds.append(last)
        self.wounds[-1] = Wound(last.first, max(last.last, stop - 1), last.failure)

    def reason(self, start: int, stop: int) -> Failure:
        """Python's own words on broken lines."""
        context = self.context
        if context is not None and start <= context.line - 1 < stop:
            return context
        text = "\n".join(self.original[start:stop])
        indented = self.seen[start].indent > 0
        result = parse_python(f"if 1:\n{text}" if indented else text)
        if isinstance(result, Failure):
            moved = result.moved(start - indented)
            return Failure(moved.message, min(max(moved.line, start + 1), stop), moved.column)
        return Failure(context.message if context else "invalid syntax", start + 1, 0)

    def block(self, start: int, stop: int, margin: str, opener: str) -> None:
        """Repair the statements of one suite, which starts at line `start`."""
        if self.refused(start, stop, margin, opener) is None:
            return
        for parts in self.groups(start, stop, margin):
            failure = self.refused(parts[0], parts[-1], margin, opener)
            if failure is None:
                continue
            if not margin:
                self.context = failure
            if len(self.wounds) >= _MOST_REPAIRS:
                self.pass_over(parts[0], parts[-1], margin)
                continue
            for first, end in pairwise(parts):
                if len(self.wounds) < _MOST_REPAIRS:
                    self.part(first, end, margin, opener)
            self.chain(parts[:_MOST_REPAIRS], margin)
            if self.refused(parts[0], parts[-1], margin, opener) is not None:
                self.blank(parts[0], parts[-1], margin, opener)

    def groups(self, start: int, stop: int, margin: str) -> Iterator[list[int]]:
        """Where statements that belong together start (decorators, `if` and `else`), and where the last one ends."""
        width = margin_width(margin)
        starts = [start]
        skip = start
        for number in range(start + 1, stop):
            line = self.seen[number]
            if line.blank or line.in_string or line.continues or line.indent > width or number <= skip:
                continue
            if _CLOSING.match(self.original[number]) and open_brackets(self.seen[starts[-1] : number]):
                continue
            skip = max(skip, self.closing(starts[-1], number, stop, margin))
            if number > skip:
                starts.append(number)
        group = [starts[0]]
        for number in starts[1:]:
            decorated = self.original[group[-1]].lstrip(" \t\f").startswith("@")
            word = header_word(self.original[number])
            if word in _FOLLOWING or (decorated and (word in ("def", "class") or self.is_decorator(number))):
                group.append(number)
            else:
                yield [*group, number]
                group = [number]
        yield [*group, stop]

    def is_decorator(self, number: int) -> bool:
        """Whether a line starts with @."""
        return self.original[number].lstrip(" \t\f").startswith("@")

    def closing(self, start: int, number: int, stop: int, margin: str) -> int:
        """The line that ends a whole statement whose brackets are open at line `number`, else -1."""
        still_open = open_brackets(self.seen[start:number])
        if not still_open or self.never_closed > _MOST_REPAIRS:
            return -1
        for end in range(number, min(stop, number + _LONGEST_BRACKET)):
            still_open = open_brackets(self.seen[end : end + 1], still_open)
            if not still_open:
                text = "\n".join(self.original[start : end + 1])
                word = header_word(self.original[start])
                whole = probe_header(text, word, margin, body=" pass") if word else False
                return end if whole or parses(f"if 1:\n{text}" if margin else text) else -1
        self.never_closed += 1
        return -1

    def logical_end(self, start: int, stop: int) -> int | None:
        """Behind the last line of the statement or header that starts at a line; None if its brackets never close."""
        still_open = ""
        for number in range(start, stop):
            still_open = open_brackets(self.seen[number : number + 1], still_open)
            following = self.seen[number + 1] if number + 1 < stop else None
            if not still_open and (following is None or not (following.continues or following.in_string)):
                return number + 1
        return None

    def trimmed(self, start: int, stop: int) -> int:
        """Without the blank lines and comments at the end."""
        while stop > start + 1 and self.seen[stop - 1].blank:
            stop -= 1
        return stop

    def part(self, start: int, stop: int, margin: str, opener: str) -> None:
        """Repair one statement, or one clause of a compound one."""
        stop = self.trimmed(start, stop)
        line = self.original[start]
        word = header_word(line)
        if self.seen[start].indent != margin_width(margin) and self.body_of(start, stop)[1] is None:
            self.replace(start, stop, statement_stand_in(margin + self.text(start, stop).lstrip(" \t\f"), margin))
        elif opener != "if 1:" and word != "case":
            self.replace(start, stop, f"{margin}case _ if {PLACEHOLDER}: pass")
        elif self.is_decorator(start):
            self.decorator(start, stop, margin)
        elif word and (word != "match" or self.body_of(start, stop)[1] is not None):
            self.compound(start, stop, margin, word)
        elif self.refused(start, stop, margin, opener) is not None:
            self.simple(start, stop, margin)

    def body_of(self, start: int, stop: int) -> tuple[int, int | None]:
        """Where a header ends and where its indented body starts."""
        end = self.logical_end(start, stop) or start + 1
        body = self.significant(end, stop)
        if body is not None and self.seen[body].indent <= self.seen[start].indent:
            body = None
        return end, body

    def decorator(self, start: int, stop: int, margin: str) -> None:
        """A decorator: unknown if broken, nothing if there is nothing to decorate."""
        after = self.significant(stop, len(self.seen))
        followed = after is not None and self.seen[after].indent == self.seen[start].indent
        if after is None or not followed or not re.match(r"\s*(?:@|async\b|def\b|class\b)", self.original[after]):
            self.replace(start, stop, f"{margin}pass")
        elif not probe_header(f"{self.text(start, stop)}\n{margin}def f():", "def", margin, body=" pass"):
            self.replace(start, stop, f"{margin}@{PLACEHOLDER}")

    def compound(self, start: int, stop: int, margin: str, word: str) -> None:
        """A header with its body: each is repaired without the other."""
        if self.seen[start].indent == margin_width(margin) and probe_header("\n".join(self.lines[start:stop]), word, margin):
            return
        end, body = self.body_of(start, stop)
        header = margin + self.text(start, end).lstrip(" \t\f")
        moved = self.seen[start].indent != margin_width(margin)
        if body is None:
            whole = self.text(start, stop)
            stand_in = inline_stand_in(whole, word, margin)
            if stand_in is None:
                right = probe_header(header, word, margin, body=" pass")
                stand_in = (header if right else header_stand_in(header, word, margin)) + " pass"
                if word == "match":
                    stand_in = f"{margin}pass"
            self.replace(start, stop, stand_in)
            return
        cases = word == "match" and any(header_word(self.original[n]) == "case" for n in range(body, stop))
        if word == "match" and not cases:
            self.replace(start, end, f"{margin}if {PLACEHOLDER}:")
        elif not probe_header(header, word, margin, body=" pass"):
            self.replace(start, end, header_stand_in(header, word, margin))
        elif moved:
            self.replace(start, end, header)
        opener = "match 0:" if cases else "if 1:"
        inner = self.original[body]
        if self.refused(body, stop, " ", opener) is not None:
            inner = min(
                (self.original[n] for n in range(body, stop) if self.significant(n, n + 1) is not None),
                key=margin_width,
            )
        self.block(body, stop, inner[: len(inner) - len(inner.lstrip(" \t\f"))], opener)

    def simple(self, start: int, stop: int, margin: str) -> None:
        """A simple statement, perhaps with an indented block below that belongs to nothing."""
        end = self.logical_end(start, stop) or stop
        body = self.significant(end, stop)
        statement = margin + self.text(start, end).lstrip(" \t\f")
        if body is None:
            self.replace(start, stop, statement_stand_in(self.text(start, stop), margin))
            return
        right = parses(f"if 1:\n{statement}" if margin else statement)
        if right and not _BARE_EXPRESSION.match(statement) and self.logical_end(body, stop) == stop:
            self.replace(body, stop, "")
            return
        self.replace(start, end, unexpected_header(statement, margin))
        inner = self.original[body]
        self.block(body, stop, inner[: len(inner) - len(inner.lstrip(" \t\f"))], "if 1:")

    def chain(self, parts: Sequence[int], margin: str) -> None:
        """Make `else` and `except` without an opener, and `try` without a handler, plain conditions."""
        chain, opener = "", -1
        for start, stop in pairwise(parts):
            word = header_word(self.lines[start])
            if word in _FOLLOWING:
                if chain == "try" and word == "else":
                    self.condition(opener, parts[-1], "try", margin)
                    chain = "if"
                allowed = {
                    "if": ("elif", "else"),
                    "loop": ("else",),
                    "try": ("except", "finally"),
                    "tried": ("except", "else", "finally"),
                    "done": ("finally",),
                }
                if word in allowed.get(chain, ()):
                    ends = {"except": "tried", "elif": "if", "finally": ""}
                    chain = ends.get(word, "done" if chain == "tried" else "")
                    continue
                if chain == "try":
                    self.condition(opener, parts[-1], "try", margin)
                self.condition(start, stop, word, margin)
                word = "if"
            elif chain == "try":
                self.condition(opener, start, "try", margin)
            chain = {"if": "if", "for": "loop", "while": "loop", "try": "try"}.get(word, "")
            opener = start
        if chain == "try":
            self.condition(opener, parts[-1], "try", margin)

    def condition(self, start: int, stop: int, word: str, margin: str) -> None:
        """Turn a clause into an `if`: what it holds may run (`try` and `finally`: does run)."""
        test = "True" if word in ("try", "finally") else PLACEHOLDER
        line = self.lines[start]
        end, _ = self.body_of(start, stop)
        if word == "elif":
            self.lines[start] = line.replace("elif", "if", 1)
        elif word == "except":
            inline = probe_header("\n".join(self.lines[start:end]), word, margin)
            self.lines[start:end] = [f"{margin}if {test}:{' pass' * inline}"] + [""] * (end - start - 1)
        else:
            self.lines[start] = _PLAIN_HEADER.sub(rf"\1if {test}:", line, count=1)
        self.wound(start, end)

    def blank(self, start: int, stop: int, margin: str, opener: str) -> None:
        """What repair couldn't mend: pass over the lines that Python names, or over the whole statement."""
        for _ in range(_MOST_BLANKED):
            failure = self.refused(start, stop, margin, opener)
            if failure is None:
                return
            number = min(max(failure.line - 1, start), stop - 1)
            line = self.lines[number]
            if line.strip(" \t\f") == "pass" or self.seen[number].in_string:
                break
            blanks = line[: len(line) - len(line.lstrip(" \t\f"))]
            self.replace(number, number + 1, f"{blanks}pass")
        if self.refused(start, stop, margin, opener) is not None:
            stop = self.trimmed(start, stop)
            self.replace(start, stop, f"{margin}pass")
