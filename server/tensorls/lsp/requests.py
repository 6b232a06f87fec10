"""The requests of our own: ``tensorls/status``, ``tensorls/facts``, ``tensorls/tensorsAt``."""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types as lsp

from tensorls.domain.fact import Fact
from tensorls.features.alive import alive
from tensorls.lsp.state import Server
from tensorls.render.data import fact_data

log = logging.getLogger(__name__)


def add_requests(server: Server) -> None:
    """Register the handlers."""

    @server.feature("tensorls/status")
    async def status(ls: Server, params: Any) -> dict[str, Any]:
        return ls.engine.status.data()

    @server.feature("tensorls/facts")
    async def facts(ls: Server, params: Any) -> list[dict[str, Any]] | None:
        found = await ls.documents.settled(_uri(params))
        if found is None:
            return None
        document, analysis = found
        view = ls.view(document, _uri(params))
        wanted = getattr(params, "range", None)
        start, end = _position(getattr(wanted, "start", None)), _position(getattr(wanted, "end", None))
        first = view.place(start) if start is not None else (0, 0)
        last = view.place(end) if end is not None else (1 << 30, 0)

        def inside(fact: Fact) -> bool:
            return (fact.span.line, fact.span.column) <= last and first <= (fact.span.end_line, fact.span.end_column)

        mine = [f for f in analysis.report.facts if view.holds(f.span) and inside(f)]
        return [fact_data(f, document.path) for f in view.facts(mine)]

    @server.feature("tensorls/tensorsAt")
    async def tensors_at(ls: Server, params: Any) -> list[dict[str, Any]] | None:
        position = _position(getattr(params, "position", None))
        found = await ls.documents.fresh(_uri(params)) if position is not None else None
        if found is None or position is None:
            return None
        document, analysis = found
        view = ls.view(document, _uri(params))
        line, _ = view.place(position)
        return [fact_data(f, document.path) for f in view.facts(alive(analysis.report.parsed, analysis.report.facts, line))]


def _uri(params: Any) -> str:
    """The document asked about; parameters of requests of our own come unchecked."""
    uri = getattr(getattr(params, "textDocument", None), "uri", None)
    if not isinstance(uri, str):
        log.warning("a request without textDocument.uri was answered with null")
        return ""
    return uri


def _position(data: Any) -> lsp.Position | None:
    line, character = getattr(data, "line", None), getattr(data, "character", None)
    if not isinstance(line, int) or not isinstance(character, int):
        return None
    return lsp.Position(max(line, 0), max(character, 0))
