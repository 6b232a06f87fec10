"""The tensors alive at a position: the last fact of every name that is bound before it in its scope."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from tensorls.domain.fact import Fact
from tensorls.source.parsing import ParsedSource

NAMED = frozenset({"variable", "parameter", "loop", "with", "walrus", "augmented", "inplace", "attribute"})


def alive(parsed: ParsedSource, facts: Sequence[Fact], line: int) -> list[Fact]:
    """Facts of the names visible at a line, in order of their last binding; all contexts of each."""
    scopes = _scopes(parsed.tree, line)
    last: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda f: (f.span.line, f.span.column)):
        if fact.kind not in NAMED or fact.span.line > line:
            continue
        own = _scopes(parsed.tree, fact.span.line)
        if own != scopes[: len(own)]:
            continue
        held = last.get(fact.name)
        if held and held[0].span == fact.span:
            held.append(fact)
        else:
            last.pop(fact.name, None)
            last[fact.name] = [fact]
    return [fact for group in last.values() for fact in group]


def _scopes(tree: ast.Module, line: int) -> list[ast.AST]:
    """The functions around a line, outermost first."""
    found: list[ast.AST] = []
    body: Sequence[ast.AST] = tree.body
    while True:
        inner = next((n for n in body if getattr(n, "lineno", 0) <= line <= getattr(n, "end_lineno", 0)), None)
        if inner is None:
            return found
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(inner)
        body = [n for n in ast.iter_child_nodes(inner) if isinstance(n, (ast.stmt, ast.ExceptHandler))]
