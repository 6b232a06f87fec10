"""What a person sees while typing."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from tensorls.interp.machine import Cancelled
from tensorls.lsp.documents import Document as OpenDocument
from tensorls.lsp.documents import Documents
from tensorls.source.text import SourceText

from tests.lsp.client import PATIENCE, Client
from tests.lsp.conftest import Opener

PROGRAM = """\
import torch

first = torch.ones(2, 3)


def middle(x):
    y = x.T
    return y


last = middle(first)
"""


def test_a_hover_right_after_an_edit_shows_the_new_value(opened: Opener) -> None:
    document = opened(PROGRAM)
    assert document.first("last =") == "torch.Tensor (3,2) cpu float32"
    for size in range(4, 12):
        document.edit(document.text.split("\n")[2], f"first = torch.ones({size}, 3)")
        assert document.first("last =") == f"torch.Tensor (3,{size}) cpu float32"


@pytest.mark.parametrize("broken", [
    "y = x.", "y = x.T(", "y = (x.T", "y = x.T +", 'y = x.T + "', "y = x.T if", "def", "for y in", "y = x[", "y = '''x",
])  # fmt: skip
def test_a_broken_line_leaves_the_others(opened: Opener, broken: str) -> None:
    document = opened(PROGRAM)
    document.edit("    y = x.T", f"    {broken}")
    assert document.first("first =") == "torch.Tensor (2,3) cpu float32"
    assert document.first("def middle(x", "x") == "torch.Tensor (2,3) cpu float32"
    assert document.diagnostics() == []
    document.edit(f"    {broken}", "    y = x.T")
    assert document.first("last =") == "torch.Tensor (3,2) cpu float32"


def test_typing_a_line_letter_by_letter(opened: Opener) -> None:
    document = opened("import torch\nx = torch.ones(2, 3)\n\nz = x + 1\n")
    line = "y = x @ x.unsqueeze(0).squeeze(0).T"
    for end in range(1, len(line) + 1):
        document.edit(line[: end - 1] + "\nz", line[:end] + "\nz")
        if end % 3 == 0:
            assert document.first("z = ") == "torch.Tensor (2,3) cpu float32"
    assert document.first("y = ") == "torch.Tensor (2,2) cpu float32"
    assert document.diagnostics() == []


def test_the_newest_diagnostics_come_last(opened: Opener) -> None:
    document = opened("import torch\nx = torch.ones(2, 3)\ny = x @ x\n")
    assert [d["code"] for d in document.diagnostics()] == ["shape-mismatch"]
    for size in range(30):
        document.edit(document.text.split("\n")[2], f"y = x @ torch.ones({size % 5}, 4)")
    assert document.text.endswith("torch.ones(4, 4)\n")
    (error,) = document.diagnostics()
    assert "2x3 and 4x4" in error["message"]
    versions = [p["version"] for p in document.published()]
    assert versions == sorted(versions)
    assert versions[-1] == document.version
    document.edit("ones(4, 4)", "ones(3, 4)")
    assert document.diagnostics() == []


def test_incremental_changes_at_every_end(opened: Opener) -> None:
    document = opened("import torch\r\nx = 1\x0c\u2028\ny = torch.ones(2)\rz = y")
    document.client.notify("textDocument/didChange", {
        "textDocument": {"uri": document.uri, "version": 2},
        "contentChanges": [
            {"range": {"start": {"line": 3, "character": 5}, "end": {"line": 3, "character": 5}}, "text": "[None]\nw = z.T"},
            {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}, "text": ""},
            {"range": {"start": {"line": 99, "character": 0}, "end": {"line": 99, "character": 0}}, "text": "\nv = w"},
        ],
    })  # fmt: skip
    document.text = "import torch\ny = torch.ones(2)\nz = y[None]\nw = z.T\nv = w"
    assert document.first("y = torch") == "torch.Tensor (2,) cpu float32"
    assert document.first("z = y") == "torch.Tensor (1,2) cpu float32"
    assert document.first("v = w") == "torch.Tensor (2,1) cpu float32"


def test_questions_about_a_text_that_changes_meanwhile_have_no_answer(client: Client, opened: Opener) -> None:
    document = opened(PROGRAM)
    document.hover("last =")
    document.edit("ones(2", "ones(5")
    number = client.start("textDocument/hover", {"textDocument": {"uri": document.uri}, "position": document.at("last =")})
    document.edit("ones(5", "ones(6")
    answer = client.answer(number)
    assert answer["result"] is None or "(3,5)" in answer["result"]["contents"]["value"]
    assert document.first("last =") == "torch.Tensor (3,6) cpu float32"


def test_cancelled_requests(client: Client, opened: Opener) -> None:
    document = opened(PROGRAM)
    for size in range(10, 20):
        document.edit(document.text.split("\n")[2], f"first = torch.ones({size}, 3)")
        params = {"textDocument": {"uri": document.uri}, "position": document.at("last =")}
        numbers = [client.start("textDocument/hover", params) for _ in range(8)]
        for number in numbers:
            client.notify("$/cancelRequest", {"id": number})
        for number in numbers:
            answer = client.answer(number)
            assert "result" in answer or answer["error"]["code"] == -32800
    client.notify("$/cancelRequest", {"id": 987654})
    assert document.first("last =") == "torch.Tensor (3,19) cpu float32"


def test_the_analysis_of_an_outdated_text_stops() -> None:
    """The first analysis would run for ever; the change ends it."""
    began = threading.Event()
    texts: list[str] = []

    class Endless:
        def entries_for(self, path: str, text: str) -> tuple[str, ...]:
            return ()

        def analyse(self, given: Any, paths: list[str], cancelled: Any) -> Any:
            parsed = given[paths[0]]
            texts.append(parsed.text.text)
            if len(texts) == 1:
                began.set()
                while not cancelled():
                    pass
                raise Cancelled
            return {paths[0]: SimpleNamespace(parsed=parsed, seen=())}

    published: list[OpenDocument] = []

    async def publish(document: OpenDocument) -> None:
        published.append(document)

    async def session() -> None:
        workspace: Any = Endless()
        documents = Documents(lambda: workspace, lambda: False, publish)
        documents.open("u", "u.py", "x = 1", 1)
        await asyncio.to_thread(began.wait, PATIENCE)
        documents.change("u", lambda _: SourceText("x = 2"), 2)
        found = await documents.settled("u")
        assert found is not None
        assert found[1].report.parsed.text.text == "x = 2"
        documents.stop()

    asyncio.run(asyncio.wait_for(session(), PATIENCE))
    assert texts == ["x = 1", "x = 2"]
    assert [d.version for d in published] == [2]
