"""Standard requests about a document: hover, inlay hints, quick fixes."""

from __future__ import annotations

from lsprotocol import types as lsp

from tensorls.domain.fact import Fix
from tensorls.features.hover import hover
from tensorls.features.inlay import hints
from tensorls.interp.machine import Cancelled
from tensorls.lsp import convert
from tensorls.lsp.documents import Analysis, Document
from tensorls.lsp.state import Server


def add_answers(server: Server) -> None:
    """Register the handlers."""

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def on_hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        found = await ls.documents.fresh(params.text_document.uri)
        if found is None:
            return None
        view = ls.view(found[0], params.text_document.uri)
        seen = found[1].index.at(*view.place(params.position))
        markdown = ls.wants_markdown
        text = hover(view.seen(seen), markdown)
        if text is None:
            return None
        kind = lsp.MarkupKind.Markdown if markdown else lsp.MarkupKind.PlainText
        return lsp.Hover(lsp.MarkupContent(kind, text), view.range(seen[0].span))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def on_inlay(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
        if not ls.settings.inlay_hints:
            return []
        found = await ls.documents.fresh(params.text_document.uri)
        if found is None:
            return None
        view = ls.view(found[0], params.text_document.uri)
        start, end = view.place(params.range.start), view.place(params.range.end)
        shown = [f for f in found[1].report.facts if start <= (f.span.end_line, f.span.end_column) <= end]
        places = {(p.line, p.column): view.position(p.line, p.column) for p in hints(shown)}
        return [
            lsp.InlayHint(place, hint.label, lsp.InlayHintKind.Type, tooltip=hint.tooltip, padding_left=True)
            for place, hint in zip(places.values(), hints(view.facts(shown)), strict=True)
        ]

    options = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    async def on_code_action(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
        only = params.context.only
        if only is not None and lsp.CodeActionKind.QuickFix not in only and lsp.CodeActionKind.Empty not in only:
            return []
        found = await ls.documents.fresh(params.text_document.uri)
        if found is None:
            return None
        document, analysis = found
        report, view = analysis.report, ls.view(document, params.text_document.uri)
        start, end = view.place(params.range.start), view.place(params.range.end)
        touched = [
            (n, d) for n, d in enumerate(report.diagnostics)
            if (d.span.line, d.span.column) <= end and start <= (d.span.end_line, d.span.end_column)
        ]  # fmt: skip
        given = list(params.context.diagnostics)
        return [
            convert.action(view, d, fix, given) for n, d in touched for fix in await _fixes(ls, document, analysis, n)
        ]  # fmt: skip


async def _fixes(ls: Server, document: Document, analysis: Analysis, number: int) -> tuple[Fix, ...]:
    """The fixes of one diagnostic, proven once for each text: editors ask at every move of the cursor."""
    workspace = ls.engine.workspace
    if number not in analysis.fixes and workspace is not None:
        wanted = analysis.report.diagnostics[number]
        try:
            report = await ls.documents.proven(document, workspace, analysis.report, wanted)
        except Cancelled:  # the oracle has gone
            return ()
        analysis.fixes[number] = report.diagnostics[number].fixes
    return analysis.fixes.get(number, ())
