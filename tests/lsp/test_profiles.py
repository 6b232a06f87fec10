"""Sessions as real editors open them: their capabilities come from pytest-lsp, its client checks every message."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pytest_lsp import client_capabilities, make_test_lsp_client

TEXT = "import torch\nx = torch.ones(2, 3).T\ny = x @ x\n"


@pytest.mark.parametrize("editor", ["visual_studio_code", "neovim", "emacs"])
def test_a_session(editor: str, tmp_path: Path) -> None:
    asyncio.run(asyncio.wait_for(session(editor, tmp_path), 30))


async def session(editor: str, folder: Path) -> None:
    client = make_test_lsp_client()
    arguments = ["-m", "tensorls", "server", "--stdio", "--no-memo", "--python", sys.executable]
    await client.start_io(sys.executable, *arguments)
    capabilities = client_capabilities(editor)
    await client.initialize_session(lsp.InitializeParams(capabilities=capabilities, root_uri=folder.as_uri()))
    document = lsp.TextDocumentItem((folder / "a.py").as_uri(), lsp.LanguageKind.Python, 1, TEXT)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
    me = lsp.TextDocumentIdentifier(document.uri)
    hover = await client.text_document_hover_async(lsp.HoverParams(me, lsp.Position(1, 0)))
    assert hover is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    assert hover.contents.value.split("\n")[0].rstrip() == "torch.Tensor (3,2) cpu float32"
    everything = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    hints = await client.text_document_inlay_hint_async(lsp.InlayHintParams(me, everything))
    assert [h.label for h in hints or []] == ["(3,2) f32"]
    while document.uri not in client.diagnostics:
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    (error,) = client.diagnostics[document.uri]
    assert error.code == "shape-mismatch"
    context = lsp.CodeActionContext([error])
    actions = await client.text_document_code_action_async(lsp.CodeActionParams(me, error.range, context))
    assert actions
    await client.shutdown_session()
