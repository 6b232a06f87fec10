#!/usr/bin/env python3
"""Latency and memory of language servers on one file of torch models, side by side in one run.

    python bench/latency/measure.py [--rounds 3] [--hovers 300] [--edits 30] [--python PATH] [--only NAME]

tensorls starts with an empty memo ("cold") and again with what that run has kept ("warm").  Pyrefly comes from PyPI into
``.cache/pyrefly``: ``python -m venv .cache/pyrefly && .cache/pyrefly/bin/pip install pyrefly pyrefly-torch-stubs``.
An answer counts when it states the shape; after an edit, the new one.
"""

from __future__ import annotations

import argparse
import io
import keyword
import os
import random
import statistics
import sys
import tempfile
import time
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from client import PATIENCE, Client
from program import EDITED, TAIL, program

ROOT = Path(__file__).parents[2]
PYREFLY = ROOT / ".cache" / "pyrefly"
SIZE = 5


@dataclass(frozen=True)
class Subject:
    """One server: how it is started, how it writes the shape of the tail, what its workspace needs."""

    name: str
    command: list[str]
    right: Callable[[int], str]
    files: dict[str, str]
    environment: dict[str, str]


@dataclass
class Row:
    """One run; milliseconds and MiB."""

    initialize: float
    first: float
    hovers: list[float]
    edits: list[float]
    server: float
    oracle: float


def subjects(python: str, folder: Path) -> list[Subject]:
    """What is measured; ``folder`` holds the memo."""
    command = [sys.executable, "-m", "tensorls", "server", "--stdio", "--python", python]
    found = [
        Subject(f"tensorls, memo {memo}", command, lambda n: f"(2,{2 * n})", {}, {"XDG_CACHE_HOME": str(folder)})
        for memo in ("cold", "warm")
    ]
    if (PYREFLY / "bin" / "pyrefly").exists():
        # Pyrefly takes what lies below a hidden folder for excluded and then knows no shapes
        (folder / "environment").symlink_to(PYREFLY)
        settings = f'python-interpreter-path = "{folder}/environment/bin/python"\n'
        pyrefly = [str(PYREFLY / "bin" / "pyrefly"), "lsp"]
        found.append(Subject("Pyrefly", pyrefly, lambda n: f"[[2, {2 * n}]]", {"pyrefly.toml": settings}, {}))
    return found


def run(subject: Subject, hovers: int, edits: int) -> Row:
    """One session."""
    text = program(SIZE)
    lines = text.split("\n")
    edited, tail = lines.index(EDITED.format(size=SIZE).strip()), lines.index(TAIL.strip())
    with tempfile.TemporaryDirectory(prefix="latency") as folder:
        root = Path(folder)
        for name, content in {**subject.files, "models.py": text}.items():
            (root / name).write_text(content, encoding="utf-8")
        client = Client(subject.command, root, {**os.environ, **subject.environment})
        initialize = client.initialize()
        client.open(root / "models.py")
        first = _until(client, tail, subject.right(SIZE)) - client.started
        warm = []
        for line, column in _names(text, hovers):
            asked = time.perf_counter()
            warm.append(client.hover(line, column)[0] - asked)
        fresh = []
        line_text = lines[edited]
        for number in range(edits):
            size = SIZE + 1 + number
            changed = EDITED.format(size=size).strip()
            asked = time.perf_counter()
            client.replace_line(edited, len(line_text), changed)
            fresh.append(_until(client, tail, subject.right(size)) - asked)
            line_text = changed
        client.note_memory()
        row = Row(initialize * 1e3, first * 1e3, [s * 1e3 for s in warm], [s * 1e3 for s in fresh], client.peak("server"),
                  client.peak("oracle"))  # fmt: skip
        client.stop()
        return row


def _until(client: Client, line: int, right: str) -> float:
    """When the hover on the tail first says the right thing."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        at, text = client.hover(line, 2)
        if right in text:
            return at
        time.sleep(0.001)
    raise SystemExit(f"{client.process.args}: never said {right}, but {text}")


def _names(text: str, count: int) -> list[tuple[int, int]]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    names = [(t.start[0] - 1, t.start[1]) for t in tokens if t.type == tokenize.NAME and not keyword.iskeyword(t.string)]
    return random.Random(0).choices(names, k=count)


def _quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def numbers(rows: list[Row]) -> list[float]:
    """The columns of the table: medians over rounds, quantiles over everything."""
    hovers = [h for r in rows for h in r.hovers]
    edits = [e for r in rows for e in r.edits]
    middle = [statistics.median(getattr(r, name) for r in rows) for name in ("initialize", "first", "server", "oracle")]
    return [middle[0], middle[1], statistics.median(hovers), _quantile(hovers, 0.99), statistics.median(edits),
            _quantile(edits, 0.95), middle[2], middle[3]]  # fmt: skip


TITLES = ("initialize ms", "first right hover ms", "warm hover median ms", "warm hover p99 ms", "edit to fresh hover median ms",
          "edit to fresh hover p95 ms", "server peak MiB", "oracle peak MiB")  # fmt: skip


def table(results: dict[str, list[float]]) -> str:
    """Markdown; beside each number how many times Pyrefly's it is."""
    base = results.get("Pyrefly")
    lines = [f"| | {' | '.join(results)} |", "|---|" + "---|" * len(results)]
    for index, title in enumerate(TITLES):
        cells = []
        for name, values in results.items():
            value = values[index]
            against = base[index] if base is not None and name != "Pyrefly" else 0
            cells.append(f"{value:.2f}" + (f" ({value / against:.2f}x)" if against else ""))
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hovers", type=int, default=300)
    parser.add_argument("--edits", type=int, default=30)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rows: dict[str, list[Row]] = {}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="memo") as folder:  # a new memo for each round
            for subject in subjects(options.python, Path(folder)):
                if options.only in subject.name:
                    rows.setdefault(subject.name, []).append(run(subject, options.hovers, options.edits))
    text = program(SIZE)
    print(f"{text.count(chr(10))} lines, {options.rounds} rounds, {options.hovers} hovers and {options.edits} edits each, load",
          *(f"{n:.1f}" for n in os.getloadavg()))  # fmt: skip
    print(table({name: numbers(found) for name, found in rows.items()}))


if __name__ == "__main__":
    main()
