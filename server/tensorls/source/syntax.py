"""Python's own parser, quiet and unable to raise."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

__all__ = ["Failure", "parse_python", "parses"]

_FILENAME = "<tensorls source>"
_LINE_NUMBER = re.compile(r"\bline (\d+)")


@dataclass(frozen=True)
class Failure:
    """Why Python refuses a text: its message, line from 1, column in code points from 0."""

    message: str
    line: int
    column: int

    def moved(self, lines: int) -> Failure:
        """The same failure that many lines further down, in its message as well."""
        message = _LINE_NUMBER.sub(lambda found: f"line {int(found[1]) + lines}", self.message)
        return Failure(message, self.line + lines, self.column)


def parse_python(text: str) -> ast.Module | Failure:
    """The syntax tree of a text or Python's reason to refuse it; warnings about the text are swallowed."""
    # A filter for our own made-up file name needs no `catch_warnings`, which other threads would notice.
    warnings.filterwarnings("ignore", module=re.escape(_FILENAME))
    try:
        return ast.parse(text, _FILENAME)
    except SyntaxError as error:
        return Failure(str(error.msg), error.lineno or 1, max((error.offset or 1) - 1, 0))
    except (RecursionError, MemoryError, SystemError):
        return Failure("too deeply nested", 1, 0)
    except (ValueError, OverflowError) as error:
        return Failure(str(error).splitlines()[0] if str(error) else "invalid source text", 1, 0)


def parses(text: str) -> bool:
    """Whether Python accepts a text."""
    return isinstance(parse_python(text), ast.Module)
