"""Between tensorls' data and the protocol's types."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from lsprotocol import types as lsp

from tensorls.domain.fact import Diagnostic, Fix, Span
from tensorls.source.text import PositionEncoding, SourceText

SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information, "hint": lsp.DiagnosticSeverity.Hint,
}  # fmt: skip


def path_of(uri: str) -> str:
    """A file's path; for other schemes a name that no file has, so that imports find nothing by accident."""
    parsed = urlparse(uri)
    if parsed.scheme == "file":
        return str(Path(url2pathname(unquote(parsed.path) if "%" in parsed.path else parsed.path)))
    return uri


def position(text: SourceText, line: int, column: int, encoding: PositionEncoding) -> lsp.Position:
    """A place as the client counts it."""
    place = text.to_lsp(line, column, encoding)
    return lsp.Position(place.line, place.character)


def range_of(text: SourceText, span: Span, encoding: PositionEncoding) -> lsp.Range:
    """A span as the client counts it."""
    return lsp.Range(position(text, span.line, span.column, encoding), position(text, span.end_line, span.end_column, encoding))


def diagnostic(text: SourceText, uri: str, found: Diagnostic, encoding: PositionEncoding, related: bool) -> lsp.Diagnostic:
    """A diagnostic as the client shows it."""
    information = [
        lsp.DiagnosticRelatedInformation(lsp.Location(uri, range_of(text, r.span, encoding)), r.message)
        for r in found.related if r.span.file == found.span.file
    ]  # fmt: skip
    return lsp.Diagnostic(
        range_of(text, found.span, encoding), found.message, SEVERITIES[found.severity], found.code, None, "tensorls",
        None, (information or None) if related else None,
    )  # fmt: skip


def action(text: SourceText, uri: str, found: Diagnostic, fix: Fix, encoding: PositionEncoding,
           given: list[lsp.Diagnostic]) -> lsp.CodeAction:  # fmt: skip
    """A quick fix; it names the diagnostics that the client sent and that it cures."""
    edits = [lsp.TextEdit(range_of(text, e.span, encoding), e.text) for e in fix.edits]
    cured = [d for d in given if d.code == found.code and d.message == found.message and d.range == range_of(text, found.span, encoding)]
    return lsp.CodeAction(fix.title, lsp.CodeActionKind.QuickFix, cured or None, fix.preferred or None, None,
                          lsp.WorkspaceEdit(changes={uri: edits}))  # fmt: skip
