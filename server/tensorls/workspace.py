"""One analysis service for the command line and the language server: files in, facts and diagnostics out."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tensorls.config import Config
from tensorls.domain.fact import Diagnostic, Fact, FileAnalysis, Fix, Seen
from tensorls.fixes import fixes_for
from tensorls.fixes.context import FixContext
from tensorls.interp.analyzer import Sources, analyse
from tensorls.interp.limits import DEFAULT, Limits
from tensorls.interp.machine import Asks
from tensorls.rules import diagnose
from tensorls.source.callers import Callers, grouped, is_program
from tensorls.source.imports import Roots
from tensorls.source.installed import Installed
from tensorls.source.parsing import ParsedSource, parse
from tensorls.source.suppress import find_suppressions
from tensorls.source.text import SourceText, TextEdit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything stated about one file."""

    file: str
    parsed: ParsedSource
    facts: tuple[Fact, ...]
    seen: tuple[Seen, ...]
    diagnostics: tuple[Diagnostic, ...]
    complete: bool = True
    entries: tuple[str, ...] = ()  # the programs whose calls it knows


def never() -> bool:
    """An analysis that nobody cancels."""
    return False


class Workspace:
    """Analyses files with one oracle."""

    def __init__(self, oracle: Asks, config: Config | None = None, folder: Path | None = None, limits: Limits = DEFAULT,
                 libraries: Sequence[str] = ()) -> None:  # fmt: skip
        """``libraries``: the folders of installed packages, which are interpreted from their source like the user's files."""
        self._oracle = oracle
        self._config = config or Config()
        self._folder = folder
        self._limits = limits
        self._installed = Installed(tuple(Path(p) for p in libraries))
        self._callers = Callers(folder) if folder is not None else None

    def analyse(self, given: Mapping[str, ParsedSource], paths: Sequence[str], entries: Sequence[str] = (),
                cancelled: Callable[[], bool] = never) -> dict[str, Report]:  # fmt: skip
        """Reports of ``paths``; ``given`` texts stand before what lies on disk."""
        extra = (self._folder,) if self._folder is not None else ()
        files = [Path(p) for p in (*entries, *paths)]
        sources = Sources(Roots.around(files, *extra), given, self._installed.without(files))
        program = analyse(self._oracle, sources, paths, entries, self._limits, cancelled)
        return {
            path: replace(self._report(given[path], analysis, program.complete), entries=tuple(entries))
            for path, analysis in program.files.items() if path in given
        }  # fmt: skip

    def analyse_together(self, given: Mapping[str, ParsedSource]) -> dict[str, Report]:
        """Reports of files named together: each is a program of its own, or a module of programs among them."""
        reports: dict[str, Report] = {}
        for programs, paths in grouped({p: parsed.text.text for p, parsed in given.items()}, self._folder).items():
            reports.update(self.analyse(given, paths, () if len(paths) == 1 and programs == (paths[0],) else programs))
        return {path: reports[path] for path in given}

    def entries_for(self, path: str, text: str) -> tuple[str, ...]:
        """The programs whose calls tell what the functions of a file are given: those of the settings, else those that import it."""
        if self._folder is None or self._callers is None or is_program(text):
            return ()
        stated = tuple(os.path.realpath(self._folder / e) for e in self._config.entries)
        return tuple(e for e in stated if e != path and os.path.isfile(e)) if stated else self._callers.of(path)

    def _report(self, parsed: ParsedSource, analysis: FileAnalysis, complete: bool) -> Report:
        suppressions = find_suppressions(parsed.text)
        broken = {line for region in parsed.broken for line in range(region.line, region.end_line + 1)}
        found = tuple(
            d for d in diagnose(analysis.problems, self._config.severities)
            if not suppressions.covers(d.span.line, d.code) and d.span.line not in broken
        )  # fmt: skip
        return Report(analysis.file, parsed, analysis.facts, analysis.seen, found, complete)

    def with_fixes(self, report: Report, only: Callable[[Diagnostic], bool] = lambda d: True) -> Report:
        """The report with quick fixes that were proven: applied to the text, the diagnostic is gone and no error is new."""
        context = FixContext(report.file, report.parsed)
        before = _errors(report.diagnostics)
        done = []
        for found in report.diagnostics:
            fixes = tuple(f for f in fixes_for(found, context) if f.exact or self._cures(report, found, f, before)) if only(found) else ()
            done.append(replace(found, fixes=fixes))
        return replace(report, diagnostics=tuple(done))

    def _cures(self, report: Report, found: Diagnostic, fix: Fix, before: Mapping[tuple[str, str], int]) -> bool:
        edits = [TextEdit(e.span.line, e.span.column, e.span.end_line, e.span.end_column, e.text) for e in fix.edits]
        parsed = parse(report.parsed.text.apply(edits))
        if len(parsed.broken) > len(report.parsed.broken):
            return False
        after = self.analyse({report.file: parsed}, [report.file], report.entries)[report.file]
        key = (found.code, found.message)
        counts = _errors(after.diagnostics, found.severity)
        allowed = _errors(report.diagnostics, found.severity)
        if counts.get(key, 0) >= allowed.get(key, 0):
            return False
        errors = _errors(after.diagnostics)
        return all(count <= before.get(k, 0) for k, count in errors.items())


def _errors(diagnostics: Sequence[Diagnostic], severity: str = "error") -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for found in diagnostics:
        if found.severity == severity:
            key = (found.code, found.message)
            counts[key] = counts.get(key, 0) + 1
    return counts


def text_of(source: str) -> ParsedSource:
    """A parsed program that lies in no file."""
    return parse(SourceText(source))
