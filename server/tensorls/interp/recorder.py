"""Notes what the interpreter learns: facts at bindings, values of expressions, problems."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from tensorls.domain.dims import is_hidden
from tensorls.domain.fact import Fact, Operand, Problem, Seen, Span, Step
from tensorls.domain.tensor import TensorMeta, summary
from tensorls.interp.frames import Context
from tensorls.interp.naming import Names

Event = Callable[[], None]
Pending = list[tuple[bool, Event]]  # what was seen and is not noted yet; whether it is to be joined


@dataclass(frozen=True, slots=True)
class Note:
    """One observation of a tensor at one place."""

    meta: TensorMeta
    view_of: str | None = None
    history: tuple[Step, ...] = ()
    operation: str | None = None
    before: tuple[TensorMeta, ...] = ()


@dataclass(slots=True)
class Place:
    """All observations at one place; ``silent`` once a value was seen there that is no single tensor."""

    span: Span
    name: str
    kind: str
    notes: dict[Context, Note | None] = field(default_factory=dict)
    passes: dict[Context, list[Context]] = field(default_factory=dict)  # of a loop in one context, where they differ
    joined: set[Context] = field(default_factory=set)  # in which too many passes differ
    others: set[Context] = field(default_factory=set)  # in which it is certainly no tensor
    many: set[str] | None = None  # the identities of the notes, once there are too many contexts to keep each


class Recorder:
    """Collects while the interpreter runs; read afterwards."""

    def __init__(self, join: Callable[[TensorMeta, TensorMeta], TensorMeta], names: Names,
                 contexts: int, files: frozenset[str] | None = None) -> None:  # fmt: skip
        self._files = files
        self._names = names
        self._distrusted: list[Span] = []
        self._escaped: list[Span] = []
        self._join = join
        self._limit = contexts
        self._facts: dict[tuple[Span, str, str], Place] = {}
        self._seen: dict[Span, Place] = {}
        self._texts: dict[Span, dict[Context, str]] = {}
        self._required: dict[Span, tuple[str, ...]] = {}
        self._problems: dict[tuple[Span, str, str, Context], Problem] = {}
        self._captures: list[list[tuple[Context, Problem]]] = []
        self._muted = False
        self._only_problems = False
        self._joining = False
        self._pending: list[Pending] = []
        self._added: list[tuple[Place, Context]] = []

    @contextmanager
    def without_facts(self) -> Iterator[None]:
        """Note problems alone for a while."""
        old, self._only_problems = self._only_problems, True
        try:
            yield
        finally:
            self._only_problems = old

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Note nothing for a while."""
        old, self._muted = self._muted, True
        try:
            yield
        finally:
            self._muted = old

    def covers(self, file: str) -> bool:
        """Whether anything in a file is noted."""
        return self._files is None or file in self._files

    # facts and values

    def bind(self, span: Span, name: str, kind: str, context: Context, note: Note | None, other: bool = False) -> None:
        """A place binds a name; ``note`` None when the value is not known, ``other`` when it is certainly no tensor."""
        if self._muted or self._only_problems or not self.covers(span.file):
            return
        note = self._current(note, context)

        def add() -> None:
            place = self._facts.setdefault((span, name, kind), Place(span, name, kind))
            if other:
                place.others.add(context)
            else:
                self._add(place, context, note)

        self._note(add)

    def see(self, span: Span, text: str, context: Context, note: Note | None) -> None:
        """An expression has a value."""
        if self._muted or self._only_problems or not self.covers(span.file):
            return
        note = self._current(note, context)
        self._note(lambda: self._add(self._seen.setdefault(span, Place(span, text, "expression")), context, note))

    def _current(self, note: Note | None, context: Context) -> Note | None:
        if note is None or not has_hidden(note.meta):
            return note
        return replace(note, meta=self._names.current(note.meta, context))

    def _note(self, add: Event) -> None:
        if self._pending:
            self._pending[-1].append((self._joining, add))
        else:
            add()

    def describe(self, span: Span, context: Context, text: str) -> None:
        """An expression has a value that is no tensor but worth showing."""
        if not (self._muted or self._only_problems) and self.covers(span.file):
            self._texts.setdefault(span, {})[context] = text

    def require(self, span: Span, relations: tuple[str, ...]) -> None:
        """What a parameter, or a function, must fulfil."""
        if self.covers(span.file):
            self._required[span] = relations

    def begin(self) -> None:
        """From here on remember what is added, for ``forget``."""
        self._added.clear()

    def forget(self, final: Callable[[Span, Context], bool]) -> None:
        """What was added since ``begin`` is not all there is, but for what ``final`` says of: nothing is stated there."""
        for place, context in self._added:
            if not final(place.span, context):
                place.notes[context] = None

    def _add(self, place: Place, context: Context, note: Note | None) -> None:
        if is_assumed(context):
            self._added.append((place, context))
        if note is not None and is_assumed(context) and note.meta.requires_grad and note.meta.type != "Parameter":
            note = replace(note, meta=note.meta.with_(requires_grad=None))  # whoever calls may do so under no_grad
        if context not in place.notes:
            if len(place.notes) < self._limit or note is None or is_assumed(context):
                place.notes[context] = note
                return
            if place.many is None:
                place.many = {_identity(n) for n in place.notes.values() if n is not None}
            identity = _identity(note)
            if identity not in place.many:
                # a value that none of the contexts kept has: after too many of those nothing is stated
                place.many.add(identity)
                place.notes[context] = note if len(place.notes) < 4 * self._limit else None
            return
        passes = [c for c in place.passes.get(context, ()) if c in place.notes] or [context]
        found = [place.notes[c] for c in passes]
        if note is None or any(old is None or old.meta.library != note.meta.library for old in found):
            self._keep(place, context, None)
            return
        alike = next((c for c, old in zip(passes, found, strict=True) if old is not None and _identity(old) == _identity(note)), None)
        if alike is not None:
            place.notes[alike] = self._merged([place.notes[alike], note], context)
        elif self._joining or not calls_of(context) or context in place.joined or len(passes) == PASSES:
            place.joined.add(context)
            self._keep(place, context, self._merged([*found, note], context))
        else:
            another = (*context, f"{PASS}{len(passes)}")
            place.passes[context] = [*passes, another]
            place.notes[another] = note

    def _keep(self, place: Place, context: Context, note: Note | None) -> None:
        """One note for all passes."""
        for another in place.passes.pop(context, ()):
            place.notes.pop(another, None)
        place.notes[context] = note

    def _merged(self, notes: list[Note | None], context: Context) -> Note | None:
        merged = notes[0]
        for note in notes[1:]:
            if merged is None or note is None:
                return None
            if merged.view_of != note.view_of or (merged.meta != note.meta and not self._names.alike(merged.meta, note.meta, context)):
                view_of = merged.view_of if merged.view_of == note.view_of else None
                history = merged.history if merged.history == note.history else ()
                merged = Note(self._join(merged.meta, note.meta), view_of, history)
        return merged

    # loops

    @contextmanager
    def apart(self) -> Iterator[Pending]:
        """What is seen inside is kept apart, for ``take``: a pass of a loop that may not be the last."""
        events: Pending = []
        self._pending.append(events)
        try:
            yield events
        finally:
            self._pending.pop()

    def take(self, passes: list[Pending], settled: bool) -> None:
        """Note what the passes over a loop's body saw: the last one covers all where the loop has ``settled``."""
        outer = self._joining
        for joining, event in chain.from_iterable(passes[-1:] if settled else passes):
            self._joining = outer or joining or not settled
            self._note(event)
        self._joining = outer

    def distrust(self, span: Span) -> None:
        """Not everything that happens in these lines was seen: nothing is stated about them."""
        self._distrusted.append(span)

    def escape(self, span: Span) -> None:
        """Code that is not known may call what stands in these lines: contexts that were seen hold, but are not all."""
        self._escaped.append(span)

    @staticmethod
    def _trusted(span: Span, *regions: list[Span]) -> bool:
        return not any(d.file == span.file and d.line <= span.line <= d.end_line for region in regions for d in region)

    # problems

    def problem(self, context: Context, problem: Problem) -> None:
        """Something failed or is remarkable."""
        if self._muted:
            return
        if is_assumed(context) and "require" in problem.message and "grad" in problem.message:
            return
        if self._captures:  # also of files that nobody asked about: an alternative that fails there is none
            self._captures[-1].append((context, problem))
            return
        if not self.covers(problem.span.file):
            return
        key = (problem.span, problem.kind, problem.operation, context)
        self._problems.setdefault(key, problem)

    def capture(self) -> None:
        """From here on keep problems aside, until ``release``."""
        self._captures.append([])

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Forget the problems of a trial."""
        self.capture()
        try:
            yield
        finally:
            self.release()

    def release(self) -> list[tuple[Context, Problem]]:
        """Stop keeping aside; what was kept."""
        return self._captures.pop()

    # results

    def facts(self, file: str) -> Iterator[Fact]:
        """The facts of one file, one for each distinct value, in source order."""
        places = [p for p in self._facts.values() if p.span.file == file and self._trusted(p.span, self._distrusted, self._escaped)]
        for place in sorted(places, key=lambda p: (p.span.line, p.span.column, p.span.end_column, p.kind)):
            for note, context in distinct(self._named(place)):
                yield Fact(place.span, place.name, place.kind, note.meta, context, note.view_of, note.history)

    def _named(self, place: Place) -> Place:
        """The place with its unknown sizes called by their names."""
        if not any(n is not None and has_hidden(n.meta) for n in place.notes.values()):
            return place
        notes = {
            c: n if n is None or not has_hidden(n.meta) else replace(n, meta=self._names.shown(n.meta, c)) for c, n in place.notes.items()
        }
        return replace(place, notes=notes)

    def seen(self, file: str) -> Iterator[Seen]:
        """The values of the expressions of one file."""
        for place in self._seen.values():
            if place.span.file == file and self._trusted(place.span, self._distrusted):
                for note, context in distinct(self._named(place)):
                    yield Seen(place.span, place.name, note.meta, None, context, note.view_of, note.history,
                               note.before, note.operation, self._required.get(place.span, ()))  # fmt: skip
        for span, relations in self._required.items():
            if span.file == file and span not in self._seen and self._trusted(span, self._distrusted):
                yield Seen(span, "", None, f"needs {', '.join(relations)}")
        for span, texts in self._texts.items():
            if span.file == file and len(set(texts.values())) == 1 and self._trusted(span, self._distrusted):
                yield Seen(span, "", None, next(iter(texts.values())))

    def problems(self, file: str) -> Iterator[Problem]:
        """The problems of one file in source order."""
        found = [(context, p) for (_, _, _, context), p in self._problems.items() if p.span.file == file]
        fitting = {p.span for _, p in found if p.kind == FITS}
        told: set[Span] = set()
        for _, problem in sorted(found, key=lambda f: f[1].span):
            if problem.kind == WRONG:  # said once, of what is known in every call
                here = problem.span
                if here in fitting or here in told or not self._trusted(here, self._distrusted, self._escaped):
                    continue
                told.add(here)
            if problem.kind != FITS:
                yield problem


def has_hidden(meta: TensorMeta) -> bool:
    """Whether a size of the shape is unknown."""
    return any(not isinstance(d, int) and is_hidden(d) for d in meta.shape or ())


WRONG, FITS = "comment", "comment-fits"  # of a comment on a line, by context: what fits in one is no problem in any
PASS = "~"  # begins what tells the passes of a loop from each other at the end of a context
PASSES = 4  # told from each other
ASSUMED = "?"  # begins the contexts of bodies that nobody calls


def is_assumed(context: Context) -> bool:
    """Whether a context comes from a body that was only looked at because nobody calls it."""
    return bool(context) and context[0] == ASSUMED


@lru_cache(maxsize=65_536)
def calls_of(context: Context) -> Context:
    """The call sites alone."""
    return tuple(site for site in context if site != ASSUMED and not site.startswith(PASS))


def distinct(place: Place) -> Iterator[tuple[Note, str | None]]:
    """One note for each distinct value, with the call that tells it from the others.

    Nothing at all when the value is not known in some context: the reader takes what stands at a place for all of them.
    """
    notes = {c: n for c, n in place.notes.items() if not is_assumed(c)} or _assumed(place.notes)  # real calls say more than none
    others = {c for c in place.others if not is_assumed(c)}
    if any(note is None for note in notes.values()):
        return
    groups: dict[str, list[tuple[Context, Note]]] = {}
    for context, note in notes.items():
        if note is not None:
            groups.setdefault(_identity(note), []).append((context, note))
    unseen = any(n is None and calls_of(c) for c, n in place.notes.items())  # a call that brings what is not known
    everywhere = len(groups) == 1 and not others and not unseen
    for group in groups.values():
        context, note = group[0]
        if any(n.view_of != note.view_of for _, n in group):
            note = replace(note, view_of=None)
        yield note, None if everywhere else _label(context, place, {c for c, _ in group})


def _assumed(notes: dict[Context, Note | None]) -> dict[Context, Note | None]:
    """Of bodies that nobody calls: what holds for any call, else what those that would call it bring."""
    alone = notes.get((ASSUMED,))
    if alone is not None and alone.meta.shape is not None:
        return {(ASSUMED,): alone}
    known: dict[Context, Note | None] = {c: n for c, n in notes.items() if n is not None and n.meta.shape is not None}
    return known or {c: n for c, n in notes.items() if c != (ASSUMED,)} or notes


def _identity(note: Note) -> str:
    return _identity_of(note.meta)


@lru_cache(maxsize=65_536)
def _identity_of(meta: TensorMeta) -> str:
    return f"{summary(meta)} {meta.requires_grad} {meta.contiguous}"


def _label(context: Context, place: Place, group: set[Context]) -> str | None:
    """The innermost call site that only the contexts of this group pass through, else the innermost one."""
    own = {calls_of(c) for c in group}
    others = [calls_of(c) for c in (*place.notes, *place.others) if calls_of(c) not in own and not is_assumed(c)]
    sites = calls_of(context)
    for site in reversed(sites):
        if not any(site in other for other in others):
            return site.partition("#")[0]
    return sites[-1].partition("#")[0] if sites else None


def span_of(file: str, node: ast.AST, columns: Callable[[int, int], int]) -> Span:
    """The span of a node; ``columns`` turns (line, UTF-8 offset) into a column in code points."""
    line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
    return Span(file, line, columns(line, getattr(node, "col_offset", 0)), end_line, columns(end_line, getattr(node, "end_col_offset", 0)))


def operand(text: str, span: Span, note: Note) -> Operand:
    """A tensor as an operand of a problem."""
    return Operand(text, span, note.meta, note.history)
