"""Open documents and their analyses: one at a time, the newest text wins, outdated work stops."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tensorls.features.locate import Index
from tensorls.interp.machine import Cancelled
from tensorls.source.blocks import parse_incremental
from tensorls.source.parsing import ParsedSource, parse
from tensorls.source.text import SourceText
from tensorls.workspace import Report, Workspace

log = logging.getLogger(__name__)

STACK = 256 * 1024 * 1024  # bytes, reserved not used: interpreting nested programs recurses deeply
RECURSION = 15_000


@dataclass(slots=True)
class Document:
    """One open document.  ``generation`` counts its texts; an analysis of an older one is thrown away."""

    uri: str
    path: str
    text: str
    version: int | None
    generation: int = 0
    parsed: ParsedSource | None = None
    report: Report | None = None
    index: Index | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Documents:
    """Keeps reports of open documents up to date off the event loop."""

    def __init__(self, workspace: Callable[[], Workspace | None], published: Callable[[Document], Awaitable[None]]) -> None:
        self._workspace = workspace
        self._published = published
        self._open: dict[str, Document] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        old = threading.stack_size(STACK)
        self._pool = ThreadPoolExecutor(1, "analysis", initializer=_deep)
        self._pool.submit(lambda: None).result()  # the thread is made now, with the deep stack
        threading.stack_size(old)

    def open(self, uri: str, path: str, text: str, version: int | None) -> None:
        """A document was opened."""
        self._open[uri] = Document(uri, path, text, version)
        self._start(self._open[uri])

    def change(self, uri: str, text: str, version: int | None) -> None:
        """A document has a new text."""
        document = self._open.get(uri)
        if document is None:
            return
        document.text, document.version = text, version
        document.generation += 1
        document.done.clear()
        self._start(document)

    def close(self, uri: str) -> Document | None:
        """A document was closed."""
        document = self._open.pop(uri, None)
        if document is not None:
            document.generation += 1
            document.done.set()
        return document

    def get(self, uri: str) -> Document | None:
        """An open document as it is."""
        return self._open.get(uri)

    def refresh(self) -> None:
        """Analyse everything again: another interpreter or other settings."""
        for document in self._open.values():
            document.generation += 1
            document.done.clear()
            self._start(document)

    async def fresh(self, uri: str) -> Document | None:
        """The document once its present text has been analysed; None when it is closed or cannot be."""
        document = self._open.get(uri)
        if document is None:
            return None
        await document.done.wait()
        return document if document.report is not None and self._open.get(uri) is document else None

    async def run(self, work: Callable[[], object]) -> object:
        """Run something costly on the analysis thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def stop(self) -> None:
        """End the analysis thread."""
        for document in self._open.values():
            document.generation += 1
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, document: Document) -> None:
        task = asyncio.ensure_future(self._analyse(document))
        self._tasks[document.uri] = task
        task.add_done_callback(lambda t: self._tasks.pop(document.uri, None) if self._tasks.get(document.uri) is t else None)

    async def _analyse(self, document: Document) -> None:
        generation = document.generation
        await asyncio.sleep(0)  # let the changes that already wait in the pipe come first
        workspace = self._workspace()
        if workspace is None or generation != document.generation:
            return
        try:
            done = await self.run(lambda: self._compute(document, workspace, generation))
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001  the user keeps the rest of the answers
            log.error("analysis of %s failed", document.uri, exc_info=error)
            if generation == document.generation:
                document.done.set()
            return
        if generation != document.generation or not isinstance(done, tuple):
            return
        document.parsed, document.report, document.index = done
        document.done.set()
        await self._published(document)

    def _compute(self, document: Document, workspace: Workspace, generation: int) -> tuple[ParsedSource, Report, Index]:
        def outdated() -> bool:
            return document.generation != generation

        if outdated():
            raise Cancelled
        text = SourceText(document.text)
        parsed = parse(text) if document.parsed is None else parse_incremental(document.parsed, text)
        given = {d.path: d.parsed for d in list(self._open.values()) if d.parsed is not None and d is not document}
        given[document.path] = parsed
        report = workspace.analyse(given, [document.path], cancelled=outdated)[document.path]
        return parsed, report, Index(document.path, parsed, report.seen)


def _deep() -> None:
    sys.setrecursionlimit(RECURSION)
