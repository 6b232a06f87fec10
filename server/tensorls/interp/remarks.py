"""Comments that state the shape of what a line binds: they name sizes that have no better name, and may be out of date."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tensorls.domain.declared import size_of
from tensorls.domain.dims import Dim, Expr, Shape, as_symbol, is_hidden, show, sub
from tensorls.domain.fact import Problem, Span
from tensorls.domain.tensor import show_shape
from tensorls.domain.values import Value, as_dim
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.recorder import ASSUMED, FITS, WRONG
from tensorls.source.dimwords import is_dimension
from tensorls.source.shape_comments import ShapeComment, find_shape, is_open, names_of

_BEHIND = re.compile(r"\s*(?=#)")
_AFTER_PARAMETER = re.compile(r"\s*(?:=\s*[\w.]+\s*)?,?\s*(?=#)")


def heed(machine: Machine, frame: Frame, node: ast.AST, name: str, value: Value) -> None:
    """A statement binds a value to a name: read the comment behind it."""
    if not machine.recorder.covers(frame.file):
        return
    found = _comment(machine, frame, node)
    if found is None or (found.name is not None and found.name != name):
        return
    tensor = machine.tensor(value)
    shape = tensor.meta.shape if tensor is not None else None
    wrong = None
    if shape is not None:
        _suggest(machine, frame, found, shape)
        wrong = _contradiction(machine, frame, found, shape)
    line = getattr(node, "end_lineno", 1)
    span = Span(frame.file, line, found.start, line, found.end)
    if wrong is None or shape is None:
        machine.recorder.problem(frame.context, Problem(span, FITS, name))
    else:
        details = {"replacement": found.written(fixed)} if (fixed := _fixed(machine, frame, found, shape)) else {}
        text = f"{name} is {show_shape(shape)}: {wrong}"
        context = None if not frame.context or frame.context[-1] == ASSUMED else frame.context[-1].partition("#")[0]
        machine.recorder.problem(frame.context, Problem(span, WRONG, name, message=text, context=context, details=details))


def _comment(machine: Machine, frame: Frame, node: ast.AST) -> ShapeComment | None:
    line, offset = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", 0)
    if line is None:
        return None
    source = machine.sources[frame.file]
    text = source.line_text(line)
    if "#" not in text:
        return None
    end = source.columns(line, offset)
    between = (_AFTER_PARAMETER if isinstance(node, ast.arg) else _BEHIND).match(text, end)
    return None if between is None else find_shape(text, between.end())


# names


def _suggest(machine: Machine, frame: Frame, found: ShapeComment, shape: Shape) -> None:
    if len(found.items) != len(shape) or any(i == "..." for i in found.items):
        return
    for item, size in zip(found.items, shape, strict=True):
        if item.isidentifier() and not is_open(item) and isinstance(size, Expr) and as_symbol(size) is not None:
            if is_hidden(size):
                machine.names.suggest(size, frame.context, item)
            elif machine.assumed is not None and frame.context == (ASSUMED,):
                machine.assumed.rename(size, item)


# contradictions


def _contradiction(machine: Machine, frame: Frame, found: ShapeComment, shape: Shape) -> str | None:
    """What in a comment cannot be true."""
    items = found.items
    if "..." in items:
        at = items.index("...")
        after = items[at + 1 :]
        if len(items) - 1 > len(shape) or "..." in after:
            return None
        items = (*items[:at], *["_"] * (len(shape) - len(items) + 1), *after)
    names = Names(machine, frame)
    if len(items) != len(shape):
        return _ranks(names, items, shape)
    for item, size in zip(items, shape, strict=True):
        expected = names.size(item)
        if expected is not None and _differ(size, expected):
            return f"{show(size)} where the comment says {item}" + ("" if item == str(expected) else f", which is {show(expected)}")
    for name, count in Counter(i for i in items if i.isidentifier() and not is_open(i)).items():
        sizes = {s for i, s in zip(items, shape, strict=True) if i == name and isinstance(s, int) and s != 1}
        if count > 1 and len(sizes) > 1:
            return f"the comment calls {' and '.join(map(str, sorted(sizes)))} {name}"
    return None


def _ranks(names: Names, items: tuple[str, ...], shape: Shape) -> str | None:
    """Another number of dimensions: a remark on the content, or without the batch, is no mistake."""
    if all(i.isdigit() or is_open(i) for i in items) or (len(shape) < 2 and (not shape or shape[0] == len(items))):
        return None
    text = f"{len(items)} dimensions in the comment"
    if len(items) > len(shape):
        return text
    known = [(names.size(i), i) for i in items]
    last = shape[len(shape) - len(items) :]
    behind = any(e is not None and _differ(s, e) for (e, _), s in zip(known, last, strict=True))
    before = any(e is not None and e == s for (e, _), s in zip(known, shape, strict=False))
    return text if behind and before else None


def _differ(actual: Dim, expected: Dim) -> bool:
    """Whether two sizes are known to be different, or bear different names."""
    if is_hidden(actual) or is_hidden(expected):
        return False
    difference = sub(actual, expected)
    if isinstance(difference, int):
        return difference != 0
    return as_symbol(actual) is not None and as_symbol(expected) is not None


class Names:
    """The sizes that the variables of a body hold which are bound once."""

    def __init__(self, machine: Machine, frame: Frame) -> None:
        self._machine = machine
        self._frame = frame
        self._once = _bound_once(frame.function.node if frame.function is not None else machine.sources[frame.file].tree)

    def size(self, item: str) -> Dim | None:
        """The size that an item of a comment stands for, where its names are variables here."""
        if item.isdigit():
            return int(item)
        if is_open(item) or ("/" in item and "//" not in item):
            return None
        return size_of(item, self._named, lambda _: None) if names_of(item) else None

    def _named(self, name: str) -> Dim | None:
        if name not in self._once:
            others = [n for n in (name.lower(), name.upper()) if n != name and n in self._once] if len(name) <= 2 else []
            if len(others) != 1:
                return None
            name = others[0]
        value = self._machine.store.cell(self._frame.address, name)
        return None if value is None else as_dim(value)

    def called(self, size: Dim, taken: Sequence[str]) -> str | None:
        """The one variable that holds a size and sounds like one."""
        found = [n for n in self._once if is_dimension(n) and n not in taken and self._named(n) == size]
        return found[0] if len(found) == 1 and size not in (0, 1) else None


@lru_cache(maxsize=1024)
def _bound_once(node: ast.AST) -> tuple[str, ...]:
    """The variables of a body that one place binds, and no loop."""
    counts: Counter[str] = Counter(_targets(node))
    return tuple(name for name, count in counts.items() if count == 1)


def _targets(node: ast.AST) -> Iterator[str]:
    body = getattr(node, "body", [])
    waiting: list[ast.AST] = list(body) if isinstance(body, list) else []
    arguments = getattr(node, "args", None)
    if isinstance(arguments, ast.arguments):
        yield from (p.arg for p in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))
    while waiting:
        part = waiting.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(part, (ast.For, ast.AsyncFor, ast.While, ast.comprehension, ast.AugAssign)):
            bound = [n.id for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            yield from (*bound, *bound)
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        waiting.extend(ast.iter_child_nodes(part))


def _fixed(machine: Machine, frame: Frame, found: ShapeComment, shape: Shape) -> tuple[str, ...]:
    """The items as they should be, in the comment's own words where they fit; none where a size is not known."""
    names = Names(machine, frame)
    values = {item: names.size(item) for item in found.items}
    same = len(found.items) == len(shape)
    unused = Counter(found.items)
    items: list[str] = []
    for i in reversed(range(len(shape))):  # the last dimensions are the least likely to have changed
        size = shape[i]
        here = found.items[i] if same else None
        if here is not None and (values[here] == size or (values[here] is None and here != "..." and found.items.index(here) == i)):
            word = here
        else:
            own = next((w for w in found.items if unused[w] and values[w] == size), None)
            word = own or (names.called(size, items) if any(values.values()) else None) or str(show(size))
        unused[word] -= 1
        items.append(word)
    items.reverse()
    return () if "?" in items or tuple(items) == found.items else tuple(items)
