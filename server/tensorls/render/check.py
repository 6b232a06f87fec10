"""Diagnostics in the formats of terminals, CI services and other tools; fixes applied or shown as a diff."""

from __future__ import annotations

import difflib
import json
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from tensorls import __version__
from tensorls.domain.fact import Diagnostic, Edit
from tensorls.render.data import diagnostic_data
from tensorls.render.text import concise, full
from tensorls.rules import RULES
from tensorls.source.text import SourceText, TextEdit

if TYPE_CHECKING:
    from tensorls.workspace import Report

Named = tuple["Report", str]


def run_check(reports: Sequence[Report], names: Mapping[str, str], style: str, fix: bool, diff: bool, out: TextIO) -> bool:
    """Print what was found, or change the files; whether anything of severity error was found (and left)."""
    named = [(report, names.get(report.file, report.file)) for report in reports]
    if fix or diff:
        for report, name in named:
            _fix(report, name, diff, out)
        return not fix and any(_errors(r) for r, _ in named)
    for line in FORMATS[style](named):
        print(line, file=out)
    return any(_errors(r) for r, _ in named)


def _errors(report: Report) -> bool:
    return any(d.severity == "error" for d in report.diagnostics)


def _fix(report: Report, name: str, diff: bool, out: TextIO) -> None:
    """Apply the preferred fix of every diagnostic, as far as the edits do not overlap."""
    chosen: list[Edit] = []
    for found in report.diagnostics:
        for candidate in found.fixes:
            if candidate.preferred and not any(_overlap(a, b) for a in candidate.edits for b in chosen):
                chosen.extend(candidate.edits)
                break
    if not chosen:
        return
    text = report.parsed.text
    edited = text.apply([TextEdit(e.span.line, e.span.column, e.span.end_line, e.span.end_column, e.text) for e in chosen])
    if diff:
        out.writelines(_diff(text, edited, name))
    else:
        path = Path(report.file)
        with path.open("rb") as handle:
            encoding, _ = tokenize.detect_encoding(handle.readline)  # as it was: a coding cookie, a byte order mark
        path.write_bytes(edited.text.encode(encoding))
        print(f"{name}: {len(chosen)} edit{'s' if len(chosen) != 1 else ''}", file=out)


def _overlap(a: Edit, b: Edit) -> bool:
    start, end = (a.span.line, a.span.column), (a.span.end_line, a.span.end_column)
    return start < (b.span.end_line, b.span.end_column) and (b.span.line, b.span.column) < end


def _diff(before: SourceText, after: SourceText, name: str) -> Iterator[str]:
    old, new = ([f"{line}\n" for line in t.lines] for t in (before, after))
    yield from difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")


def _concise(named: Sequence[Named]) -> Iterator[str]:
    for found, name in _each(named):
        yield concise(found, name)


def _full(named: Sequence[Named]) -> Iterator[str]:
    for report, name in named:
        for found in report.diagnostics:
            yield from full(found, name, report.parsed.text.lines)
            yield ""


def _json(named: Sequence[Named]) -> Iterator[str]:
    yield json.dumps([diagnostic_data(found, name) for found, name in _each(named)], ensure_ascii=False)


_GITHUB = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def _github(named: Sequence[Named]) -> Iterator[str]:
    for found, name in _each(named):
        place = f"file={name},line={found.span.line},col={found.span.column + 1},endLine={found.span.end_line}"
        message = found.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        yield f"::{_GITHUB[found.severity]} {place},title={found.code}::{message}"


_SARIF = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}


def _sarif(named: Sequence[Named]) -> Iterator[str]:
    results: list[dict[str, Any]] = []
    for found, name in _each(named):
        span = found.span
        region = {
            "startLine": span.line,
            "startColumn": span.column + 1,
            "endLine": span.end_line,
            "endColumn": span.end_column + 1,
        }
        location = {"physicalLocation": {"artifactLocation": {"uri": name.replace("\\", "/")}, "region": region}}
        results.append({"ruleId": found.code, "level": _SARIF[found.severity], "message": {"text": found.message},
                        "locations": [location]})  # fmt: skip
    rules = [{"id": r.code, "shortDescription": {"text": r.summary}} for r in RULES]
    driver = {"name": "tensorls", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    yield json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False)


def _each(named: Sequence[Named]) -> Iterator[tuple[Diagnostic, str]]:
    for report, name in named:
        for found in report.diagnostics:
            yield found, name


FORMATS: Mapping[str, Callable[[Sequence[Named]], Iterator[str]]] = {
    "concise": _concise, "full": _full, "json": _json, "github": _github, "sarif": _sarif,
}  # fmt: skip
