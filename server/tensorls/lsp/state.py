"""The server as the handlers see it: documents, engine, settings, and what this client understands."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer

from tensorls import __version__
from tensorls.lsp import convert
from tensorls.lsp.documents import Document, Documents
from tensorls.lsp.engine import Engine, Status
from tensorls.lsp.protocol import Protocol, plain_errors
from tensorls.lsp.settings import Settings, read_settings
from tensorls.lsp.views import View
from tensorls.source.text import PositionEncoding

log = logging.getLogger(__name__)
logging.getLogger("pygls").setLevel(logging.ERROR)  # it warns of every cancelled request that was just answered
logging.getLogger("pygls.protocol.json_rpc").addFilter(plain_errors)
logging.getLogger("pygls.server").addFilter(plain_errors)
CELLS = lsp.NotebookDocumentFilterWithNotebook("*", [lsp.NotebookCellLanguage("python")])
NOTEBOOKS = lsp.NotebookDocumentSyncOptions([CELLS])


class Server(LanguageServer):
    """The language server's state."""

    def __init__(self, engine: Engine) -> None:
        super().__init__("tensorls", __version__, lsp.TextDocumentSyncKind.Incremental, NOTEBOOKS, protocol_cls=Protocol)
        self.engine = engine
        self.settings = Settings()
        self.documents = Documents(lambda: engine.workspace, lambda: engine.starting, self._publish)

    @property
    def orderly(self) -> bool:
        """Whether the client ended the session as the protocol wants it."""
        protocol = self.protocol
        return not isinstance(protocol, Protocol) or protocol.orderly

    @property
    def answered(self) -> Any:
        """The id of the request that was answered before pygls was there."""
        return self.protocol.answered if isinstance(self.protocol, Protocol) else None

    @answered.setter
    def answered(self, number: Any) -> None:
        if isinstance(self.protocol, Protocol):
            self.protocol.answered = number

    # what the client is and wants

    @property
    def encoding(self) -> PositionEncoding:
        """The position encoding negotiated with the client."""
        chosen = str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))
        return "utf-8" if chosen == "utf-8" else "utf-32" if chosen == "utf-32" else "utf-16"

    @property
    def wants_markdown(self) -> bool:
        """Whether hovers may be Markdown."""
        document = self.client_capabilities.text_document
        formats = document.hover.content_format if document is not None and document.hover is not None else None
        return formats is not None and lsp.MarkupKind.Markdown in formats

    @property
    def _shows_related(self) -> bool:
        document = self.client_capabilities.text_document
        publish = document.publish_diagnostics if document is not None else None
        return bool(publish is not None and publish.related_information)

    def view(self, document: Document, uri: str) -> View:
        """A document, or a cell of a notebook, as the client counts its places."""
        return View(uri, document.text, self.encoding, document.notebook)

    # the engine

    def start_engine(self) -> None:
        """Start the oracle for the opened folder, or start it again."""
        root = self.workspace.root_path
        loop = asyncio.get_running_loop()

        def changed(status: Status) -> None:
            try:
                loop.call_soon_threadsafe(self._status_changed, status)
            except RuntimeError:  # the loop has ended: nobody is left to be told
                log.debug("status %s came after the end", status.state)

        self.engine.start(Path(root) if root else Path.cwd(), self.settings.interpreter, changed)

    async def restart_engine(self) -> None:
        """Another oracle: the interpreter or what is installed there has changed."""
        await asyncio.to_thread(self.engine.drop)
        self.documents.refresh()
        self.start_engine()

    def _status_changed(self, status: Status) -> None:
        self.protocol.notify("tensorls/statusChanged", status.data())
        if status.state == "starting":
            return
        if status.message:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, f"tensorls: {status.message}"))
        self.documents.refresh()
        self.refresh_hints()

    # what we tell the client

    async def _publish(self, document: Document) -> None:
        found = document.analysis.report.diagnostics if document.analysis is not None else ()
        related = self._shows_related
        for uri, version in document.versions():
            view = self.view(document, uri)
            mine = [convert.diagnostic(view, d, related) for d in found if view.holds(d.span)]
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, mine, version))

    def refresh_hints(self) -> None:
        """Ask the client to ask for inlay hints again."""
        workspace = self.client_capabilities.workspace
        if workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    def apply_settings(self, data: Any) -> bool:
        """Take over the editor's settings; whether the engine has to start again."""
        old, self.settings = self.settings, read_settings(data)
        if old.inlay_hints != self.settings.inlay_hints:
            self.refresh_hints()
        return old.interpreter != self.settings.interpreter and not self.engine.fixed

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Internal errors go to the log with their cause, never to the user as a pop-up."""
        if source is not FeatureRequestError:  # those pygls has logged
            log.error("%s: %s", source.__name__, error, exc_info=None if isinstance(error, JsonRpcException) else error)
