"""Hovers on every kind of place."""

from __future__ import annotations

import pytest

from tests.lsp.client import Client
from tests.lsp.conftest import Opener
from tests.lsp.document import Document

PROGRAM = '''\
"""x and torch in a docstring."""
import numpy as np
import torch
import torch.nn.functional as F


class Box:
    def __init__(self, size):
        self.inner = torch.zeros(size, 2)

    def parts(self, dim):
        return self.inner.split(1, dim=dim)


box = Box(6)
piece = box.parts(0)[0].T
a = torch.rand(3, 4)
b = torch.rand(4, 5)
product = a @ b + 1
close = not a.any() and product
scaled = -a
a += 2
cube = torch.stack([a, a], dim=0)
size = a.shape
chosen = a if len(a) else b
both = F.softmax(torch.cat(tensors=(a, a)), dim=-1)[:, 0]
text = "a and b" + f"{a}"
if (walrus := a.sum(dim=0)) is not None:
    pass
pairs = [row * 2 for row in a]
'''

PLACES = [
    ("piece = box", "piece", "torch.Tensor (2,1) cpu float32"),
    ("parts(0)[0].T", ".T", "torch.Tensor (2,1) cpu float32"),
    ("parts(0)[0].T", "[0]", "torch.Tensor (1,2) cpu float32"),
    ("self.inner = torch", "inner", "torch.Tensor (6,2) cpu float32"),
    ("self.inner.split", "inner", "torch.Tensor (6,2) cpu float32"),
    ("torch.zeros(size", "zeros", "torch.Tensor (6,2) cpu float32"),
    ("product = a", "product", "torch.Tensor (3,5) cpu float32"),
    ("a @ b + 1", "a", "torch.Tensor (3,4) cpu float32"),
    ("a @ b + 1", "b", "torch.Tensor (4,5) cpu float32"),
    ("a @ b + 1", "@", "torch.Tensor (3,5) cpu float32"),
    ("a @ b + 1", "+", "torch.Tensor (3,5) cpu float32"),
    ("-a\n", "-", "torch.Tensor (3,4) cpu float32"),
    ("a += 2", "+=", "torch.Tensor (3,4) cpu float32"),
    ("stack([a, a], dim", "stack", "torch.Tensor (2,3,4) cpu float32"),
    ("stack([a, a], dim", "(", "torch.Tensor (2,3,4) cpu float32"),
    ("a.shape", "shape", "torch.Size (3,4)"),
    ("F.softmax(torch", "softmax", "torch.Tensor (6,4) cpu float32"),
    ("torch.cat(tensors=", "cat", "torch.Tensor (6,4) cpu float32"),
    ("-1)[:, 0]", "[", "torch.Tensor (6,) cpu float32"),
    ("both = F", "both", "torch.Tensor (6,) cpu float32"),
    ("(walrus :=", "walrus", "torch.Tensor (4,) cpu float32"),
    ("(walrus := a.sum", ":=", "torch.Tensor (4,) cpu float32"),
    ("row * 2 for row in a]", "row", "torch.Tensor (4,) cpu float32"),
    ("row * 2 for row in a]", "*", "torch.Tensor (4,) cpu float32"),
]  # fmt: skip

NOTHING = [
    ('"""x and torch', "x"), ("import torch\n", "torch"), ("import torch\n", "import"), ("np\n", "np"),
    ("= torch.rand(3", "torch"),
    ("F.softmax(torch", "F"), ("class Box", "class"), ("class Box", "Box"), ("def parts", "def"), ("def parts", "parts"),
    ("return self", "return"), ("a if len", "if"), ('"a and b"', "a"), ('"a and b"', "and"), ("product = a @ b", "="),
    ("dim=0)\n", "dim"), ("for row", "for"), ("torch.rand(3, 4)", "3"),
    ("pass", "pass"), ("\n\nclass", "\n"), ("self.inner.split", "self"),
]  # fmt: skip


@pytest.fixture(scope="module")
def program(client: Client) -> Document:
    return Document(client, "untitled:Untitled-1", PROGRAM)


@pytest.mark.parametrize(("words", "inside", "want"), PLACES, ids=lambda v: v.strip())
def test_says_what_stands_there(program: Document, words: str, inside: str, want: str) -> None:
    assert program.first(words, inside) == want


@pytest.mark.parametrize(("words", "inside"), NOTHING, ids=lambda v: v.strip())
def test_says_nothing(program: Document, words: str, inside: str) -> None:
    assert program.hover(words, inside) is None


def test_covers_the_expression_that_it_is_about(program: Document) -> None:
    found = program.hover_at(program.at("a @ b + 1", "@"))
    start = program.at("a @ b + 1")
    assert found["range"] == {"start": start, "end": {"line": start["line"], "character": start["character"] + 5}}


def test_the_end_of_a_name_still_belongs_to_it(program: Document) -> None:
    start = program.at("product = a")
    assert program.hover_at({**start, "character": start["character"] + len("product")}) is not None


@pytest.mark.parametrize("position", [(10_000, 0), (0, 10_000), (10_000, 10_000)])
def test_positions_outside_the_text(program: Document, position: tuple[int, int]) -> None:
    assert program.hover_at({"line": position[0], "character": position[1]}) is None


def test_several_calls_are_shown_each(opened: Opener) -> None:
    document = opened("import torch\n\n\ndef twice(x):\n    y = x * 2\n    return y\n\n\ntwice(torch.ones(2))\ntwice(torch.ones(3))\n")
    text = document.hover("y = x")
    assert text is not None
    assert text.split("\n") == [
        "torch.Tensor (2,) cpu float32  ", "called at line 9", "", "torch.Tensor (3,) cpu float32  ", "called at line 10",
    ]  # fmt: skip
    assert document.hints(3, 5)[-1]["label"] == "(2,) f32 | (3,) f32"


def test_one_call_is_named(opened: Opener) -> None:
    document = opened("import torch\n\n\ndef twice(x):\n    return x * 2\n\n\ntwice(torch.ones(2))\n")
    assert document.first("x * 2", "*") == "torch.Tensor (2,) cpu float32"


def test_plain_text_where_markdown_is_not_understood() -> None:
    session = Client()
    session.initialize(capabilities={})
    document = Document(session, "untitled:plain", "import torch\nx = torch.ones(2, 3).T\n")
    found = document.hover_at(document.at("x = "))
    assert found["contents"]["kind"] == "plaintext"
    assert found["contents"]["value"].split("\n")[0] == "torch.Tensor (3,2) cpu float32"
    assert "`" not in found["contents"]["value"]
    assert session.stop() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_position_encodings(encoding: str) -> None:
    session = Client()
    capabilities = {"general": {"positionEncodings": [encoding]}}
    assert session.initialize(capabilities=capabilities)["capabilities"]["positionEncoding"] == encoding
    text = 'import torch\n日本, e, t = "🎉", "é🎉", torch.ones(2, 3)  # 🎉\ns = "🎉"; u = t @ t\n'
    document = Document(session, "untitled:encoded", text)
    found = document.hover_at(document.at("t = ", "", encoding))
    assert found["range"]["start"] == document.at("t = ", "", encoding)
    assert document.hover("torch.ones", "ones", encoding) == document.hover("t = ", "", encoding)
    (error,) = document.diagnostics()
    assert error["range"]["start"] == document.at("t @ t", "", encoding)
    start = document.at("2, 3", "", encoding)
    edit = {"range": {"start": start, "end": {**start, "character": start["character"] + 1}}, "text": "7"}
    session.notify("textDocument/didChange", {"textDocument": {"uri": document.uri, "version": 2}, "contentChanges": [edit]})
    found = document.hover_at(document.at("t = ", "", encoding))
    assert found["contents"]["value"].startswith("torch.Tensor (7,3)")
    assert session.stop() == 0
