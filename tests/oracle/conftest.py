"""One oracle process for all tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from tensorls.oracle.session import Session


@pytest.fixture(scope="session")
def session() -> Iterator[Session]:
    made = Session(sys.executable)
    yield made
    made.close()
