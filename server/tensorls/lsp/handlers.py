"""Handlers of the protocol: the server's life and its documents.  Costly ones are async and compute off the event loop."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tensorls.lsp import convert
from tensorls.lsp.answers import add_answers
from tensorls.lsp.engine import Engine
from tensorls.lsp.notebooks import add_notebooks
from tensorls.lsp.requests import add_requests
from tensorls.lsp.settings import SECTION
from tensorls.lsp.state import Server

log = logging.getLogger(__name__)
WATCHED = ("**/*.py", "**/pyproject.toml")


def create(engine: Engine) -> Server:
    """A server with its handlers."""
    server = Server(engine)
    _add_life(server)
    _add_documents(server)
    _add_changes(server)
    add_notebooks(server)
    add_answers(server)
    add_requests(server)
    return server


def _add_life(server: Server) -> None:
    @server.feature(lsp.INITIALIZE)
    def initialize(ls: Server, params: lsp.InitializeParams) -> None:
        ls.apply_settings(params.initialization_options)
        ls.start_engine()

    @server.feature(lsp.INITIALIZED)
    async def initialized(ls: Server, params: lsp.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        watchers = [lsp.FileSystemWatcher(glob) for glob in WATCHED]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        wanted = lsp.Registration("tensorls-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        try:
            await ls.client_register_capability_async(lsp.RegistrationParams([wanted]))
        except JsonRpcException as error:
            log.warning("the client does not watch files: %s", error)

    @server.feature(lsp.SHUTDOWN)
    def shutdown(ls: Server, params: None) -> None:
        ls.documents.stop()
        ls.engine.close()


def _add_documents(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        if ls.documents.is_cell(document.uri):  # known from its notebook
            return
        ls.documents.open(document.uri, convert.path_of(document.uri), document.text, document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        changes, encoding = params.content_changes, ls.encoding
        ls.documents.change(document.uri, lambda text: convert.edited(text, changes, encoding), document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        if ls.documents.close(params.text_document.uri):
            ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))


def _add_changes(server: Server) -> None:
    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
        data: Any = params.settings
        if data is None:  # the client wants to be asked
            workspace = ls.client_capabilities.workspace
            if workspace is None or not workspace.configuration:
                return
            try:
                answer = await ls.workspace_configuration_async(lsp.ConfigurationParams([lsp.ConfigurationItem(section=SECTION)]))
            except JsonRpcException as error:
                log.warning("the client does not tell its settings: %s", error)
                return
            data = next(iter(answer), None)
        if ls.apply_settings(data):
            await ls.restart_engine()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched_files(ls: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
        changes = [(PurePath(convert.path_of(c.uri)), c.type) for c in params.changes]
        if any(path.name == "pyproject.toml" for path, _ in changes):
            ls.start_engine()
        ours = [(str(path), kind) for path, kind in changes if path.suffix == ".py" and "site-packages" not in path.parts]
        if ours:
            found = any(kind is not lsp.FileChangeType.Changed for _, kind in ours)
            ls.documents.files_changed([path for path, _ in ours], found=found)
            ls.refresh_hints()

    @server.command("tensorls.restartEngine")
    async def restart_engine(ls: Server) -> None:
        await ls.restart_engine()
