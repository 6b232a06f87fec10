"""Which programs of a project import a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tensorls.source.callers import Callers, is_program


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": "",
        "nets/__init__.py": "from .unet import UNet\n",
        "nets/unet.py": "from nets import layers\nclass UNet: ...\n",
        "nets/layers.py": "class Layer: ...\n",
        "train.py": "from nets import UNet\nif __name__ == '__main__':\n    UNet()\n",
        "tests/test_unet.py": "import nets.unet as unet\nunet.UNet()\n",
        "other.py": "# unet is not imported here\nimport os\n",
        ".venv/pyvenv.cfg": "",
        ".venv/lib/copy.py": "from nets.unet import UNet\n",
        "env/pyvenv.cfg": "",
        "env/copy.py": "from nets.unet import UNet\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(project: Path, file: str) -> list[str]:
    return [str(Path(p).relative_to(project)) for p in Callers(project).of(str(project / file))]


def test_programs_come_before_tests_and_package_files_are_passed_through(project: Path) -> None:
    assert names(project, "nets/unet.py") == ["train.py", "tests/test_unet.py"]


def test_relative_and_absolute_imports_of_a_module(project: Path) -> None:
    assert names(project, "nets/layers.py") == ["nets/unet.py"]


def test_nobody_imports_it(project: Path) -> None:
    assert names(project, "other.py") == []
    assert names(project, "missing.py") == []


def test_a_changed_file_is_read_again(project: Path) -> None:
    callers = Callers(project)
    assert callers.of(str(project / "other.py")) == ()
    (project / "new.py").write_text("import other\n")
    assert [Path(p).name for p in callers.of(str(project / "other.py"))] == ["new.py"]


@pytest.mark.parametrize(("text", "expected"), [
    ('if __name__ == "__main__":\n    main()\n', True), ("def f():\n    if __name__ == 'x': pass\n", False),
])  # fmt: skip
def test_programs(text: str, expected: bool) -> None:
    assert is_program(text) is expected
