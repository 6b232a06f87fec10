"""Annotations as contracts: what calls, returns and annotated assignments bring is held against what was declared.

What is known of a value stands before its annotation; where nothing is known, the annotation says what it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.declared import Declaration, Declared
from tensorls.domain.dims import Dim
from tensorls.domain.fact import Operand
from tensorls.domain.objects import Namespace, TensorObject
from tensorls.domain.tensor import TensorMeta, summary
from tensorls.domain.values import NONE, Arguments, Function, Lazy, LibRef, Parameter, Ref, Tuple, Union, Unknown, Value, as_dim, members
from tensorls.interp import declarations, expressions
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.recorder import ASSUMED
from tensorls.interp.sizes import Contradiction, Sizes
from tensorls.interp.terms import is_failure

KIND = "declared"  # of the problems found here
_PACKAGES = frozenset({"jaxtyping", "torchtyping", "numpy", "typing", "typing_extensions"})
NONE_DECLARED: dict[str, Declaration] = {}


def declarations_of(machine: Machine, function: Function) -> dict[str, Declaration]:
    """The parameters of a function that an annotation describes, and ``return``."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return NONE_DECLARED
    found = machine.declared.get(node)
    if found is None:
        arguments = node.args
        stated = [(p.arg, p.annotation) for p in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        pairs = [(name, declared(machine, function.file, function.scope, a)) for name, a in (*stated, ("return", node.returns))]
        found = machine.declared[node] = {name: d for name, d in pairs if d is not None}
    return found


def declared(machine: Machine, file: str, scope: int, annotation: ast.expr | None) -> Declaration | None:
    """What an annotation says of tensors, with the names that can be read where it stands."""
    if annotation is None or (isinstance(annotation, ast.Constant) and not isinstance(annotation.value, str)):
        return None
    node = declarations.text_of(annotation)
    module = machine.modules.get(file)
    if module is None:
        return None
    frame = Frame(scope, module, file)
    if not _may_declare(machine, frame, node):
        return None
    names = _for_checkers(machine, file)
    mark = machine.store.mark()
    try:
        if names:
            frame.address = machine.store.new(Namespace(scope)).address
            for name, value in names.items():
                if expressions.lookup(machine, frame, name) is None:
                    machine.store.set_cell(frame.address, name, value)
        with machine.recorder.muted():
            machine.recorder.capture()
            try:
                return declarations.of(_evaluated(machine, frame, node))
            finally:
                machine.recorder.release()
    finally:
        machine.store.rollback(mark)


def _evaluated(machine: Machine, frame: Frame, node: ast.expr) -> Value:
    """The value of an annotation; the strings in ``Optional["Float[Tensor, 'b']"]`` are annotations too."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [_evaluated(machine, frame, declarations.text_of(side)) for side in (node.left, node.right)]
        return declarations.either(*sides) or Unknown("union")
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        value = expressions.evaluate(machine, frame, node.value)
        if isinstance(value, LibRef) and value.path.rpartition(".")[2] in ("Optional", "Union", "Final"):
            inner = _evaluated(machine, frame, declarations.text_of(node.slice))
            return declarations.subscript(value, inner) or Unknown("annotation")
    return expressions.evaluate(machine, frame, node)


def _may_declare(machine: Machine, frame: Frame, node: ast.expr) -> bool:
    """Whether it is worth while to evaluate an annotation: no module is interpreted for a name that declares nothing."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            value = expressions.bound(machine, frame, part.id)
            if isinstance(value, Lazy) and _is_declaring(machine, value):
                return True
            if isinstance(value, Declaration) or (isinstance(value, LibRef) and value.path.partition(".")[0] in _PACKAGES):
                return True
            if value is not None and not isinstance(value, (LibRef, Lazy, Unknown)) and isinstance(node, ast.Subscript):
                return True
            if value is None and part.id in _for_checkers(machine, frame.file):
                return True
    return False


def _is_declaring(machine: Machine, lazy: Lazy) -> bool:
    """Whether a module that was not interpreted yet may define annotations."""
    file = machine.imports.find(lazy.module, lazy.importer, lazy.level)
    source = machine.imports.parse(file) if file is not None else None
    return source is not None and any(
        isinstance(n, (ast.Import, ast.ImportFrom)) and any(m.partition(".")[0] in ("jaxtyping", "torchtyping") for m in _modules(n))
        for n in source.tree.body
    )


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]


def _for_checkers(machine: Machine, file: str) -> dict[str, Value]:
    """The names that a file imports for type checkers alone: ``if TYPE_CHECKING: from jaxtyping import Float``."""
    found = machine.checker_names.get(file)
    if found is None:
        found = machine.checker_names[file] = {}
        source = machine.sources.get(file)
        for block in source.tree.body if source is not None else ():
            if isinstance(block, ast.If) and ast.unparse(block.test).rpartition(".")[2] == "TYPE_CHECKING":
                found.update(_imported(block))
    return found


def _imported(block: ast.If) -> Iterator[tuple[str, Value]]:
    for node in block.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in (*_PACKAGES, "torch"):
            yield from ((a.asname or a.name, LibRef(f"{node.module}.{a.name}")) for a in node.names)
        elif isinstance(node, ast.Import):
            yield from ((a.asname, LibRef(a.name)) for a in node.names if a.asname)
            yield from (
                (top, LibRef(top)) for a in node.names if not a.asname and (top := a.name.partition(".")[0]) in (*_PACKAGES, "torch")
            )


# calls


def check_call(machine: Machine, frame: Frame, node: ast.AST, function: Function, bound: dict[str, Value], given: Arguments) -> bool:
    """Hold the arguments of a call against the parameters; False when it is certain that the call raises."""
    stated = declarations_of(machine, function)
    if not stated or (not given.args and not given.kwargs):
        return True
    works = True
    sizes = _sizes(machine, frame, bound, function)
    for name, declaration in stated.items():
        value = bound.get(name)
        if name != "return" and value is not None:
            place = _argument(node, function, name)
            works = _check(machine, frame, place or node, f"argument {name}", declaration, value, sizes, function) and works
    return works


def _argument(node: ast.AST, function: Function, name: str) -> ast.AST | None:
    """Where a call passes a parameter, if it can be read off."""
    if not isinstance(node, ast.Call):
        return None
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    names = [p.arg for p in (*function.node.args.posonlyargs, *function.node.args.args)]
    if name not in names or any(isinstance(a, ast.Starred) for a in node.args):
        return None
    index = names.index(name) - (function.owner is not None and names[:1] in (["self"], ["cls"]))
    return node.args[index] if 0 <= index < len(node.args) else None


def enter(machine: Machine, frame: Frame, function: Function, bound: dict[str, Value]) -> dict[str, Value]:
    """Bind the names of sizes for one call; parameters of which nothing is known are what they are declared to be."""
    stated = declarations_of(machine, function)
    if not stated:
        return bound
    sizes = frame.sizes = _sizes(machine, frame, bound, function)
    for name, declaration in stated.items():
        found = machine.tensor(bound[name]) if name in bound else None
        if found is not None and declaration.tensor is not None and sizes.meet(declaration.tensor, found.meta) is not None:
            frame.sizes = None  # the call is to blame for whatever comes back
    changed = dict(bound)
    for name, declaration in stated.items():
        if name in bound and not frame.uncalled:  # there the use of a parameter may tell more
            changed[name] = known(machine, frame, declaration, bound[name], sizes, function.node)
    return changed


def _sizes(machine: Machine, frame: Frame, bound: dict[str, Value], function: Function) -> Sizes:
    """``{n}`` and ``{self.dim}`` in an annotation are read from the arguments."""

    def inner(code: str) -> Dim | None:
        tree = declarations.text_of(ast.Constant(code))
        scope = Frame(machine.store.new(Namespace(function.scope)).address, frame.module, function.file)
        for name, value in bound.items():
            machine.store.set_cell(scope.address, name, value)
        with machine.recorder.muted():
            value = expressions.evaluate(machine, scope, tree)
        return value.size if isinstance(value, Parameter) else as_dim(value)

    return Sizes(inner, machine.assumed.rigid if machine.assumed is not None else frozenset())


# results


def returned(machine: Machine, frame: Frame, node: ast.Return, value: Value) -> Value:
    """What a ``return`` gives, held against what the function declares."""
    function = frame.function
    if function is None or frame.sizes is None or frame.yields is not None:
        return value
    declaration = declarations_of(machine, function).get("return")
    if declaration is None:
        return value
    sizes = frame.sizes.copy()  # another return may give other sizes
    _check(machine, frame, node.value or node, "the value returned", declaration, value, sizes, function)
    return known(machine, frame, declaration, value, sizes, function.node)


def assigned(machine: Machine, frame: Frame, node: ast.AnnAssign, value: Value) -> Value:
    """``y: Float[Tensor, "b t"] = value``."""
    declaration = declared(machine, frame.file, frame.address, node.annotation) if not frame.is_class else None
    if declaration is None:
        return value
    sizes = Sizes() if frame.sizes is None else frame.sizes.copy()  # the next pass of a loop may bring other sizes
    _check(machine, frame, node.value or node, ast.unparse(node.target), declaration, value, sizes, frame.function)
    return known(machine, frame, declaration, value, sizes, node)


def known(machine: Machine, frame: Frame, declaration: Declaration, value: Value, sizes: Sizes, site: object) -> Value:
    """A value of which nothing is known as its annotation describes it."""
    if declaration.tensor is None or not isinstance(value, Unknown) or is_failure(value):
        return value
    made = _made(machine, frame, declaration.tensor, sizes, site)
    return Union((NONE, made)) if declaration.optional else made


def _made(machine: Machine, frame: Frame, tensor: Declared, sizes: Sizes, site: object) -> Value:
    def name(text: str) -> Dim:
        size = machine.fresh()
        machine.names.bind(size, frame.context, text, site)
        return size

    shape = sizes.shape(tensor, name, machine.fresh)
    address = machine.store.reserve()
    machine.store.put(address, TensorObject(meta_of(tensor, shape), address))
    return Ref(address)


def meta_of(tensor: Declared, shape: tuple[Dim, ...] | None) -> TensorMeta:
    """The metadata that an annotation gives."""
    torch = tensor.library == "torch"
    return TensorMeta(tensor.library, "Tensor" if torch else "ndarray", shape, tensor.dtype, None if torch else "cpu",
                      None if torch else False, None, None)  # fmt: skip


# reports


def _check(machine: Machine, frame: Frame, node: ast.AST, what: str, declaration: Declaration, value: Value, sizes: Sizes,
           function: Function | None) -> bool:  # fmt: skip
    """Report what contradicts an annotation; False when the program would stop here."""
    if declaration.items is not None:
        items = value.items if isinstance(value, Tuple) and len(value.items) == len(declaration.items) else ()
        places: list[ast.expr] = node.elts if isinstance(node, ast.Tuple) and len(node.elts) == len(items) else []
        for i, (item, part) in enumerate(zip(declaration.items, items, strict=False)):
            if item is not None:
                _check(machine, frame, places[i] if places else node, f"item {i} of {what}", item, part, sizes, function)
        return True
    tensor = declaration.tensor
    tensors = [t for m in members(value) if (t := machine.tensor(m)) is not None]
    if tensor is None or frame.guarded or len(tensors) < len(members(value)):
        return True
    found = [c for t in tensors if (c := _against(tensor, t, sizes, len(tensors) == 1)) is not None]
    if len(found) < len(tensors):
        return True
    if any(c.sure == "declared" for c in found) and not (frame.is_plain and frame.context == (ASSUMED,)):
        return True
    first = tensors[0]
    operand = Operand(ast.unparse(node) if isinstance(node, ast.expr) else "", machine.span(frame, node), first.meta, first.history)
    message = f"{what} is declared {tensor.text} and is {summary(first.meta)}: {found[0].text}"
    severity = "error" if _is_enforced(machine, function, found[0]) else "warning"
    machine.problem(frame, node, KIND, what, message=message, operands=(operand,), severity=severity)
    return severity != "error"


def _against(tensor: Declared, found: TensorObject, sizes: Sizes, alone: bool) -> Contradiction | None:
    if found.meta.type not in ("Tensor", "Parameter", "ndarray"):
        return None
    return (sizes if alone else sizes.copy()).meet(tensor, found.meta)


def _is_enforced(machine: Machine, function: Function | None, found: Contradiction) -> bool:
    """Whether a decorator checks the annotation when the program runs, and would see this."""
    checkers = machine.checkers.get(function.node, frozenset()) if function is not None else frozenset()
    together = "jaxtyping" in checkers and (len(checkers) > 1)
    return found.sure == "certain" and (together or (bool(checkers - {"jaxtyping"}) and not found.together))


__all__ = ["KIND", "assigned", "check_call", "declarations_of", "declared", "enter", "known", "meta_of", "returned"]
