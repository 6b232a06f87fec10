"""The machine: state, limits and the services that every part of the interpreter uses."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tensorls.domain.bounds import ANY_INTEGER, Bounds, Within
from tensorls.domain.declared import Declaration
from tensorls.domain.dims import Dim, Expr, Symbol, as_symbol, extreme, is_hidden, symbol
from tensorls.domain.fact import Operand, Problem, Span, Step
from tensorls.domain.objects import HeapObject, TensorObject
from tensorls.domain.values import (
    Const,
    DeviceValue,
    Function,
    LibRef,
    ModeManager,
    Ref,
    SymInt,
    Tuple,
    Union,
    Unknown,
    Value,
    members,
)  # fmt: skip
from tensorls.interp.frames import Frame
from tensorls.interp.joins import Joiner
from tensorls.interp.limits import DEFAULT, Limits
from tensorls.interp.reach import references
from tensorls.interp.recorder import ASSUMED, Note, Recorder, span_of
from tensorls.interp.store import Delta, Store
from tensorls.oracle.question import Answer, Mode, Overload, Question

if TYPE_CHECKING:
    from tensorls.interp.assumptions import Assumptions
    from tensorls.interp.constructed import Constructed

log = logging.getLogger(__name__)

MODE = "mode"  # the cell of namespace 0 that holds the ambient mode
AMBIENT = 0


class OutOfBudget(Exception):
    """The analysis reached its bound; what was found so far stands."""


class Cancelled(Exception):
    """The asker no longer wants the answer."""


class Described(Protocol):
    """What the oracle says of a public name (``kind`` module, class, function, dtype, constant, missing, denied)."""

    @property
    def kind(self) -> str:
        """Of the named thing."""
        ...

    @property
    def is_nn_module(self) -> bool:
        """Whether it is a class of modules."""
        ...

    @property
    def value(self) -> object:
        """Of a constant."""
        ...

    @property
    def overloads(self) -> tuple[Overload, ...]:
        """The ways to call it that are on record."""
        ...


class Asks(Protocol):
    """The oracle as the interpreter sees it."""

    def ask(self, question: Question) -> Answer:
        """What the call returns, or how it fails."""
        ...

    def describe(self, path: str) -> Described:
        """What a dotted path names."""
        ...

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices of this machine."""
        ...


class Imports(Protocol):
    """Finds user modules."""

    def find(self, name: str, importer: str, level: int) -> str | None:
        """The file of a module as ``importer`` names it."""
        ...

    def parse(self, file: str) -> SourceModule | None:
        """A file's tree; None when it cannot be read."""
        ...

    def obstacle(self, name: str) -> str:
        """Why ``find`` finds no module of this name."""
        ...

    def is_foreign(self, file: str) -> bool:
        """Whether a file belongs to an installed package that nobody asked about."""
        ...


@dataclass(frozen=True, slots=True)
class SourceModule:
    """A parsed file: its tree, its name, and how to turn UTF-8 offsets into columns."""

    file: str
    name: str
    tree: ast.Module
    columns: Callable[[int, int], int]
    line_text: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class ModeValue(Value):
    """The ambient mode as a cell of the store, so that branches and joins treat it like any other state."""

    mode: Mode


class Machine:
    """One analysis in progress."""

    def __init__(self, oracle: Asks, imports: Imports, limits: Limits = DEFAULT, files: frozenset[str] | None = None) -> None:
        self.oracle = oracle
        self.imports = imports
        self.limits = limits
        self.store = Store()
        self.joiner = Joiner(self.store, limits.union)
        self.names = self.joiner.names
        self.recorder = Recorder(self.joiner.metas, self.names, limits.contexts, files)
        self.sources: dict[str, SourceModule] = {}
        self.modules: dict[str, int] = {}  # file -> namespace
        self.called: set[ast.AST] = set()
        self.recursive_calls: dict[ast.AST, int] = {}  # of a function by itself, since the outermost call
        self.escaped: set[ast.AST] = set()  # functions that unknown code may call
        self.functions: dict[ast.AST, tuple[Function, Value | None]] = {}  # every function seen, with its class
        self._kept: set[int] = set()  # what those functions refer to: they may be run when all else has ended
        self._highest_kept = 0
        self.cancelled: Callable[[], bool] = lambda: False
        self.patched: set[str] = set()  # names of libraries that the program assigned to
        self.managers: list[ModeManager] = []  # the context managers entered, outermost first
        self.bounds = Bounds()
        self.assumed: Assumptions | None = None  # while a body that nobody calls is run
        self.constructed: Constructed | None = None  # instances for such bodies
        self.bounded: dict[int, list[int]] = {}  # storage -> the tensors on it that hold integers with bounds
        self.cut_sizes: dict[object, Expr] = {}  # unknown sizes of slices, by place
        self.hidden_sizes: dict[int, tuple[Answer, frozenset[Symbol]]] = {}
        self._blurred: list[tuple[str, ...]] = []  # fields of tensors that are not noted at present
        self.named_sizes: dict[str, object] = {}  # sizes that have a name of their own, and what they are the size of
        self.declared: dict[ast.AST, dict[str, Declaration]] = {}  # what the annotations of functions say of tensors
        self.checker_names: dict[str, dict[str, Value]] = {}  # by file: what it imports for type checkers alone
        self.checkers: dict[ast.AST, frozenset[str]] = {}  # functions whose annotations are checked when the program runs, and by what
        self.options: set[str] = set()  # texts that are defaults of the command line
        self._spans: dict[ast.AST, Span] = {}
        self.steps = 0
        self.step_limit = limits.steps
        self.foreign_steps = 0  # of code in installed packages
        self.too_much: set[ast.AST] = set()  # functions of installed packages that reached their bound
        self._hidden = 0
        self.simplified_sizes: dict[Dim, Dim] = {}
        self.storage_names: dict[int, tuple[str, int]] = {}
        self.store.set_cell(AMBIENT, MODE, ModeValue(Mode()))

    def found_function(self, node: ast.AST, function: Function, owner: Value | None) -> None:
        """A definition was run."""
        self.functions[node] = (function, owner)
        self._kept.update(references((function, owner)))
        self._highest_kept = max(self._kept, default=0)

    def kept_from(self, base: int) -> list[Ref]:
        """What functions need that may be run when all else has ended, at addresses from ``base`` on."""
        return [Ref(a) for a in self._kept if a >= base] if self._highest_kept >= base else []

    # budget

    def step(self) -> None:
        """Count one unit of work."""
        self.steps += 1
        if self.steps > self.step_limit:
            raise OutOfBudget
        if self.steps % 512 == 0 and self.cancelled():
            raise Cancelled

    def spend(self, steps: int, foreign: int = 0) -> None:
        """Count work that need not be done again."""
        self.foreign_steps += foreign
        self.steps = min(self.steps + steps, self.step_limit + 1)
        if self.steps > self.step_limit:
            raise OutOfBudget
        if self.cancelled():
            raise Cancelled

    # symbols

    @property
    def symbols_made(self) -> tuple[int, int]:
        """How many hidden symbols there are: the machine's and those of joins."""
        return self._hidden, self.joiner.symbols_made

    @symbols_made.setter
    def symbols_made(self, numbers: tuple[int, int]) -> None:
        self._hidden, self.joiner.symbols_made = numbers

    def lasting(self) -> tuple[int, ...]:
        """The sizes of what outlasts a rollback and changes what comes later."""
        found = (self.modules, self.sources, self.patched, self.named_sizes, self.options, self.too_much, self.cut_sizes)
        return tuple(len(f) for f in found)

    def fresh(self) -> Expr:
        """A hidden symbol for one unknown size."""
        return self._new_symbol("?m")

    def _new_symbol(self, prefix: str) -> Expr:
        self._hidden += 1
        return symbol(f"{prefix}{self._hidden}", hidden=True)

    def unknown_int(self, within: Within | None = None) -> Value:
        """An integer that may be anything, or anything within bounds."""
        found = self._new_symbol(ANY_INTEGER)
        name = as_symbol(found)
        if within is not None and name is not None:
            self.bounds.put(name, within)
        return SymInt(found)

    def unknown_size(self) -> Value:
        """An integer that is a length."""
        return SymInt(self.fresh())

    def simplified(self, size: Dim) -> Dim:
        """A size with a name of its own for ``min(n,8)`` of an unknown ``n``: one symbol that is known to be at most 8."""
        sides = extreme(size)
        if sides is None or not is_hidden(size):
            return size
        if size not in self.simplified_sizes:
            made = self.simplified_sizes[size] = self.fresh()
            self.names.alias(made, size)
            name = as_symbol(made)
            known = [s for s in sides if isinstance(s, int)]
            if name is not None and known:
                self.bounds.put(name, Within(0, known[0]))
        return self.simplified_sizes[size]

    def is_unknown(self, value: SymInt) -> bool:
        """Whether an integer is one hidden symbol and nothing else."""
        name = as_symbol(value.expr)
        return name is not None and name.hidden

    def another(self, value: SymInt) -> Value:
        """An unknown integer within the bounds of this one."""
        name = as_symbol(value.expr)
        return self.unknown_int(None if name is None else self.bounds.of(name))

    def named_size(self, name: str, owner: object) -> Value:
        """A size that the program's user chooses, under its name; a hidden one when the name is taken."""
        if self.named_sizes.setdefault(name, owner) != owner or not name.isidentifier():
            return self.unknown_size()
        return SymInt(symbol(name))

    # state

    def content(self, value: Value) -> HeapObject | None:
        """What a reference points to."""
        return self.store.get(value.address) if isinstance(value, Ref) else None

    def tensor(self, value: Value) -> TensorObject | None:
        """The tensor that a value refers to."""
        found = self.content(value)
        return found if isinstance(found, TensorObject) else None

    def mode(self) -> Mode | None:
        """The ambient mode; None when it is not known."""
        found = self.store.cell(AMBIENT, MODE)
        if not isinstance(found, ModeValue) or any(m.unknown for m in self.managers):
            return None
        changes = {k: v for m in self.managers for k, v in m.changes}
        return replace(found.mode, **changes) if changes else found.mode  # type: ignore[arg-type]

    def base_mode(self) -> Value:
        """The mode outside every manager."""
        found = self.store.cell(AMBIENT, MODE)
        assert found is not None
        return found

    def change_mode(self, changes: Iterable[tuple[str, object]]) -> None:
        """Change the mode for good: ``torch.set_default_dtype``."""
        old = self.base_mode()
        if isinstance(old, ModeValue):
            self.store.set_cell(AMBIENT, MODE, ModeValue(replace(old.mode, **dict(changes))))  # type: ignore[arg-type]

    @contextmanager
    def managed(self, managers: Iterable[ModeManager]) -> Iterator[None]:
        """Inside ``with`` statements and decorated functions: left however their body ends."""
        entered = list(managers)
        for manager in entered:
            if manager.restores is not None:
                self.store.set_cell(AMBIENT, MODE, manager.restores)
        self.managers.extend(entered)
        try:
            yield
        finally:
            if entered:
                del self.managers[-len(entered) :]

    def join(self, values: Iterable[Value]) -> Value:
        """The value that is one of these."""
        return self.joiner.all(tuple(values))

    # names of libraries

    def replace_name(self, path: str, value: Value) -> None:
        """The program assigned to something of a library."""
        self.patched.add(path)
        self.store.set_cell(AMBIENT, path, value)

    def replaced(self, path: str, missing: bool) -> Value | None:
        """What the program put there, if it did on every path, or the library has no such name (``missing``)."""
        if path not in self.patched:
            return None
        found = self.store.cell(AMBIENT, path)
        certain = found is not None and (missing or not self.store.is_doubtful(AMBIENT, path))
        return found if certain else Unknown(f"{path} was replaced")

    # places

    def span(self, frame: Frame, node: ast.AST) -> Span:
        """Where a node stands."""
        found = self._spans.get(node)
        if found is None:
            found = self._spans[node] = span_of(frame.file, node, self.sources[frame.file].columns)
        return found

    def site(self, frame: Frame, node: ast.AST) -> str:
        """A call site as contexts name it: ``model.py:12``, with the column to tell calls of one line apart."""
        return f"{frame.file}:{getattr(node, 'lineno', 0)}#{getattr(node, 'col_offset', 0)}"

    def step_at(self, frame: Frame, node: ast.AST, what: str) -> Step:
        """An event of a value's life."""
        return Step(what, frame.file, getattr(node, "lineno", 0))

    # notes

    def note(self, value: Value, frame: Frame | None = None) -> Note | None:
        """What there is to record of a value: a tensor, or the join of several; None for anything else.

        ``frame``: where it is read, so that the name of the storage it shares is one that can be seen there.
        """
        notes: list[Note] = []
        for member in members(value):
            found = self.tensor(member)
            if found is None:
                return None
            notes.append(self._note_of(member, found, frame))
        first = notes[0]
        for other in notes[1:]:
            if other.meta.library != first.meta.library:
                return None
            first = Note(self.joiner.metas(first.meta, other.meta), None, first.history if first.history == other.history else ())
        return first

    @contextmanager
    def blurred(self, *fields: str) -> Iterator[None]:
        """Inside, these fields of tensors are not noted: how the body runs leaves them open."""
        self._blurred.append(fields)
        try:
            yield
        finally:
            self._blurred.pop()

    def _note_of(self, value: Value, found: TensorObject, frame: Frame | None) -> Note:
        view_of = None
        if isinstance(value, Ref) and found.storage not in (-1, value.address) and frame is not None:
            name, scope = self.storage_names.get(found.storage, (None, 0))
            held = self.tensor(self.store.cell(scope, name) or Unknown()) if name is not None else None
            if scope in (frame.address, frame.module) and held is not None and held.storage == found.storage:
                view_of = name
        open_fields: dict[str, object] = {name: None for names in self._blurred for name in names}
        meta = found.meta.with_(**open_fields) if open_fields else found.meta
        return Note(meta, view_of, found.history, found.operation, found.before)

    def name_storage(self, frame: Frame, value: Value, name: str) -> None:
        """The first name bound to an object names the storage it owns, in the scope of that name."""
        if isinstance(value, Ref):
            self.storage_names.setdefault(value.address, (name, frame.address))

    def holds_no_tensor(self, value: Value) -> bool:
        """Whether a value is certainly not a tensor."""
        if isinstance(value, Union):
            return all(self.holds_no_tensor(v) for v in value.members)
        return not isinstance(value, Unknown) and self.tensor(value) is None

    # problems

    def problem(self, frame: Frame, node: ast.AST, kind: str, operation: str, exception: str = "", message: str = "",
                operands: tuple[Operand, ...] = (), **details: str) -> None:  # fmt: skip
        """Report that something failed, unless a ``try`` around it may be meant to catch that."""
        if frame.guarded and kind == "failed":
            return
        context = frame.context[-1].partition("#")[0] if frame.context and frame.context[-1] != ASSUMED else None
        found = Problem(self.span(frame, node), kind, operation, exception, message, operands, context, details)
        self.recorder.problem(frame.context, found)

    def alternatives(self, frame: Frame, values: tuple[Value, ...], run: Callable[[tuple[Value, ...]], Value],
                     combine: Callable[[list[Value]], Value] | None = None) -> Value:  # fmt: skip
        """Run an operation on every combination of union members and join what comes out (``combine``: in another way).

        A combination that fails while another succeeds is a path that ends there: it is dropped, with its problem.
        """
        if not any(isinstance(v, Union) for v in values):
            return run(values)
        combinations: list[tuple[Value, ...]] = [()]
        for value in values:
            combinations = [(*c, m) for c in combinations for m in members(value)]
            if len(combinations) > self.limits.combinations:
                return Unknown("too many alternatives")
        results: list[Value] = []
        effects: list[Delta] = []  # each combination is a path of its own: what it changes is joined with the others
        failures: list[list[tuple[tuple[str, ...], Problem]]] = []
        for combination in combinations:
            mark = self.store.mark()
            self.recorder.capture()
            try:
                result = run(combination)
            finally:
                problems = self.recorder.release()
            delta = self.store.rollback(mark)
            if result == FAILED or any(p[1].kind == "failed" for p in problems):  # problems are noted in the files asked about only
                failures.append(problems)
            else:
                results.append(result)
                effects.append(delta)
                for context, problem in problems:
                    self.recorder.problem(context, problem)
        if results:
            self.store.join(effects, self.joiner.content)
            return self.join(results) if combine is None or failures else combine(results)
        for context, problem in failures[0] if failures else []:
            self.recorder.problem(context, problem)
        return FAILED


FAILED = Unknown("failed")


def show_value(machine: Machine, value: Value) -> str | None:
    """A short text for a value that is no tensor but tells something about one: sizes, devices, dtypes."""
    if isinstance(value, Const) and not isinstance(value.value, str):
        return repr(value.value)
    if isinstance(value, SymInt):
        return None if is_hidden(value.expr) else str(value.expr)
    if isinstance(value, DeviceValue):
        return f"torch.device {value.name or '?'}"
    if isinstance(value, LibRef):
        return value.path
    if isinstance(value, Tuple) and value.kind == "size":
        texts = [show_value(machine, v) or "?" for v in value.items]
        return f"torch.Size ({','.join(texts)}{',' if len(texts) == 1 else ''})"
    return None
