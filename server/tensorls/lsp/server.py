"""The way in.  Small on purpose: the oracle starts while the rest of the server is still being imported."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from tensorls.lsp.engine import Engine

SWITCH = 0.001  # seconds after which the analysis thread lets the event loop run


def serve(python: str | None = None, memo: bool = True, config: Path | None = None, tcp: tuple[str, int] | None = None) -> None:
    """Run the server until the client ends it."""
    engine = Engine(python, memo, config)
    engine.warm()
    from tensorls.lsp.handlers import create

    server = create(engine)
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # what was imported stays
    gc.set_threshold(50_000, 20, 20)
    try:
        if tcp is not None:
            server.start_tcp(*tcp)
        else:
            server.start_io()
    finally:
        server.documents.stop()
        engine.close()
    if not server.orderly:
        sys.exit(1)
