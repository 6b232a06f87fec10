"""What tests of several folders share: one oracle for a whole test process."""

from __future__ import annotations

import atexit
import sys
from functools import cache

from tensorls.oracle.client import Oracle
from tensorls.oracle.start import open_oracle
from tensorls.workspace import Workspace


@cache
def shared_oracle() -> Oracle:
    """The oracle under the interpreter that runs the tests, without the memo on disk."""
    oracle = open_oracle(sys.executable, memo=False)
    atexit.register(oracle.close)
    return oracle


@cache
def shared_workspace() -> Workspace:
    """Analyses with the shared oracle."""
    return Workspace(shared_oracle())
