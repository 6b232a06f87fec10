"""Between tensorls' data and the protocol's types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path

from tensorls.domain.fact import Diagnostic, Fix, Related, Span
from tensorls.source.text import PositionEncoding, SourceText

SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information, "hint": lsp.DiagnosticSeverity.Hint,
}  # fmt: skip


def path_of(uri: str) -> str:
    """A file's path.  A notebook cell lies beside its notebook; for other schemes the URI, a name that no file has."""
    parsed = urlparse(uri)
    if parsed.scheme == "file":
        return to_fs_path(uri) or uri
    if parsed.scheme == "vscode-notebook-cell":
        notebook = to_fs_path(f"file://{parsed.netloc}{parsed.path}")
        return f"{notebook}#{unquote(parsed.fragment)}" if notebook else uri
    return uri


def edited(text: SourceText, changes: Sequence[lsp.TextDocumentContentChangeEvent], encoding: PositionEncoding) -> SourceText:
    """The text after the client's changes, each of which refers to the text after the one before."""
    for change in changes:
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            start = text.from_lsp(change.range.start.line, change.range.start.character, encoding)
            end = text.from_lsp(change.range.end.line, change.range.end.character, encoding)
            from_, to = text.offset(*start), text.offset(*end)
            text = SourceText(text.text[:from_] + change.text + text.text[max(from_, to) :])
        else:
            text = SourceText(change.text)
    return text


def position(text: SourceText, line: int, column: int, encoding: PositionEncoding) -> lsp.Position:
    """A place as the client counts it."""
    place = text.to_lsp(line, column, encoding)
    return lsp.Position(place.line, place.character)


def range_of(text: SourceText, span: Span, encoding: PositionEncoding) -> lsp.Range:
    """A span as the client counts it."""
    return lsp.Range(position(text, span.line, span.column, encoding), position(text, span.end_line, span.end_column, encoding))


def diagnostic(text: SourceText, uri: str, found: Diagnostic, encoding: PositionEncoding, related: bool) -> lsp.Diagnostic:
    """A diagnostic as the client shows it."""
    information = [_related(text, uri, found, r, encoding) for r in found.related] + _call(uri, found) if related else []
    return lsp.Diagnostic(
        range_of(text, found.span, encoding), found.message, SEVERITIES[found.severity], found.code, None, "tensorls",
        None, information or None,
    )  # fmt: skip


def _related(text: SourceText, uri: str, found: Diagnostic, place: Related,
             encoding: PositionEncoding) -> lsp.DiagnosticRelatedInformation:  # fmt: skip
    if place.span.file == found.span.file:
        return lsp.DiagnosticRelatedInformation(lsp.Location(uri, range_of(text, place.span, encoding)), place.message)
    return lsp.DiagnosticRelatedInformation(_line(place.span.file, place.span.line), place.message)


def _call(uri: str, found: Diagnostic) -> list[lsp.DiagnosticRelatedInformation]:
    """The call in which the problem arises, where it does not in others."""
    file, _, line = (found.context or "").rpartition(":")
    if not line.isdigit():
        return []
    location = _line(file, int(line))
    if file == found.span.file:
        location = lsp.Location(uri, location.range)
    return [lsp.DiagnosticRelatedInformation(location, "in this call")]


def _line(file: str, line: int) -> lsp.Location:
    """A line of another file, whose text and therefore columns are not at hand."""
    start = lsp.Position(max(line - 1, 0), 0)
    uri = from_fs_path(file) if Path(file).is_absolute() else None
    return lsp.Location(uri or file, lsp.Range(start, start))


def action(text: SourceText, uri: str, found: Diagnostic, fix: Fix, encoding: PositionEncoding,
           given: list[lsp.Diagnostic]) -> lsp.CodeAction:  # fmt: skip
    """A quick fix; it names the diagnostics that the client sent and that it cures."""
    edits = [lsp.TextEdit(range_of(text, e.span, encoding), e.text) for e in fix.edits]
    place = range_of(text, found.span, encoding)
    cured = [d for d in given if d.code == found.code and d.message == found.message and d.range == place]
    return lsp.CodeAction(fix.title, lsp.CodeActionKind.QuickFix, cured or None, fix.preferred or None, None,
                          lsp.WorkspaceEdit(changes={uri: edits}))  # fmt: skip
