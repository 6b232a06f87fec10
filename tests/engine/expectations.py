"""Expectations written as comments in code blocks, and the check of a report against them.

    y = x.permute(1, 0)  #: y torch.Tensor (3,2) cpu int64      the summary of the fact for `y` bound on this line
    v = unknown(x)  #: v -                                      no fact is stated for `v`
    x @ x  #! shape-mismatch cannot be multiplied               a diagnostic with this code, its message has these words
    x[None]  #? none-index -> x.unsqueeze(0)                    a fix for this code turns the line's code into this

Several `#:` for one name are its values in several contexts.  A line without `#!` carries no error and no warning.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tensorls.domain.fact import Fix
from tensorls.domain.tensor import summary
from tensorls.source.text import SourceText, TextEdit
from tensorls.workspace import Report

FACT = re.compile(r"#: ([\w.\[\]<>-]+) ([^#]*)")
ERROR = re.compile(r"#! (\S+) ([^#]*)")
FIX = re.compile(r"#\? (\S+) -> ([^#]*)")


def failures(report: Report) -> Iterator[str]:
    """One line for each expectation that does not hold."""
    text = report.parsed.text
    expected_errors: set[int] = set()
    for number, line in enumerate(text.lines, 1):
        here = range(_statement_start(report.parsed.tree, number), number + 1)
        wanted: dict[str, set[str]] = {}
        for name, want in FACT.findall(line):
            wanted.setdefault(name, set()).add(want.strip())
        for name, want_all in wanted.items():
            got = {summary(f.meta) for f in report.facts if f.span.line in here and f.name == name}
            if got != (want_all - {"-"}):
                yield f"line {number}: {name}: want {sorted(want_all)}, got {sorted(got)}"
        found = [d for d in report.diagnostics if d.span.line in here]
        for code, words in ERROR.findall(line):
            expected_errors.update(here)
            if not any(d.code == code and words.strip() in d.message for d in found):
                yield f"line {number}: want {code} «{words.strip()}», got {[(d.code, d.message) for d in found]}"
        for code, want in FIX.findall(line):
            after = {_apply(text, f, number) for d in found if d.code == code for f in d.fixes}
            if want.strip() not in after:
                yield f"line {number}: want fix «{want.strip()}», offered {sorted(after)}"
    for d in report.diagnostics:
        if d.severity in ("error", "warning") and d.span.line not in expected_errors:
            yield f"line {d.span.line}: not expected: {d.code} {d.message}"


def _statement_start(tree: ast.Module, line: int) -> int:
    starts = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.end_lineno == line]
    return max(starts, default=line)


def _apply(text: SourceText, fix: Fix, line: int) -> str:
    edits = [TextEdit(e.span.line, e.span.column, e.span.end_line, e.span.end_column, e.text) for e in fix.edits]
    return text.apply(edits).lines[line - 1].split("#")[0].strip()
