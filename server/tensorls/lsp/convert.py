"""Between tensorls' data and the protocol's types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path

from tensorls.domain.fact import Diagnostic, Fix, Related
from tensorls.lsp.views import View
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


def diagnostic(view: View, found: Diagnostic, related: bool) -> lsp.Diagnostic:
    """A diagnostic as the client shows it."""
    information = [_related(view, found, r) for r in found.related] + _call(view, found) if related else []
    return lsp.Diagnostic(
        view.range(found.span), found.message, SEVERITIES[found.severity], found.code, None, "tensorls", None, information or None
    )


def _related(view: View, found: Diagnostic, place: Related) -> lsp.DiagnosticRelatedInformation:
    if place.span.file == found.span.file:
        location = lsp.Location(view.uri_at(place.span.line), view.range(place.span))
        return lsp.DiagnosticRelatedInformation(location, place.message)
    return lsp.DiagnosticRelatedInformation(_line(place.span.file, place.span.line), place.message)


def _call(view: View, found: Diagnostic) -> list[lsp.DiagnosticRelatedInformation]:
    """The call in which the problem arises, where it does not in others."""
    file, _, line = (found.context or "").rpartition(":")
    if not line.isdigit():
        return []
    location = _line(file, int(line))
    if file == found.span.file:
        start = view.position(int(line), 0)
        location = lsp.Location(view.uri_at(int(line)), lsp.Range(start, start))
    return [lsp.DiagnosticRelatedInformation(location, "in this call")]


def _line(file: str, line: int) -> lsp.Location:
    """A line of another file, whose text and therefore columns are not at hand."""
    start = lsp.Position(max(line - 1, 0), 0)
    uri = from_fs_path(file) if Path(file).is_absolute() else None
    return lsp.Location(uri or file, lsp.Range(start, start))


def action(view: View, found: Diagnostic, fix: Fix, given: list[lsp.Diagnostic]) -> lsp.CodeAction:
    """A quick fix; it names the diagnostics that the client sent and that it cures."""
    changes: dict[str, list[lsp.TextEdit]] = {}
    for edit in fix.edits:
        changes.setdefault(view.uri_at(edit.span.line), []).append(lsp.TextEdit(view.range(edit.span), edit.text))
    place = view.range(found.span)
    cured = [d for d in given if d.code == found.code and d.message == found.message and d.range == place]
    return lsp.CodeAction(fix.title, lsp.CodeActionKind.QuickFix, cured or None, fix.preferred or None, None,
                          lsp.WorkspaceEdit(changes=changes))  # fmt: skip
