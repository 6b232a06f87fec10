"""Answer ``initialize`` before pygls and the interpreter are imported, which takes longer than all the rest of the start.

What is answered is the same for every client but for the position encoding; a test holds it against what pygls would say.
pygls handles the request all the same, afterwards; only its answer is dropped.
"""

from __future__ import annotations

import json
import select
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

from tensorls import __version__

PATIENCE = 0.02  # seconds to wait for the request instead of getting on with the imports
ENCODINGS = ("utf-8", "utf-16", "utf-32")
CAPABILITIES: Mapping[str, Any] = {
    "textDocumentSync": {"openClose": True, "change": 2, "save": False},
    "hoverProvider": True,
    "codeActionProvider": {"codeActionKinds": ["quickfix"]},
    "executeCommandProvider": {"commands": ["tensorls.restartEngine"]},
    "inlayHintProvider": {"resolveProvider": False},
    "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}, "fileOperations": {}},
}
NOTEBOOKS: Mapping[str, Any] = {"notebookSelector": [{"notebook": "*", "cells": [{"language": "python"}]}]}


class Replay:
    """A stream that begins with what has been read from it already."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def readline(self) -> bytes:
        """The next line."""
        if not self._first:
            return self._rest.readline()
        line, end, self._first = self._first.partition(b"\n")
        return line + end

    def read(self, size: int) -> bytes:
        """So many bytes."""
        if not self._first:
            return self._rest.read(size)
        data, self._first = self._first[:size], self._first[size:]
        return data

    def close(self) -> None:
        """Close the stream behind."""
        self._rest.close()


def initialize(stdin: BinaryIO, stdout: BinaryIO) -> tuple[bytes, Any]:
    """Answer the first message if it is there and is ``initialize``; what was read, and the id of what was answered."""
    if sys.platform == "win32" or not select.select([stdin], [], [], PATIENCE)[0]:  # Windows cannot wait for a pipe
        return b"", None
    raw = stdin.readline()
    length = 0
    while line := raw[raw.rfind(b"\n", 0, -1) + 1 :].strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
        following = stdin.readline()
        if not following:
            return raw, None
        raw += following
    body = stdin.read(length)
    raw += body
    try:
        message = json.loads(body)
    except ValueError:  # pygls says what is wrong with it
        return raw, None
    if not isinstance(message, dict) or message.get("method") != "initialize" or "id" not in message:
        return raw, None
    answer = {"id": message["id"], "jsonrpc": "2.0", "result": result(message.get("params"))}
    data = json.dumps(answer).encode()
    stdout.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
    stdout.flush()
    return raw, message["id"]


def result(params: Any) -> dict[str, Any]:
    """The answer to ``initialize``."""
    wanted = params
    for name in ("capabilities", "general", "positionEncodings"):
        wanted = wanted.get(name) if isinstance(wanted, Mapping) else None
    offered = wanted if isinstance(wanted, list) else []
    encoding = next((e for e in offered if e in ENCODINGS), "utf-16")
    client = params.get("capabilities") if isinstance(params, Mapping) else None
    syncs = isinstance(client, Mapping) and client.get("notebookDocument") is not None
    capabilities = {"positionEncoding": encoding, **CAPABILITIES, **({"notebookDocumentSync": NOTEBOOKS} if syncs else {})}
    return {"capabilities": capabilities, "serverInfo": {"name": "tensorls", "version": __version__}}
