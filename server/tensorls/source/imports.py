"""Finding the files of the user's own modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MARKERS", "Roots", "module_file", "module_name", "project_root"]

#: A folder that holds one of these is the root of a project.
MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", "requirements.txt")


def project_root(path: Path) -> Path:
    """The nearest folder above a file that looks like a project's root; its own folder otherwise."""
    for folder in path.resolve().parents:
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return path.resolve().parent


@dataclass(frozen=True)
class Roots:
    """Folders in which absolute imports are looked up, in order."""

    folders: tuple[Path, ...]

    @staticmethod
    def around(files: Iterable[Path], *extra: Path) -> Roots:
        """The folders that hold the files' packages, the files' own, then their project roots, each with its `src`."""
        listed = [Path(f).resolve() for f in files]
        candidates = [*extra, *(r for f in listed for r in _roots_of(f)), *(project_root(f) for f in listed)]
        found = dict.fromkeys(p for c in candidates for p in (c, c / "src") if p.is_dir())
        return Roots(tuple(found))

    def find(self, name: str, importer: str, level: int = 0) -> str | None:
        """The file of a module as an import statement in `importer` names it; None when it is no file of these roots."""
        parts = [p for p in name.split(".") if p]
        here = Path(importer).resolve() if importer else None
        if level and here is not None:
            return module_file(here.parents[level - 1].joinpath(*parts)) if level <= len(here.parents) else None
        if not parts:
            return None
        itself = None
        for root in dict.fromkeys((*(_roots_of(here) if here is not None else ()), *self.folders)):
            found = module_file(root.joinpath(*parts))
            if found is not None and here is not None and Path(found).resolve() == here:
                itself = found  # a program named like the module that it uses means the module
            elif found is not None:
                return found
        return itself


def _roots_of(file: Path) -> Iterator[Path]:
    """Where a file's absolute imports are looked up first: above the package that it belongs to, and beside it."""
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    yield folder
    if folder != file.parent:
        yield file.parent


def module_file(path: Path) -> str | None:
    """The source of a module by its path without suffix: a package's or a file's."""
    package = path / "__init__.py"
    if package.is_file():
        return str(package)
    module = path.parent / f"{path.name}.py"
    return str(module) if module.is_file() else None


def module_name(path: str, folders: Iterable[Path]) -> str:
    """The dotted name under which a file would be imported from the first folder that holds it."""
    file = Path(path).resolve()
    for root in folders:
        if file.is_relative_to(root):
            parts = [*file.relative_to(root).parts[:-1], file.stem]
            return ".".join(p for p in parts if p != "__init__") or file.stem
    return file.stem
