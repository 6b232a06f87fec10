"""Annotations as values: what ``Float[Tensor, "b t"]``, ``TensorType["b", 3]`` or ``NDArray[np.float32]`` evaluate to.

None of these packages needs to be installed: their names are known here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from tensorls.domain.declared import FAMILIES, KNOWN_DTYPES, Axis, Declaration, Declared, NotAShape, axes_of
from tensorls.domain.tensor import Library
from tensorls.domain.values import NONE, Builtin, Const, LibRef, SliceValue, Tuple, Value
from tensorls.source.dimwords import is_dimension

_ARRAYS: dict[str, Library] = {
    "torch.Tensor": "torch", "torch.nn.Parameter": "torch", "numpy.ndarray": "numpy", "torch.nn.parameter.Parameter": "torch",
}  # fmt: skip
_NUMPY_FAMILIES = {
    "floating": "Float", "complexfloating": "Complex", "signedinteger": "Int", "unsignedinteger": "UInt", "integer": "Integer",
    "inexact": "Inexact", "number": "Num", "generic": "Shaped",
}  # fmt: skip
_NUMPY_TYPES = {"bool_": "bool", "double": "float64", "single": "float32", "half": "float16", "byte": "int8", "ubyte": "uint8"}
_TORCH_TYPES = {"float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32", "short": "int16"}
_BUILTIN_TYPES = {"float": "float32", "int": "int64", "bool": "bool"}  # as torchtyping takes them
_WORD = re.compile(r"[A-Za-z_]\w*|\d+")


def subscript(value: Value, index: Value) -> Value | None:
    """What ``value[index]`` is as an annotation; None when it says nothing of tensors."""
    if isinstance(value, Declaration):  # TensorType[3, 4][float]
        return _torchtyping(_items(index), value.tensor) if value.tensor is not None and value.tensor.library == "torch" else None
    if isinstance(value, Builtin):
        return _tuple(_items(index)) if value.name == "tuple" else None
    if not isinstance(value, LibRef):
        return None
    path = value.path.removeprefix("beartype.")
    root, _, name = path.rpartition(".")
    if root == "jaxtyping" and name in FAMILIES:
        return _jaxtyping(name, _items(index))
    if path == "torchtyping.TensorType":
        return _torchtyping(_items(index), None)
    if path == "numpy.dtype":
        return index
    if path in ("numpy.typing.NDArray", "numpy._typing.NDArray"):
        return _ndarray(None, index)
    if path == "numpy.ndarray":
        parts = _items(index)
        return _ndarray(parts[0], parts[1]) if len(parts) == 2 else None
    if root == "typing":
        return _typing(name, _items(index))
    return None


def either(left: Value, right: Value) -> Value | None:
    """``left | right`` of annotations."""
    if isinstance(left, Declaration) or isinstance(right, Declaration):
        return _union((left, right)) or Declaration()
    return None


def of(value: Value) -> Declaration | None:
    """What an annotation's value says; a plain ``Tensor`` says its library only."""
    if isinstance(value, Declaration):
        return value if value.tensor is not None or value.items is not None else None
    if isinstance(value, LibRef) and value.path in ("numpy.typing.NDArray", "torchtyping.TensorType"):
        return Declaration(Declared("numpy" if value.path.startswith("numpy") else "torch", None, None, value.path.rpartition(".")[2]))
    return None


def _items(index: Value) -> tuple[Value, ...]:
    return index.items if isinstance(index, Tuple) else (index,)


def _library(value: Value) -> Library | None:
    if isinstance(value, LibRef):
        return _ARRAYS.get(value.path)
    if isinstance(value, Const) and isinstance(value.value, str):  # "Tensor", named before it is imported
        return {"Tensor": "torch", "torch.Tensor": "torch", "np.ndarray": "numpy", "numpy.ndarray": "numpy"}.get(value.value)  # type: ignore[return-value]
    return None


_LAST = {"torch": "Tensor", "numpy": "ndarray"}


def _jaxtyping(family: str, parts: tuple[Value, ...]) -> Declaration | None:
    if len(parts) != 2 or not isinstance(parts[1], Const) or not isinstance(parts[1].value, str):
        return None
    text = parts[1].value
    try:
        axes = axes_of(text)
    except NotAShape:
        return None
    dtypes = FAMILIES[family]
    inner = parts[0].tensor if isinstance(parts[0], Declaration) else None
    if inner is not None:  # Float[Image, "batch"]: its axes come first
        both = dtypes if inner.dtypes is None else inner.dtypes if dtypes is None else dtypes & inner.dtypes
        whole = None if inner.axes is None else (*axes, *inner.axes)
        name = next((n for n, d in FAMILIES.items() if d == both), family)
        shown = " ".join([text, *inner.text.split('"')[1:2]])
        return Declaration(Declared(inner.library, both, whole, f'{name}[{_LAST[inner.library]}, "{shown}"]'))
    library = _library(parts[0])
    return None if library is None else Declaration(Declared(library, dtypes, axes, f'{family}[{_LAST[library]}, "{text}"]'))


def _torchtyping(parts: tuple[Value, ...], before: Declared | None) -> Declaration | None:
    """``TensorType["batch", "length": 10, ..., float]``; several brackets add up."""
    axes: list[Axis] = []
    dtypes = before.dtypes if before is not None else None
    scalar = False
    for part in parts:
        axis = _torchtyping_axis(part)
        if axis is not None:
            axes.append(axis)
        elif isinstance(part, Tuple) and not part.items:
            scalar = True
        elif (dtype := _dtype(part)) is not None:
            dtypes = dtype
        elif not isinstance(part, LibRef):
            return None
    several = sum(a.kind == "several" for a in axes)
    shape = tuple(axes) if axes or scalar else before.axes if before is not None else None
    texts = [_axis_text(a) for a in shape or ()] + ([next(iter(dtypes))] if dtypes is not None else [])
    return Declaration(Declared("torch", dtypes, None if several > 1 else shape, f"TensorType[{', '.join(texts)}]"))


def _axis_text(axis: Axis) -> str:
    if axis.kind == "several":
        return f'"{axis.text}": ...' if axis.text else "..."
    return "-1" if axis.kind == "any" else axis.text if axis.text.isdigit() else f'"{axis.text}"'


def _torchtyping_axis(part: Value) -> Axis | None:
    if isinstance(part, SliceValue) and part.step == NONE and isinstance(part.start, Const):
        if part.stop == Const(Ellipsis):
            return Axis("several", str(part.start.value))
        return _torchtyping_axis(part.stop)
    if part == LibRef("typing.Any") or part == NONE:
        return Axis("any")
    if not isinstance(part, Const) or isinstance(part.value, bool):
        return None
    if part.value is Ellipsis:
        return Axis("several")
    if isinstance(part.value, int):
        return Axis("any") if part.value == -1 else Axis("size", str(part.value))
    if isinstance(part.value, str) and part.value.isidentifier():
        return Axis("size", part.value)
    return None


def _dtype(value: Value) -> frozenset[str] | None:
    """The dtypes that a type or dtype in an annotation allows; None when it is none, or any will do."""
    if isinstance(value, Builtin):
        found = _BUILTIN_TYPES.get(value.name)
        return None if found is None else frozenset({found})
    if not isinstance(value, LibRef):
        return None
    root, _, name = value.path.partition(".")
    if root == "numpy" and name in _NUMPY_FAMILIES:
        return FAMILIES[_NUMPY_FAMILIES[name]]
    name = (_NUMPY_TYPES if root == "numpy" else _TORCH_TYPES).get(name, name)
    return frozenset({name}) if root in ("numpy", "torch") and name in KNOWN_DTYPES else None


def _ndarray(shape: Value | None, dtype: Value) -> Declaration | None:
    """``NDArray[np.float32]``, ``np.ndarray[tuple[int, int], np.dtype[np.float32]]``."""
    if isinstance(dtype, Builtin):  # float is float64 there
        found = {"float": frozenset({"float64"}), "bool": frozenset({"bool"})}.get(dtype.name)
    else:
        found = _dtype(dtype)
    rank = len(shape.items) if isinstance(shape, Declaration) and shape.items is not None else None
    name = (
        next(iter(found))
        if found is not None and len(found) == 1
        else dtype.path.rpartition(".")[2]
        if isinstance(dtype, LibRef)
        else "Any"
    )
    return Declaration(Declared("numpy", found, None if rank is None else (Axis("any"),) * rank, f"NDArray[{name}]"))


def _typing(name: str, parts: tuple[Value, ...]) -> Declaration | None:
    if name == "Optional" and isinstance(parts[0], Declaration):
        return replace(parts[0], optional=True)
    if name == "Union":
        return _union(parts)
    if name == "Annotated":
        return _annotated(parts)
    if name in ("Final", "ClassVar", "Required", "NotRequired"):
        return parts[0] if isinstance(parts[0], Declaration) else None
    return _tuple(parts) if name == "Tuple" else None


def _union(parts: tuple[Value, ...]) -> Declaration | None:
    """One tensor or None; of several kinds nothing is said."""
    kept = [p for p in parts if p != NONE]
    if len(kept) != 1 or not isinstance(kept[0], Declaration):
        return None
    return replace(kept[0], optional=kept[0].optional or len(kept) < len(parts))


def _tuple(parts: tuple[Value, ...]) -> Declaration | None:
    if Const(Ellipsis) in parts:
        return None
    if not any(isinstance(p, Declaration) for p in parts) and set(parts) != {Builtin("int")}:
        return None
    items = tuple(p if isinstance(p, Declaration) else None for p in parts)
    return Declaration(items=items)


def _annotated(parts: tuple[Value, ...]) -> Declaration | None:
    """``Annotated[Tensor, "b t c"]``, ``Annotated[Tensor, (3, 4)]``, ``Annotated[Tensor, "b", "t", 3]``."""
    if isinstance(parts[0], Declaration):
        return parts[0]
    library = _library(parts[0])
    if library is None:
        return None
    words = _words(parts[1:])
    axes = None if words is None else tuple(Axis("several") if w == "..." else Axis("any") if w == "_" else Axis("size", w) for w in words)
    shown = _LAST[library] if words is None else f'{_LAST[library]}, "{" ".join(words)}"'
    return Declaration(Declared(library, None, axes, f"Annotated[{shown}]" if words is not None else shown))


def _words(parts: tuple[Value, ...]) -> list[str] | None:
    """The names and numbers of sizes in what an ``Annotated`` adds; None when it is something else."""
    if len(parts) == 1 and isinstance(parts[0], Tuple):
        parts = parts[0].items
    elif len(parts) == 1 and isinstance(parts[0], Const) and isinstance(parts[0].value, str):
        text = re.sub(r"^shape\s*[:=]\s*", "", parts[0].value.strip(), flags=re.IGNORECASE)
        bracketed = text[:1] + text[-1:] in ("()", "[]")
        inner = text[1:-1] if bracketed else text
        found = [w for w in re.split(r"[\s,]+", inner) if w]
        if not bracketed and (len(found) < 2 or not all(w in ("...", "_") or is_dimension(w) for w in found)):
            return None  # words without brackets are prose as likely as sizes
        return found if all(_WORD.fullmatch(w) or w == "..." for w in found) else None
    words: list[str] = []
    for part in parts:
        if not isinstance(part, Const) or not isinstance(part.value, (str, int)) or not _WORD.fullmatch(str(part.value)):
            return None
        words.append(str(part.value))
    return words if len(words) > 1 else None


def text_of(node: ast.expr) -> ast.expr:
    """An annotation that is a string as the expression in it; as it is where that does not parse."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return node
    return node
