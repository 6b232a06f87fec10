"""Facts and diagnostics as the JSON of the command line and of the custom LSP requests."""

from __future__ import annotations

from typing import Any

from tensorls.domain.dims import show
from tensorls.domain.fact import Diagnostic, Fact
from tensorls.domain.tensor import summary


def fact_data(fact: Fact, file: str) -> dict[str, Any]:
    """One fact; ``file`` is how the asker named it."""
    meta = fact.meta
    return {
        "file": file, "line": fact.span.line, "column": fact.span.column, "end_line": fact.span.end_line,
        "end_column": fact.span.end_column, "name": fact.name, "kind": fact.kind, "library": meta.library, "type": meta.type,
        "shape": None if meta.shape is None else [show(d) for d in meta.shape], "dtype": meta.dtype,
        "device": "cpu" if meta.library == "numpy" else meta.device,
        "requires_grad": False if meta.library == "numpy" else meta.requires_grad, "contiguous": meta.contiguous,
        "view_of": fact.view_of, "context": fact.context, "status": fact.status, "summary": summary(meta),
    }  # fmt: skip


def diagnostic_data(found: Diagnostic, file: str) -> dict[str, Any]:
    """One diagnostic with its related places and fixes."""
    span = found.span
    return {
        "file": file, "line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column,
        "severity": found.severity, "code": found.code, "message": found.message,
        "related": [
            {"file": file if r.span.file == span.file else r.span.file, "line": r.span.line, "column": r.span.column, "message": r.message}
            for r in found.related
        ],
        "context": found.context,
        "fixes": [
            {"title": f.title, "edits": [
                {"line": e.span.line, "column": e.span.column, "end_line": e.span.end_line, "end_column": e.span.end_column, "text": e.text}
                for e in f.edits
            ]}
            for f in found.fixes
        ],
    }  # fmt: skip
