"""The server starts light, and never imports what only the oracle may."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from tensorls.lsp.early import Replay

from tests.lsp.client import Client
from tests.lsp.document import Document

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "jedi", "einops")
AT_EXIT = """\
import atexit, sys
atexit.register(lambda: print("HEAVY", [n for n in {heavy!r} if n in sys.modules], file=sys.stderr))
"""


def heavy_after(code: str) -> str:
    """Which heavy packages a process has imported after running some code."""
    script = f"{AT_EXIT.format(heavy=HEAVY)}\n{code}\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stderr


@pytest.mark.parametrize("module", ["tensorls.lsp.server", "tensorls.lsp.handlers", "tensorls.cli", "tensorls.workspace"])
def test_importing_brings_no_torch(module: str) -> None:
    assert "HEAVY []" in heavy_after(f"import {module}")


def test_this_check_can_fail() -> None:
    assert "HEAVY ['torch', 'numpy'" in heavy_after("import torch")


def test_a_server_that_has_analysed_brings_no_torch() -> None:
    start = f"from tensorls.cli import main\nmain(['server', '--no-memo', '--python', {sys.executable!r}])"
    code = f"{AT_EXIT.format(heavy=HEAVY)}\n{start}"
    session = Client([sys.executable, "-c", code], cwd=ROOT)
    session.initialize()
    document = Document(session, "untitled:start", "import torch, numpy\nx = torch.ones(2, 3).T\ny = x @ x\n")
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"
    assert document.diagnostics()
    document.edit("2, 3", "4, (")
    document.hover("x =")
    session.stop()
    assert b"HEAVY []" in session.stderr


def test_the_way_in_imports_little() -> None:
    """The oracle is started before pygls and the interpreter are imported."""
    names = ("pygls", "lsprotocol", "parso", "tensorls.interp", "asyncio")
    code = f"import sys, tensorls.lsp.server; print([n for n in {names!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_top_layer_knows_the_protocol() -> None:
    for path in (ROOT / "server/tensorls").rglob("*.py"):
        if path.parent.name != "lsp":
            text = path.read_text(encoding="utf-8")
            assert "import pygls" not in text, path
            assert "lsprotocol" not in text, path


@pytest.mark.parametrize("encodings", [None, [], ["utf-8"], ["utf-7", "utf-32", "utf-8"], ["utf-7"]])
@pytest.mark.parametrize("notebooks", [None, {"synchronization": {}}])
def test_the_early_answer_is_that_of_pygls(encodings: list[str] | None, notebooks: object) -> None:
    """A client that says something else first is answered by pygls itself."""
    capabilities: dict[str, object] = {} if encodings is None else {"general": {"positionEncodings": encodings}}
    if notebooks is not None:
        capabilities["notebookDocument"] = notebooks
    results = []
    for first in (None, {"method": "$/setTrace", "params": {"value": "off"}}):
        session = Client()
        if first is not None:
            session.send(first)
        results.append(session.initialize(capabilities=capabilities))
        assert len(session.answers) == 1
        assert session.stop() == 0
    assert results[0] == results[1]


@pytest.mark.parametrize("sent", [
    b"\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: 2\r\n\r\n[]", b"Content-Length: 3\r\n\r\n{{{",
])  # fmt: skip
def test_odd_first_bytes(sent: bytes) -> None:
    session = Client()
    assert session.process.stdin
    session.process.stdin.write(sent)
    session.process.stdin.flush()
    session.process.stdin.close()
    session.finish()
    assert session.process.returncode == 0


def test_a_replayed_stream() -> None:
    stream = Replay(b"one\ntwo", BytesIO(b" and\nthree"))
    assert [stream.readline(), stream.read(3), stream.readline(), stream.read(9)] == [b"one\n", b"two", b" and\n", b"three"]
