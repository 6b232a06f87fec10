"""Which files of a project use a module: the programs whose calls tell what its functions are given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tensorls.source.files import Unreadable, read_source
from tensorls.source.imports import Roots

MAX_FILES = 3_000  # of a project that are looked at
MAX_FOLDERS = 1_000
MAX_CALLERS = 3
MAX_GROUPED = 100  # files named together that are looked at for who uses whom
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+([^\n#]+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
_PROGRAM = re.compile(r"^if[ \t]+__name__[ \t]*==", re.MULTILINE)


class Callers:
    """Finds importers of files below one folder; what a file imports is read once for each of its states."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, str]] = {}

    def of(self, file: str) -> tuple[str, ...]:
        """The programs that import a file, directly or through a package's ``__init__``: scripts before other modules."""
        if not os.path.isfile(file):
            return ()
        roots = Roots.around([Path(file)], self._folder)
        texts = {path: text for path in self._files() if path != file and (text := self._text(path))}
        found: dict[str, None] = {}
        wanted, seen = [file], {file}
        while wanted:
            target = wanted.pop()
            for path, text in texts.items():
                if path not in seen and imports(text, path, target, roots):
                    seen.add(path)
                    if Path(path).name == "__init__.py":
                        wanted.append(path)
                    else:
                        found[path] = None
        return tuple(sorted(found, key=lambda p: (_PROGRAM.search(texts[p]) is None, _is_test(p), len(texts[p]), p))[:MAX_CALLERS])

    def _files(self) -> Iterator[str]:
        count = 0
        for number, (folder, folders, names) in enumerate(os.walk(self._folder)):
            if number == MAX_FOLDERS:
                return
            folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED
                                and not os.path.exists(os.path.join(folder, f, "pyvenv.cfg")))  # fmt: skip
            for name in sorted(names):
                if name.endswith(".py"):
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield os.path.realpath(os.path.join(folder, name))

    def _text(self, path: str) -> str:
        try:
            stamp = os.stat(path).st_mtime_ns
            known = self._read.get(path)
            if known is None or known[0] != stamp:
                known = self._read[path] = (stamp, read_source(path).text)
        except (OSError, Unreadable):
            return ""
        return known[1]


def grouped(texts: Mapping[str, str], folder: Path | None) -> dict[tuple[str, ...], list[str]]:
    """Files named together, by the programs among them: a module belongs to those that use it, all others to themselves."""
    own: dict[tuple[str, ...], list[str]] = {(path,): [path] for path in texts}
    if not 1 < len(texts) <= MAX_GROUPED:
        return own
    roots = Roots.around([Path(p) for p in texts], *((folder,) if folder is not None else ()))
    users = {p: [o for o, text in texts.items() if o != p and imports(text, o, p, roots)] for p in texts}
    groups: dict[tuple[str, ...], list[str]] = {}
    for path in texts:
        programs = () if is_program(texts[path]) else _reached(path, users, texts)
        groups.setdefault(programs or (path,), []).append(path)
    return groups


def _reached(path: str, users: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> tuple[str, ...]:
    """The programs that use a module, directly or through others."""
    waiting, seen = [path], {path}
    while waiting:
        for user in users[waiting.pop()]:
            if user not in seen:
                seen.add(user)
                waiting.append(user)
    found = [p for p in texts if p in seen and p != path and (is_program(texts[p]) or not users[p])]
    return tuple(found[:MAX_CALLERS])


def imports(text: str, path: str, target: str, roots: Roots) -> bool:
    """Whether a file's text imports the target file."""
    stem = Path(target).stem if Path(target).name != "__init__.py" else Path(target).parent.name
    if stem not in text:
        return False
    for dots, module, names, plain in _IMPORT.findall(text):
        if plain:
            candidates = [(name.split()[0], 0) for name in plain.split(",") if name.strip()]
        else:
            listed = [n.split()[0].strip("()") for n in names.split(",") if n.strip(" ()")]
            candidates = [(module, len(dots)), *((f"{module}.{n}" if module else n, len(dots)) for n in listed)]
        if any(roots.find(name, path, level) == target for name, level in candidates if stem in name or not name):
            return True
    return False


def is_program(text: str) -> bool:
    """Whether a file runs by itself."""
    return _PROGRAM.search(text) is not None


def _is_test(path: str) -> bool:
    return "test" in Path(path).stem or any(part in ("test", "tests") for part in Path(path).parts)
