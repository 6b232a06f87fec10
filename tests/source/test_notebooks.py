"""Cells as one program: lines and columns, IPython's own syntax, broken cells."""

from __future__ import annotations

import ast

import pytest
from tensorls.source.notebooks import ANYTHING, Cell, Notebook, plain_lines
from tensorls.source.parsing import PLACEHOLDER
from tensorls.source.text import SourceText


def notebook(*texts: str) -> Notebook:
    """``M:`` before a text makes a Markdown cell."""
    return Notebook(tuple(
        Cell(f"cell:{n}", SourceText(t.removeprefix("M:")), not t.startswith("M:")) for n, t in enumerate(texts, 1)
    ))  # fmt: skip


def test_lines_lead_both_ways() -> None:
    book = notebook("a = 1\nb = 2", "M:# title", "", "c = 3\r\nd = 4\r", "e = 5")
    assert book.text.lines == ("a = 1", "b = 2", "", "c = 3", "d = 4", "", "e = 5")
    assert [book.lines_of(f"cell:{n}") for n in range(1, 6)] == [range(1, 3), range(0), range(3, 4), range(4, 7), range(7, 8)]
    assert [(c.uri[-1], number, line) for c, number, line in map(book.locate, range(1, 8))] == [
        ("1", 1, 1), ("1", 1, 2), ("3", 3, 1), ("4", 4, 1), ("4", 4, 2), ("4", 4, 3), ("5", 5, 1),
    ]  # fmt: skip
    assert book.locate(99)[0].uri == "cell:5"


def test_a_notebook_without_code() -> None:
    assert notebook().parse().tree.body == []
    assert notebook("M:text").text.text == ""


@pytest.mark.parametrize("broken", [
    "x = (", "s = '''", "def f(:\n  pass", "if x:", "class A:\n  def f(self):\n    return [", "\ud800", "\\", "@", "x = 1 +\\", "try:",
])  # fmt: skip
def test_a_broken_cell_harms_no_other(broken: str) -> None:
    book = notebook("a = 1", broken, "b = 2\nc = 3")
    parsed = book.parse()
    first, last = parsed.tree.body[0], parsed.tree.body[-2:]
    assert [ast.unparse(s) for s in (first, *last)] == ["a = 1", "b = 2", "c = 3"]
    assert [s.lineno for s in last] == list(book.lines_of("cell:3"))
    own = book.lines_of("cell:2")
    assert parsed.broken
    assert all(r.line in own and r.end_line in own for r in parsed.broken)


def test_cells_do_not_complete_each_other() -> None:
    parsed = notebook("x = (1,", "2)", "y = 3").parse()
    assert ast.unparse(parsed.tree.body[-1]) == "y = 3"
    assert {r.line for r in parsed.broken} == {1, 2}


@pytest.mark.parametrize(("line", "want"), [
    ("%matplotlib inline", "pass"),
    ("!pip install x", "pass"),
    ("    !ls {x}", "    pass"),
    ("x = !ls", f"x = {PLACEHOLDER}"),
    ("a, b = %timeit -o f(x)", f"a, b = {PLACEHOLDER}"),
    ("  box.x  =  %magic", f"  box.x  =  {PLACEHOLDER}"),
    ("torch.zeros?", "pass"),
    ("torch.zeros ??", "pass"),
    ("?torch.zeros", "pass"),
    ("%time?", "pass"),
    ("x[0]?", "pass"),
    ("%time y = f(x)", "if 1: y = f(x)"),
    ("%time  y = f(x)", "if 1:  y = f(x)"),
    ("%time", "pass"),
    ("%time for x in y: z", ANYTHING),
    ("%timeit y = f(x)", "pass"),
    ("%run other.py", ANYTHING),
    ("x = 5 % 3", "x = 5 % 3"),
    ("x != 3", "x != 3"),
    ("x = 'what?'", "x = 'what?'"),
    ("# why?", "# why?"),
])  # fmt: skip
def test_lines_of_ipython(line: str, want: str) -> None:
    assert plain_lines(["a = 1", line, "b = 2"]) == ("a = 1", want, "b = 2")


@pytest.mark.parametrize("lines", [
    ["x = (a", "  % b)"], ["x = a \\", "  % b"], ["'''", "!ls", "really?", "'''", "x = 1"], ["f(", "  a", "  != b", ")"],
])  # fmt: skip
def test_what_only_looks_like_it(lines: list[str]) -> None:
    assert plain_lines(lines) == tuple(lines)


def test_commands_of_several_lines() -> None:
    assert plain_lines(["!pip install \\", "   a \\", "   b's", "x = 1"]) == ("pass", "", "", "x = 1")
    assert plain_lines(["!echo '''", "x = 1", "%cd (", "y = 2"]) == ("pass", "x = 1", "pass", "y = 2")
    assert plain_lines(["!ls \\"]) == ("pass",)


@pytest.mark.parametrize(("first", "want"), [
    ("%%time", ("pass", "x = 1", "pass")),
    ("%%capture out", (f"out = {PLACEHOLDER}", "x = 1", "pass")),
    ("%%capture --no-stderr", ("pass", "x = 1", "pass")),
    ("%%timeit y = 2", ("pass", "", "")),
    ("%%bash", ("pass", "", "")),
    ("%%writefile a.py", ("pass", "", "")),
    ("%%!", ("pass", "", "")),
    ("%%whatever", (ANYTHING, "", "")),
])  # fmt: skip
def test_magics_of_cells(first: str, want: tuple[str, ...]) -> None:
    assert plain_lines([first, "x = 1", "!ls"]) == want
    assert plain_lines(["", first, "x = 1", "!ls"]) == ("", *want)
