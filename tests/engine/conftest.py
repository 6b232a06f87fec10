"""Markdown files as tests: every Python block is one, named after the heading above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorls.workspace import text_of

from tests.engine.expectations import failures
from tests.support import shared_workspace

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """Collect Markdown files of this folder."""
    return MarkdownFile.from_parent(parent, path=file_path) if file_path.suffix == ".md" else None


class MarkdownFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        text = self.path.read_text(encoding="utf-8")
        counts: dict[str, int] = {}
        for block in BLOCK.finditer(text):
            above = HEADING.findall(text[: block.start()])
            name = above[-1] if above else "start"
            counts[name] = counts.get(name, 0) + 1
            title = name if counts[name] == 1 else f"{name} ({counts[name]})"
            line = text[: block.start()].count("\n") + 1
            yield Block.from_parent(self, name=title, source=block.group(1), first_line=line)


class Block(pytest.Item):
    def __init__(self, *, source: str, first_line: int, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.funcargs: dict[str, object] = {}  # plugins look for it on every item
        self.source = source
        self.first_line = first_line

    def runtest(self) -> None:
        name = "block.py"
        workspace = shared_workspace()
        report = workspace.with_fixes(workspace.analyse({name: text_of(self.source)}, [name])[name])
        wrong = list(failures(report))
        if wrong:
            raise ExpectationFailed("\n".join(wrong))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        if isinstance(excinfo.value, ExpectationFailed):
            return f"{self.path.name}, block at line {self.first_line}:\n{excinfo.value}"
        return str(excinfo.getrepr())

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.first_line - 1, self.name


class ExpectationFailed(AssertionError):
    pass
