"""What is known at a position."""

from __future__ import annotations

import ast
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tensorls.domain.fact import Seen, Span
from tensorls.source.parsing import ParsedSource

_WORD = re.compile(r"\w+")
OPERATORS = frozenset({"and", "or", "not", "in", "is"})
At = tuple[int, int]  # line from 1, column in UTF-8 bytes: as ast counts


@dataclass(frozen=True)
class Index:
    """The values of one file by place, and its tree."""

    file: str
    parsed: ParsedSource
    seen: tuple[Seen, ...]

    @cached_property
    def spans(self) -> dict[Span, list[Seen]]:
        """Values by the place of their expression."""
        found: dict[Span, list[Seen]] = {}
        for item in self.seen:
            found.setdefault(item.span, []).append(item)
        return found

    def at(self, line: int, column: int) -> tuple[Seen, ...]:
        """The values of the expression that the character at a position belongs to, or else the one before the cursor.

        One for each context; empty when nothing is known.  A callee's name stands for the call, an operator for its result.
        """
        found = self._on(line, column)
        if not found and column > 0 and self._ends_word(line, column):
            found = self._on(line, column - 1)
        tensors = tuple(s for s in found if s.meta is not None)
        return tensors or found

    def _ends_word(self, line: int, column: int) -> bool:
        text = self._line(line)
        return column <= len(text) and _is_word(text[column - 1 : column]) and not _is_word(text[column : column + 1])

    def _on(self, line: int, column: int) -> tuple[Seen, ...]:
        text = self._line(line)
        char = text[column : column + 1]
        if not char.strip():
            return ()
        word = next((m.group() for m in _WORD.finditer(text) if m.start() <= column < m.end()), "")
        if keyword.iskeyword(word) and word not in OPERATORS:
            return ()
        chain = list(_chain(self.parsed.tree, self.parsed.text.to_ast(line, column)))
        if _in_f_string(chain) and not (isinstance(chain[-1], ast.Name) and chain[-1].id == word):
            return ()
        return self._known(chain, word)

    def _known(self, chain: list[ast.AST], word: str) -> tuple[Seen, ...]:
        """What is known of the innermost node of a chain."""
        node = chain[-1]
        parent = chain[-2] if len(chain) > 1 else None
        if isinstance(node, ast.keyword):  # the name of an argument: what is passed
            return self._of(node.value)
        if isinstance(node, ast.AugAssign):  # its operator
            return self._of(node.target)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._of(node) if word == node.name else ()
        if isinstance(node, ast.arg):
            return self._of(node) if word == node.arg else ()
        found = self._of(node) if isinstance(node, (ast.expr, ast.pattern)) else ()
        if not found and isinstance(node, (ast.Name, ast.Attribute)) and isinstance(parent, ast.Call) and parent.func is node:
            return self._of(parent)
        return found

    def _of(self, node: ast.AST) -> tuple[Seen, ...]:
        """The values at a node; those of a parameter or pattern may be noted at its name, where it starts."""
        span = self._span(node)
        if isinstance(node, ast.expr) or span in self.spans:
            return tuple(self.spans.get(span, ()))
        return tuple(s for key, items in self.spans.items() if (key.line, key.column) == (span.line, span.column) for s in items)

    def _span(self, node: ast.AST) -> Span:
        start = self.parsed.text.from_ast(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end = self.parsed.text.from_ast(getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))
        return Span(self.file, start.line, start.column, end.line, end.column)

    def _line(self, line: int) -> str:
        lines = self.parsed.text.lines
        return lines[line - 1] if 0 < line <= len(lines) else ""


def _is_word(text: str) -> bool:
    return text.isalnum() or text == "_"


def _in_f_string(chain: list[ast.AST]) -> bool:
    """Whether the place lies in an f-string whose inner places this Python's parser gets wrong."""
    return sys.version_info < (3, 12) and any(isinstance(n, ast.JoinedStr) for n in chain)


def _chain(tree: ast.AST, at: At) -> Iterator[ast.AST]:
    """The nodes around a character, outermost first."""
    node: ast.AST | None = tree
    while node is not None:
        yield node
        node = _child(node, at)


def _child(node: ast.AST, at: At) -> ast.AST | None:
    """The node below this one that the character lies in; what has no place of its own is looked through."""
    for child in ast.iter_child_nodes(node):
        if not hasattr(child, "lineno"):
            found = _child(child, at)
            if found is not None:
                return found
        elif _contains(child, at):
            return child
    return None


def _contains(node: ast.AST, at: At) -> bool:
    start = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    end = (getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))
    if any(_contains(d, at) for d in getattr(node, "decorator_list", ())):
        return True
    return start <= at < end
