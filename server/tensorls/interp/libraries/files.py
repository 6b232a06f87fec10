"""Files, as far as their text flows into lists: ``open``, ``os``, ``glob`` and ``csv``; nothing is ever read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from tensorls.domain.objects import GeneratorObject, LibObject, ListObject
from tensorls.domain.values import NONE, Arguments, Const, Ref, Scalar, Unknown, Value
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine

TEXT_FILE = "io.TextIOWrapper"
Handler = Callable[[Machine, Frame, ast.AST, str, Arguments], Value]
STR = Scalar("str")


def opened(machine: Machine, a: Arguments) -> Value:
    """``open(path, mode)``: a text file, unless the mode may say that it holds bytes."""
    mode = a.get(1, "mode") or Const("r")
    if isinstance(mode, Const) and isinstance(mode.value, str) and "b" not in mode.value:
        return machine.store.new(LibObject(TEXT_FILE))
    return Unknown("a binary file")


def call_method(machine: Machine, ref: Ref, name: str) -> Value:
    """A method of a text file."""
    if name in ("read", "readline"):
        return STR
    if name == "readlines":
        return machine.store.new(ListObject(None, STR))
    if name in ("write", "seek", "tell"):
        return machine.unknown_int()
    return ref if name == "__enter__" else NONE if name in ("close", "flush", "writelines") else Unknown(f"{name} of a file")


def _open(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return opened(machine, a)


def _names(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return machine.store.new(ListObject(None, STR))


def _text(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return STR


def _bool(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return Scalar("bool")


def _nothing(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    return NONE


def _rows(machine: Machine, frame: Frame, node: ast.AST, path: str, a: Arguments) -> Value:
    """``csv.reader``: rows of texts."""
    if a.keyword("quoting") is not None:  # may make numbers of them
        return Unknown(path)
    return machine.store.new(GeneratorObject(None, machine.store.new(ListObject(None, STR))))


HANDLERS: Mapping[str, Handler] = {
    "io.open": _open, "codecs.open": _open, "os.listdir": _names, "glob.glob": _names, "csv.reader": _rows,
    "os.getcwd": _text, "os.path.dirname": _text, "os.path.abspath": _text, "os.path.realpath": _text, "os.path.expanduser": _text,
    **{f"os.path.{n}": _bool for n in ("exists", "isfile", "isdir")}, "os.makedirs": _nothing, "os.mkdir": _nothing,
}  # fmt: skip
