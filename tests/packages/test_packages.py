"""Models of packages on PyPI: what is stated about their code agrees with what running it shows."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tensorls.render.data import fact_data
from tensorls.source.files import read_source
from tensorls.source.parsing import parse
from tensorls.stack import run_deep
from tensorls.workspace import Workspace, text_of

from tests.packages.models import MODELS, Model
from tests.packages.scoring import Observation, Place, score
from tests.support import shared_oracle

RECORDER = Path(__file__).with_name("recorder.py")


def source_of(model: Model) -> Path:
    """The measured file, where its package is installed."""
    package, _, rest = model.file.partition("/")
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"{package} is not installed; `make test` installs it")
    return Path(found.origin).resolve().parent / rest


@cache
def workspace() -> Workspace:
    oracle = shared_oracle()
    return Workspace(oracle, libraries=oracle.folders)


def record(program: Path, file: Path) -> dict[Place, list[Observation | None]]:
    """What really running the program shows of the file."""
    run = subprocess.run([sys.executable, str(RECORDER), str(program), str(file)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {(path, line, column, name): seen for path, line, column, name, seen in json.loads(run.stdout.splitlines()[-1])}


def stated(facts: Iterable[Mapping[str, Any]], file: Path) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The facts by place."""
    for fact in facts:
        yield (str(file), fact["line"], fact["column"], "<return>" if fact["kind"] == "return" else fact["name"]), fact


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model(model: Model, tmp_path: Path) -> None:
    file = source_of(model)
    program = tmp_path / "program.py"
    program.write_text(model.program)
    given = {str(file): parse(read_source(str(file))), str(program): text_of(model.program)}
    report = run_deep(lambda: workspace().analyse(given, [str(file)], [str(program)]))[str(file)]
    result = score(record(program, file), stated((fact_data(f, str(file)) for f in report.facts), file))
    print(f"{model.name:32} {result.points:4} points  {result.percent:5.1f} % full  {len(result.wrong)} wrong")
    assert not [f"{d.span.line}: {d.message}" for d in report.diagnostics if d.severity == "error"]
    assert not result.wrong, "\n".join(result.wrong)
    assert result.percent >= model.floor


def test_the_command_line_says_the_same(tmp_path: Path) -> None:
    model = MODELS[0]
    file = source_of(model)
    program = tmp_path / "program.py"
    program.write_text(model.program)
    command = [sys.executable, "-m", "tensorls", "facts", str(file), "--entry", str(program), "--python", sys.executable]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)["files"][str(file)]
    result = score(record(program, file), stated(answer["facts"], file))
    assert not result.wrong
    assert result.percent >= model.floor
