"""Open documents and their analyses: one at a time, the newest text wins, outdated work stops."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.features.locate import Index
from tensorls.interp.machine import Cancelled
from tensorls.source.blocks import parse_incremental
from tensorls.source.notebooks import Notebook
from tensorls.source.parsing import ParsedSource, parse
from tensorls.source.text import SourceText
from tensorls.stack import RECURSION, STACK
from tensorls.workspace import Report, Workspace, never

log = logging.getLogger(__name__)
T = TypeVar("T")

ENTRY_SECONDS = 3.0  # for a document together with the programs that import it; beyond that without them


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of one text of a document."""

    report: Report
    index: Index
    reads: frozenset[str]  # the files whose text it depends on
    fixes: dict[int, tuple[Fix, ...]] = field(default_factory=dict)  # by the diagnostic's place; proven when first asked for


@dataclass(slots=True, eq=False)
class Document:
    """One open document, or a notebook with all its cells.

    ``generation`` counts what makes an analysis outdated, ``edits`` the texts alone.
    """

    uri: str
    path: str
    text: SourceText
    version: int | None
    generation: int = 0
    edits: int = 0
    parsed: ParsedSource | None = None
    analysis: Analysis | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    notebook: Notebook | None = None
    entries: tuple[str, ...] | None = None  # the programs whose calls into it are followed; None: not looked for yet
    cells: Mapping[str, int] = field(default_factory=dict)  # the versions of a notebook's cells

    def versions(self) -> list[tuple[str, int | None]]:
        """The documents of the client's that this is made of."""
        return [(self.uri, self.version)] if self.notebook is None else list(self.cells.items())

    def parse(self) -> ParsedSource:
        """The present text parsed; on the analysis thread only."""
        if self.parsed is None or self.parsed.text is not self.text:
            text, notebook = self.text, self.notebook
            if notebook is not None and notebook.text is text:
                self.parsed = notebook.parse()
                return self.parsed
            self.parsed = parse(text) if self.parsed is None else parse_incremental(self.parsed, text)
        return self.parsed


class Texts(dict[str, ParsedSource]):
    """Texts that stand before the files on disk, parsed when asked for; remembers which files were asked for."""

    def __init__(self, own: Document, others: Iterable[Document]) -> None:
        super().__init__({own.path: own.parse()})
        self._others = {d.path: d for d in others if d.path != own.path}
        self.asked: set[str] = set()

    def get(self, key: str, default: object = None) -> ParsedSource | None:  # type: ignore[override]
        """The text of an open file."""
        self.asked.add(key)
        if key not in self and key in self._others:
            self[key] = self._others[key].parse()
        return super().get(key)


class Proof(Workspace):
    """Proves fixes: the edited text is analysed before the texts of the other open documents, a notebook's cell by cell."""

    def __init__(self, workspace: Workspace, document: Document, others: Iterable[Document]) -> None:
        self.__dict__.update(vars(workspace))
        self._document = document
        self._others = tuple(others)

    def analyse(self, given: Mapping[str, ParsedSource], paths: Sequence[str], entries: Sequence[str] = (),
                cancelled: Callable[[], bool] = never) -> dict[str, Report]:  # fmt: skip
        """With the other texts."""
        texts = Texts(self._document, self._others)
        texts.update(given)
        notebook = self._document.notebook
        edited = texts[self._document.path].text
        if notebook is not None and len(edited.lines) == len(notebook.text.lines):
            texts[self._document.path] = notebook.parse(edited)
        return super().analyse(texts, paths, entries, cancelled)


class Documents:
    """Keeps the analyses of open documents up to date off the event loop."""

    def __init__(self, workspace: Callable[[], Workspace | None], starting: Callable[[], bool],
                 published: Callable[[Document], Awaitable[None]]) -> None:  # fmt: skip
        self._workspace = workspace
        self._starting = starting
        self._published = published
        self._open: dict[str, Document] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        old = threading.stack_size(STACK)
        self._pool = ThreadPoolExecutor(1, "analysis", initializer=_deep)
        self._pool.submit(lambda: None).result()  # the thread is made now, with the deep stack
        threading.stack_size(old)

    def open(self, uri: str, path: str, text: str, version: int | None) -> None:
        """A document was opened."""
        self._forget(uri)
        document = self._open[uri] = Document(uri, path, SourceText(text), version)
        self._start(document)
        self._changed([path], document)

    def change(self, uri: str, edit: Callable[[SourceText], SourceText], version: int | None) -> None:
        """A document has a new text."""
        document = self._open.get(uri)
        if document is None:
            log.warning("a change of %s, which is not open, was ignored", uri)
            return
        document.text, document.version = edit(document.text), version
        document.edits += 1
        self._start(document)
        self._changed([document.path], document)

    def put_notebook(self, uri: str, path: str, notebook: Notebook, cells: Mapping[str, int]) -> None:
        """A notebook was opened or has other cells."""
        document = self._open.get(uri)
        if document is None or document.notebook is None:
            for cell in cells:  # a client may have opened them as documents of their own
                self._forget(cell)
            self._forget(uri)
            document = self._open[uri] = Document(uri, path, notebook.text, None)
        document.notebook, document.text, document.cells = notebook, notebook.text, cells
        document.edits += 1
        self._start(document)
        self._changed([path], document)

    def find(self, uri: str) -> Document | None:
        """The open document, or the notebook of an open cell."""
        return self._open.get(uri) or next((d for d in self._open.values() if uri in d.cells), None)

    def is_cell(self, uri: str) -> bool:
        """Whether an open notebook has this cell."""
        return any(uri in d.cells for d in self._open.values())

    def close(self, uri: str) -> bool:
        """A document was closed; whether it was open."""
        document = self._forget(uri)
        if document is not None:
            self._changed([document.path], document)
        return document is not None

    def _forget(self, uri: str) -> Document | None:
        document = self._open.pop(uri, None)
        if document is not None:
            document.generation += 1
            document.done.set()
        return document

    def files_changed(self, paths: Iterable[str], *, found: bool) -> None:
        """Files changed on disk; ``found``: some are new or gone, so that imports may lead elsewhere."""
        if found:
            self.refresh()
        else:
            open_paths = {d.path for d in self._open.values()}
            self._changed([p for p in paths if p not in open_paths], None)

    def _changed(self, paths: Iterable[str], but: Document | None) -> None:
        """Analyse again what depends on these files."""
        changed = set(paths)
        for document in self._open.values():
            if document is not but and document.analysis is not None and not changed.isdisjoint(document.analysis.reads):
                self._start(document)

    def refresh(self) -> None:
        """Analyse everything again: another interpreter, other settings, other files."""
        for document in self._open.values():
            document.entries = None
            self._start(document)

    async def fresh(self, uri: str) -> tuple[Document, Analysis] | None:
        """The document and the analysis of its present text; None when it is closed, changes meanwhile, or cannot be analysed."""
        document = self.find(uri)
        edits = document.edits if document is not None else 0
        found = await self.settled(uri)
        return found if found is not None and found[0] is document and document.edits == edits else None

    async def settled(self, uri: str) -> tuple[Document, Analysis] | None:
        """The document and the analysis of its newest text, however often it changes meanwhile."""
        document = self.find(uri)
        if document is None:
            return None
        while not document.done.is_set():
            await document.done.wait()
        if document.analysis is None or self.find(uri) is not document:
            return None
        return document, document.analysis

    async def run(self, work: Callable[[], T]) -> T:
        """Run something costly on the analysis thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def proven(self, document: Document, workspace: Workspace, report: Report, wanted: Diagnostic) -> Report:
        """The report with the proven fixes of one diagnostic."""
        proof = Proof(workspace, document, tuple(self._open.values()))
        return await self.run(lambda: proof.with_fixes(report, lambda d: d is wanted))

    def stop(self) -> None:
        """End the analysis thread."""
        for document in self._open.values():
            document.generation += 1
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, document: Document) -> None:
        document.generation += 1
        document.done.clear()
        task = asyncio.ensure_future(self._analyse(document))
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    async def _analyse(self, document: Document) -> None:
        generation = document.generation
        await asyncio.sleep(0)  # let the changes that already wait in the pipe come first
        if generation != document.generation:
            return
        workspace = self._workspace()
        if workspace is None and self._starting():
            return  # everything is analysed once the engine is there
        found = None
        if workspace is not None:
            try:
                found = await self.run(lambda: self._compute(document, workspace, generation))
            except Cancelled:  # by a newer text, or without an oracle: either way it is analysed again
                return
            except Exception as error:
                log.error("the analysis of %s failed", document.uri, exc_info=error)
        if generation == document.generation:
            document.analysis = found
            document.done.set()
            await self._published(document)

    def _compute(self, document: Document, workspace: Workspace, generation: int) -> Analysis:
        def outdated() -> bool:
            return document.generation != generation

        if outdated():
            raise Cancelled
        texts = Texts(document, tuple(self._open.values()))
        report = self._report(document, workspace, texts, outdated)
        index = Index(document.path, report.parsed, report.seen)
        _ = index.spans  # made here, not on the event loop
        return Analysis(report, index, frozenset(texts.asked - {document.path}))

    def _report(self, document: Document, workspace: Workspace, texts: Texts, outdated: Callable[[], bool]) -> Report:
        if document.entries is None:
            document.entries = () if document.notebook is not None else workspace.entries_for(document.path, document.text.text)
        if document.entries:
            begun = time.monotonic()

            def late() -> bool:
                return outdated() or time.monotonic() - begun > ENTRY_SECONDS

            try:
                return workspace.analyse(texts, [document.path], document.entries, late)[document.path]
            except Cancelled:
                if outdated():
                    raise
                log.info("%s: the programs that import it take too long to follow", document.path)
                document.entries = ()
        return workspace.analyse(texts, [document.path], cancelled=outdated)[document.path]


def _deep() -> None:
    sys.setrecursionlimit(RECURSION)
