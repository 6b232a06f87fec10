"""Documents of every kind, and messages that make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lsp.client import Client, Failed
from tests.lsp.conftest import Opener

LINE = "import torch\nx = torch.ones(2, 3).T\n"
WANT = "torch.Tensor (3,2) cpu float32"


@pytest.mark.parametrize("uri", [
    "untitled:Untitled-1",
    "untitled:/home/someone/new.py",
    "vscode-notebook-cell:/home/someone/notebook.ipynb#W0sZmlsZQ%3D%3D",
    "vscode-notebook-cell://wsl%2Bubuntu/home/someone/notebook.ipynb#X1",
    "file:///home/someone/.virtual_documents/notebook.ipynb",
    "file:///home/some%20one/%E5%BD%A2/100%2525.py",
    "file:///c%3A/Users/someone/a.py",
    "vscode-vfs://github/someone/a.py",
    "git:/home/someone/a.py?%7B%22path%22%3A%22a%22%7D",
    "inmemory://model/1",
    "no uri at all",
])  # fmt: skip
def test_any_uri(opened: Opener, uri: str) -> None:
    document = opened(LINE + "y = x @ x\n", uri=uri)
    assert document.first("x = ") == WANT
    assert [d["code"] for d in document.diagnostics()] == ["shape-mismatch"]
    assert document.hints()


def test_percent_signs_in_file_names(opened: Opener, root: Path) -> None:
    document = opened(LINE, name="100%25 形.py")
    assert document.facts()[0]["file"] == str(root / "100%25 形.py")


@pytest.mark.parametrize("text", [
    "", "\n", "\r\n\r\n", " ", "\ufeff", "#", "'''", "(((((", "def", "\x00", "\t\tx", "x = 1", "\ud83d", "é" * 1000, "if x:\n",
    "=" * 500, "class A:\n def f(self):\n  return [", "x" * 20_000, "(" * 500 + ")" * 500, "-" * 3000 + "1",
    "x = " + "[" * 150 + "]" * 150,
])  # fmt: skip
def test_texts_that_are_hardly_programs(opened: Opener, text: str) -> None:
    document = opened(text)
    assert "torch" not in str(document.hover_at({"line": 0, "character": 0}))
    assert document.hints() == []
    assert document.facts() == []
    assert document.diagnostics() == []
    document.replace(LINE)
    assert document.first("x = ") == WANT


def test_byte_order_mark(opened: Opener) -> None:
    document = opened("\ufeff" + LINE)
    assert document.first("x = ") == WANT


def test_full_changes_with_repeated_versions(opened: Opener) -> None:
    """JupyterLab sends all cells as one document and does not always count."""
    document = opened(LINE, uri="file:///home/someone/.virtual_documents/lab.ipynb")
    for size in (4, 5, 6):
        document.replace(f"import torch\nx = torch.ones({size}, 3).T\n\n\n%time x\n", version=0)
        assert document.first("x = ") == f"torch.Tensor (3,{size}) cpu float32"


def test_opened_twice(opened: Opener, client: Client) -> None:
    first = opened(LINE, uri="untitled:twice")
    second = opened(LINE.replace("2", "9"), uri="untitled:twice")
    assert second.first("x = ") == "torch.Tensor (3,9) cpu float32"
    first.close()
    assert second.hover("x = ") is None


def test_closing_clears_the_diagnostics(opened: Opener) -> None:
    document = opened(LINE + "y = x @ x\n")
    assert document.diagnostics()
    document.close()
    assert document.facts() is None
    assert document.published()[-1]["diagnostics"] == []


@pytest.mark.parametrize("method", ["textDocument/hover", "textDocument/inlayHint", "textDocument/codeAction", "tensorls/facts",
                                    "tensorls/tensorsAt"])  # fmt: skip
def test_documents_that_are_not_open_have_null(client: Client, method: str) -> None:
    place = {"line": 0, "character": 0}
    params = {"textDocument": {"uri": "file:///nowhere.py"}, "position": place, "range": {"start": place, "end": place},
              "context": {"diagnostics": []}}  # fmt: skip
    assert client.ask(method, params) is None


@pytest.mark.parametrize("params", [
    None, {}, [], [1], {"textDocument": None}, {"textDocument": {"uri": 7}}, {"textDocument": {"class": "x", "1": 2, "_a": 3}},
    {"textDocument": {"uri": "untitled:odd"}, "position": {"line": "a", "character": None}},
    {"textDocument": {"uri": "untitled:odd"}, "position": {"line": -5, "character": -7}, "range": 3},
])  # fmt: skip
def test_odd_parameters_of_our_own_requests(opened: Opener, params: object) -> None:
    document = opened(LINE, uri="untitled:odd")
    client = document.client
    for method in ("tensorls/facts", "tensorls/tensorsAt"):
        found = client.ask(method, params)
        assert found is None or isinstance(found, list)
    assert set(client.ask("tensorls/status", params)) == {"state", "interpreter", "torch", "numpy", "message", "version"}


def test_odd_messages_are_answered_with_errors() -> None:
    session = Client()
    session.initialize()
    with pytest.raises(Failed) as invalid:
        session.ask("textDocument/hover", {"textDocument": 3})
    assert invalid.value.code == -32602
    with pytest.raises(Failed) as unknown:
        session.ask("tensorls/unknown", {})
    assert unknown.value.code == -32601
    with pytest.raises(Failed):
        session.ask("workspace/executeCommand", {"command": "tensorls.unknown"})
    session.notify("tensorls/unknown", {})
    gone = {"uri": "file:///no.py", "version": 3}
    session.notify("textDocument/didChange", {"textDocument": gone, "contentChanges": [{"text": ""}]})
    session.notify("textDocument/didClose", {"textDocument": {"uri": "file:///no.py"}})
    session.notify("textDocument/didSave", {"textDocument": {"uri": "file:///no.py"}})
    session.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}})
    assert session.ask("tensorls/status", {})["version"]
    assert session.stop() == 0
    assert b"file:///no.py, which is not open" in session.stderr
