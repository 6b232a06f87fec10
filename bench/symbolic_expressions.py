"""How many sizes of symbolic expressions are decoded, and is any of them wrong?

    python bench/symbolic_expressions.py EXPRESSIONS.txt

Every line is a Python expression over ``empty(B, T, ...)``; it is asked call by call, as the interpreter does, and the
result is held against torch itself at sizes that no probe uses.
"""

from __future__ import annotations

import ast
import itertools
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "server"), str(ROOT / "tests" / "oracle")]

import torch  # noqa: E402
from inprocess import InProcess  # noqa: E402
from tensorls.domain import dims  # noqa: E402
from tensorls.domain.dims import Expr  # noqa: E402
from tensorls.domain.tensor import TensorMeta, show_shape  # noqa: E402
from tensorls.oracle import question as q  # noqa: E402
from tensorls.oracle.client import Oracle, fresh_sizes, with_fresh_sizes  # noqa: E402

SYMBOLS = ("B", "T", "C", "D", "Hh", "W")
HELD_OUT = [
    dict(zip(SYMBOLS, row, strict=True))
    for row in (
        (2, 3, 4, 5, 32, 48),
        (8, 16, 64, 32, 33, 65),
        (3, 10, 12, 20, 224, 224),
        (4, 50, 768, 100, 61, 30),
        (6, 6, 30, 15, 99, 37),
    )
]
EQUAL = [dict(h, **{a: h[b]}) for h in HELD_OUT for a, b in itertools.permutations(("B", "T", "C", "D"), 2)]
PATHS = {"torch": "torch", "F": "torch.nn.functional"}
OPERATORS: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.FloorDiv: "floordiv",
    ast.Gt: "gt",
}


class Stop(Exception):
    """An answer that is no value."""


class Asker:
    """Evaluates one expression by questions."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.fresh = fresh_sizes()
        self.questions = 0

    def ask(self, op: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The result as a term; raises Stop."""
        self.questions += 1
        answer = self.oracle.ask(q.Question(op, tuple(args), tuple(kwargs.items())))
        if not isinstance(answer, q.Returned):
            raise Stop(answer)
        return term(with_fresh_sizes(answer, self.fresh).value)

    def eval(self, node: ast.AST) -> Any:
        """The expression as a term."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return dims.symbol(node.id)
        if isinstance(node, (ast.Tuple, ast.List)):
            return q.Sequence("tuple" if isinstance(node, ast.Tuple) else "list", tuple(self.eval(e) for e in node.elts))
        if isinstance(node, ast.Slice):
            return q.Slice(*(None if part is None else self.eval(part) for part in (node.lower, node.upper, node.step)))
        if isinstance(node, ast.UnaryOp):
            return dims.neg(self.eval(node.operand))
        if isinstance(node, (ast.BinOp, ast.Compare)):
            left = self.eval(node.left)
            right = self.eval(node.right if isinstance(node, ast.BinOp) else node.comparators[0])
            name = OPERATORS[type(node.op if isinstance(node, ast.BinOp) else node.ops[0])]
            if isinstance(left, (int, Expr)) and isinstance(right, (int, Expr)):
                return getattr(dims, name)(left, right)
            return self.ask(f"operator.{name}", [left, right], {})
        if isinstance(node, ast.Subscript):
            owner = self.eval(node.value)
            if isinstance(owner, q.Sequence):
                return owner.items[self.eval(node.slice)]
            return self.ask("operator.getitem", [owner, self.eval(node.slice)], {})
        if isinstance(node, ast.Attribute):
            return q.Global(f"{PATHS[ast.unparse(node.value)]}.{node.attr}")
        assert isinstance(node, ast.Call)
        return self.call(node)

    def call(self, node: ast.Call) -> Any:
        """A call of a function, a method or a module made on the spot."""
        args, kwargs = [self.eval(a) for a in node.args], {k.arg or "": self.eval(k.value) for k in node.keywords}
        if isinstance(node.func, ast.Name):
            return self.ask("torch.rand", args, kwargs)
        if isinstance(node.func, ast.Call):
            made = node.func
            path = ast.unparse(made.func)
            options = tuple((k.arg or "", self.eval(k.value)) for k in made.keywords)
            return self.ask("call", [q.Recipe(path, tuple(self.eval(a) for a in made.args), options), *args], kwargs)
        assert isinstance(node.func, ast.Attribute)
        head, _, rest = ast.unparse(node.func).partition(".")
        if head in PATHS and "(" not in rest:
            return self.ask(f"{PATHS[head]}.{rest}", args, kwargs)
        return self.ask(f".{node.func.attr}", [self.eval(node.func.value), *args], kwargs)


def term(value: Any) -> Any:
    """An output as an argument of the next question."""
    if isinstance(value, q.OutTensor):
        return value.meta
    if isinstance(value, q.OutSequence):
        return q.Sequence("tuple" if value.fields else value.kind, tuple(term(v) for v in value.items))
    return value


def shapes(value: Any) -> list[Any]:
    """Every tensor's shape, in order."""
    if isinstance(value, TensorMeta):
        return [value.shape]
    if isinstance(value, torch.Tensor):
        return [tuple(value.shape)]
    items = value.items if isinstance(value, q.Sequence) else value if isinstance(value, (list, tuple)) else ()
    return [s for v in items for s in shapes(v)]


def verify(text: str, found: list[Any]) -> tuple[int, list[str]]:
    """Checks passed, and what was wrong."""
    passed, wrong = 0, []
    for sizes in (*HELD_OUT, *EQUAL):
        scope = {**sizes, "torch": torch, "F": torch.nn.functional, "empty": torch.rand}
        try:
            real = shapes(eval(text, scope))
        except Exception:  # noqa: BLE001  (fails there: nothing was said about that)
            continue
        if len(real) != len(found):
            wrong.append(f"{sizes}: {len(real)} tensors, not {len(found)}")
            continue
        for shape, claimed in zip(real, found, strict=True):
            if claimed is None:
                continue
            if len(shape) != len(claimed):
                wrong.append(f"{sizes}: rank of {shape}")
                continue
            for size, dim in zip(shape, claimed, strict=True):
                if not dims.is_hidden(dim):
                    value = dims.evaluate(dim, {dims.Symbol(k): v for k, v in sizes.items()})
                    passed += 1
                    if value != size:
                        wrong.append(f"{sizes}: {dim} is {value}, torch has {size}")
    return passed, wrong


def main() -> None:
    """Print a line an expression, then the totals."""
    session = InProcess()
    warm = Oracle(Local(session))
    Asker(warm).eval(ast.parse("torch.stack([empty(B,T)@empty(T,D)])", mode="eval").body)
    counts = {"full": 0, "partly": 0, "needs": 0, "error": 0, "none": 0}
    passed, wrong, times = 0, 0, []
    for line in Path(sys.argv[1]).read_text().splitlines():
        if not line.strip():
            continue
        asker = Asker(Oracle(Local(session)))
        start, runs = time.perf_counter(), session.runs
        notes: list[str] = []
        spent = 0.0
        try:
            found = shapes(asker.eval(ast.parse(line, mode="eval").body))
            spent = time.perf_counter() - start
            known = all(s is not None and not any(dims.is_hidden(d) for d in s) for s in found)
            kind, text = ("full" if known else "partly"), "; ".join(show_shape(s) for s in found)
            ok, notes = verify(line, found)
            passed, wrong = passed + ok, wrong + len(notes)
        except Stop as stop:
            answer = stop.args[0]
            spent = time.perf_counter() - start
            if isinstance(answer, q.Raised):
                kind = "needs" if answer.needs else "error"
                text = f"{answer.message[:80]} needs={answer.needs} certain={answer.certain}"
            else:
                kind, text = "none", answer.reason
        times.append(spent / max(asker.questions, 1))
        counts[kind] += 1
        print(f"{kind:7}{spent * 1e3:7.1f} ms {session.runs - runs:4} runs  {line}\n        {text}")
        for note in notes[:3]:
            print("        WRONG", note)
    print(counts, f"{passed} sizes right, {wrong} wrong, {statistics.median(times) * 1e3:.2f} ms a question (median)")


class Local:
    """A session around the in-process evaluator."""

    def __init__(self, inner: InProcess) -> None:
        self.evaluate = inner.evaluate
        self.versions = None

    def describe(self, path: str) -> None:
        """Not needed here."""

    def close(self) -> None:
        """Nothing to close."""


if __name__ == "__main__":
    main()
