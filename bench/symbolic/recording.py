"""Runs a model file with every binding of a tensor, and every integer that has a name, written down per invocation.

python recording.py NAME SEED        prints what was seen as JSON
"""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
INVOCATION = "__invocation__"  # the local variable that numbers the activation of a function


class Recorder:
    """What one run showed."""

    def __init__(self) -> None:
        self.invocations: list[dict[str, Any]] = []
        self.bindings: list[dict[str, Any]] = []
        self._made: dict[int, tuple[object, int]] = {}  # instances -> the invocation of their constructor

    def enter(self, function: str, given: dict[str, Any]) -> int:
        """A function begins; ``given`` are its parameters."""
        number = len(self.invocations)
        sizes: dict[str, set[int]] = {}
        parent, lines = self._callers(sys._getframe(1))
        self.invocations.append({"function": function, "parent": parent, "lines": lines, "sizes": sizes})
        for name, value in given.items():
            for attribute, size in _sizes(getattr(value, "__dict__", {})):
                sizes.setdefault(attribute, set()).add(size)
            if name == "self" and function == "__init__":
                self._made.setdefault(id(value), (value, number))
            elif name == "self" and id(value) in self._made:
                for attribute, found in self.invocations[self._made[id(value)][1]]["sizes"].items():
                    sizes.setdefault(attribute, set()).update(found)
        self._note(number, given)
        return number

    def _callers(self, frame: FrameType) -> tuple[int | None, list[str]]:
        """The invocation that calls and the lines of all that are under way."""
        caller = frame.f_back
        while caller is not None:
            if INVOCATION in caller.f_locals:
                number = caller.f_locals[INVOCATION]
                place = f"{Path(caller.f_code.co_filename).name}:{caller.f_lineno}"
                return number, [*self.invocations[number]["lines"], place]
            caller = caller.f_back
        return None, []

    def _note(self, number: int | None, variables: dict[str, Any]) -> None:
        if number is not None:
            sizes = self.invocations[number]["sizes"]
            for name, size in _sizes(variables):
                sizes.setdefault(name, set()).add(size)

    def bind(self, number: int | None, place: tuple[int, int, str], value: Any, variables: dict[str, Any]) -> Any:
        """A name is bound at a place of the source."""
        self._note(number, variables)
        if isinstance(value, (torch.Tensor, np.ndarray)):
            is_torch = isinstance(value, torch.Tensor)
            flag = bool(getattr(value, "requires_grad", False)) if torch.is_grad_enabled() else None
            self.bindings.append({
                "place": place, "invocation": number, "library": "torch" if is_torch else "numpy", "shape": list(value.shape),
                "dtype": str(value.dtype).removeprefix("torch."), "requires_grad": flag,
                "device": str(value.device) if is_torch else "cpu",
            })  # fmt: skip
        return value

    def result(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        for invocation in self.invocations:
            invocation["sizes"] = {k: sorted(v) for k, v in invocation["sizes"].items()}
        return {"invocations": self.invocations, "bindings": self.bindings}


def _sizes(variables: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in variables.items():
        if isinstance(value, int) and not isinstance(value, bool):
            yield name, value


class Instrument(ast.NodeTransformer):
    """Calls the recorder after every statement that binds names, and where a function begins and returns."""

    def __init__(self) -> None:
        self._inside = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self._inside = self._inside, True
        self.generic_visit(node)
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        enter = ast.parse(f"{INVOCATION} = __recorder__.enter({node.name!r}, dict(locals()))").body
        notes = [self._note(ast.copy_location(ast.Name(p.arg), p), p) for p in parameters]
        node.body = [*(_at(s, node) for s in enter), *notes, *node.body]
        self._inside = outer
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is not None:
            node.value = self._recorded(node.value, node, "<return>")
        return node

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        self.generic_visit(node)
        return [node, *(self._note(t, t) for target in node.targets for t in _names(target))]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        self.generic_visit(node)
        return [node, self._note(node.target, node.target)]

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.body = [*(self._note(t, t) for t in _names(node.target)), *node.body]
        return node

    def _note(self, target: ast.expr, place: ast.expr | ast.arg) -> ast.stmt:
        text = ast.unparse(target)
        return _at(ast.Expr(self._recorded(ast.parse(text, mode="eval").body, place, text)), place)

    def _recorded(self, value: ast.expr, place: ast.AST, name: str) -> ast.expr:
        """``value`` passed through the recorder."""
        number = ast.Name(INVOCATION, ast.Load()) if self._inside else ast.Constant(None)
        where = (getattr(place, "lineno", 0), getattr(place, "col_offset", 0), name)
        call = ast.parse(f"__recorder__.bind(0, {where!r}, 0, dict(locals()))", mode="eval").body
        assert isinstance(call, ast.Call)
        call.args[0], call.args[2] = number, value
        return _at(call, place)


def _names(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _names(item.value if isinstance(item, ast.Starred) else item)
    else:
        yield target


def _at(node: Any, place: ast.AST) -> Any:
    for part in ast.walk(node):
        if isinstance(part, (ast.expr, ast.stmt)) and not hasattr(part, "lineno"):
            ast.copy_location(part, place)
    return ast.copy_location(node, place)


def load(path: Path, recorder: Recorder) -> ModuleType:
    """The module of an instrumented file."""
    tree = ast.fix_missing_locations(Instrument().visit(ast.parse(path.read_text())))
    spec = importlib.util.spec_from_loader(path.stem, None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look their module up
    module.__dict__["__recorder__"] = recorder
    exec(compile(tree, str(path), "exec"), module.__dict__)
    return module


def record(path: Path, seed: int) -> dict[str, Any]:
    """One run of a model file with random sizes."""
    from cases import CASES

    random_sizes = random.Random(f"{path.stem} {seed}")
    torch.manual_seed(seed)
    recorder = Recorder()
    CASES[path.stem](load(path, recorder), random_sizes)
    return recorder.result()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    print(json.dumps([record(HERE / "models" / f"{sys.argv[1]}.py", int(seed)) for seed in sys.argv[2:]]))
