"""Imports: user modules are interpreted from their source, libraries stay names, everything else is unknown."""

from __future__ import annotations

import ast
import logging
from contextlib import suppress

from tensorls.domain.objects import ModuleObject
from tensorls.domain.values import NONE, Arguments, Const, Function, Lazy, LibRef, Ref, Tuple, Unknown, Value
from tensorls.interp import assignment, calls, foreign, libraries, statements
from tensorls.interp.frames import Frame
from tensorls.interp.library import arguments_failed
from tensorls.interp.machine import FAILED, Cancelled, Machine, OutOfBudget, SourceModule
from tensorls.source.models import find_model, is_model

log = logging.getLogger(__name__)

#: Libraries whose names are known here; anything else that is no user module is unknown.
KNOWN = frozenset(
    [
        "torch",
        "numpy",
        "einops",
        "einx",
        "math",
        "inspect",
        "numbers",
        "functools",
        "dataclasses",
        "types",
        "collections",
        "copy",
        "random",
        "time",
        "warnings",
        "typing",
        "itertools",
        "abc",
        "os",
        "sys",
        "argparse",
        "string",
        "enum",
        "builtins",
        "typing_extensions",
        "contextlib",
        "importlib",
        "inspect",
        "tqdm",
        "__abstract__",
        "tyro",
        "io",
        "codecs",
        "glob",
        "csv",
        "jaxtyping",
        "torchtyping",
        "beartype",
        "typeguard",
    ]
)
#: Libraries of which a few names are known here; where their source is at hand it is interpreted instead.
FOREIGN = frozenset({"torchvision"})
STARS = "#stars"  # cell of a module: libraries whose names it imported all
ROOTS = {"typing_extensions": "typing"}


def import_module(machine: Machine, frame: Frame, name: str, level: int = 0) -> Value:
    """The module of ``import name``."""
    root = name.split(".")[0]
    if level == 0 and root in KNOWN:
        return LibRef(".".join([ROOTS.get(root, root), *name.split(".")[1:]]))
    file = machine.imports.find(name, frame.file, level)
    if file is not None:
        return load(machine, frame, file)
    if level == 0 and root in FOREIGN:
        return LibRef(name)
    return Unknown(machine.imports.obstacle(name) if level == 0 else f"module {name} is not known")


def load(machine: Machine, frame: Frame, file: str) -> Value:
    """The module of a file, interpreted on its first import; a cycle sees what is bound so far."""
    if file in machine.modules:
        return Ref(machine.modules[file])
    source = machine.imports.parse(file)
    if source is None:
        return Unknown(f"{file} cannot be read")
    return run_module(machine, source, source.name, frame)


def run_module(machine: Machine, source: SourceModule, name: str, importer: Frame | None = None) -> Ref:
    """Interpret a module's body under a ``__name__``; a program when nobody imports it."""
    if importer is None:
        frame = _module_frame(machine, source, name, ())
        _run_program(machine, frame, source)
    else:
        with machine.store.permanent():
            frame = _module_frame(machine, source, name, importer.active)
            if foreign.is_border(machine, importer, source.file):
                _run_foreign(machine, frame, source)
            else:
                statements.run_block(machine, frame, source.tree.body)
    return Ref(frame.module)


def _run_foreign(machine: Machine, frame: Frame, source: SourceModule) -> None:
    """The body of an installed module; what comes behind the bound is not there."""

    def body() -> Value:
        statements.run_block(machine, frame, source.tree.body)
        return NONE

    with suppress(OutOfBudget):
        foreign.bounded(machine, body)


def _module_frame(machine: Machine, source: SourceModule, name: str, active: tuple[Function, ...]) -> Frame:
    ref = machine.store.new(ModuleObject(source.name, source.file))
    machine.sources[source.file] = source
    machine.modules[source.file] = ref.address
    machine.store.set_cell(ref.address, "__name__", Const(name))
    machine.store.set_cell(ref.address, "__file__", Const(source.file))
    return Frame(ref.address, ref.address, source.file, mark=machine.store.mark(), active=active)


def _run_program(machine: Machine, frame: Frame, source: SourceModule) -> None:
    """A main program, statement by statement: where the interpreter itself fails, what that statement binds is unknown."""
    for statement in source.tree.body:
        mark = machine.store.mark()
        try:
            if not statements.run(machine, frame, statement):
                return
        except (OutOfBudget, Cancelled):
            raise
        except Exception as error:
            log.error("%s:%s: the statement was passed over", source.file, statement.lineno, exc_info=error)
            machine.store.rollback(mark)
            frame.loops.clear()
            frame.branch_depth = frame.loop_depth = frame.guarded = 0
            machine.recorder.distrust(machine.span(frame, statement))
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    assignment.bind_name(machine, frame, node.id, Unknown("internal error"))
                elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    assignment.bind_name(machine, frame, node.name, Unknown("internal error"))


def run_import(machine: Machine, frame: Frame, node: ast.Import) -> None:
    """``import a.b as c``."""
    for alias in node.names:
        if _is_pending(machine, frame, alias.name, 0) and (alias.asname or "." not in alias.name):
            assignment.bind_name(machine, frame, alias.asname or alias.name, Lazy(alias.name, 0, frame.file, None))
            continue
        module = import_module(machine, frame, alias.name)
        if alias.asname:
            assignment.bind_name(machine, frame, alias.asname, module)
        else:
            top = alias.name.split(".")[0]
            assignment.bind_name(machine, frame, top, module if top == alias.name else import_module(machine, frame, top))


def run_import_from(machine: Machine, frame: Frame, node: ast.ImportFrom) -> None:
    """``from a import b``."""
    if node.module == "__future__":
        return
    if all(alias.name != "*" for alias in node.names) and _is_pending(machine, frame, node.module or "", node.level):
        for alias in node.names:
            lazy = Lazy(node.module or "", node.level, frame.file, alias.name)
            assignment.bind_name(machine, frame, alias.asname or alias.name, lazy)
        return
    module = import_module(machine, frame, node.module or "", node.level)
    for alias in node.names:
        if alias.name == "*":
            _import_star(machine, frame, module)
            continue
        member = _member(machine, frame, Lazy(node.module or "", node.level, frame.file, alias.name), module)
        assignment.bind_name(machine, frame, alias.asname or alias.name, member)


def _is_pending(machine: Machine, frame: Frame, name: str, level: int) -> bool:
    """Whether a module is the user's and has not been interpreted: it is when one of its names is first used."""
    if level == 0 and name.split(".")[0] in KNOWN:
        return False
    file = machine.imports.find(name, frame.file, level)
    return file is not None and file not in machine.modules


def force(machine: Machine, frame: Frame, lazy: Lazy) -> Value:
    """The value that a lazily imported name stands for."""
    origin = Frame(frame.address, frame.module, lazy.importer, active=frame.active)
    module = import_module(machine, origin, lazy.module, lazy.level)
    found = module if lazy.name is None else _member(machine, origin, lazy, module)
    return force(machine, frame, found) if isinstance(found, Lazy) and found != lazy else found


def _member(machine: Machine, frame: Frame, lazy: Lazy, module: Value) -> Value:
    name = lazy.name or ""
    if isinstance(module, LibRef):
        return calls.library_name(machine, f"{module.path}.{name}")
    content = machine.content(module)
    if isinstance(module, Ref) and isinstance(content, ModuleObject):
        found = machine.store.cell(module.address, name)
        if found is not None:
            return found
    if isinstance(module, Unknown):
        return module
    inner = machine.imports.find(f"{lazy.module}.{name}" if lazy.module else name, lazy.importer, lazy.level)
    if inner is not None and inner not in machine.modules and is_model(frame.file):
        return Lazy(f"{lazy.module}.{name}", lazy.level, lazy.importer, None)  # a model lists all its parts; few are used
    return load(machine, frame, inner) if inner is not None else Unknown(f"{name} is not known")


def _import_star(machine: Machine, frame: Frame, module: Value) -> None:
    content = machine.content(module)
    if isinstance(module, LibRef):
        old = machine.store.cell(frame.module, STARS)
        machine.store.set_cell(frame.module, STARS, Tuple((module, *(old.items if isinstance(old, Tuple) else ()))))
    if not isinstance(module, Ref) or not isinstance(content, ModuleObject):
        return
    exported = machine.store.cell(module.address, "__all__")
    listed = machine.content(exported) if exported is not None else None
    names = None
    if listed is not None and getattr(listed, "items", None) is not None:
        names = {v.value for v in listed.items if isinstance(v, Const)}  # type: ignore[union-attr]
    elif isinstance(exported, Tuple):
        names = {v.value for v in exported.items if isinstance(v, Const)}
    for name, value in machine.store.cells(module.address):
        if name in names if names is not None else not name.startswith("_"):
            assignment.bind_name(machine, frame, name, value)


def loaded(machine: Machine, name: object) -> Value:
    """``sys.modules[name]`` of a user module."""
    for address in machine.modules.values():
        content = machine.store.get(address)
        if isinstance(content, ModuleObject) and (content.name == name or machine.store.cell(address, "__name__") == Const(name)):
            return Ref(address)
    return Unknown(f"module {name} is not known")


def from_stars(machine: Machine, frame: Frame, name: str) -> Value | None:
    """A name that ``from torch import *`` brought, the latest import first."""
    stars = machine.store.cell(frame.module, STARS)
    for module in stars.items if isinstance(stars, Tuple) and not name.startswith("_") else ():
        if isinstance(module, LibRef) and machine.oracle.describe(f"{module.path}.{name}").kind != "missing":
            return calls.library_name(machine, f"{module.path}.{name}")
    return None


def submodule(machine: Machine, frame: Frame, content: ModuleObject, name: str) -> Value:
    """An attribute of a package that is a module of its own."""
    file = machine.imports.find(f"{content.name}.{name}", content.file, 0)
    if file is not None and file in machine.modules:
        return Ref(machine.modules[file])
    return Unknown(f"{content.name}.{name} is not known")


#: Modules of known libraries that are modelled in Python rather than asked of the oracle.
MODELLED = ("torch.utils.data", "torch.utils.benchmark")


def modelled(machine: Machine, path: str) -> Value | None:
    """A name of a known library that a model defines, by whatever module of the library it is reached."""
    home = next((m for m in MODELLED if path.startswith(f"{m}.")), None)
    file = find_model(home) if home is not None else None
    module = load(machine, Frame(0, 0, file), file) if file is not None else None
    return machine.store.cell(module.address, path.rpartition(".")[2]) if isinstance(module, Ref) else None


def foreign_name(machine: Machine, path: str) -> Value:
    """A name of a library that the oracle does not answer for."""
    return LibRef(libraries.canonical(path))


def call_foreign(machine: Machine, frame: Frame, node: ast.AST, path: str, arguments: Arguments) -> Value:
    """Call something of a library that nothing is known of."""
    if arguments_failed(arguments):
        return FAILED
    if path.rsplit(".", 1)[-1] in calls.KEEPERS:
        return Unknown(path)
    return calls.escape(machine, arguments, path)
