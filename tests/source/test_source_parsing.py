import ast
import random
import sys
import sysconfig
import warnings
from pathlib import Path

import pytest
from tensorls.source.parsing import PLACEHOLDER, BrokenRegion, parse
from tensorls.source.repair import repair
from tensorls.source.syntax import parses
from tensorls.source.text import SourceText

ABOVE = '''import torch
x = torch.ones(3)


class Net:
    """A net."""

    def first(self, a, b=1):
        return a + b

    def second(self):
'''
BELOW = '''        z = self.first(1)
        return z

    def third(self):
        """More text
        of two lines.
        """
        return 3


table = [
    1,
]
if x:
    y = 1
else:
    y = 2
'''


def tree(text: str) -> ast.Module:
    return parse(SourceText(text)).tree


def statements(text: str) -> list[str]:
    return [ast.unparse(one) for one in tree(text).body]


@pytest.mark.parametrize(
    "line",
    [
        "y = x.", "foo(x,", "y = foo(x", "foo(bar[1:", "def f(", "def f(a, b", "def f", "class A(", "class", "if x ==",
        "if x", "while", "for i in", "for i", "for", "with open(", "with open(x) as f", "return x.", "return", "return (",
        "y = [1, 2", "d = {'a': ", 's = """text', "s = '''", "s = 'text", "import", "import torch.", "from a import",
        "from a import (b,", "@", "@torch.no_grad(", "x = y +", "x: int =", "try:", "else:", "elif x:", "except:", "finally:",
        "lambda", 'print "x"', "assert", "not", "x[", ")", "]]", "async", "async def f(", "await", "match x:",
        "yield", "x := 1", "1 +", "f(a=", "a = b = ", "a, b = f(", "x y z", "del", "global", "$", "?", "f'{x", "else", "\\",
    ],
)  # fmt: skip
@pytest.mark.parametrize("margin", ["        ", "    ", ""])
def test_everything_else_keeps_its_place_while_a_statement_is_typed(line, margin):
    above = ABOVE if margin == " " * 8 else ABOVE.replace("    def second(self):\n", "")
    below = BELOW if margin == " " * 8 else BELOW.split("return z\n\n")[1]
    if not margin:
        above, below = above + "    def last(self): pass\n", below.split("return 3\n")[1]
    whole = ast.parse(above + margin + "pass\n" + below)
    text = SourceText(above + margin + line + "\n" + below)
    parsed = parse(text)

    def facts(module: ast.Module) -> set[str]:
        nodes = [n for n in ast.walk(module) if isinstance(n, ast.stmt) and n.lineno != above.count("\n") + 1]
        plain = [n for n in nodes if not isinstance(n, ast.ClassDef) and not hasattr(n, "body")]
        return {ast.dump(n, include_attributes=True) for n in plain}

    assert facts(whole) <= facts(parsed.tree)
    assert [n.name for n in ast.walk(whole) if isinstance(n, ast.FunctionDef)] == [
        n.name for n in ast.walk(parsed.tree) if isinstance(n, ast.FunctionDef) and n.name not in ("f", PLACEHOLDER)
    ]
    assert all(region.line == above.count("\n") + 1 for region in parsed.broken)
    assert len(parsed.broken) == (not parses(text.text))


@pytest.mark.parametrize(
    ("broken", "stand_in"),
    [
        ("y = x.", f"y = x.{PLACEHOLDER}"),
        ("y = foo(x", f"y = {PLACEHOLDER}"),
        ("a, b = foo(c=1, d=", f"a, b = {PLACEHOLDER}"),
        ("self.x = foo(", f"self.x = {PLACEHOLDER}"),
        ("x += (", f"x += {PLACEHOLDER}"),
        ("x: int = ", f"x: int = {PLACEHOLDER}"),
        ("a = 1; b = (", f"a = 1; b = {PLACEHOLDER}"),
        ("foo(x,", "pass"),
        ('print "x"', "pass"),
        ("return (x", f"return {PLACEHOLDER}"),
        ("raise A(", f"raise {PLACEHOLDER}"),
        ("break it", "break"),
        ("from torch import nn, ", "from torch import nn"),
        ("from torch import (nn, a", "from torch import (nn)"),
        ("if x > 1", "if x > 1: pass"),
        ("if x ==", f"if {PLACEHOLDER}: pass"),
        ("if x: y = foo(", f"if x: y = {PLACEHOLDER}"),
        ("for i, j in enumerate(", f"for i, j in {PLACEHOLDER}: pass"),
        ("for i", f"for i in {PLACEHOLDER}: pass"),
        ("with f(1) as g, h( as i", f"with {PLACEHOLDER} as g, {PLACEHOLDER} as i: pass"),
        ("while (", f"while {PLACEHOLDER}: pass"),
        ("def f(a, b", "def f(a, b): pass"),
        ("def f(a, b=, *c):", f"def f(a={PLACEHOLDER}, b={PLACEHOLDER}, c={PLACEHOLDER}, *{PLACEHOLDER}args, "
                              f"**{PLACEHOLDER}kwargs): pass"),
        ("class A(B.", f"class A({PLACEHOLDER}): pass"),
        ("class A(B", "class A(B): pass"),
        ("async def f(", "async def f(): pass"),
    ],
)  # fmt: skip
def test_a_stand_in_binds_what_the_statement_binds(broken, stand_in):
    assert repair([broken]).lines == (stand_in,)


def test_a_header_and_its_body_are_repaired_apart():
    assert statements("for x in foo(:\n    a = 1\n    b = (\n    c = 3\n") == [
        f"for x in {PLACEHOLDER}:\n    a = 1\n    b = {PLACEHOLDER}\n    c = 3"
    ]
    assert statements("if a:\n    b = 1\nelif (:\n    c = 1\nelse:\n    d = 1\n") == [
        f"if a:\n    b = 1\nelif {PLACEHOLDER}:\n    c = 1\nelse:\n    d = 1"
    ]
    assert statements("def f(\n    a,\n    b: x.\n    c\n) -> T:\n    return a\n")[0].endswith("return a")
    assert statements("match x:\n    case A(:\n        y = 1\n    case _:\n        y = 2\n") == [
        f"match x:\n    case _ if {PLACEHOLDER}:\n        y = 1\n    case _:\n        y = 2"
    ]


def test_clauses_without_an_opener_may_run():
    assert statements("try:\n    a = 1\nb = 2\n") == ["if True:\n    a = 1", "b = 2"]
    assert statements("a = 1\nelse:\n    b = 2\n") == ["a = 1", f"if {PLACEHOLDER}:\n    b = 2"]
    assert statements("a = 1\nexcept E as e:\n    b = 2\nfinally:\n    c = 3\n")[1:] == [
        f"if {PLACEHOLDER}:\n    b = 2", "if True:\n    c = 3"
    ]  # fmt: skip


def test_an_indented_block_without_a_header_is_kept():
    assert statements("fo\n    a = 1\n    b = 2\n") == [f"if {PLACEHOLDER}:\n    a = 1\n    b = 2"]
    assert statements("x = 1\n    a = 1\n    b = 2\ny = 1\n")[0].startswith(f"for x in {PLACEHOLDER}:")
    assert statements("x = 1\n  y = 2\nz = 3\n") == ["x = 1", "z = 3"]


def test_a_sound_statement_over_many_lines_survives_breaks_elsewhere():
    text = "a = [\n1,\n2,\n]\nx = (\nb = {\n'a':\n1}\n"
    assert statements(text) == ["a = [1, 2]", f"x = {PLACEHOLDER}", "b = {'a': 1}"]


def test_a_lone_backslash_is_no_statement():
    assert statements("if a:\n    x = 1\n\\\n\n    y = 2\nz = (\n") == ["if a:\n    x = 1\n    y = 2", f"z = {PLACEHOLDER}"]


def test_python_2_breaks_only_its_own_statements():
    text = 'x = 1\nprint "x"\ny = 2\ntry:\n    z = 3\nexcept E, e:\n    w = 4\nexec "a" in b\nv = 5\n'
    parsed = parse(SourceText(text))
    assert [region.line for region in parsed.broken] == [2, 6, 8]
    assert {n.id for n in ast.walk(parsed.tree) if isinstance(n, ast.Name)} >= set("xyzwv")


@pytest.mark.parametrize(
    "text",
    ["await f()", "return 1", "match x:\n case 1: pass", "print(y := 1)", "async with a: pass", "yield 1", "x = 1\x0c", "break"],
)
def test_what_only_the_compiler_refuses_is_whole(text):
    assert parse(SourceText(text)).broken == ()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="nested quotes in f-strings came with 3.12")
def test_nested_quotes_in_f_strings():
    assert parse(SourceText('x = f"{d["a"]}"')).broken == ()


def test_the_message_is_pythons_own():
    parsed = parse(SourceText("x = 1\n\nif x:\n    y = foo(1,\n\ndef g():\ns = 'é\n"))
    assert parsed.broken == (
        BrokenRegion(4, 4, "'(' was never closed", 4, 11),
        BrokenRegion(6, 6, "expected an indented block after function definition on line 6", 6, 8),
        BrokenRegion(7, 7, "unterminated string literal (detected at line 7)", 7, 4),
    )


def test_line_ends_bom_nul_and_surrogates():
    crlf = "x = 1\r\ny = foo(\r\nif x:\r\n\tz = 'é' + x\r\n"
    assert ast.dump(tree(crlf), include_attributes=True) == ast.dump(tree(crlf.replace("\r\n", "\n")), include_attributes=True)
    marked = parse(SourceText("\ufeffx = 1\n"))
    assert marked.broken == ()
    assert marked.text.from_ast(1, marked.tree.body[0].col_offset) == (1, 1)
    nul = parse(SourceText("a = 1\nb = 'x\0'; c = 2\nd = 4 \0\n"))
    assert [region.line for region in nul.broken] == [2, 3]
    assert [ast.unparse(n)[0] for n in nul.tree.body] == ["a", "b", "c", "d"]
    assert parse(SourceText("a = '\ud800'\nb = 1\n")).tree.body[1].lineno == 2


def test_tabs_form_feeds_and_comments():
    assert statements("if a:\n\tx = (\n\ty = 1\n\x0cz = 2\n") == [f"if a:\n    x = {PLACEHOLDER}\n    y = 1", "z = 2"]
    assert statements("def f(a):  # note (\n\nx = 1  # it's\ny = (  # why\n") == [
        "def f(a):\n    pass", "x = 1", f"y = {PLACEHOLDER}"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000,
        "x = 1\n" + "[" * 300 + "]" * 300 + "\ny = 2",
        "a" + "+a" * 20_000,
        "a" + ".a" * 20_000 + " b",
        "-" * 20_000 + "a",
        "not " * 5_000 + "a",
        "x = 1;" * 3_000 + "(",
        "f(" + "a=1," * 1_000,
        "x=" * 1_000,
        "".join(" " * n + "if x:\n" for n in range(150)),
        "@\n" * 500,
        "else:\n" * 300,
        "'" * 1001,
        '"""\n' * 501,
        "\\\n" * 500,
        "\x00\x01\x02\ufeff",
        "lorem ipsum dolor sit amet\n" * 2_000,
        "\t \t x\n  y\n\tz\n z",
    ],
)
def test_nothing_makes_it_raise(text):
    parsed = parse(SourceText(text))
    assert isinstance(parsed.tree, ast.Module)
    assert len(repair(SourceText(text).lines).lines) == len(parsed.text.lines)


def test_random_rubbish_never_raises_and_unbroken_lines_stay():
    chance = random.Random(7)
    pieces = ["def f(", "if x", ":", "\n", "\n    ", "\n\t", "(", ")", "[", '"""', "'", "x", "=", "1", ".", ",", "else:",
              "try:", "\\", "@a", "#", "match x:", "case", "é", "\r", "\x0c", "async ", ";", "class A", "lambda", "\0",
              "import "]  # fmt: skip
    for _ in range(600):
        text = SourceText("".join(chance.choices(pieces, k=chance.randint(1, 40))))
        parsed = parse(text)
        assert all(1 <= region.line <= region.end_line <= len(text.lines) for region in parsed.broken)
        assert bool(parsed.broken) != parses(text.text) or text.text.startswith("\ufeff")
        if not parses(text.text) and "\0" not in text.text:
            repaired = repair(text.lines)
            wounded = {n for wound in repaired.wounds for n in range(wound.first, wound.last + 1)}
            kept = [n for n in range(len(text.lines)) if n not in wounded]
            assert [repaired.lines[n] for n in kept] == [text.lines[n] for n in kept]


def test_warnings_about_the_text_are_not_ours():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse(SourceText("x = '\\d'; y = 1if x else 2\n")).broken == ()


def test_cuts_of_real_files_cost_only_the_cut_function():
    """`bench/parsing/cuts.py` has the wider measurement."""
    chance = random.Random(3)
    library = Path(sysconfig.get_path("stdlib"))
    kept = tried = 0
    for name in ("textwrap.py", "queue.py", "bisect.py", "cmd.py", "heapq.py", "sched.py", "shelve.py"):
        lines = (library / name).read_text(encoding="utf-8").split("\n")
        whole = [n for n in ast.walk(ast.parse("\n".join(lines))) if isinstance(n, ast.FunctionDef)]
        for _ in range(15):
            number = chance.choice([n for n, line in enumerate(lines) if line.strip()])
            cut = lines[number][: chance.randint(1, max(len(lines[number]) - 1, 1))]
            text = "\n".join([*lines[:number], cut, *lines[number + 1 :]])
            if parses(text):
                continue
            tried += 1
            left = {(n.lineno, ast.dump(n)) for n in ast.walk(tree(text)) if isinstance(n, ast.FunctionDef)}
            others = [n for n in whole if not n.lineno <= number + 1 <= n.end_lineno]
            kept += all((n.lineno, ast.dump(n)) in left for n in others if number + 1 < n.lineno - 3 or number + 1 > n.lineno)
    assert tried > 30
    assert kept / tried >= 0.96
