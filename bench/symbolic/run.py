"""Are the symbolic shapes of models that nobody calls right?

    python bench/symbolic/run.py [--runs 5] [--verbose] [NAME...]

Every model of ``models/`` is analysed alone; then it is built and run with random sizes, every tensor that a name is bound
to is recorded, and each size that was stated is computed from the values its symbols have in that call.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "server")]

from cases import CASES  # noqa: E402
from scoring import Score, score  # noqa: E402


def facts_of(path: Path) -> list[dict[str, Any]]:
    """What the command line states of a file."""
    command = [sys.executable, "-m", "tensorls", "facts", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode not in (0, 1):
        raise SystemExit(f"{path.name}: {done.stderr}")
    (found,) = json.loads(done.stdout)["files"].values()
    if found["diagnostics"]:
        print(f"{path.name}: {found['diagnostics'][0]['line']}: {found['diagnostics'][0]['message']}", file=sys.stderr)
    return list(found["facts"])


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT / "server")}


def runs_of(name: str, count: int) -> list[dict[str, Any]]:
    """What real runs show, from a process of their own."""
    command = [sys.executable, str(HERE / "recording.py"), name, *map(str, range(count))]
    return list(json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout))


def measure(name: str, runs: int) -> Score:
    """One model."""
    return score(facts_of(HERE / "models" / f"{name}.py"), runs_of(name, runs))


def main() -> int:
    """Measure the models and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--verbose", action="store_true", help="show what is wrong or unknown")
    options = parser.parse_args()
    total = Score()
    print(f"{'model':12}{'tensors':>8}{'unknown':>8}{'sizes':>8}{'right':>8}{'wrong':>8}{'unknown':>8}{'':>7}{'dtype?':>8}")
    for name in options.names or sorted(CASES):
        found = measure(name, options.runs)
        total += found
        _print(name, found)
        if options.verbose:
            print(*(f"    {n}" for n in found.notes), sep="\n")
        elif found.wrong:
            print(*(f"    {n}" for n in found.notes if "WRONG" in n or "dtype wrong" in n), sep="\n")
    _print("total", total)
    return 1 if total.wrong else 0


def _print(name: str, found: Score) -> None:
    share = 100 * found.unknown / max(found.sizes, 1)
    print(f"{name:12}{found.facts:8}{found.unknown_facts:8}{found.sizes:8}{found.right:8}{found.wrong:8}{found.unknown:8}{share:6.1f}%"
          f"{found.dtypes['unknown']:8}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
