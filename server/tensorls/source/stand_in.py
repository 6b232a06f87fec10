"""What to read in place of a broken statement or header.

A stand-in keeps what is certain (the names that are bound, the kind of control flow) and has `PLACEHOLDER` where the
program isn't known, so that no name keeps a value that the statement being typed is about to replace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tensorls.source.scan import open_brackets, scan
from tensorls.source.syntax import parses

__all__ = [
    "PLACEHOLDER",
    "header_stand_in",
    "header_word",
    "inline_stand_in",
    "probe_header",
    "statement_stand_in",
    "unexpected_header",
]

PLACEHOLDER = "__tensorls_unknown__"
"""A name or attribute that stands for whatever is not written yet; its value is unknown."""

_HEADER = re.compile(
    r"\s*(?:(?P<async>async)\s+(?=def\b|for\b|with\b))?"
    r"(?P<word>(?:def|class|if|elif|else|for|while|with|try|except|finally)\b|(?:match|case)\b(?=\s*[\w\"'(\[{*-]))"
)
_NAMED = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)")
_AS_NAME = re.compile(r"\bas\s+([^\W\d]\w*)")
_FOR_TARGET = re.compile(r"\s*(?:async\s+)?for\s+(.+?)\s+in\b", re.DOTALL)
_PARAMETER = re.compile(r"\s*([^\W\d]\w*)")
_EQUALS = re.compile(r"(?<![=!<>:])=(?!=)")
_LEADING_WORD = re.compile(r"\s*(return|raise|yield|break|continue|import|from)\b")
_MOST_CANDIDATES = 20
_BEFORE = {"elif": "if 1: pass", "else": "if 1: pass", "except": "try: pass", "finally": "try: pass"}
_AFTER = {"try": "finally: pass", "match": " case _: pass"}


def header_word(line: str) -> str:
    """The keyword of the compound statement that a line starts, else nothing."""
    found = _HEADER.match(line)
    return found["word"] if found else ""


def probe_header(text: str, word: str, margin: str, *, body: str = "") -> bool:
    """Whether a header (with its body, where `body` is empty) is right, given whatever must surround it."""
    if word == "match" and body:
        return parses(f"if 1:\n{text}\n{margin}  case _: pass" if margin else f"{text}\n case _: pass")
    if word == "case":
        return bool(margin) and parses(f"match 0:\n{text}{body}")
    lines = ["if 1:"] if margin else []
    if word in _BEFORE:
        lines.append(margin + _BEFORE[word])
    lines.append(text + body)
    if word == "try":
        lines.append(f"{margin}finally: pass")
    return parses("\n".join(lines))


def statement_stand_in(text: str, margin: str) -> str:
    """For a broken simple statement (its lines, without a last comment): never more lines than it has."""

    def fits(candidate: str) -> bool:
        return parses(f"if 1:\n{candidate}" if margin else candidate)

    return next(filter(fits, _statement_candidates(text, margin)), f"{margin}pass")


def _statement_candidates(text: str, margin: str) -> Iterator[str]:
    if text.endswith("."):
        yield text + PLACEHOLDER
    leading = _LEADING_WORD.match(text)
    word = leading[1] if leading else ""
    if word in ("break", "continue"):
        yield margin + word
    elif word in ("return", "raise", "yield"):
        yield f"{margin}{word} {PLACEHOLDER}"
    elif word in ("import", "from"):
        bracket = ")" if word == "from" and "(" in text else ""
        for comma in [index for index, char in enumerate(text) if char == ","][:-_MOST_CANDIDATES:-1]:
            yield text[:comma] + bracket
    else:
        if 0 < text.count(";") < _MOST_CANDIDATES:
            first, rest = text.split(";", 1)
            first = first if parses(first.strip()) else statement_stand_in(first, "")
            yield f"{margin}{first.strip()}; {statement_stand_in(rest.strip(), '')}"
        for equals in reversed(_assignments(text)):
            yield f"{text[:equals]} {PLACEHOLDER}"


def _assignments(text: str) -> list[int]:
    """Behind each = that is in no bracket."""
    found = []
    for equals in _EQUALS.finditer(text):
        before = text[: equals.start()]
        if all(before.count(left) == before.count(right) for left, right in ("()", "[]", "{}")):
            found.append(equals.end())
    return found[:_MOST_CANDIDATES]


def header_stand_in(text: str, word: str, margin: str) -> str:
    """For a broken header (its lines, without a last comment), up to its colon."""

    def fits(candidate: str) -> bool:
        return probe_header(candidate, word, margin, body=" pass")

    return next(filter(fits, _header_candidates(text, word, margin)), f"{margin}if {PLACEHOLDER}:")


def _header_candidates(text: str, word: str, margin: str) -> Iterator[str]:
    yield f"{text}:"
    if word in ("def", "class"):
        still_open = open_brackets(scan(text.split("\n")).lines)
        closing = "".join({"(": ")", "[": "]", "{": "}"}[char] for char in reversed(still_open))
        yield f"{text}{closing}:"
    first = f"{margin}async {word}" if text.lstrip().startswith("async") else f"{margin}{word}"
    named = _NAMED.match(text)
    name = named[1] if named else PLACEHOLDER
    aliases: list[str] = _AS_NAME.findall(text)
    if word == "def":
        for parameters in (_parameters(text[named.end() :] if named else ""), []):
            given = "".join(f"{parameter}={PLACEHOLDER}, " for parameter in parameters)
            yield f"{first} {name}({given}*{PLACEHOLDER}args, **{PLACEHOLDER}kwargs):"
    elif word == "class":
        yield f"{first} {name}({PLACEHOLDER}):"
    elif word == "for":
        target = _FOR_TARGET.match(text)
        written = target[1] if target else text.split("for", 1)[1].strip().rstrip(",:")
        yield f"{first} {written} in {PLACEHOLDER}:"
        yield f"{first} {PLACEHOLDER} in {PLACEHOLDER}:"
    elif word == "with":
        yield f"{first} {', '.join(f'{PLACEHOLDER} as {alias}' for alias in aliases)}:"
        yield f"{first} {PLACEHOLDER}:"
    elif word == "except":
        yield (f"{first} {PLACEHOLDER} as {aliases[0]}:" if aliases else f"{first} {PLACEHOLDER}:")
    elif word == "case":
        yield f"{first} _ if {PLACEHOLDER}:"
    elif word in ("else", "try", "finally"):
        yield f"{first}:"
    else:
        yield f"{first} {PLACEHOLDER}:"


def _parameters(text: str) -> list[str]:
    """The names that a broken parameter list seems to bind."""
    names = []
    depth, start = 0, None
    for index, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if depth == 1 and char in "(,":
            start = index + 1
            while start < len(text) and text[start] in "* \t\n":
                start += 1
            found = _PARAMETER.match(text, start)
            if found and found[1] not in names:
                names.append(found[1])
        if depth <= 0 and start is not None:
            break
    return names


def unexpected_header(text: str, margin: str) -> str:
    """A header for an indented block that has none, in place of the simple statement above it."""

    def fits(candidate: str) -> bool:
        return probe_header(candidate, "for", margin, body=" pass")

    targets = (f"{margin}for {text[: end - 1].strip()} in {PLACEHOLDER}:" for end in _assignments(text))
    return next(filter(fits, targets), f"{margin}if {PLACEHOLDER}:")


def inline_stand_in(text: str, word: str, margin: str) -> str | None:
    """For a header with its body on the same line (`if x: y = foo(`): the header kept, a stand-in for the body."""
    colons = [index for index, char in enumerate(text) if char == ":" and text[index + 1 :].strip()]
    for index in colons[:_MOST_CANDIDATES]:
        if probe_header(text[: index + 1], word, margin, body=" pass"):
            return f"{text[: index + 1]} {statement_stand_in(text[index + 1 :].strip(), '')}"
    return None
