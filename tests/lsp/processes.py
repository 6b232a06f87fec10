"""The processes of this machine, as /proc tells them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.lsp.client import PATIENCE

PROC = Path("/proc")
needs_proc = pytest.mark.skipif(not (PROC / "self/stat").exists(), reason="no /proc here")


def descendants(root: int) -> set[int]:
    """The processes below one, without it."""
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            state = _stat(int(entry.name))
            if state is not None:
                parents[int(entry.name)] = int(state[1])
    found: set[int] = set()
    front = {root}
    while front:
        front = {p for p, parent in parents.items() if parent in front} - found
        found |= front
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be noticed does not."""
    state = _stat(pid)
    return state is not None and state[0] != "Z"


def _stat(pid: int) -> list[str] | None:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def wait_until_gone(pids: set[int]) -> None:
    """Wait until none of these runs."""
    end = time.monotonic() + PATIENCE
    while left := {p for p in pids if alive(p)}:
        assert time.monotonic() < end, f"still there: {[(p, _command(p)) for p in left]}"
        time.sleep(0.01)


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError as error:
        return os.strerror(error.errno or 0)
