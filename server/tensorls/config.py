"""Settings: which interpreter answers, which rules speak.  From the command line, the editor, ``[tool.tensorls]``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tensorls.source.imports import project_root

if sys.version_info >= (3, 11):
    import tomllib
else:  # the same parser under its own name
    import tomli as tomllib


class ConfigError(Exception):
    """A setting that cannot be used; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """``severities``: rule code to error, warning, information, hint or off."""

    severities: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()


LEVELS = ("error", "warning", "information", "hint", "off")


def load_config(file: Path | None, near: Path) -> Config:
    """The ``[tool.tensorls]`` table of a file, or of the project around ``near``; raises ConfigError."""
    path = file if file is not None else project_root(near / "x") / "pyproject.toml"
    if not path.is_file():
        if file is not None:
            raise ConfigError(f"{file}: no such configuration file")
        return Config()
    try:
        with path.open("rb") as handle:
            data = tomllib.load(handle)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    table = data.get("tool", {}).get("tensorls", {})
    return config_from(table if isinstance(table, Mapping) else {}, str(path))


def config_from(table: Mapping[str, Any], where: str) -> Config:
    """Check a table of settings."""
    rules = table.get("rules", {})
    entries = table.get("entries", [])
    if not isinstance(rules, Mapping):
        raise ConfigError(f"{where}: 'rules' must be a table of rule codes")
    for code, level in rules.items():
        if level not in LEVELS:
            raise ConfigError(f"{where}: rules.{code} is {level!r}; use one of {', '.join(LEVELS)}")
    if not isinstance(entries, list) or not all(isinstance(e, str) for e in entries):
        raise ConfigError(f"{where}: 'entries' must be a list of files")
    return Config(dict(rules), tuple(entries))


def find_interpreter(chosen: str | None, folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The interpreter whose torch answers: the one chosen, the active environment's, the workspace's, the server's own."""
    if chosen:
        return chosen
    candidates = [Path(environ[n]) for n in ("VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(n)]
    candidates += [folder / ".venv", project_root(folder / "x") / ".venv"]
    for base in candidates:
        for name in ("bin/python", "Scripts/python.exe", "python.exe"):
            if (base / name).is_file():
                return str(base / name)
    return sys.executable
