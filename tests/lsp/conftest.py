"""One server for each module of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.lsp.client import Client
from tests.lsp.document import Document

Opener = Callable[..., Document]
_numbers = count()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[Client]:
    session = Client()
    session.initialize(root)
    yield session
    assert session.stop() == 0
    assert b"Traceback" not in session.stderr


@pytest.fixture
def opened(client: Client, root: Path) -> Iterator[Opener]:
    """Opens documents under names of their own, and closes them after the test."""
    documents: list[Document] = []

    def open_document(text: str, name: str | None = None, uri: str | None = None) -> Document:
        document = Document(client, uri or (root / (name or f"file{next(_numbers)}.py")).as_uri(), text)
        documents.append(document)
        return document

    yield open_document
    for document in documents:
        document.close()
