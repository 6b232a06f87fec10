"""How much of a file survives a statement that is half-written: blanking lines, parso, and tensorls.

    python bench/parsing/cuts.py [--files 40] [--cuts 12] [--seed 1] [--failures 3]

Takes real files of the standard library, breaks each at random places in several ways, and counts the breaks after which
everything else is read as before: every other top-level statement, and every other function in the same one.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "server"))

import parso
from tensorls.source.files import Unreadable, read_source
from tensorls.source.parsing import parse
from tensorls.source.syntax import parse_python, parses
from tensorls.source.text import SourceText

Function = ast.FunctionDef | ast.AsyncFunctionDef
Signature = tuple[int, int, str]
Break = tuple[list[str], int, int]
"""The broken lines, the line (from 1) that changed, and how many lines the break added."""

HALF_WRITTEN = (
    "y = x.", "foo(x,", "y = foo(x", "def f(", "def f(a, b", "class A(", "if x ==", "for i in", "for", "while x <",
    "with open(", "return x.", "y = [1, 2", "d = {'a': ", 's = """text', "s = 'text", "import", "from a import", "@",
    "x = y +", "try:", "elif x:", "lambda", "print x", "assert", "not", "x[", "async", "match x:", "else", "f(a=",
)  # fmt: skip
OPENING = ("(", "[", "{", '"""', "'", "\\", ")", ":", ",", ".")


def cut_tail(lines: list[str], chance: random.Random) -> Break:
    """The end of a line is missing."""
    number = pick(lines, chance)
    line = lines[number]
    start = len(line) - len(line.lstrip())
    at = chance.randint(start + 1, max(len(line) - 1, start + 1))
    return [*lines[:number], line[:at], *lines[number + 1 :]], number + 1, 0


def drop_piece(lines: list[str], chance: random.Random) -> Break:
    """Some characters are missing."""
    number = pick(lines, chance)
    line = lines[number]
    start = len(line) - len(line.lstrip())
    at = chance.randint(start, len(line) - 1)
    return (
        [*lines[:number], line[:at] + line[at + chance.randint(1, 4) :], *lines[number + 1 :]],
        number + 1,
        0,
    )


def type_opening(lines: list[str], chance: random.Random) -> Break:
    """A bracket or quote has been typed somewhere in a line."""
    number = pick(lines, chance)
    line = lines[number]
    start = len(line) - len(line.lstrip())
    at = chance.randint(start, len(line))
    return (
        [*lines[:number], line[:at] + chance.choice(OPENING) + line[at:], *lines[number + 1 :]],
        number + 1,
        0,
    )


def type_statement(lines: list[str], chance: random.Random) -> Break:
    """A new statement is being typed between two others."""
    number = pick(lines, chance)
    line = lines[number]
    margin = line[: len(line) - len(line.lstrip())]
    return [*lines[:number], margin + chance.choice(HALF_WRITTEN), *lines[number:]], number + 1, 1


BREAKS: tuple[Callable[[list[str], random.Random], Break], ...] = (
    cut_tail,
    drop_piece,
    type_opening,
    type_statement,
)


def pick(lines: list[str], chance: random.Random) -> int:
    """A line with something on it."""
    while True:
        number = chance.randrange(len(lines))
        if lines[number].strip():
            return number


def blanking(text: SourceText) -> set[Signature]:
    """The usual way: blank the line that Python names, try again."""
    lines = list(text.lines)
    for _ in range(20):
        result = parse_python("\n".join(lines))
        if isinstance(result, ast.Module):
            return {signature(node) for node in units(result)}
        number = min(max(result.line, 1), len(lines)) - 1
        while number > 0 and not lines[number].strip():
            number -= 1
        lines[number] = ""
    return set()


def parso_only(text: SourceText) -> set[Signature]:
    """The top-level statements and functions in parso's tree, each read again by Python where it stands."""
    read: Callable[[str], Any] = parso.parse
    found: set[Signature] = set()

    def look(node: Any, top: bool) -> None:
        function = node.type in ("funcdef", "async_stmt", "async_funcdef", "decorated")
        if function or (top and node.type not in ("error_node", "error_leaf", "endmarker")):
            first, last = node.start_pos[0], node.end_pos[0] - (node.end_pos[1] == 0)
            lines = text.lines[first - 1 : last]
            margin = lines[0][:1].isspace()
            result = parse_python("\n" * (first - 1 - margin) + ("if 1:\n" if margin else "") + "\n".join(lines))
            if isinstance(result, ast.Module):
                found.update(signature(one) for one in units(result))
        for child in getattr(node, "children", ()):
            look(child, False)

    for child in read("\n".join(text.lines)).children:
        look(child, True)
    return found


def ours(text: SourceText) -> set[Signature]:
    """`tensorls.source.parsing.parse`."""
    return {signature(node) for node in units(parse(text).tree)}


WAYS: dict[str, Callable[[SourceText], set[Signature]]] = {
    "blanking": blanking,
    "parso": parso_only,
    "ours": ours,
}


def units(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every top-level statement and every function, in whatever it is nested."""
    for statement in tree.body:
        yield statement
        for node in ast.walk(statement):
            if isinstance(node, Function) and node is not statement:
                yield node


def signature(node: ast.stmt) -> Signature:
    """Where a unit is and what it says."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
    start = min([node.lineno, *(one.lineno for one in decorators)])
    return start, node.end_lineno or node.lineno, ast.dump(node)


def lost(whole: list[Signature], found: set[Signature], line: int, added: int) -> list[Signature]:
    """The units without the broken line that are no more the same."""
    gone = []
    for start, end, dump in whole:
        if start < line + (added == 0) <= end + (added == 0) if added else start <= line <= end:
            continue
        shift = added if start >= line else 0
        if (start + shift, end + shift, dump) not in found:
            gone.append((start + shift, end + shift, dump))
    return gone


def main() -> int:
    """Break files, count, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--files", type=int, default=40)
    options.add_argument("--cuts", type=int, default=12, help="breaks of each kind a file")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--failures", type=int, default=0, help="show that many breaks that cost more than themselves")
    options.add_argument("--ways", default="blanking,parso,ours")
    given = options.parse_args()
    chance = random.Random(given.seed)
    library = Path(sysconfig.get_path("stdlib"))
    paths = sorted(path for path in library.glob("*.py") if 3_000 < path.stat().st_size < 60_000)
    paths += sorted(path for path in library.glob("[a-z]*/*.py") if 3_000 < path.stat().st_size < 60_000)
    paths = [path for path in paths if "site-packages" not in path.parts and "lib2to3" not in path.parts]
    names = given.ways.split(",")
    kept = {(name, kind.__name__): 0 for name in names for kind in BREAKS}
    tried = {kind.__name__: 0 for kind in BREAKS}
    seconds = dict.fromkeys(names, 0.0)
    shown = 0
    for path in chance.sample(paths, min(given.files, len(paths))):
        try:
            text = read_source(path)
        except Unreadable:
            continue
        tree = parse_python(text.text)
        if not isinstance(tree, ast.Module):
            continue
        whole = [signature(node) for node in units(tree)]
        for kind in BREAKS:
            for _ in range(given.cuts):
                lines, line, added = kind(list(text.lines), chance)
                broken = SourceText("\n".join(lines))
                if parses(broken.text):
                    continue
                tried[kind.__name__] += 1
                for name in names:
                    started = time.perf_counter()
                    result = WAYS[name](broken)
                    seconds[name] += time.perf_counter() - started
                    gone = lost(whole, result, line, added)
                    kept[name, kind.__name__] += not gone
                    if gone and name == "ours" and shown < given.failures:
                        shown += 1
                        print(f"{path.name}:{line} {kind.__name__} {lines[line - 1]!r}; lost: {len(gone)}")
                        for start, end, dump in gone[:3]:
                            print(f"    {start}-{end} {dump[:90]}")
    total = sum(tried.values())
    print(f"Python {sys.version.split()[0]}, seed {given.seed}: {total} breaks that Python refuses")
    print(f"{'':16}" + "".join(f"{name:>16}" for name in names))
    for kind in BREAKS:
        count = tried[kind.__name__]
        shares = "".join(f"{kept[name, kind.__name__] / max(count, 1):>16.1%}" for name in names)
        print(f"{kind.__name__:16}{shares}   of {count}")
    shares = "".join(f"{sum(kept[name, k.__name__] for k in BREAKS) / max(total, 1):>16.1%}" for name in names)
    print(f"{'all':16}{shares}")
    print(f"{'ms a break':16}" + "".join(f"{seconds[name] / max(total, 1) * 1000:>16.1f}" for name in names))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
