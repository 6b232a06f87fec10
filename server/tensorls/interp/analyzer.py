"""From files to what is known about them."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tensorls.domain.fact import FileAnalysis, Span
from tensorls.domain.objects import Instance
from tensorls.domain.values import Function, Ref, Unknown, Value
from tensorls.interp import functions, imports, objects
from tensorls.interp.frames import Context, Frame
from tensorls.interp.limits import DEFAULT, Limits
from tensorls.interp.machine import Asks, Cancelled, Machine, OutOfBudget, SourceModule
from tensorls.interp.recorder import ASSUMED
from tensorls.source.files import Unreadable, read_source
from tensorls.source.imports import Roots, module_name
from tensorls.source.installed import NOTHING_INSTALLED, Installed
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
        if file is None and level == 0:
            file = self._installed.find(name)
        package = self._installed.package(file) if file is not None else None
        return file if package is None or self._installed.obstacle(package) is None else None

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
                parsed = parse(read_source(file))
            except Unreadable as error:
                log.info("%s", error)
                return None
        text = parsed.text
        return SourceModule(
            file, module_name(file, (*self._installed.folders, *self._roots.folders)), parsed.tree,
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
            complete = _run_uncalled(machine, file, machine.modules[file], end) and complete
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


def _run_uncalled(machine: Machine, file: str, module: int, end: int) -> bool:
    """Functions that no call reached run once with unknown parameters, each from the state at the module's end.

    ``end``: the number of steps at which no more of them are run.
    """
    complete = True
    pending = [(n, f, cls) for n, (f, cls) in machine.functions.items() if f.file == file]
    pending.sort(key=lambda item: (getattr(item[0], "lineno", 0), getattr(item[0], "col_offset", 0)))
    for node, function, cls in pending:
        if node in machine.called:
            continue
        frame = Frame(module, module, file, mark=machine.store.mark())
        mark = machine.store.mark()
        machine.step_limit = min(machine.steps + machine.limits.steps_in_uncalled, end)
        machine.recorder.begin()
        try:
            bound = _unknown_parameters(machine, frame, function, cls)
            functions.run_function(machine, frame, function, bound, (ASSUMED,), uncalled=True)
        except OutOfBudget:
            complete = False
            machine.recorder.forget(_outside_loops(node))
        except Cancelled:
            raise
        except Exception as error:
            log.error("%s:%s: the function was passed over", file, getattr(node, "lineno", 0), exc_info=error)
            machine.recorder.distrust(machine.span(frame, node))
        finally:
            machine.store.rollback(mark)
    return complete


def _outside_loops(node: ast.AST) -> Callable[[Span, Context], bool]:
    """Of a body that was not followed to its end: what cannot run again, in its own statements."""
    loops = (ast.For, ast.AsyncFor, ast.While)
    lines = {i for n in ast.walk(node) if isinstance(n, loops) for i in range(n.lineno, (n.end_lineno or n.lineno) + 1)}
    return lambda span, context: context == (ASSUMED,) and span.line not in lines


def _unknown_parameters(machine: Machine, frame: Frame, function: Function, cls: Value | None) -> dict[str, Value]:
    names = [p.arg for p in functions.parameters(function.node.args)]
    bound: dict[str, Value] = {n: Unknown(f"parameter {n} of a function that nothing calls") for n in names}
    static = any(isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in getattr(function.node, "decorator_list", []))
    if isinstance(cls, Ref) and names and not static:
        bound[names[0]] = _unknown_instance(machine, frame, cls, function)
    return bound


def _unknown_instance(machine: Machine, frame: Frame, cls: Ref, function: Function) -> Value:
    """An instance of a class made with unknown arguments, without noting what its constructor does."""
    instance = machine.store.new(Instance(cls))
    constructor = objects.find_in_class(machine, cls, "__init__")
    if isinstance(constructor, Function) and constructor.node is not function.node:
        names = [p.arg for p in functions.parameters(constructor.node.args)]
        bound: dict[str, Value] = {n: Unknown(f"parameter {n} of a constructor that nothing calls") for n in names}
        if names:
            bound[names[0]] = instance
        with machine.recorder.muted():
            called = frozenset(machine.called)
            functions.run_function(machine, frame, constructor, bound, (ASSUMED,), uncalled=True)
            machine.called.intersection_update(called)  # what a muted constructor calls still counts as uncalled
    return instance


def files_of(paths: Iterable[str]) -> tuple[str, ...]:
    """Each path once, in order."""
    return tuple(dict.fromkeys(paths))
