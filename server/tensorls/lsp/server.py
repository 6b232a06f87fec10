"""Handlers of the protocol.  Every costly one is async, yields first, and computes off the event loop."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from tensorls import __version__
from tensorls.domain.fact import Diagnostic
from tensorls.features.alive import alive
from tensorls.features.hover import hover
from tensorls.features.inlay import hints
from tensorls.lsp import convert
from tensorls.lsp.documents import Document, Documents
from tensorls.lsp.engine import Engine, Status
from tensorls.render.data import fact_data
from tensorls.source.text import PositionEncoding
from tensorls.workspace import Report

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """The language server's state: open documents and the engine behind them."""

    def __init__(self, engine: Engine) -> None:
        super().__init__("tensorls", __version__, lsp.TextDocumentSyncKind.Incremental)
        self.engine = engine
        self.loop: asyncio.AbstractEventLoop | None = None
        self.documents = Documents(lambda: engine.workspace, self._publish)

    @property
    def encoding(self) -> PositionEncoding:
        """The position encoding negotiated with the client."""
        chosen = str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))
        return "utf-8" if chosen == "utf-8" else "utf-32" if chosen == "utf-32" else "utf-16"

    def start_engine(self) -> None:
        """Start (or restart) the oracle for the opened folder."""
        root = self.workspace.root_path
        folder = Path(root) if root else Path.cwd()
        loop = asyncio.get_running_loop()
        self.loop = loop
        self.engine.start(folder, lambda status: loop.call_soon_threadsafe(self._status_changed, status))

    def _status_changed(self, status: Status) -> None:
        self.protocol.notify("tensorls/statusChanged", status.data())
        if status.message:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, f"tensorls: {status.message}"))
        self.documents.refresh()

    async def _publish(self, document: Document) -> None:
        report = document.report
        if report is None:
            return
        related = _supports_related(self.client_capabilities)
        found = [convert.diagnostic(report.parsed.text, document.uri, d, self.encoding, related) for d in report.diagnostics]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(document.uri, found, document.version))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Internal errors go to the log with their cause, never to the user as a pop-up."""
        log.error("%s", source, exc_info=error)

    def place(self, report: Report, position: lsp.Position) -> tuple[int, int]:
        """A client's position as line and column."""
        place = report.parsed.text.from_lsp(position.line, position.character, self.encoding)
        return place.line, place.column


def _supports_related(capabilities: lsp.ClientCapabilities) -> bool:
    document = capabilities.text_document
    publish = document.publish_diagnostics if document is not None else None
    return bool(publish is not None and publish.related_information)


def _wants_markdown(capabilities: lsp.ClientCapabilities) -> bool:
    document = capabilities.text_document
    formats = document.hover.content_format if document is not None and document.hover is not None else None
    return formats is not None and lsp.MarkupKind.Markdown in formats


def create(engine: Engine) -> Server:
    """A server with its handlers."""
    server = Server(engine)

    @server.feature(lsp.INITIALIZED)
    async def initialized(ls: Server, params: lsp.InitializedParams) -> None:
        ls.start_engine()

    @server.feature(lsp.SHUTDOWN)
    def shutdown(ls: Server, params: None) -> None:
        ls.documents.stop()
        ls.engine.close()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        ls.documents.open(document.uri, convert.path_of(document.uri), document.text, document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.documents.change(uri, ls.workspace.get_text_document(uri).source, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        if ls.documents.close(params.text_document.uri) is not None:
            ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))

    _add_features(server)
    _add_requests(server)
    return server


def _add_features(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def on_hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        document = await ls.documents.fresh(params.text_document.uri)
        if document is None or document.report is None or document.index is None:
            return None
        seen = document.index.at(*ls.place(document.report, params.position))
        markdown = _wants_markdown(ls.client_capabilities)
        text = hover(seen, markdown)
        if text is None:
            return None
        kind = lsp.MarkupKind.Markdown if markdown else lsp.MarkupKind.PlainText
        return lsp.Hover(lsp.MarkupContent(kind, text), convert.range_of(document.report.parsed.text, seen[0].span, ls.encoding))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def on_inlay(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
        document = await ls.documents.fresh(params.text_document.uri)
        if document is None or document.report is None:
            return None
        text = document.report.parsed.text
        found = hints(document.report.facts, params.range.start.line + 1, params.range.end.line + 1)
        return [
            lsp.InlayHint(convert.position(text, h.line, h.column, ls.encoding), h.label, lsp.InlayHintKind.Type,
                          tooltip=h.tooltip, padding_left=True)
            for h in found
        ]  # fmt: skip

    options = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    async def on_code_action(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
        document = await ls.documents.fresh(params.text_document.uri)
        workspace = ls.engine.workspace
        if document is None or document.report is None or workspace is None:
            return None
        report = document.report
        start, end = ls.place(report, params.range.start), ls.place(report, params.range.end)

        def touches(found: Diagnostic) -> bool:
            span = found.span
            return (span.line, span.column) <= end and start <= (span.end_line, span.end_column)

        if not any(touches(d) for d in report.diagnostics):
            return []
        fixed = await ls.documents.run(lambda: workspace.with_fixes(report, touches))
        if not isinstance(fixed, Report):
            return []
        return [
            convert.action(report.parsed.text, document.uri, d, fix, ls.encoding, list(params.context.diagnostics))
            for d in fixed.diagnostics if touches(d) for fix in d.fixes
        ]  # fmt: skip


def _add_requests(server: Server) -> None:
    """The requests of our own."""

    @server.feature("tensorls/status")
    async def status(ls: Server, params: Any) -> dict[str, Any]:
        return ls.engine.status.data()

    @server.feature("tensorls/facts")
    async def facts(ls: Server, params: Any) -> list[dict[str, Any]] | None:
        document = await ls.documents.fresh(_uri(params))
        if document is None or document.report is None:
            return None
        wanted = getattr(params, "range", None)
        first, last = (wanted.start.line + 1, wanted.end.line + 1) if wanted is not None else (1, 1 << 30)
        return [fact_data(f, document.path) for f in document.report.facts if first <= f.span.line <= last]

    @server.feature("tensorls/tensorsAt")
    async def tensors_at(ls: Server, params: Any) -> list[dict[str, Any]] | None:
        document = await ls.documents.fresh(_uri(params))
        if document is None or document.report is None:
            return None
        position = lsp.Position(params.position.line, params.position.character)
        line, _ = ls.place(document.report, position)
        return [fact_data(f, document.path) for f in alive(document.report.parsed, document.report.facts, line)]


def _uri(params: Any) -> str:
    return str(params.textDocument.uri)


def serve(python: str | None = None, memo: bool = True, config: Path | None = None, tcp: tuple[str, int] | None = None) -> None:
    """Run the server until the client ends it."""
    server = create(Engine(python, memo, config))
    try:
        if tcp is not None:
            server.start_tcp(*tcp)
        else:
            server.start_io()
    finally:
        server.documents.stop()
        server.engine.close()
