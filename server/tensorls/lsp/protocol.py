"""What we do otherwise than pygls: texts are kept in ``documents``, and a message that makes no sense gets an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

Handled = Generator[tuple[Callable[..., Any], tuple[Any, ...], None], Any, None]


class Protocol(LanguageServerProtocol):
    """The protocol with our own text store.

    pygls splits lines at more characters than LSP does (a form feed, U+2028), so its texts go wrong after an incremental change.
    """

    orderly = True  # False once the client asked to exit without a shutdown before
    answered: Any = None  # the id of a request that has its answer already

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> Handled:
        """Leave it to our handler."""
        yield self.fm.features[lsp.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> Handled:
        """Leave it to our handler."""
        yield self.fm.features[lsp.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> Handled:
        """Leave it to our handler."""
        yield self.fm.features[lsp.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: lsp.DidOpenNotebookDocumentParams) -> Handled:
        """Leave it to our handler."""
        yield self.fm.features[lsp.NOTEBOOK_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(self, params: lsp.DidChangeNotebookDocumentParams) -> Handled:
        """Leave it to our handler."""
        yield self.fm.features[lsp.NOTEBOOK_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(self, params: lsp.DidCloseNotebookDocumentParams) -> Handled:
        """Leave it to our handler."""
        yield self.fm.features[lsp.NOTEBOOK_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(lsp.EXIT)
    def lsp_exit(self, *args: Any) -> Handled:
        """End the loop that reads messages: ``sys.exit`` inside it, as pygls has it, leaves a traceback over TCP."""
        self.orderly = self._shutdown
        self._server.shutdown()  # type: ignore[no-untyped-call]
        yield from ()

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if self.answered is None or msg_id != self.answered:
            super()._send_response(msg_id, result, error)
        self.answered = None if msg_id == self.answered else self.answered

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A request with unusable parameters is answered with an error, not with silence."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise


def plain_errors(record: logging.LogRecord) -> bool:
    """Log errors that we answer the client with as one line: they are the client's, so their traceback tells nothing."""
    if record.exc_info and isinstance(record.exc_info[1], JsonRpcException):
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}", None
        record.exc_info = None
    return True
