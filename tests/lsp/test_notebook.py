"""Notebook sync: the cells are one program, and everything lands in its own cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import CAPABILITIES, Client
from tests.lsp.document import Document

BAD = "torch.zeros(5, 10) @ torch.zeros(5, 10)"
_numbers = count()


class Cell(Document):
    """A cell: its text comes with its notebook, all else is asked as of any document."""

    def __init__(self, client: Client, uri: str, text: str, language: str = "python", kind: int = 2) -> None:
        self.client, self.uri, self.text, self.version = client, uri, text, 1
        self.language, self.kind = language, kind

    def item(self) -> dict[str, Any]:
        return {"uri": self.uri, "languageId": self.language, "version": self.version, "text": self.text}

    def data(self) -> dict[str, Any]:
        return {"kind": self.kind, "document": self.uri}

    def labels(self) -> list[str]:
        return [h["label"] for h in self.hints()]


class Notebook:
    """An open notebook."""

    def __init__(self, client: Client, uri: str, *texts: str) -> None:
        self.client, self.uri, self.version = client, uri, 1
        self.cells = [self.cell(t) for t in texts]
        me = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1, "cells": [c.data() for c in self.cells]}
        client.notify("notebookDocument/didOpen", {"notebookDocument": me, "cellTextDocuments": [c.item() for c in self.cells]})

    def cell(self, text: str, language: str = "python", kind: int = 2) -> Cell:
        uri = self.uri.replace("file:", "vscode-notebook-cell:") + f"#C{next(_numbers)}"
        return Cell(self.client, uri, text, language, kind)

    def change(self, **cells: Any) -> None:
        self.version += 1
        me = {"uri": self.uri, "version": self.version}
        self.client.notify("notebookDocument/didChange", {"notebookDocument": me, "change": {"cells": cells}})

    def edit(self, cell: Cell, old: str, new: str) -> None:
        start = cell.text.index(old)
        change = {"range": {"start": cell._at(start), "end": cell._at(start + len(old))}, "text": new}
        cell.text = cell.text.replace(old, new, 1)
        cell.version += 1
        self.change(textContent=[{"document": {"uri": cell.uri, "version": cell.version}, "changes": [change]}])

    def splice(self, start: int, delete: int, *cells: Cell) -> None:
        gone = [c for c in self.cells[start : start + delete] if c not in cells]
        new = [c.item() for c in cells if c not in self.cells]
        self.cells[start : start + delete] = cells
        array = {"start": start, "deleteCount": delete, "cells": [c.data() for c in cells]}
        self.change(structure={"array": array, "didOpen": new, "didClose": [{"uri": c.uri} for c in gone]})

    def close(self) -> None:
        closed = [{"uri": c.uri} for c in self.cells]
        self.client.notify("notebookDocument/didClose", {"notebookDocument": {"uri": self.uri}, "cellTextDocuments": closed})


Opener = Callable[..., Notebook]


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[Client]:
    session = Client()
    result = session.initialize(root, CAPABILITIES | {"notebookDocument": {"synchronization": {}}})
    assert result["capabilities"]["notebookDocumentSync"]["notebookSelector"]
    yield session
    assert session.stop() == 0
    assert b"Traceback" not in session.stderr


@pytest.fixture
def book_of(client: Client, root: Path) -> Iterator[Opener]:
    books: list[Notebook] = []

    def open_notebook(*texts: str) -> Notebook:
        book = Notebook(client, (root / f"book{next(_numbers)}.ipynb").as_uri(), *texts)
        books.append(book)
        return book

    yield open_notebook
    for book in books:
        book.close()


def starts(found: list[dict[str, Any]]) -> list[dict[str, int]]:
    return [d["range"]["start"] for d in found]


def test_cells_are_one_program(book_of: Opener) -> None:
    one, two, three = book_of("import torch\nx = torch.zeros(2, 3)", "y = x.T", f"\nbad = {BAD}\nz = y + 1").cells
    assert one.first("x =") == "torch.Tensor (2,3) cpu float32"
    assert two.first("y =") == "torch.Tensor (3,2) cpu float32"
    assert three.first("z =") == "torch.Tensor (3,2) cpu float32"
    assert [one.labels(), two.labels(), three.labels()] == [["(2,3) f32"], ["(3,2) f32"], ["(3,2) f32"]]
    assert two.hints()[0]["position"] == {"line": 0, "character": 1}
    assert [starts(c.diagnostics()) for c in (one, two)] == [[], []]
    assert starts(three.diagnostics()) == [three.at(BAD)]


def test_the_clients_units(book_of: Opener) -> None:
    one, two = book_of("import torch", f's = "🎉é"; bad = {BAD}; t = torch.zeros(1)').cells
    assert starts(two.diagnostics()) == [two.at(BAD)]
    assert two.first("t =") == "torch.Tensor (1,) cpu float32"
    assert two.hints()[0]["position"] == two.at("t = ", " ")
    assert one.labels() == []


def test_places_outside_a_cell(book_of: Opener) -> None:
    one, two = book_of("import torch\nx = torch.zeros(2)\n", "y = x.T").cells
    assert one.hover_at({"line": 2, "character": 0}) is None
    assert one.hover_at({"line": 3, "character": 0}) is None
    assert one.hover_at({"line": 999, "character": 9}) is None
    assert len(one.hints()) == 1
    assert two.hints(0, 0) == []


def test_edits_reach_the_other_cells(book_of: Opener) -> None:
    book = book_of("import torch\nx = torch.zeros(2, 3)", "y = x @ x")
    one, two = book.cells
    assert [d["code"] for d in two.diagnostics()] == ["shape-mismatch"]
    book.edit(one, "2, 3", "3, 3")
    assert two.first("y =") == "torch.Tensor (3,3) cpu float32"
    assert two.diagnostics() == []
    book.edit(one, "torch.zeros", "\n\ntorch.zeros")
    assert two.first("x @", "x") is None
    book.edit(one, "\n\n", "")
    assert two.first("y =") == "torch.Tensor (3,3) cpu float32"


def test_inserted_removed_and_moved_cells(book_of: Opener) -> None:
    book = book_of("import torch", "x = torch.zeros(2)", "y = x + 1")
    one, two, three = book.cells
    assert three.labels() == ["(2,) f32"]
    new = book.cell(f"x = torch.zeros(7)\nbad = {BAD}")
    book.splice(2, 0, new)
    assert three.labels() == ["(7,) f32"]
    assert starts(new.diagnostics()) == [new.at(BAD)]
    book.splice(1, 2, new, two)  # they change places
    assert three.labels() == ["(2,) f32"]
    assert starts(new.diagnostics()) == [new.at(BAD)]
    book.splice(1, 2)  # both go
    assert three.labels() == []
    book.client.wait(lambda: new.published()[-1]["diagnostics"] == [])
    assert new.hover("x =") is None
    assert one.labels() == []


def test_a_cell_on_its_way_to_another_place(book_of: Opener) -> None:
    """Removed in one message, put in again in the next, its text never closed."""
    book = book_of("import torch", "y = x + 1", "x = torch.zeros(2)")
    moving = book.cells[2]
    book.change(structure={"array": {"start": 2, "deleteCount": 1}})
    book.change(structure={"array": {"start": 1, "deleteCount": 0, "cells": [moving.data()]}})
    assert book.cells[1].labels() == ["(2,) f32"]


def test_only_python_counts(book_of: Opener) -> None:
    book = book_of("import torch", "x = torch.zeros(2)")
    text = book.cell("x = torch.zeros(9)", "markdown", 1)
    query = book.cell("x = torch.zeros(9)", "sql")
    book.splice(2, 0, text, query)
    last = book.cell("y = x")
    book.splice(4, 0, last)
    assert last.labels() == ["(2,) f32"]
    assert text.labels() == query.labels() == []
    assert query.hover("x =") is None


def test_what_ipython_alone_understands(book_of: Opener) -> None:
    cells = book_of(
        "%matplotlib inline\n!pip install 'x\nimport torch\nfiles = !ls\ntorch.zeros?",
        "%%time\nx = torch.zeros(2, 3)",
        "%%bash\nx=7; for i in (",
        "%time y = x.T",
        "await nothing()\ndisplay(y)\nz = y + 1",
    ).cells
    assert cells[1].labels() == ["(2,3) f32"]
    assert cells[3].first("y =") == "torch.Tensor (3,2) cpu float32"
    assert cells[3].hints()[0]["position"] == {"line": 0, "character": 7}
    assert cells[4].labels() == ["(3,2) f32"]
    assert [d for c in cells for d in c.diagnostics()] == []


@pytest.mark.parametrize("broken", ["x = (", "s = '''", "def f(:", "class A:\n  def f(self):\n    return [", "x = 1 + \\"])
def test_a_broken_cell_harms_no_other(book_of: Opener, broken: str) -> None:
    book = book_of("import torch\na = torch.zeros(2, 3)", broken, f"b = a.T\nbad = {BAD}")
    one, _, three = book.cells
    assert one.labels() == ["(2,3) f32"]
    assert three.labels() == ["(3,2) f32"]
    assert starts(three.diagnostics()) == [three.at(BAD)]


def test_fixes_are_edits_of_their_cell(book_of: Opener) -> None:
    book = book_of("import torch\nx = torch.zeros(3)", "broken = (", "\ny = x[None]")
    three = book.cells[2]
    (found,) = three.diagnostics()
    (action,) = three.actions(found)
    assert list(action["edit"]["changes"]) == [three.uri]
    assert three.apply(action) == "\ny = x.unsqueeze(0)"


def test_fixes_that_need_proof(book_of: Opener) -> None:
    one, two, three = book_of("import torch", "broken = '''", f"bad = {BAD}").cells
    (found,) = three.diagnostics()
    actions = three.actions(found)
    assert actions
    assert all(list(a["edit"]["changes"]) == [three.uri] for a in actions)
    assert one.diagnostics() == two.diagnostics() == []


def test_other_cells_are_named(book_of: Opener) -> None:
    book = book_of("import torch\n\ndef twice(x):\n    return x * 2\n\ntwice(torch.ones(2))", "# a\n\ntwice(torch.ones(3))")
    one, _ = book.cells
    text = one.hover("x * 2", "*")
    assert text is not None
    assert "called at line 6\n" in text
    assert text.endswith("called at line 3 of cell 2")
    assert "line 3 of cell 2" in str(one.hints())


def test_related_places_lie_in_their_cells(book_of: Opener) -> None:
    one, two = book_of("import torch\ndef f(x):\n    return x @ x", "\nf(torch.ones(2, 2))\nf(torch.ones(2, 3))").cells
    (found,) = one.diagnostics()
    (place,) = [r["location"] for r in found["relatedInformation"] if r["message"] == "in this call"]
    assert place["uri"] == two.uri
    assert place["range"]["start"]["line"] == 2


def test_requests_of_our_own(book_of: Opener) -> None:
    one, two = book_of("import torch\nx = torch.zeros(2)", "\ny = x").cells
    assert [(f["name"], f["line"]) for f in two.facts()] == [("y", 2)]
    asked = {"textDocument": {"uri": two.uri}, "position": {"line": 1, "character": 0}}
    assert {f["name"] for f in one.client.ask("tensorls/tensorsAt", asked)} >= {"x", "y"}


def test_cells_sent_as_documents_too(book_of: Opener, client: Client) -> None:
    book = book_of("import torch\nx = torch.zeros(2)", "y = x")
    Document(client, book.cells[1].uri, "y = x")
    assert book.cells[1].labels() == ["(2,) f32"]


def test_closing_clears(book_of: Opener) -> None:
    book = book_of("import torch", f"bad = {BAD}")
    (_, two) = book.cells
    assert two.diagnostics()
    book.close()
    book.client.wait(lambda: two.published()[-1]["diagnostics"] == [])
    assert two.hover("bad") is None
    book.change(structure={"array": {"start": 0, "deleteCount": 1}})  # of what is not open
    assert two.hints() is None
