"""Programs of several files: the user's own modules and installed packages."""

from __future__ import annotations

from pathlib import Path

from tensorls.domain.tensor import summary
from tensorls.interp.limits import Limits
from tensorls.source.files import read_source
from tensorls.source.parsing import parse
from tensorls.workspace import Report, Workspace

from tests.support import shared_oracle

LINEAR = "from torch import nn\n\n\ndef make(n):\n    return nn.Linear(3, n)\n"


def analyse(folder: Path, files: dict[str, str], asked: str = "main.py", entries: tuple[str, ...] = (), **limits: int) -> Report:
    """The report of one file; what lies below ``installed`` is installed."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    workspace = Workspace(shared_oracle(), None, folder, Limits(**limits), libraries=[str(folder / "installed")])
    file = str(folder / asked)
    return workspace.analyse({file: parse(read_source(file))}, [file], [str(folder / e) for e in entries])[file]


def facts(report: Report) -> dict[str, str]:
    return {f.name: summary(f.meta) for f in report.facts}


def test_an_installed_package_is_followed(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nimport nets\nfrom nets.deep import Deep\n"
                   "a = nets.make(5)(torch.zeros(2, 3))\nb = Deep()(torch.zeros(2, 3))\nc = nets.deep.WIDTH\nd = torch.zeros(c)\n",
        "installed/nets/__init__.py": "from .parts import make\n",
        "installed/nets/parts.py": LINEAR,
        "installed/nets/deep.py": "from torch import nn\nfrom . import make\nWIDTH = 7\n\nclass Deep(nn.Module):\n"
                                  "    def __init__(self):\n        super().__init__()\n        self.last = make(WIDTH)\n\n"
                                  "    def forward(self, x):\n        return self.last(x)\n",
    })  # fmt: skip
    assert facts(report) == {
        "a": "torch.Tensor (2,5) cpu float32 requires_grad", "b": "torch.Tensor (2,7) cpu float32 requires_grad",
        "d": "torch.Tensor (7,) cpu float32",
    }  # fmt: skip
    assert not report.diagnostics


def test_the_users_files_come_before_installed_ones(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nfrom nets import make\na = make()\n",
        "nets.py": "import torch\n\n\ndef make():\n    return torch.zeros(1)\n",
        "installed/nets.py": "import torch\n\n\ndef make():\n    return torch.zeros(2)\n",
    })  # fmt: skip
    assert facts(report) == {"a": "torch.Tensor (1,) cpu float32"}


def test_a_program_named_like_the_package_it_uses_does_not_import_itself(tmp_path):
    report = analyse(tmp_path, {
        "nets.py": "import torch\nfrom nets import make\na = make(5)(torch.zeros(2, 3))\n",
        "installed/nets/__init__.py": LINEAR,
    }, "nets.py")  # fmt: skip
    assert facts(report) == {"a": "torch.Tensor (2,5) cpu float32 requires_grad"}


def test_a_module_named_like_its_package_is_not_the_package(tmp_path):
    report = analyse(tmp_path, {
        "program.py": "import torch\nfrom nets import make\nmake(5)(torch.zeros(2, 3))\n",
        "installed/nets/__init__.py": "from nets.nets import make\n",
        "installed/nets/nets.py": LINEAR + "\n\ndef unused(x):\n    return x\n",
    }, "installed/nets/nets.py", ("program.py",))  # fmt: skip
    assert not report.diagnostics
    assert report.complete


def test_what_is_compiled_or_has_nothing_to_do_with_tensors_is_not_followed(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nimport fast, web\na = fast.make()\nb = web.make()\nc = torch.zeros(1)\n",
        "installed/fast/__init__.py": "import torch\n\n\ndef make():\n    return torch.zeros(2)\n",
        "installed/fast/core.cpython-311-x86_64-linux-gnu.so": "",
        "installed/web/__init__.py": "import torch\n\n\ndef make():\n    return torch.zeros(2)\n",
        "installed/web-1.0.dist-info/METADATA": "Name: web\nRequires-Dist: urllib3\n",
    })  # fmt: skip
    assert facts(report) == {"c": "torch.Tensor (1,) cpu float32"}


def test_mistakes_inside_packages_are_not_reported(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nfrom nets import broken\na = broken(torch.zeros(2, 3))\nb = torch.zeros(1)\n",
        "installed/nets.py": "import torch\n\n\ndef broken(x):\n    return x @ x\n",
    })  # fmt: skip
    assert facts(report) == {"b": "torch.Tensor (1,) cpu float32"}
    assert not report.diagnostics


def test_a_package_that_does_too_much_is_an_unknown_function(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nfrom nets import Slow, slow\nkept = [torch.zeros(3)]\na = torch.zeros(1)\nb = slow(kept)\nc = kept[0]\n"
                   "d = Slow()\ne = torch.zeros(2 if hasattr(d, 'width') else 3)\nf = torch.zeros(4)\n",
        "installed/nets.py": "import torch\n\n\ndef slow(items):\n    items.append(torch.zeros(2))\n    n = 0\n    for i in range(250):\n"
                             "        for j in range(250):\n            n += 1\n    return torch.zeros(n)\n\n\nclass Slow:\n"
                             "    def __init__(self):\n        slow([])\n        self.width = 3\n",
    }, steps_in_foreign_call=2_000)  # fmt: skip
    assert facts(report) == {
        "a": "torch.Tensor (1,) cpu float32", "e": "torch.Tensor (?,) cpu float32", "f": "torch.Tensor (4,) cpu float32",
    }  # fmt: skip


def test_what_is_imported_but_not_used_is_not_read(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nimport world\nfrom world.far import thing\na = torch.zeros(1)\n",
        "installed/world/__init__.py": "raise SystemExit\n",
        "installed/world/far.py": "x = " + "+".join(["1"] * 50) + "\n",
    }, steps=100)  # fmt: skip
    assert report.complete
    assert facts(report) == {"a": "torch.Tensor (1,) cpu float32"}


def test_cycles_star_imports_and_all(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "from pack import *\na = left(2)\nb = hidden\n",
        "pack/__init__.py": "from .one import *\nfrom .two import *\n",
        "pack/one.py": "import torch\n__all__ = ['left']\nhidden = torch.zeros(9)\n\n\n"
                       "def left(n):\n    return two.right(n - 1) if n else torch.zeros(4)\n\n\nfrom . import two\n",
        "pack/two.py": "from .one import left\n\n\ndef right(n):\n    return left(n)\n",
    })  # fmt: skip
    assert facts(report) == {"a": "torch.Tensor (4,) cpu float32"}


def test_the_source_of_an_installed_timm_stands_before_its_model(tmp_path):
    report = analyse(tmp_path, {
        "main.py": "import torch\nfrom timm.layers import DropPath\na = DropPath()(torch.zeros(2, 3))\n",
        "installed/timm/__init__.py": "",
        "installed/timm/layers.py": "from torch import nn\n\nclass DropPath(nn.Module):\n    def forward(self, x):\n        return x[0]\n",
    })  # fmt: skip
    assert facts(report) == {"a": "torch.Tensor (3,) cpu float32"}
