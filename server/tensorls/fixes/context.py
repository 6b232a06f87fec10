"""What a fix works on."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from tensorls.domain.fact import Edit, Span
from tensorls.source.parsing import ParsedSource


@dataclass(frozen=True)
class FixContext:
    """One file's text and tree."""

    file: str
    parsed: ParsedSource

    @cached_property
    def nodes(self) -> dict[Span, list[ast.AST]]:
        """Every expression and statement by its span, outer ones first."""
        found: dict[Span, list[ast.AST]] = {}
        for node in ast.walk(self.parsed.tree):
            if isinstance(node, (ast.expr, ast.stmt)):
                found.setdefault(self.span(node), []).append(node)
        return found

    def span(self, node: ast.AST) -> Span:
        """Where a node stands."""
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        start = self.parsed.text.from_ast(line, getattr(node, "col_offset", 0))
        end = self.parsed.text.from_ast(end_line, getattr(node, "end_col_offset", 0))
        return Span(self.file, start.line, start.column, end.line, end.column)

    def find(self, span: Span, kind: type[ast.AST]) -> ast.AST | None:
        """The node of this kind at exactly this span."""
        return next((n for n in self.nodes.get(span, ()) if isinstance(n, kind)), None)

    def text(self, node: ast.AST) -> str:
        """The source of a node as it stands."""
        span = self.span(node)
        return self.parsed.text.between(span.line, span.column, span.end_line, span.end_column)

    def replace(self, node: ast.AST, text: str) -> Edit:
        """An edit that replaces a node."""
        return Edit(self.span(node), text)

    def receiver(self, node: ast.expr) -> str:
        """A node's source, in parentheses where a method call needs them."""
        text = self.text(node)
        simple = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
        return text if isinstance(node, simple) else f"({text})"
