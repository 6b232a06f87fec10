"""The way in.  Small on purpose: the oracle starts, and the client has its answer, before the rest is imported."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import BinaryIO, cast

from tensorls.collecting import collect_rarely
from tensorls.lsp import early
from tensorls.lsp.engine import Engine

SWITCH = 0.001  # seconds after which the analysis thread lets the event loop run


def serve(python: str | None = None, memo: bool = True, config: Path | None = None, tcp: tuple[str, int] | None = None) -> None:
    """Run the server until the client ends it."""
    gc.disable()  # imports make nothing but what stays
    engine = Engine(python, memo, config)
    engine.warm()
    read, answered = (b"", None) if tcp is not None else early.initialize(sys.stdin.buffer, sys.stdout.buffer)
    from tensorls.lsp.handlers import create

    server = create(engine)
    server.answered = answered
    sys.setswitchinterval(SWITCH)
    collect_rarely()
    try:
        if tcp is not None:
            server.start_tcp(*tcp)
        else:
            server.start_io(cast("BinaryIO", early.Replay(read, sys.stdin.buffer)))
    finally:
        server.documents.stop()
        engine.close()
    if not server.orderly:
        sys.exit(1)
