"""A deep stack: interpreting nested programs recurses further than Python's default allows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")

STACK = 256 * 1024 * 1024  # bytes, reserved not used
RECURSION = 15_000  # Python frames that fit into it


def run_deep(work: Callable[[], Result]) -> Result:
    """Run something on a thread with a deep stack and wait for it; what it raises is raised here."""
    done: Future[Result] = Future()

    def target() -> None:
        sys.setrecursionlimit(RECURSION)
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  handed to the caller
            done.set_exception(error)

    old = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=target, name="deep", daemon=True)
        thread.start()
    finally:
        threading.stack_size(old)
    return done.result()
