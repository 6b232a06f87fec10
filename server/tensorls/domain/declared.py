"""What annotations say of tensors: ``Float[Tensor, "b t 3"]`` and its kin as frozen data, and the language of their axes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tensorls.domain.dims import Dim, add, floordiv, maximum, minimum, mod, mul, neg, sub
from tensorls.domain.tensor import Library
from tensorls.domain.values import Value

_FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
_COMPLEX = frozenset({"complex64", "complex128"})
_SIGNED = frozenset({"int8", "int16", "int32", "int64"})
_UNSIGNED = frozenset({"uint8", "uint16", "uint32", "uint64"})
KNOWN_DTYPES = _FLOATS | _COMPLEX | _SIGNED | _UNSIGNED | {"bool"}
#: The dtypes that a name of jaxtyping stands for; None: any.
FAMILIES: Mapping[str, frozenset[str] | None] = {
    "Shaped": None,
    "Bool": frozenset({"bool"}),
    "Float": _FLOATS,
    "Complex": _COMPLEX,
    "Inexact": _FLOATS | _COMPLEX,
    "Int": _SIGNED,
    "UInt": _UNSIGNED,
    "Integer": _SIGNED | _UNSIGNED,
    "Real": _FLOATS | _SIGNED | _UNSIGNED,
    "Num": _FLOATS | _COMPLEX | _SIGNED | _UNSIGNED,
    **{name: frozenset({name.lower()}) for name in (
        "Float16", "Float32", "Float64", "BFloat16", "Complex64", "Complex128",
        "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64",
    )},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an annotation.  ``kind``: a "size" (``text``: a number, a name or an expression), "any" size, or "several"
    axes (named ``text``, or not).  ``broadcast``: a size of one does as well."""

    kind: Literal["size", "any", "several"]
    text: str = ""
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """A tensor as an annotation describes it; None is always *not said*.  ``text``: the annotation for people."""

    library: Library
    dtypes: frozenset[str] | None
    axes: tuple[Axis, ...] | None
    text: str

    @property
    def dtype(self) -> str | None:
        """The dtype, when only one is allowed."""
        return next(iter(self.dtypes)) if self.dtypes is not None and len(self.dtypes) == 1 else None


@dataclass(frozen=True, slots=True)
class Declaration(Value):
    """The value of an annotation that says something of tensors: one tensor, or ``items`` of a tuple; ``optional``: or None."""

    tensor: Declared | None = None
    items: tuple[Declaration | None, ...] | None = None
    optional: bool = False


class NotAShape(ValueError):
    """A text that describes no axes."""


def axes_of(text: str) -> tuple[Axis, ...]:
    """The axes of a jaxtyping string; raises NotAShape."""
    axes = tuple(_axis(part) for part in text.split())
    if sum(a.kind == "several" for a in axes) > 1:
        raise NotAShape(text)
    return axes


def _axis(part: str) -> Axis:
    if part == "...":
        return Axis("several")
    rest = part.lstrip("#*_?")
    marks = part[: len(part) - len(rest)]
    if any(marks.count(m) > 1 for m in "#*_?"):
        raise NotAShape(part)
    name, equals, value = rest.partition("=")
    if equals and name.isidentifier() and not value.startswith("="):  # rows=4 documents a 4
        rest = value
    anonymous = "_" in marks or "?" in marks
    if "*" in marks:
        if rest and not rest.isidentifier():
            raise NotAShape(part)
        return Axis("several", "" if anonymous else rest, "#" in marks)
    if anonymous:
        return Axis("any")
    if not (rest.isidentifier() or rest.isdigit() or "{" in rest or _is_expression(rest)):
        raise NotAShape(part)
    return Axis("size", rest, "#" in marks)


def _is_expression(text: str) -> bool:
    tree = _tree(text)
    allowed = (ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop, ast.Name, ast.Constant, ast.Call, ast.expr_context)
    return tree is not None and all(isinstance(n, allowed) for n in ast.walk(tree))


@lru_cache(maxsize=4096)
def _tree(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def names_in(axis: Axis) -> list[str]:
    """The names of sizes in an axis, in order."""
    tree = _tree(axis.text) if axis.kind == "size" and "{" not in axis.text else None
    names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)] if tree is not None else []
    return [n for n in names if n not in _CALLS]


_BINARY: Mapping[type[ast.operator], Callable[[Dim, Dim], Dim]] = {
    ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.FloorDiv: floordiv, ast.Mod: mod,
}  # fmt: skip
_CALLS: Mapping[str, Callable[[Dim, Dim], Dim]] = {"min": minimum, "max": maximum}
MAX_POWER = 8


def size_of(text: str, names: Callable[[str], Dim | None], inner: Callable[[str], Dim | None]) -> Dim | None:
    """The size that a name, number or expression stands for; ``inner``: of what stands in braces.  None when it is not known."""
    while "{" in text:
        before, _, rest = text.partition("{")
        code, closed, after = rest.partition("}")
        value = inner(code) if closed else None
        if not isinstance(value, int) and (before or after or value is None):
            return None if value is None else _with_braces(before, code, after, names, value)
        if not isinstance(value, int):
            return value
        text = f"{before}{value}{after}"
    tree = _tree(text)
    return None if tree is None else _evaluate(tree, names)


def _with_braces(before: str, code: str, after: str, names: Callable[[str], Dim | None], value: Dim) -> Dim | None:
    """``{n}+1`` of an ``n`` that is no number: the braces become a name of their own."""
    tree = _tree(f"{before}__braces__{after}")
    return None if tree is None or "{" in after else _evaluate(tree, lambda n: value if n == "__braces__" else names(n))


def _evaluate(node: ast.expr, names: Callable[[str], Dim | None]) -> Dim | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return names(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _evaluate(node.operand, names)
        return None if value is None else neg(value)
    pair: list[ast.expr] = []
    rule: Callable[[Dim, Dim], Dim] | None = None
    if isinstance(node, ast.BinOp):
        pair, rule = [node.left, node.right], _BINARY.get(type(node.op))
        if isinstance(node.op, ast.Pow):
            rule = _power
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 2:
        pair, rule = node.args, _CALLS.get(node.func.id)
    if rule is None:
        return None
    left, right = (_evaluate(side, names) for side in pair)
    if left is None or right is None:
        return None
    try:
        return rule(left, right)
    except (ArithmeticError, ValueError):
        return None


def _power(left: Dim, right: Dim) -> Dim:
    if not isinstance(right, int) or not 0 <= right <= MAX_POWER:
        raise ArithmeticError
    return mul(*[left] * right)


__all__ = ["FAMILIES", "KNOWN_DTYPES", "Axis", "Declaration", "Declared", "NotAShape", "axes_of", "names_in", "size_of"]
