"""Programs with expectations as comments: what a person sees of them in an editor."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

from tests.lsp.conftest import Opener
from tests.lsp.document import units

FACT = re.compile(r"#: (\w+) ([^#]*)")
ERROR = re.compile(r"#! (\S+) ([^#]*)")
FIX = re.compile(r"#\? (\S+) -> ([^#]*)")
HERE = Path(__file__).parent
SHARED = Path(os.environ.get("TENSORLS_SEED_CASES", HERE.parents[2] / "shared" / "seed-cases"))
OWN = sorted((HERE / "programs").glob("*.py"))
SEEDS = sorted(p for p in SHARED.glob("*.py") if p.name != "check.py")


@pytest.mark.parametrize("path", [*OWN, *SEEDS], ids=lambda p: p.stem)
def test_program(path: Path, opened: Opener) -> None:
    source = path.read_text(encoding="utf-8")
    document = opened(source)
    lines = source.split("\n")
    tree = ast.parse(source)
    diagnostics = document.diagnostics()
    excused: set[int] = set()
    for number, line in enumerate(lines, 1):
        starts = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.end_lineno == number]
        here = range(max(starts, default=number), number + 1)
        for name, want in FACT.findall(line):
            row, column = next((r, m.start()) for r in here if (m := re.search(rf"\b{name}\b", lines[r - 1])))
            found = document.hover_at({"line": row - 1, "character": units(lines[row - 1][:column])})
            assert found is not None, f"{path.name}:{number}: no hover on {name}"
            assert found["contents"]["value"].split("\n")[0].rstrip() == want.strip(), f"{path.name}:{number}"
        at_line = [d for d in diagnostics if d["range"]["start"]["line"] + 1 in here]
        for code, words in ERROR.findall(line):
            excused.update(here)
            assert any(d["code"] == code and words.strip() in d["message"] for d in at_line), (path.name, number, at_line)
        for code, want in FIX.findall(line):
            after = {
                document.apply(action).split("\n")[number - 1].split("#")[0].strip()
                for d in at_line if d["code"] == code for action in document.actions(d)
            }  # fmt: skip
            assert want.strip() in after, (path.name, number, after)
    unexpected = [d for d in diagnostics if d["severity"] <= 2 and d["range"]["start"]["line"] + 1 not in excused]
    assert not unexpected


def test_there_are_programs() -> None:
    assert len(OWN) >= 3


def test_seed_cases_are_found_where_they_exist() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here")
    assert SEEDS
