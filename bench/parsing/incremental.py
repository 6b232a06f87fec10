"""How long a keystroke takes to parse: as a whole and incrementally, in a whole and in a broken text.

python bench/parsing/incremental.py
"""

from __future__ import annotations

import argparse
import statistics
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "server"))

from tensorls.source.blocks import parse_incremental, split_blocks
from tensorls.source.files import read_source
from tensorls.source.parsing import parse
from tensorls.source.text import SourceText


def module(lines: int) -> list[str]:
    """Real code of about that many lines."""
    library = Path(sysconfig.get_path("stdlib"))
    text: list[str] = []
    for name in (
        "textwrap.py",
        "json/decoder.py",
        "statistics.py",
        "argparse.py",
        "dataclasses.py",
        "typing.py",
        "tarfile.py",
    ) * 20:
        text += [line for line in read_source(library / name).lines if not line.startswith("from __future__")]
        if len(text) >= lines:
            break
    while parse(SourceText("\n".join(text[:lines]))).broken:
        lines -= 1
    return text[:lines]


def milliseconds(call: Callable[[], object], rounds: int) -> float:
    """The median time of a call."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rounds", type=int, default=15)
    rounds = options.parse_args().rounds
    print(f"Python {sys.version.split()[0]}, medians of {rounds}, ms")
    print(f"{'':34}{'parse':>10}{'incremental':>14}")
    for size in (1_000, 10_000):
        lines = module(size)
        before = parse(SourceText("\n".join(lines)))
        middle = next(n for n in range(len(lines) // 2, len(lines)) if lines[n][:1].isalpha())
        versions = {
            "in a line": [*lines[:middle], lines[middle] + "  ", *lines[middle + 1 :]],
            "a new line": [*lines[:middle], "y = 1", *lines[middle:]],
            "half-written in a line": [*lines[:middle], "y = foo(x,", *lines[middle + 1 :]],
            "half-written, a new line": [*lines[:middle], "y = foo(x,", *lines[middle:]],
            "an open triple quote": [*lines[:middle], 's = """text', *lines[middle:]],
        }
        for name, changed in versions.items():
            text = SourceText("\n".join(changed))
            whole = milliseconds(partial(parse, text), rounds)
            parts = milliseconds(partial(parse_incremental, before, text), rounds)
            print(f"{f'{len(lines)} lines, {name}':34}{whole:>10.1f}{parts:>14.1f}")
        print(f"{f'{len(lines)} lines, split_blocks':34}{milliseconds(partial(split_blocks, before), rounds):>10.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
