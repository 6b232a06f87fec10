"""Inlay hints, quick fixes and the requests of our own."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.lsp.client import Client
from tests.lsp.conftest import Opener

PROGRAM = """\
import torch

a = torch.zeros(2, 3)
b = a.T


def inner(x):
    y = x.sum(dim=0)
    z = y @ torch.ones(9, 9)
    return y


c = inner(a)
d = torch.zeros(128, 256, 512, 1024, 2048, dtype=torch.complex128)
"""


BIG = "(128,256,512,1024,2048)"


def test_hints(opened: Opener) -> None:
    document = opened(PROGRAM)
    hints = document.hints()
    assert [h["label"] for h in hints] == ["(2,3) f32", "(3,2) f32", "(2,3) f32", "(3,) f32", "(3,) f32", BIG]
    for hint in hints:
        assert len(hint["label"]) <= 25
        assert hint["paddingLeft"] is True
        assert "textEdits" not in hint
        assert hint["kind"] == 1
    assert hints[0]["position"] == {"line": 2, "character": 1}
    assert hints[2]["position"] == {**document.at("x):"), "character": document.at("x):")["character"] + 1}
    assert hints[0]["tooltip"] == "torch.Tensor (2,3) cpu float32"


def test_hints_of_a_range(opened: Opener) -> None:
    document = opened(PROGRAM)
    assert [h["position"]["line"] for h in document.hints(2, 3)] == [2]
    assert [h["position"]["line"] for h in document.hints(3, 8)] == [3, 6, 7]
    assert document.hints(4, 5) == []


def test_many_shapes_in_one_hint(opened: Opener) -> None:
    calls = "\n".join(f"f(torch.ones({n}, 1000, 1000, 10000))" for n in range(1, 6))
    document = opened(f"import torch\n\n\ndef f(x):\n    y = x + 1\n    return y\n\n\n{calls}\n")
    labels = {h["label"] for h in document.hints()}
    assert labels == {"(1,1000,1000,10000) +4"}
    text = document.hover("y = x")
    assert text is not None
    assert text.count("called at") == 5


def test_facts(opened: Opener, root: Path) -> None:
    document = opened(PROGRAM, name="facts.py")
    facts = document.facts()
    assert [(f["name"], f["line"], f["kind"]) for f in facts] == [
        ("a", 3, "variable"), ("b", 4, "variable"), ("x", 7, "parameter"), ("y", 8, "variable"), ("<return>", 10, "return"),
        ("c", 13, "variable"), ("d", 14, "variable"),
    ]  # fmt: skip
    assert facts[1] == {
        "file": str(root / "facts.py"), "line": 4, "column": 0, "end_line": 4, "end_column": 1, "name": "b", "kind": "variable",
        "library": "torch", "type": "Tensor", "shape": [3, 2], "dtype": "float32", "device": "cpu", "requires_grad": False,
        "contiguous": False, "view_of": "a", "context": None, "status": "inferred", "summary": "torch.Tensor (3,2) cpu float32",
    }  # fmt: skip
    some = document.facts(range={"start": {"line": 3, "character": 0}, "end": {"line": 6, "character": 99}})
    assert [f["name"] for f in some] == ["b", "x"]


def test_tensors_at(opened: Opener) -> None:
    document = opened(PROGRAM)

    def names(words: str) -> list[str]:
        params = {"textDocument": {"uri": document.uri}, "position": document.at(words)}
        return [f["name"] for f in document.client.ask("tensorls/tensorsAt", params)]

    assert names("import torch") == []
    assert names("a = torch") == ["a"]
    assert names("return y") == ["a", "b", "x", "y"]
    assert names("d = torch") == ["a", "b", "c", "d"]


def test_status(client: Client) -> None:
    settled = client.settled()
    status = client.ask("tensorls/status", {})
    assert status == settled
    assert set(status) == {"state", "interpreter", "torch", "numpy", "message", "version"}
    assert (status["state"], status["interpreter"], status["message"]) == ("ready", sys.executable, None)
    assert status["torch"][0].isdigit()
    assert status["numpy"][0].isdigit()
    states = [m["state"] for m in client.told("tensorls/statusChanged")]
    assert states == ["starting", "ready"]


def test_quick_fixes(opened: Opener) -> None:
    document = opened("import torch\nw = torch.ones(3, requires_grad=True)\nn = w.numpy()\nlast = w[None]\n")
    error, hint = document.diagnostics()
    (action,) = document.actions(error)
    assert action["kind"] == "quickfix"
    assert action["diagnostics"] == [error]
    assert document.apply(action).split("\n")[2] == "n = w.detach().numpy()"
    assert document.actions(error) == [action]
    assert document.actions(error, ["quickfix"]) == [action]
    assert document.actions(error, ["refactor"]) == []
    assert hint["severity"] >= 3
    assert "".join(document.apply(a) for a in document.actions(hint)).count("last = w.unsqueeze(0)") == 1
    document.replace(document.apply(action))
    assert [d["code"] for d in document.diagnostics()] == ["none-index"]


def test_a_diagnostic_names_its_call(opened: Opener) -> None:
    document = opened(PROGRAM)
    (error,) = document.diagnostics()
    assert error["source"] == "tensorls"
    assert error["code"] == "shape-mismatch"
    assert error["range"]["start"] == document.at("y @ torch")
    related = [(r["location"]["range"]["start"]["line"], r["message"]) for r in error["relatedInformation"]]
    assert (document.at("c = inner")["line"], "in this call") in related


def test_suppression_comments(opened: Opener) -> None:
    document = opened("import torch\nx = torch.ones(2, 3)\ny = x @ x  # tensorls: ignore[shape-mismatch]\n")
    assert document.diagnostics() == []


def test_fixes_are_proven_with_what_other_editors_hold(opened: Opener, root: Path) -> None:
    """On disk another dtype is at fault, which no fix for this one would cure."""
    (root / "unsaved_sizes.py").write_text("import torch\nleft = torch.zeros(3, 4, device='meta')\n")
    opened("import torch\nleft = torch.zeros(5, 10)\n", name="unsaved_sizes.py")
    document = opened("import torch\nfrom unsaved_sizes import left\nbad = left @ torch.zeros(5, 10)\n")
    (found,) = document.diagnostics()
    assert document.actions(found)
