"""What is known at a position."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tensorls.domain.fact import Seen, Span
from tensorls.source.parsing import ParsedSource


@dataclass(frozen=True)
class Index:
    """The values of one file by line, and its tree."""

    file: str
    parsed: ParsedSource
    seen: tuple[Seen, ...]

    @cached_property
    def by_line(self) -> dict[int, list[Seen]]:
        """Values by every line that they touch (long displays only by their ends)."""
        lines: dict[int, list[Seen]] = {}
        for item in self.seen:
            touched = range(item.span.line, item.span.end_line + 1)
            for line in touched:
                lines.setdefault(line, []).append(item)
        return lines

    def at(self, line: int, column: int) -> tuple[Seen, ...]:
        """The values of the innermost expression at a position, one for each context; empty when nothing is known of it."""
        candidates = [s for s in self.by_line.get(line, ()) if s.span.contains(line, column)]
        if not candidates:
            return ()
        smallest = min(candidates, key=lambda s: (_size(s.span), s.span.column != column)).span
        innermost = self._expression(line, column)
        if innermost is not None and innermost != smallest and _size(innermost) < _size(smallest):
            return ()
        chosen = [s for s in candidates if s.span == smallest]
        tensors = tuple(s for s in chosen if s.meta is not None)
        return tensors or tuple(chosen)

    def _expression(self, line: int, column: int) -> Span | None:
        """The span of the innermost expression there; a callee counts as its call, since that is what one reads."""
        best: Span | None = None
        for node, parent in _expressions(self.parsed.tree, line):
            shown = parent if isinstance(parent, ast.Call) and parent.func is node and isinstance(node, (ast.Attribute, ast.Name)) else node
            span = self._span(node)
            if span.contains(line, column) and (best is None or _size(span) <= _size(best)):
                best = span if shown is node else self._widest(span, self._span(shown))
        return best

    @staticmethod
    def _widest(inner: Span, outer: Span) -> Span:
        return outer if _size(outer) > _size(inner) else inner

    def _span(self, node: ast.AST) -> Span:
        start = self.parsed.text.from_ast(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end = self.parsed.text.from_ast(getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))
        return Span(self.file, start.line, start.column, end.line, end.column)


def _size(span: Span) -> tuple[int, int]:
    lines = span.end_line - span.line
    return (lines, span.end_column - span.column if lines == 0 else 0)


def _expressions(tree: ast.AST, line: int) -> Iterator[tuple[ast.expr, ast.AST]]:
    """Expressions whose lines include this one, with their parents, outermost first."""
    stack: list[ast.AST] = [tree]
    while stack:
        parent = stack.pop()
        for child in ast.iter_child_nodes(parent):
            first = getattr(child, "lineno", None)
            if first is not None and not first <= line <= getattr(child, "end_lineno", first):
                decorators = getattr(child, "decorator_list", ())
                if not any(d.lineno <= line <= (d.end_lineno or d.lineno) for d in decorators):
                    continue
            if isinstance(child, ast.expr):
                yield child, parent
            stack.append(child)
