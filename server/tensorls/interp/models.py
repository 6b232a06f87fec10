"""Where the models of libraries lie: Python files that are interpreted in place of a library that is not at hand."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "modelled"


def find(name: str) -> str | None:
    """The model of a module by its dotted name."""
    place = FOLDER.joinpath(*name.split("."))
    for candidate in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if candidate.is_file():
            return str(candidate)
    return None


def name_of(file: str) -> str | None:
    """The dotted name of a model's file."""
    path = Path(file)
    if not path.is_relative_to(FOLDER):
        return None
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
