import ast
import random
import sysconfig
import time
from pathlib import Path

import pytest
from tensorls.source.blocks import first_difference, parse_incremental, split_blocks
from tensorls.source.parsing import ParsedSource, parse
from tensorls.source.text import SourceText

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = (
    "bisect.py",
    "textwrap.py",
    "queue.py",
    "token.py",
    "colorsys.py",
    "stat.py",
    "numbers.py",
    "sched.py",
    "reprlib.py",
    "copy.py",
)
TYPED = (
    "\n", "x = foo(", "(", "'", '"""', ")", "    ", "else:\n", "@d\n", "def f():\n    pass\n", "# c\n", "\\", "\\\n", ":", ".",
    "=", "if a:\n", "\n\n", "\x0c", "é", "\u2028", "\r", "async ", "y = x.", "x = 1\n", "z = [1,\n2]\n", "\0",
)  # fmt: skip


def dumped(parsed: ParsedSource) -> tuple[str, object]:
    return ast.dump(parsed.tree, include_attributes=True), parsed.broken


def excerpt(name: str) -> ParsedSource:
    """The first lines of a file, cut between two top-level statements."""
    text = SourceText((LIBRARY / name).read_text(encoding="utf-8"))
    ends = [block.end_line for block in split_blocks(parse(text)) if block.end_line < 120 or block.start_line == 1]
    return parse(SourceText("\n".join(text.lines[: ends[-1]])))


@pytest.mark.parametrize("name", FILES)
def test_the_incremental_tree_is_the_whole_tree(name):
    chance = random.Random(name)
    before = start = excerpt(name)
    first = dumped(start)
    shared = 0
    for _ in range(200):
        text = before.text.text
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice([0, 0, 0, 1, 2, 5, 30, 200]))
        changed = SourceText(text[:at] + chance.choice(["", *TYPED]) + text[end:])
        incremental = parse_incremental(before, changed)
        assert dumped(incremental) == dumped(parse(changed)), changed.place(at)
        known = {id(statement) for statement in before.tree.body}
        shared += any(id(statement) in known for statement in incremental.tree.body)
        before = incremental if chance.random() < 0.6 else start
    assert shared > 20 or len(start.tree.body) < 8
    assert dumped(start) == first


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "x = 1"),
        ("x = 1", ""),
        ("a = 1\nb = 2\nc = 3\nd = 4\n", "a = 1\nb = 2\nelse:\nc = 3\nd = 4\n"),
        ("a = 1\nif a:\n    b\nc = 3\nd = 4\n", "a = 1\nif a:\n    b\nelse:\n    b\nc = 3\nd = 4\n"),
        ("a = 1\nb = 2\nc = 3\ndef f(): pass\nd = 4\n", "a = 1\nb = 2\nc = 3\n@x\ndef f(): pass\nd = 4\n"),
        ("a = 1\nb = 2\nc = 3\nd = 4\n", "a = 1\nb = 2; c = 3; \\\nd = 4\n"),
        ("a = 1; \\\nb = 2\nc = 3\nd = 4\ne = 5\n", "a = 1; \\\nb = 2\nc = 3\nd = 4\ne = 6\n"),
    ],
)
def test_edits_at_borders(before, after):
    assert dumped(parse_incremental(parse(SourceText(before)), SourceText(after))) == dumped(parse(SourceText(after)))


def test_blocks_and_their_first_difference():
    text = "import a\n\n@d\ndef f():\n    return 1\n\nx = 1; y = 2\n# end\nz = [\n  1]\n"
    blocks = split_blocks(parse(SourceText(text)))
    assert [(block.start_line, block.end_line) for block in blocks] == [(1, 1), (3, 5), (7, 7), (9, 10)]

    def unchanged(other: str) -> int:
        return first_difference(blocks, split_blocks(parse(SourceText(other))))

    assert unchanged(text) == 4
    assert unchanged(text.replace("# end", "# the end")) == 4
    assert unchanged(text.replace("# end", "# the\n# end")) == 3
    assert unchanged(text.replace("return 1", "return 2")) == 1
    assert unchanged("#\n" + text) == 0
    assert unchanged(text.replace("y = 2", "y = (")) == 2
    assert first_difference((), blocks) == 0


def test_a_repaired_block_differs_from_the_same_text_repaired_otherwise():
    plain = split_blocks(parse(SourceText("a = 1\nx = (\n")))
    other = split_blocks(parse(SourceText("a = 1\nx = (\n)")))
    assert first_difference(plain, other) == 1


def test_it_is_faster():
    lines = [line for name in FILES for line in (LIBRARY / name).read_text(encoding="utf-8").split("\n")]
    lines = [line for line in lines if not line.startswith("from __future__")]
    before = parse(SourceText("\n".join(lines)))
    assert not before.broken
    changed = SourceText("\n".join([*lines[:-40], "y = foo(x,", *lines[-40:]]))

    def seconds(call) -> float:
        times = []
        for _ in range(5):
            started = time.perf_counter()
            call()
            times.append(time.perf_counter() - started)
        return min(times)

    assert seconds(lambda: parse_incremental(before, changed)) * 2 < seconds(lambda: parse(changed))
