"""Notebook sync: what the client tells of cells, kept as the cells that an analysis sees."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from lsprotocol import types as lsp

from tensorls.lsp import convert
from tensorls.lsp.state import Server
from tensorls.source.notebooks import Cell, Notebook
from tensorls.source.text import PositionEncoding, SourceText

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Page:
    """The text of a cell."""

    text: SourceText
    language: str
    version: int


@dataclass(slots=True)
class Book:
    """One open notebook: its cells in order, and their texts, which outlive a cell that is on its way to another place."""

    order: list[lsp.NotebookCell] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)

    def open(self, items: Iterable[lsp.TextDocumentItem]) -> None:
        """Texts of new cells."""
        self.pages.update((i.uri, Page(SourceText(i.text), i.language_id, i.version)) for i in items)

    def change(self, cells: lsp.NotebookDocumentCellChanges, encoding: PositionEncoding) -> None:
        """Cells were added, removed, moved, edited, or are of another kind."""
        if cells.structure is not None:
            array = cells.structure.array
            self.open(cells.structure.did_open or ())
            self.order[array.start : array.start + array.delete_count] = array.cells or ()
            for closed in cells.structure.did_close or ():
                self.pages.pop(closed.uri, None)
        known = {c.document: c for c in cells.data or ()}
        self.order = [known.get(c.document, c) for c in self.order]
        for content in cells.text_content or ():
            page = self.pages.get(content.document.uri)
            if page is None:
                log.warning("a change of %s, which is no cell, was ignored", content.document.uri)
            else:
                page.text = convert.edited(page.text, content.changes, encoding)
                page.version = content.document.version

    def notebook(self) -> Notebook:
        """The cells as an analysis sees them."""
        return Notebook(tuple(
            Cell(c.document, page.text, c.kind is lsp.NotebookCellKind.Code and page.language == "python")
            for c in self.order if (page := self.pages.get(c.document)) is not None
        ))  # fmt: skip

    def versions(self) -> dict[str, int]:
        """The cells and their versions."""
        return {c.document: page.version for c in self.order if (page := self.pages.get(c.document)) is not None}


def add_notebooks(server: Server) -> None:
    """Register the handlers."""
    books: dict[str, Book] = {}

    def put(ls: Server, uri: str, book: Book) -> None:
        ls.documents.put_notebook(uri, convert.path_of(uri), book.notebook(), book.versions())

    def clear(ls: Server, uris: Iterable[str]) -> None:
        for uri in uris:
            ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def did_open(ls: Server, params: lsp.DidOpenNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        book = books[uri] = Book(list(params.notebook_document.cells))
        book.open(params.cell_text_documents)
        put(ls, uri, book)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def did_change(ls: Server, params: lsp.DidChangeNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        book = books.get(uri)
        if book is None:
            log.warning("a change of %s, which is not open, was ignored", uri)
        elif params.change.cells is not None:
            before = book.versions()
            book.change(params.change.cells, ls.encoding)
            put(ls, uri, book)
            clear(ls, before.keys() - book.versions().keys())

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def did_close(ls: Server, params: lsp.DidCloseNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        book = books.pop(uri, None)
        if book is not None:
            ls.documents.close(uri)
            clear(ls, book.versions())
