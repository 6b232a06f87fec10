"""The command line as outside tools see it: CONTRACT-shaped JSON, exit statuses, one-line errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FACT_KEYS = [
    "file", "line", "column", "end_line", "end_column", "name", "kind", "library", "type", "shape", "dtype", "device",
    "requires_grad", "contiguous", "view_of", "context", "status", "summary",
]  # fmt: skip


def tensorls(*arguments: str | Path, stdin: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tensorls", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=cwd, check=False)


def facts(folder: Path, text: str | bytes, name: str = "a.py") -> dict[str, Any]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = tensorls("facts", "--no-memo", name, cwd=folder)
    assert result.returncode in (0, 1), result.stderr
    assert "Traceback" not in result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    assert list(answer) == ["version", "torch", "numpy", "files"]
    assert list(answer["files"]) == [name]
    found: dict[str, Any] = answer["files"][name]
    return found


def summaries(found: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(f["line"], f["name"], f["summary"]) for f in found["facts"]]


def test_a_fact_has_every_field(tmp_path: Path) -> None:
    found = facts(tmp_path, "import torch\n\nx = torch.zeros(2, 3)\ny = x.T\n")
    assert [list(f) for f in found["facts"]] == [FACT_KEYS] * 2
    y = found["facts"][1]
    assert y == {
        "file": "a.py", "line": 4, "column": 0, "end_line": 4, "end_column": 1, "name": "y", "kind": "variable", "library": "torch",
        "type": "Tensor", "shape": [3, 2], "dtype": "float32", "device": "cpu", "requires_grad": False, "contiguous": False,
        "view_of": "x", "context": None, "status": "inferred", "summary": "torch.Tensor (3,2) cpu float32",
    }  # fmt: skip


def test_kinds_of_bindings(tmp_path: Path) -> None:
    text = """
import torch
x = torch.zeros(2)
x += 1
x.add_(1)
for row in torch.zeros(3, 4): pass
squares = [a * a for a in x]
if (w := x.sum()) is not None: pass
def f(p):
    return p * 2
f(x)
x[0] = 3.0
class C: pass
c = C()
c.t = x
"""
    kinds = {(f["kind"], f["name"]) for f in facts(tmp_path, text)["facts"]}
    assert kinds == {
        ("variable", "x"), ("augmented", "x"), ("inplace", "x"), ("loop", "row"), ("comprehension", "a"), ("walrus", "w"),
        ("parameter", "p"), ("return", "<return>"), ("subscript", "x[0]"), ("attribute", "c.t"),
    }  # fmt: skip


def test_an_error_gives_exit_status_1_and_a_diagnostic_with_its_fix(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\ng = torch.rand(5, 10)\nbad = g @ g\n")
    result = tensorls("facts", "--no-memo", "a.py", cwd=tmp_path)
    assert result.returncode == 1
    (found,) = json.loads(result.stdout)["files"]["a.py"]["diagnostics"]
    assert (found["code"], found["severity"], found["line"], found["column"]) == ("shape-mismatch", "error", 3, 6)
    assert found["message"] == "mat1 and mat2 shapes cannot be multiplied (5x10 and 5x10)"
    assert found["fixes"][0]["edits"] == [{"line": 3, "column": 10, "end_line": 3, "end_column": 11, "text": "g.T"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"import torch\nx = torch.zeros(2,3)\ny = x.permute(1,\nz = torch.ones(4)\n",
         [(2, "x", "torch.Tensor (2,3) cpu float32"), (4, "z", "torch.Tensor (4,) cpu float32")]),
        (b"import torch\r\nif True:\r\n\ty = torch.ones(2).T\r\n", [(3, "y", "torch.Tensor (2,) cpu float32")]),
        (b"\xef\xbb\xbfimport torch\nx = torch.zeros(2)\n", [(2, "x", "torch.Tensor (2,) cpu float32")]),
        ("# -*- coding: latin-1 -*-\nimport torch\ns = 'é'; x = torch.zeros(2)\n".encode("latin-1"),
         [(3, "x", "torch.Tensor (2,) cpu float32")]),
    ],
    ids=["empty", "syntax error", "Windows line ends and tabs", "byte order mark", "coding cookie"],
)  # fmt: skip
def test_any_source_gets_an_answer(tmp_path: Path, text: bytes, expected: list[tuple[int, str, str]]) -> None:
    assert summaries(facts(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["facts", "missing.py"], "missing.py"),
        (["facts", "binary.py"], "binary"),
        (["facts"], "name at least one file"),
        (["facts", "--python", "nowhere/python", "ok.py"], "nowhere/python"),
        (["facts", "--config", "none.toml", "ok.py"], "none.toml"),
        (["check", "."], "binary"),
        (["server", "--tcp", "here"], "HOST:PORT"),
        (["validate", "ok.py"], "not part of this version yet"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line_and_exit_status_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "binary.py").write_bytes(b"\x00\x01\xff" * 50)
    (tmp_path / "ok.py").write_text("x = 1\n")
    result = tensorls(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_many_programs_one_by_one() -> None:
    requests = [
        {"id": 1, "source": "import torch\nx = torch.zeros(2)"},
        {"id": "two", "source": "import torch\ntorch.zeros(2) @ torch.zeros(3)"},
        {"id": 3},
        {"id": 4, "source": "import numpy as np\na = np.zeros(3)", "filename": "n.py"},
    ]
    result = tensorls("facts", "--jsonl", "--no-memo", stdin="".join(json.dumps(r) + "\n" for r in requests) + "not json\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [a["id"] for a in answers] == [1, "two", 3, 4, None]
    assert answers[0]["facts"][0]["summary"] == "torch.Tensor (2,) cpu float32"
    assert "inconsistent tensor size" in answers[1]["diagnostics"][0]["message"]
    assert "error" in answers[2]
    assert answers[3]["facts"][0]["file"] == "n.py"
    assert "error" in answers[4]


def test_check_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\nx = torch.ones(2)[None]\ny = torch.ones(2).unsqueez(0)\n")
    styles = ("concise", "full", "json", "github", "sarif")
    formats = {style: tensorls("check", "--no-memo", "--format", style, "a.py", cwd=tmp_path) for style in styles}
    assert {r.returncode for r in formats.values()} == {1}
    assert "a.py:3:5: error[invalid-operation] 'Tensor' object has no attribute 'unsqueez'" in formats["concise"].stdout
    assert "    ^^^^" in formats["full"].stdout
    assert {d["code"] for d in json.loads(formats["json"].stdout)} == {"none-index", "invalid-operation"}
    assert formats["github"].stdout.splitlines()[1].startswith("::error file=a.py,line=3,col=5")
    assert json.loads(formats["sarif"].stdout)["runs"][0]["results"][1]["ruleId"] == "invalid-operation"


def test_fix_and_diff(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"import torch\r\nx = torch.ones(2)[None]\r\n")
    diff = tensorls("check", "--no-memo", "--diff", "a.py", cwd=tmp_path)
    assert "+x = torch.ones(2).unsqueeze(0)" in diff.stdout
    assert path.read_bytes() == b"import torch\r\nx = torch.ones(2)[None]\r\n"
    tensorls("check", "--no-memo", "--fix", "a.py", cwd=tmp_path)
    assert path.read_bytes() == b"import torch\r\nx = torch.ones(2).unsqueeze(0)\r\n"


def test_show_prints_the_source_with_its_facts(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\nx = torch.zeros(2, 3)\n")
    plain = tensorls("show", "--no-memo", "a.py", cwd=tmp_path)
    assert "x = torch.zeros(2, 3)" in plain.stdout
    assert "x torch.Tensor (2,3) cpu float32" in plain.stdout
    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in tensorls("show", "--no-memo", "--color", "always", "a.py", cwd=tmp_path).stdout


def test_an_entry_gives_the_contexts(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("def double(x):\n    return x * 2\n")
    (tmp_path / "driver.py").write_text("import torch\nfrom model import double\n\ndouble(torch.zeros(2))\ndouble(torch.zeros(3, 4))\n")
    result = tensorls("facts", "--no-memo", "model.py", "--entry", "driver.py", cwd=tmp_path)
    found = json.loads(result.stdout)["files"]["model.py"]["facts"]
    assert {(f["name"], f["context"], f["summary"]) for f in found if f["name"] == "x"} == {
        ("x", "driver.py:4", "torch.Tensor (2,) cpu float32"),
        ("x", "driver.py:5", "torch.Tensor (3,4) cpu float32"),
    }


def test_doctor() -> None:
    found = json.loads(tensorls("doctor", "--format", "json").stdout)
    assert set(found) == {"tensorls", "server_python", "interpreter", "python", "torch", "numpy", "devices", "memo"}
    assert "cpu" in found["devices"]


def test_deeply_nested_programs_are_followed(tmp_path: Path) -> None:
    nested = "(" * 90 + "x" + " + 1)" * 90
    text = f"import torch\nx = torch.zeros(2)\ny = {nested}\nz = x{' + 1' * 400}\n"
    expected = "torch.Tensor (2,) cpu float32"
    assert summaries(facts(tmp_path, text)) == [(2, "x", expected), (3, "y", expected), (4, "z", expected)]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_a_fix_keeps_the_encoding_of_the_file(tmp_path: Path, encoding: str) -> None:
    cookie = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else ""
    path = tmp_path / "a.py"
    path.write_bytes(f"{cookie}import torch\ns = 'é'\nx = torch.ones(2)[None]\n".encode(encoding))
    tensorls("check", "--no-memo", "--fix", "a.py", cwd=tmp_path)
    assert path.read_bytes() == f"{cookie}import torch\ns = 'é'\nx = torch.ones(2).unsqueeze(0)\n".encode(encoding)


def test_files_named_together_are_programs_and_their_modules(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text("def half(x):\n    y = x[: len(x) // 2]\n    return y\n")
    (tmp_path / "main.py").write_text("import torch\nfrom parts import half\n\nz = half(torch.zeros(6, 2))\n")
    result = tensorls("facts", "--no-memo", "main.py", "parts.py", cwd=tmp_path)
    found = json.loads(result.stdout)["files"]
    assert summaries(found["parts.py"])[:2] == [(1, "x", "torch.Tensor (6,2) cpu float32"), (2, "y", "torch.Tensor (3,2) cpu float32")]
    assert summaries(found["main.py"]) == [(4, "z", "torch.Tensor (3,2) cpu float32")]
