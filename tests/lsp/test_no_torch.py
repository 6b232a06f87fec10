"""Interpreters that cannot answer."""

from __future__ import annotations

import importlib.util
import os
import sys
import venv
from pathlib import Path

import pytest

from tests.lsp.client import Client
from tests.lsp.document import Document

LINE = "import torch\nx = torch.ones(2, 3).T\ny = x @ x\n"
NEEDED = (
    "tensorls", "pygls", "lsprotocol", "attr", "attrs", "cattr", "cattrs", "typing_extensions", "parso", "jedi", "exceptiongroup",
    "tomli",
)  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with neither torch nor NumPy."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, symlinks=os.name != "nt")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server needs, and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            place = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
            (folder / place.name).symlink_to(place)
    return folder


def test_the_servers_own_torch_stands_in(bare: Path) -> None:
    session = Client(python=str(bare))
    session.initialize()
    document = Document(session, "untitled:bare", LINE)
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"
    status = session.settled()
    assert (status["state"], status["interpreter"]) == ("no-torch", str(bare))
    assert "another interpreter" in status["message"]
    assert sys.executable in status["message"]
    assert [m["message"] for m in session.told("window/logMessage")] == [f"tensorls: {status['message']}"]
    assert session.stop() == 0
    assert session.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("missing", [False, True], ids=["fresh environment", "path that does not exist"])
def test_no_torch_anywhere(bare: Path, packages: Path, missing: bool) -> None:
    chosen = "/nowhere/bin/python" if missing else str(bare)
    command = [str(bare), "-m", "tensorls", "server", "--no-memo", "--python", chosen]
    session = Client(command, environment={**os.environ, "PYTHONPATH": str(packages)})
    session.initialize()
    document = Document(session, "untitled:bare", LINE)
    assert document.hover("x =") is None
    assert document.facts() is None
    assert document.hints() is None
    assert document.published()[-1]["diagnostics"] == []
    status = session.settled()
    assert status["state"] == "no-torch"
    assert status["interpreter"] == chosen
    assert status["torch"] is None
    assert chosen in status["message"]
    assert "elect another interpreter" in status["message"]
    document.edit("2, 3", "4, 5")
    assert document.hover("x =") is None
    assert session.ask("tensorls/status", None) == status
    assert session.stop() == 0
    assert session.stderr == b""


@pytest.mark.parametrize("program", ["/bin/false", "/bin/true", "/bin/cat", "/dev/null", "/"])
@pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")
def test_things_that_are_no_interpreter(program: str) -> None:
    session = Client(python=program)
    session.initialize()
    document = Document(session, "untitled:odd", LINE)
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"
    assert session.settled()["state"] == "no-torch"
    assert program in session.settled()["message"]
    assert session.stop() == 0
    assert b"Traceback" not in session.stderr


def _beside(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parents[1]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_torch_that_cannot_be_imported(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    place = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    for part in _beside("numpy").glob("numpy*"):  # alone, NumPy is no reason to be ready
        (place / part.name).symlink_to(part)
    (place / "torch").mkdir()
    (place / "torch/__init__.py").write_text("raise ImportError('libcudart.so.99 is not there')\n")
    (place / "torch-9.9.dist-info").mkdir()
    (place / "torch-9.9.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9\n")
    session = Client(python=str(tmp_path / "venv/bin/python"))
    session.initialize()
    session.wait(lambda: [m for m in session.told("tensorls/statusChanged") if m["state"] == "no-torch"])
    message = session.ask("tensorls/status", None)["message"]
    assert "libcudart.so.99 is not there" in message
    assert "elect another interpreter" in message
    document = Document(session, "untitled:broken", LINE)
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"  # the server's own torch stands in
    assert session.stop() == 0
    assert b"Traceback" not in session.stderr
