"""The direction of imports, and that the check of it can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(config: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(path), "PATH": "/usr/bin:/bin", "HOME": str(config.parent)}
    command = [sys.executable, "-c", LINT, "--config", str(config), "--no-cache"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=config.parent, check=False)


def test_every_layer_imports_only_what_lies_below_it() -> None:
    result = lint(ROOT / "pyproject.toml", ROOT / "server")
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_arrow_that_points_up_is_found(tmp_path: Path) -> None:
    package = tmp_path / "house"
    for name, text in {"": "", "ground": "from house import roof", "roof": ""}.items():
        folder = package / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(text)
    config = tmp_path / "pyproject.toml"
    config.write_text(
        '[tool.importlinter]\nroot_package = "house"\n[[tool.importlinter.contracts]]\nname = "l"\ntype = "layers"\n'
        'layers = ["house.roof", "house.ground"]\n'
    )
    result = lint(config, tmp_path)
    assert result.returncode == 1
    assert "house.ground" in result.stdout
