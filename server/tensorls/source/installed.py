"""Finding the source of installed packages."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tensorls.source.imports import module_file

__all__ = ["MISSING", "NOTHING_INSTALLED", "Installed"]

MISSING = "is not installed"
COMPILED = (".so", ".pyd")
_TENSORS = re.compile(r"^Requires-Dist: *(torch|numpy)\b", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Installed:
    """The folders in which packages are installed.  ``own``: packages whose files are analysed, and so count as the user's."""

    folders: tuple[Path, ...] = ()
    own: frozenset[str] = frozenset()
    _usable: dict[str, str | None] = field(default_factory=dict, compare=False)

    def without(self, files: Iterable[Path]) -> Installed:
        """The same where the packages that hold these files are the user's."""
        return replace(self, own=frozenset(filter(None, (self.package(str(f.resolve())) for f in files))))

    def package(self, file: str) -> str | None:
        """The installed package (or module) that a file belongs to; None for a file of the user's."""
        path = Path(file)
        for folder in self.folders:
            if path.is_relative_to(folder):
                return path.relative_to(folder).parts[0].removesuffix(".py")
        return None

    def is_foreign(self, file: str) -> bool:
        """Whether a file belongs to a package that the user did not ask about."""
        package = self.package(file)
        return package is not None and package not in self.own

    def find(self, name: str) -> str | None:
        """The file of a module by its absolute name."""
        return next(filter(None, (module_file(folder.joinpath(*name.split("."))) for folder in self.folders)), None)

    def obstacle(self, package: str) -> str | None:
        """Why a package is not interpreted; None when it is."""
        if package in self.own:
            return None
        if package not in self._usable:
            self._usable[package] = self._obstacle(package)
        return self._usable[package]

    def _obstacle(self, package: str) -> str | None:
        for folder in self.folders:
            if _is_compiled(folder, package):
                return f"{package} is compiled"
            if module_file(folder / package) is not None:
                return None if _knows_tensors(folder, package) else f"{package} has nothing to do with tensors"
            if (folder / package).is_dir():
                return f"module {package} is not known"
        return f"module {package} is not known" if not self.folders or package in sys.stdlib_module_names else f"{package} {MISSING}"


def _is_compiled(folder: Path, package: str) -> bool:
    """Whether a module, or any part of a package, is machine code: then its source alone does not say what it does."""
    if any(p.name.endswith(COMPILED) for p in folder.glob(f"{package}.*")):
        return True
    return any(f.endswith(COMPILED) for _, _, files in os.walk(folder / package) for f in files)


def _knows_tensors(folder: Path, package: str) -> bool:
    """Whether a package may work on tensors: by what it requires, where that is known."""
    for metadata in (*folder.glob(f"{package}-*.dist-info/METADATA"), *folder.glob(f"{package.replace('_', '-')}-*.dist-info/METADATA")):
        return _TENSORS.search(metadata.read_text(encoding="utf-8", errors="replace")) is not None
    return True


NOTHING_INSTALLED = Installed()
