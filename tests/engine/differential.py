"""Run programs for real and hold what tensorls states of them against what happened.

    python -m tests.engine.differential [--seeds N] [--quiet] FILE...

Each program is executed on the CPU in a process of its own, as an instrumented copy that records every tensor and array
where a name is bound, and which statements came to their end.  Printed are the WRONG facts (a value was observed that
nothing stated there fits; ``?`` fits everything), FALSE errors (reported on a statement that never failed), CRASHes of
the analysis, and what is UNKNOWN or only PARTLY known.  Exit status 1 on a wrong fact, a false error or a crash.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import contextlib
import gc
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import traceback
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT = 60  # seconds for one program
FIELDS = ("library", "type", "shape", "dtype", "device", "requires_grad", "contiguous")

Json = dict[str, Any]


# the instrumented copy


def columns(lines: list[str], line: int, offset: int) -> int:
    """A UTF-8 offset as a column in code points."""
    return len(lines[line - 1].encode()[:offset].decode(errors="ignore"))


def is_plain(node: ast.expr) -> bool:
    """Whether evaluating the expression a second time does nothing but read."""
    allowed = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Slice, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.Load, ast.Store,
               ast.operator, ast.unaryop)  # fmt: skip
    return all(isinstance(n, allowed) for n in ast.walk(node))


def in_place_receiver(node: ast.Expr) -> ast.expr | None:
    """The receiver of ``x.add_(1)`` as a statement."""
    call = node.value
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and is_plain(call.func.value):
        name = call.func.attr
        numpy = {"sort", "fill", "resize", "partition", "put", "itemset", "byteswap"}
        if (name.endswith("_") and not name.startswith("_") and not name.endswith("__")) or name in numpy:
            return call.func.value
    return None


class Instrument(ast.NodeTransformer):
    """Puts records behind bindings and marks before and behind statements; line numbers stay."""

    def __init__(self, source: str) -> None:
        self.lines = source.split("\n")

    # pieces

    def record(self, at: ast.AST, name: str, value: ast.expr) -> ast.expr:
        line, offset = at.lineno, at.col_offset  # type: ignore[attr-defined]
        where = [ast.Constant(line), ast.Constant(columns(self.lines, line, offset)), ast.Constant(name), value]
        return ast.copy_location(ast.Call(ast.Name("__record__", ast.Load()), where, []), at)

    def mark(self, at: ast.AST, what: str, until: ast.AST | None = None) -> ast.stmt:
        end = until or at
        span = (at.lineno, at.col_offset, end.end_lineno, end.end_col_offset)  # type: ignore[attr-defined]
        arguments: list[ast.expr] = [ast.Constant(what), ast.Constant(span)]
        return ast.copy_location(ast.Expr(ast.Call(ast.Name("__mark__", ast.Load()), arguments, [])), at)

    def targets(self, target: ast.expr) -> Iterator[ast.stmt]:
        """Records of all names that an assignment to ``target`` binds."""
        if isinstance(target, ast.Starred):
            yield from self.targets(target.value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                yield from self.targets(element)
        elif is_plain(target):
            load = ast.parse(ast.unparse(target), mode="eval").body
            yield ast.copy_location(ast.Expr(self.record(target, ast.unparse(target), load)), target)

    # statements

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in body:
            result.extend(self.statement(statement))
        return result

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [self.function(node)]
        if isinstance(node, ast.ClassDef):
            node.body = self.block(node.body)
            return [node]
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass)):
            return [node]
        if isinstance(node, (ast.Break, ast.Continue)):
            return [self.mark(node, "enter"), self.mark(node, "done"), node]
        if isinstance(node, ast.Return):
            if node.value is not None:
                value = self.visit(node.value)
                node.value = self.record(node, "<return>", value)
                node.value = ast.copy_location(ast.Call(ast.Name("__end__", ast.Load()), [self.span(node), node.value], []), node)
            return [self.mark(node, "enter"), node]
        if isinstance(node, (ast.If, ast.While, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Match, ast.Try)):
            return self.compound(node)
        return self.simple(node)

    def span(self, node: ast.AST) -> ast.expr:
        return ast.Constant((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))  # type: ignore[attr-defined]

    def simple(self, node: ast.stmt) -> list[ast.stmt]:
        after: list[ast.stmt] = [self.mark(node, "done")]
        if isinstance(node, ast.Assign):
            for target in node.targets:
                after.extend(self.targets(target))
        elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value is not None):
            after.extend(self.targets(node.target))
        elif isinstance(node, ast.Expr):
            receiver = in_place_receiver(node)
            if receiver is not None:
                load = ast.parse(ast.unparse(receiver), mode="eval").body
                after.append(ast.copy_location(ast.Expr(self.record(receiver, ast.unparse(receiver), load)), receiver))
        visited = self.generic_visit(node)
        return [self.mark(node, "enter"), visited, *after]  # type: ignore[list-item]

    def compound(self, node: Any) -> list[ast.stmt]:
        if isinstance(node, ast.Try):
            node.body, node.orelse, node.finalbody = self.block(node.body), self.block(node.orelse), self.block(node.finalbody)
            for handler in node.handlers:
                handler.body = self.block(handler.body)
            return [node]
        if isinstance(node, (ast.If, ast.While)):
            header = node.test
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            header = node.iter
        elif isinstance(node, ast.Match):
            header = node.subject
        else:
            header = node.items[0].context_expr
        first: list[ast.stmt] = [self.mark(header, "done")]
        if isinstance(node, (ast.For, ast.AsyncFor)):
            first.extend(self.targets(node.target))
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    first.extend(self.targets(item.optional_vars))
        enter = self.mark(header, "enter")
        before: list[ast.stmt] = [] if isinstance(node, ast.While) else [enter]
        if isinstance(node, ast.Match):
            for case in node.cases:
                bound = [n for n in ast.walk(case.pattern) if isinstance(n, ast.MatchAs) and n.name]
                records: list[ast.stmt] = [
                    ast.copy_location(ast.Expr(self.record(n, str(n.name), ast.Name(str(n.name), ast.Load()))), n) for n in bound
                ]
                case.body = [*map(self.copy, first), *records, *self.block(case.body)]
        else:
            node.body = [*first, *self.block(node.body)]
            if getattr(node, "orelse", None):
                node.orelse = [*map(self.copy, first[:1]), *self.block(node.orelse)]
        for name, value in ast.iter_fields(node):
            if name in ("test", "iter", "subject"):
                setattr(node, name, self.visit(value))
        for item in getattr(node, "items", []):
            item.context_expr = self.visit(item.context_expr)
        return [*before, node]

    def copy(self, node: ast.stmt) -> ast.stmt:
        return ast.copy_location(ast.parse(ast.unparse(node)).body[0], node)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
        records = [ast.copy_location(ast.Expr(r), node.body[0]) for r in self.parameters(node.args)]
        start = 1 if ast.get_docstring(node, clean=False) is not None else 0
        while start < len(node.body) and isinstance(node.body[start], (ast.Global, ast.Nonlocal)):
            start += 1
        node.body = [*node.body[:start], *records, *self.block(node.body[start:])]
        return node

    def parameters(self, arguments: ast.arguments) -> list[ast.expr]:
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        return [self.record(a, a.arg, ast.Name(a.arg, ast.Load())) for a in named]

    # expressions

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        records = self.parameters(node.args)
        whole = ast.Subscript(ast.Tuple([*records, node.body], ast.Load()), ast.Constant(-1), ast.Load())
        node.body = ast.copy_location(whole, node.body)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        self.generic_visit(node)
        return self.record(node.target, node.target.id, node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        records = [s.value for s in self.targets(node.target) if isinstance(s, ast.Expr)]
        self.generic_visit(node)
        always = [ast.copy_location(ast.Tuple([r], ast.Load()), r) for r in records]  # a tuple is true
        node.ifs = [*always, *node.ifs]
        return node


# what happens in the process that runs the program


@dataclass
class Recording:
    """``values``: (line, column, name) to observed values with the call sites that led there."""

    values: dict[tuple[int, int, str], dict[str, tuple[Json, tuple[int, ...]]]] = field(default_factory=dict)
    marks: Counter[tuple[str, tuple[int, int, int, int], tuple[int, ...]]] = field(default_factory=Counter)
    shares: list[Json] = field(default_factory=list)


def describe(value: object) -> Json:
    """Metadata of one value, or only its type when it is no tensor and no array."""
    import numpy
    import torch

    if isinstance(value, torch.Tensor):
        try:
            contiguous = value.is_contiguous()
        except RuntimeError:
            contiguous = None
        device = "cuda" if str(value.device) == "cuda:0" else str(value.device)
        return {"library": "torch", "type": type(value).__name__, "shape": list(value.shape),
                "dtype": str(value.dtype).removeprefix("torch."), "device": device, "requires_grad": value.requires_grad,
                "contiguous": contiguous}  # fmt: skip
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return {"library": "numpy", "type": type(value).__name__, "shape": list(value.shape), "dtype": value.dtype.name, "device": "cpu",
                "requires_grad": False, "contiguous": bool(value.flags.c_contiguous)}  # fmt: skip
    return {"library": None, "type": type(value).__name__}


def memory(value: object) -> tuple[int, int] | None:
    """The range of memory that a tensor or array may reach."""
    import numpy
    import torch

    if isinstance(value, torch.Tensor):
        try:
            storage = value.untyped_storage()
        except (RuntimeError, NotImplementedError):
            return None
        return (storage.data_ptr(), storage.data_ptr() + storage.nbytes()) if storage.nbytes() and storage.data_ptr() else None
    if isinstance(value, numpy.ndarray) and value.size:
        while isinstance(value.base, numpy.ndarray):
            value = value.base
        low, high = numpy.lib.array_utils.byte_bounds(value)
        return (low, high)
    return None


def execute(source: str, path: str, views: dict[tuple[int, int, str], set[str]], seed: int) -> Json:
    """Run the instrumented copy; what was recorded and how it ended."""
    import numpy
    import torch

    torch.manual_seed(seed)
    numpy.random.seed(seed)
    random.seed(seed)
    recording = Recording()

    def sites() -> tuple[int, ...]:
        frame = sys._getframe(2)
        own = frame
        found = []
        while frame is not None:
            if frame.f_code.co_filename == path and frame is not own:
                found.append(frame.f_lineno)
            frame = frame.f_back  # type: ignore[assignment]
        return tuple(found)

    def record(line: int, column: int, name: str, value: object) -> object:
        key = (line, column, name)
        what = describe(value)
        recording.values.setdefault(key, {}).setdefault(json.dumps([what, sites()]), (what, sites()))
        for other in views.get(key, ()):
            frame = sys._getframe(1)
            try:
                shared = eval(other, frame.f_globals, frame.f_locals)
            except Exception:  # noqa: BLE001  the name may be one of another function
                continue
            a, b = memory(value), memory(shared)
            if a and b and not (a[0] < b[1] and b[0] < a[1]):
                recording.shares.append({"key": key, "view_of": other})
        return value

    def mark(what: str, span: tuple[int, int, int, int]) -> None:
        recording.marks[(what, span, sites())] += 1

    def end(span: tuple[int, int, int, int], value: object) -> object:
        mark("done", span)
        return value

    for name, function in (("__record__", record), ("__mark__", mark), ("__end__", end)):
        setattr(builtins, name, function)
    tree = ast.parse(source)
    instrument = Instrument(source)
    tree.body = instrument.block(tree.body)
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    outcome: Json = {"failed": None}
    try:
        exec(compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True), module.__dict__)
    except SystemExit:
        pass
    except BaseException as error:  # noqa: BLE001  whatever the program raises is a result
        own = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
        outcome["failed"] = {"line": own[-1] if own else 0, "message": f"{type(error).__name__}: {str(error)[:200]}"}
    outcome["values"] = [[*key, list(seen.values())] for key, seen in recording.values.items()]
    outcome["marks"] = [[what, span, where, count] for (what, span, where), count in recording.marks.items()]
    outcome["shares"] = recording.shares
    return outcome


def execute_apart(source: str, path: str, views: dict[tuple[int, int, str], set[str]], seed: int) -> Json:
    """``execute`` in a forked process that is killed after ``TIMEOUT``."""
    with tempfile.NamedTemporaryFile("r+", suffix=".json") as result, tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(TIMEOUT)
                os.chdir(folder)
                silence = os.open(os.devnull, os.O_RDWR)
                for descriptor in (0, 1, 2):
                    os.dup2(silence, descriptor)
                outcome = execute(source, path, views, seed)
                Path(result.name).write_text(json.dumps(outcome), encoding="utf-8")
                status = 0
            except BaseException as error:  # noqa: BLE001  nothing may escape into the parent's code
                with contextlib.suppress(BaseException):
                    Path(result.name).write_text(json.dumps({"broken": "".join(traceback.format_exception(error))}), encoding="utf-8")
            os._exit(status)
        _, status = os.waitpid(child, 0)
        text = Path(result.name).read_text(encoding="utf-8")
        return json.loads(text) if text else {"broken": f"no result, status {status}"}


# the comparison


def fits(stated: Json, seen: Json) -> bool:
    """Whether an observed value is one that the fact allows."""
    return not misfits(stated, seen)


def misfits(stated: Json, seen: Json) -> list[str]:
    """The fields in which an observed value contradicts a fact."""
    if seen["library"] is None:
        return ["library"]
    return [f for f in FIELDS if not _field_fits(f, stated[f], seen[f])]


def _field_fits(name: str, stated: Any, seen: Any) -> bool:
    if stated is None or seen is None:
        return True
    if name == "contiguous":
        return bool(stated == seen)
    if name != "shape":
        return bool(stated == seen)
    if len(stated) != len(seen):
        return False
    bound: dict[str, int] = {}
    for want, have in zip(stated, seen, strict=True):
        if isinstance(want, int):
            if want != have:
                return False
        elif re.fullmatch(r"[A-Za-z_]\w*", want):
            if bound.setdefault(want, have) != have:
                return False
        elif want != "?" and set(re.findall(r"[A-Za-z_]\w*", want)) <= set(bound) and eval(want, {}, dict(bound)) != have:
            return False
    return True


def is_partial(fact: Json) -> bool:
    """Whether a fact leaves something open that a user would like to know."""
    return fact["shape"] is None or "?" in fact["shape"] or fact["dtype"] is None or fact["device"] is None or fact["requires_grad"] is None


def show(value: Json) -> str:
    """One observed value on one line."""
    if value["library"] is None:
        return f"no tensor but {value['type']}"
    shape = str(tuple(value["shape"])).replace(" ", "")
    grad = " requires_grad" if value["requires_grad"] else ""
    layout = "" if value["contiguous"] else " non-contiguous"
    device = f"{value['device']} " if value["library"] == "torch" else ""
    return f"{value['library']}.{value['type']} {shape} {device}{value['dtype']}{grad}{layout}"


def context_line(item: Json) -> int | None:
    """The line of the call that a fact or diagnostic is about."""
    context = item.get("context")
    return int(context.rpartition(":")[2]) if context and context.rpartition(":")[2].isdigit() else None


def compare(name: str, answer: Json, outcomes: list[Json]) -> Iterator[tuple[str, str]]:
    """(verdict, text) for each point and each diagnostic."""
    if "error" in answer:
        yield "CRASH", f"{name}: {answer['error']}"
        return
    stated: dict[tuple[int, int, str], list[Json]] = {}
    for fact in answer["facts"]:
        stated.setdefault((fact["line"], fact["column"], fact["name"]), []).append(fact)
    observed: dict[tuple[int, int, str], list[tuple[Json, list[int]]]] = {}
    entered: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    done: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    errors = [d for d in answer["diagnostics"] if d["severity"] == "error"]
    for outcome in outcomes:
        if "broken" in outcome:
            yield "BROKEN", f"{name}: {outcome['broken']}"
            return
        for line, column, what, seen in outcome["values"]:
            observed.setdefault((line, column, what), []).extend((v, s) for v, s in seen)
        for what, span, where, count in outcome["marks"]:
            (entered if what == "enter" else done)[(tuple(span), tuple(where))] += count
        for share in outcome["shares"]:
            yield (
                "WRONG",
                f"{name}:{share['key'][0]}: {share['key'][2]} is said to be a view of {share['view_of']} but shares no memory with it",
            )
        failed = outcome["failed"]
        if failed and not any(d["line"] <= failed["line"] <= d["end_line"] for d in errors):
            yield "ended", f"{name}:{failed['line']}: {failed['message']} (no error stated there)"
    for key, seen in sorted(observed.items()):
        facts = stated.get(key, [])
        where = f"{name}:{key[0]}: {key[2]}"
        verdict = "right"
        for value, sites in seen:
            if not facts:
                if value["library"] is not None and verdict == "right":
                    verdict = "UNKNOWN"
                    yield verdict, f"{where}: nothing stated; is {show(value)}"
                continue
            here = [f for f in facts if context_line(f) is None or context_line(f) in sites]
            if value["library"] is None:
                if any(f["context"] is None for f in facts):
                    verdict = "WRONG"
                    yield verdict, f"{where}: stated {[f['summary'] for f in facts]}; is {show(value)}"
            elif not any(fits(f, value) for f in here or facts):
                anywhere = any(fits(f, value) for f in facts)
                verdict = "CONTEXT" if anywhere else "WRONG"
                fields = misfits((here or facts)[0], value)
                said = [f"{f['summary']}{'' if f['contiguous'] is not False else ' non-contiguous'} [{f['context']}]" for f in facts]
                yield verdict, f"{where}: stated {said}; is {show(value)} from lines {sites} ({', '.join(fields)})"
            if verdict not in ("right", "UNKNOWN"):
                break
        if verdict == "right" and facts:
            open_facts = [f for f in facts if is_partial(f)]
            if open_facts:
                yield (
                    "PARTLY",
                    f"{where}: stated {open_facts[0]['summary']} grad={open_facts[0]['requires_grad']}; is {show(seen[0][0])}",
                )
            else:
                yield "right", where
        elif verdict == "right" and any(v["library"] for v, _ in seen):
            yield "right", where
    for found in errors:
        line = context_line(found)
        began = ended = 0
        for (span, where), count in done.items():
            inside = (span[0], span[1]) <= (found["line"], found["column"]) < (span[2], span[3])
            if inside and (line is None or line in where):
                ended += count
                began += entered[(span, where)]
        if ended and began <= ended:
            yield "FALSE", f"{name}:{found['line']}: {found['code']}: {found['message']} [{found['context']}], but the line ran"


# the command line


def analyse(sources: dict[str, str], command: list[str]) -> dict[str, Json]:
    """What tensorls states of each program, all of them in one process."""
    requests = "".join(json.dumps({"id": name, "source": text}) + "\n" for name, text in sources.items())
    run = subprocess.run([*command, "facts", "--jsonl"], input=requests, capture_output=True, text=True, check=False)
    answers = {a["id"]: a for a in map(json.loads, run.stdout.splitlines())}
    if run.returncode not in (0, 1) or "Traceback" in run.stderr:
        print(run.stderr[-4000:], file=sys.stderr)
    return {name: answers.get(name, {"error": "no answer: " + run.stderr[-500:]}) for name in sources}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=2, help="runs of each program with different random numbers")
    parser.add_argument("--quiet", action="store_true", help="leave out what is unknown")
    args = parser.parse_args()
    sources = {str(f): f.read_text(encoding="utf-8") for f in args.files}
    answers = analyse(sources, [sys.executable, "-m", "tensorls"])

    import torch

    torch.set_num_threads(1)
    gc.freeze()
    counts: Counter[str] = Counter()
    for name, source in sources.items():
        views: dict[tuple[int, int, str], set[str]] = {}
        for fact in answers[name].get("facts", []):
            if fact["view_of"] and re.fullmatch(r"[\w.]+", fact["view_of"]):
                views.setdefault((fact["line"], fact["column"], fact["name"]), set()).add(fact["view_of"])
        outcomes = [execute_apart(source, str(Path(name).resolve()), views, seed) for seed in range(args.seeds)]
        printed = set()
        for verdict, text in compare(name, answers[name], outcomes):
            if (verdict, text) in printed:
                continue
            printed.add((verdict, text))
            counts[verdict] += 1
            if verdict != "right" and not (args.quiet and verdict in ("UNKNOWN", "PARTLY", "ended")):
                print(f"{verdict:8}{text}")
    print(f"{len(sources)} programs: " + ", ".join(f"{n} {v}" for v, n in sorted(counts.items())))
    return int(any(counts[v] for v in ("WRONG", "FALSE", "CRASH")))


if __name__ == "__main__":
    sys.exit(main())
