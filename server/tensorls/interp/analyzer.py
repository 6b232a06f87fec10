"""From files to what is known about them."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tensorls.domain.fact import FileAnalysis, Span
from tensorls.interp import imports, uncalled
from tensorls.interp.limits import DEFAULT, Limits
from tensorls.interp.machine import Asks, Machine, OutOfBudget, SourceModule
from tensorls.source.files import Unreadable, read_source
from tensorls.source.imports import Roots, module_name
from tensorls.source.installed import NOTHING_INSTALLED, Installed
from tensorls.source.models import MODELS, find_model, gives_way, is_model, read_model
from tensorls.source.parsing import ParsedSource, parse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """The outcome of one analysis: every file that was asked about."""

    files: Mapping[str, FileAnalysis]
    steps: int
    complete: bool


class Sources:
    """The files of one analysis: given texts (an editor's buffers) before what lies on disk, the user's before installed ones."""

    def __init__(self, roots: Roots, given: Mapping[str, ParsedSource], installed: Installed = NOTHING_INSTALLED) -> None:
        self._roots = roots
        self._given = given
        self._installed = installed
        self._parsed: dict[str, SourceModule | None] = {}
        self._found: dict[tuple[str, str, int], str | None] = {}
        self._foreign: dict[str, bool] = {}

    def find(self, name: str, importer: str, level: int) -> str | None:
        """The file of a module; None when there is none, or none that is interpreted."""
        key = (name, importer, level)
        if key not in self._found:
            self._found[key] = self._find(name, importer, level)
        return self._found[key]

    def _find(self, name: str, importer: str, level: int) -> str | None:
        file = self._roots.find(name, importer, level)
        if level == 0 and (file is None or file == importer):  # a program named like a package that it uses means the package
            file = self._beside(name) or file
        package = self._installed.package(file) if file is not None else None
        return file if package is None or self._installed.obstacle(package) is None else None

    def _beside(self, name: str) -> str | None:
        """The file of a module that is not the user's: a model, or the source that is installed."""
        if gives_way(name) and self._installed.find(name.partition(".")[0]) is not None:
            return self._installed.find(name)
        return find_model(name) or self._installed.find(name)

    def obstacle(self, name: str) -> str:
        """Why ``find`` finds no module of this name."""
        return self._installed.obstacle(name.split(".")[0]) or f"module {name} is not known"

    def is_foreign(self, file: str) -> bool:
        """Whether a file belongs to an installed package that nobody asked about."""
        if file not in self._foreign:
            self._foreign[file] = self._installed.is_foreign(file)
        return self._foreign[file]

    def parse(self, file: str) -> SourceModule | None:
        """A file's tree; None when it cannot be read."""
        if file not in self._parsed:
            self._parsed[file] = self._read(file)
        return self._parsed[file]

    def _read(self, file: str) -> SourceModule | None:
        parsed = self._given.get(file)
        if parsed is None:
            try:
                parsed = read_model(file) if is_model(file) else parse(read_source(file))
            except Unreadable as error:
                log.info("%s", error)
                return None
        text = parsed.text
        return SourceModule(
            file, module_name(file, MODELS.folders if is_model(file) else (*self._installed.folders, *self._roots.folders)), parsed.tree,
            lambda line, offset: text.from_ast(line, offset).column,
            lambda line: text.lines[line - 1] if 0 < line <= len(text.lines) else "",
        )  # fmt: skip


def analyse(oracle: Asks, sources: Sources, paths: Sequence[str], entries: Sequence[str] = (), limits: Limits = DEFAULT,
            cancelled: Callable[[], bool] = lambda: False) -> Program:  # fmt: skip
    """Interpret the entries as programs, then every path that none of them imported, then bodies that nobody calls."""
    machine = Machine(oracle, sources, limits, frozenset(paths))
    machine.cancelled = cancelled
    complete = True
    for file in (*entries, *paths):
        source = sources.parse(file) if file not in machine.modules else None
        if source is None:
            continue
        is_main = file in entries or not entries
        try:
            imports.run_module(machine, source, "__main__" if is_main else source.name)
        except OutOfBudget:
            complete = False
    if not complete:  # calls that were not reached may bring other values to the functions
        _distrust_functions(machine, paths)
    end = machine.steps + limits.steps_in_all_uncalled
    for file in paths:
        if file in machine.modules:
            complete = uncalled.run_uncalled(machine, file, machine.modules[file], end) and complete
    recorder = machine.recorder
    files = {
        f: FileAnalysis(f, tuple(recorder.facts(f)), tuple(recorder.seen(f)), tuple(recorder.problems(f))) for f in paths
    }  # fmt: skip
    return Program(files, machine.steps, complete)


def _distrust_functions(machine: Machine, paths: Sequence[str]) -> None:
    for file in paths:
        source = machine.sources.get(file)
        for node in ast.walk(source.tree) if source is not None else ():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.For, ast.While)):
                machine.recorder.distrust(Span(file, node.lineno, 0, node.end_lineno or node.lineno, 0))


def files_of(paths: Iterable[str]) -> tuple[str, ...]:
    """Each path once, in order."""
    return tuple(dict.fromkeys(paths))
