"""Settings from the editor, another interpreter, and files that change on disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorls.lsp.settings import Settings, read_settings

from tests.lsp.client import Client
from tests.lsp.document import Document

LINE = "import torch\nx = torch.ones(2, 3).T\n"


@pytest.fixture
def session() -> Iterator[Client]:
    client = Client(python=None)
    yield client
    assert client.stop() == 0
    assert b"Traceback" not in client.stderr


@pytest.mark.parametrize(("data", "want"), [
    (None, Settings()),
    ({}, Settings()),
    ([], Settings()),
    ({"settings": None}, Settings()),
    ({"settings": {"inlayHints": None, "interpreter": None}}, Settings()),
    ({"settings": {"inlayHints": {"enabled": False}}}, Settings(inlay_hints=False)),
    ({"inlayHints": {"enabled": "no"}}, Settings()),
    ({"tensorls": {"inlayHints": {"enabled": False}, "interpreter": " /a "}}, Settings(False, "/a")),
    ({"settings": {"tensorls": {"interpreter": "/b"}}}, Settings(True, "/b")),
])  # fmt: skip
def test_reading(data: object, want: Settings) -> None:
    assert read_settings(data) == want


def test_inlay_hints(session: Client) -> None:
    session.initialize(initializationOptions={"settings": {"inlayHints": {"enabled": False}}})
    document = Document(session, "untitled:hints", LINE)
    assert document.hints() == []
    before = len([m for m in session.received if m["method"] == "workspace/inlayHint/refresh"])
    session.notify("workspace/didChangeConfiguration", {"settings": {"tensorls": {"inlayHints": {"enabled": True}}}})
    assert len(document.hints()) == 1
    session.wait(lambda: len([m for m in session.received if m["method"] == "workspace/inlayHint/refresh"]) > before)
    session.configuration = {"inlayHints": {"enabled": False}}
    session.notify("workspace/didChangeConfiguration", {"settings": None})
    session.wait(lambda: any(m["method"] == "workspace/configuration" for m in session.received))
    session.wait(lambda: document.hints() == [])


def test_another_interpreter_and_back(session: Client) -> None:
    session.initialize(initializationOptions={"settings": {"interpreter": "/nowhere/python"}})
    document = Document(session, "untitled:interpreter", LINE)
    assert session.settled()["interpreter"] == "/nowhere/python"
    assert session.settled()["state"] == "no-torch"
    session.notify("workspace/didChangeConfiguration", {"settings": {"tensorls": {"interpreter": sys.executable}}})
    session.wait(lambda: session.settled()["state"] == "ready")
    assert session.settled()["interpreter"] == sys.executable
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"


def test_restart(session: Client) -> None:
    session.initialize()
    document = Document(session, "untitled:restart", LINE)
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"
    for number in range(2, 5):
        session.ask("workspace/executeCommand", {"command": "tensorls.restartEngine", "arguments": []})
        document.edit("2, 3" if number == 2 else f"{number}, 3", f"{number + 1}, 3")
        assert document.first("x =") == f"torch.Tensor (3,{number + 1}) cpu float32"
    states = [m["state"] for m in session.told("tensorls/statusChanged")]
    assert states == ["starting", "ready"] * 4


def test_files_on_disk(session: Client, tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text("import torch\n\n\ndef make():\n    return torch.ones(2, 3)\n")
    session.initialize(tmp_path)
    session.wait(lambda: any(m["method"] == "client/registerCapability" for m in session.received))
    text = "import helper\nimport later\nx = helper.make()\ny = later.make()\n"
    document = Document(session, (tmp_path / "main.py").as_uri(), text)
    assert document.first("x =") == "torch.Tensor (2,3) cpu float32"

    def touch(path: Path, kind: int) -> None:
        session.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": kind}]})

    helper.write_text(helper.read_text().replace("2, 3", "4, 5"))
    touch(helper, 2)
    assert document.first("x =") == "torch.Tensor (4,5) cpu float32"
    assert document.first("y =") is None
    (tmp_path / "later.py").write_text("import torch\n\n\ndef make():\n    return torch.ones(7)\n")
    touch(tmp_path / "later.py", 1)
    assert document.first("y =") == "torch.Tensor (7,) cpu float32"
    helper.unlink()
    touch(helper, 3)
    assert document.first("x =") is None


def test_an_open_file_stands_before_the_one_on_disk(session: Client, tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text("import torch\nvalue = torch.ones(2, 3)\n")
    session.initialize(tmp_path)
    main = Document(session, (tmp_path / "main.py").as_uri(), "import helper\nx = helper.value\n")
    assert main.first("x =") == "torch.Tensor (2,3) cpu float32"
    opened = Document(session, helper.as_uri(), "import torch\nvalue = torch.ones(5, 3)\n")
    assert main.first("x =") == "torch.Tensor (5,3) cpu float32"
    opened.edit("5, 3", "6, 3")
    assert main.first("x =") == "torch.Tensor (6,3) cpu float32"
    opened.close()
    assert main.first("x =") == "torch.Tensor (2,3) cpu float32"


def test_project_settings(session: Client, tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[tool.tensorls.rules]\nshape-mismatch = "off"\n')
    session.initialize(tmp_path)
    document = Document(session, (tmp_path / "main.py").as_uri(), LINE + "y = x @ x\n")
    assert document.diagnostics() == []
    settings.write_text('[tool.tensorls.rules]\nshape-mismatch = "loud"\n')
    session.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": settings.as_uri(), "type": 2}]})
    session.wait(lambda: session.settled()["message"])
    assert "loud" in session.settled()["message"]
    assert [d["code"] for d in document.diagnostics()] == ["shape-mismatch"]
