"""Which expression a position belongs to."""

from __future__ import annotations

import ast

import pytest
from tensorls.domain.fact import Fact, Seen, Span
from tensorls.domain.tensor import TensorMeta
from tensorls.features.alive import alive
from tensorls.features.locate import Index
from tensorls.source.parsing import parse
from tensorls.source.text import SourceText

META = TensorMeta("torch", "Tensor", (2, 3), "float32")


def index(source: str) -> Index:
    """Every expression of a source but names of callees, modules and constants is a value, its text is what it is."""
    parsed = parse(SourceText(source))
    seen = []
    callees = {n.func for n in ast.walk(parsed.tree) if isinstance(n, ast.Call)}
    for node in ast.walk(parsed.tree):
        if isinstance(node, (ast.expr, ast.arg)) and node not in callees and not isinstance(node, (ast.Constant, ast.JoinedStr)):
            start = parsed.text.from_ast(node.lineno, node.col_offset)
            end = parsed.text.from_ast(node.end_lineno or 0, node.end_col_offset or 0)
            if isinstance(node, ast.arg):
                end = type(end)(start.line, start.column + len(node.arg))
            span = Span("f.py", start.line, start.column, end.line, end.column)
            seen.append(Seen(span, parsed.text.between(start.line, start.column, end.line, end.column), META))
    return Index("f.py", parsed, tuple(seen))


def said(source: str) -> str | None:
    """The text of the value at the mark ``|`` (before the character that is meant)."""
    place = SourceText(source).place(source.index("|"))
    found = index(source.replace("|", "", 1)).at(place.line, place.column)
    return found[0].text if found else None


@pytest.mark.parametrize(("source", "want"), [
    ("|x", "x"), ("x|", "x"), ("a |+ b", "a + b"), ("a| + b", "a"), ("a + |b", "b"), ("|a + b", "a"),
    ("a.b(c)[0]|.d", "a.b(c)[0].d"), ("a.b(c)[0].|d", "a.b(c)[0].d"), ("a.b(c)|[0].d", "a.b(c)[0]"), ("a.b(|c)[0].d", "c"),
    ("a.|b(c)[0].d", "a.b(c)"), ("a.b|(c)[0].d", "a.b(c)"), ("|a.b(c)[0].d", "a"), ("a.b(c)[|0].d", None),
    ("|f(x)", "f(x)"), ("f(|x)", "x"), ("f(k|=x)", "x"), ("f(|key=x)", "x"), ("f(key=|x)", "x"), ("f(key=|1)", None),
    ("(a |@ b).T", "a @ b"), ("|(a @ b).T", "(a @ b).T"), ("-|x", "x"), ("|-x", "-x"), ("a |and b", "a and b"), ("|not a", "not a"),
    ("a |if b else c", None), ("a if b |else c", None), ("|lambda: x", None), ("[y |for y in x]", None), ("[|y for y in x]", "y"),
    ("for |y in x: pass", "y"), ("for y |in x: pass", None), ("x |+= 1", "x"), ("x |= 1", None), ("|return_ = x", "return_"),
    ("def f(|x, y): pass", "x"), ("def f(x: |T): pass", "T"), ("def f(x|: T): pass", "x"), ("def |f(x): pass", None),
    ("@|deco\ndef f(): pass", "deco"), ("with |a as b: pass", "a"), ("with a as |b: pass", "b"), ("(y |:= x)", "y := x"),
    ("'|x' + y", None), ('"""|x"""', None), ("x  # |x", None), ("import |x", None), ("from x import |y", None), ("", None),
    ("日本 = '🎉'; |é = 1", "é"), ("f('🎉', |x)", "x"), ("f('🎉'|, x)", "f('🎉', x)"), ("(\n a\n |+ b\n)", "a\n + b"),
    ("x[|a:b]", "a"), ("x[a|:b]", "a:b"), ("x[a |:b]", "a :b"), ("x |. y", "x . y"), ("print(|*x)", "*x"), ("print(*|x)", "x"),
    ("class |A(B): pass", None), ("class A(|B): pass", "B"), ("match x:\n case |1: pass", None), ("del |x", "x"),
])  # fmt: skip
def test_places(source: str, want: str | None) -> None:
    if "|" not in source:
        assert index(source).at(1, 0) == ()
    else:
        assert said(source) == want


def test_f_strings_show_names_or_nothing() -> None:
    assert said("f'{x} and {|yy}'") in ("yy", None)
    assert said("f'x{|x}'") in ("x", None)
    assert said("f'|x{x}'") is None


@pytest.mark.parametrize("place", [(0, 0), (-1, 3), (5, 0), (1, 99), (1, -1)])
def test_places_outside(place: tuple[int, int]) -> None:
    assert index("x + y").at(*place) == ()


def test_tensors_stand_before_notes() -> None:
    found = index("x")
    note = Seen(found.seen[0].span, "x", None, "3")
    both = Index("f.py", found.parsed, (note, *found.seen))
    assert both.at(1, 0) == found.seen


def test_alive() -> None:
    source = "a = 1\ndef f(x):\n    y = x\n    def g(z):\n        return z\n    return y\na = 2\nb = 3\n"
    parsed = parse(SourceText(source))

    def fact(name: str, line: int) -> Fact:
        return Fact(Span("f.py", line, 0, line, 1), name, "variable", META)

    facts = [fact("a", 1), fact("x", 2), fact("y", 3), fact("z", 4), fact("a", 7), fact("b", 8)]
    assert [(f.name, f.span.line) for f in alive(parsed, facts, 5)] == [("a", 1), ("x", 2), ("y", 3), ("z", 4)]
    assert [(f.name, f.span.line) for f in alive(parsed, facts, 6)] == [("a", 1), ("x", 2), ("y", 3)]
    assert [(f.name, f.span.line) for f in alive(parsed, facts, 8)] == [("a", 7), ("b", 8)]
