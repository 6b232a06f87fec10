"""A small language client over stdio: requests wait for their answer, notifications from the server are kept in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.protocol import default_converter

PATIENCE = 90.0  # seconds; a limit for a broken server, not a measure of a slow one
_CONVERTER = default_converter()  # type: ignore[no-untyped-call]

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    },
    "workspace": {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "inlayHint": {"refreshSupport": True},
    },
}


class Failed(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error))
        self.code: int = error["code"]


class Client:
    """One server and the connection to it."""

    def __init__(self, command: list[str] | None = None, *, python: str | None = sys.executable,
                 environment: dict[str, str] | None = None, cwd: Path | None = None) -> None:  # fmt: skip
        chosen = [] if python is None else ["--python", python]
        start = command or [sys.executable, "-m", "tensorls", "server", "--stdio", "--no-memo", *chosen]
        self.process = subprocess.Popen(
            start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=cwd
        )
        self.stderr = b""
        self.received: list[dict[str, Any]] = []  # notifications and requests of the server
        self.answers: dict[int, dict[str, Any]] = {}
        self.configuration: Any = None
        self._number = 0
        self._ended = False
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self._threads = [threading.Thread(target=t, daemon=True) for t in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    # the wire

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._sending:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            self._handle(json.loads(stream.read(length)))
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _handle(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            result = [self.configuration] if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": result})
        with self._news:
            if "method" in message:
                self.received.append(message)
            else:
                self.answers[message["id"]] = message
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr
        while data := os.read(self.process.stderr.fileno(), 1 << 16):
            self.stderr += data

    def wait(self, ready: Callable[[], Any]) -> Any:
        """Wait until something holds, looked at whenever a message came in."""
        with self._news:
            assert self._news.wait_for(lambda: ready() or self._ended, PATIENCE), "the server does not answer"
            found = ready()
            assert found, f"the server ended: {self.stderr.decode()}"
            return found

    # messages

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def start(self, method: str, params: Any) -> int:
        """Send a request without waiting; the answer says its number."""
        with self._news:
            self._number += 1
            number = self._number
        self.send({"id": number, "method": method, "params": params})
        return number

    def answer(self, number: int) -> dict[str, Any]:
        found = self.wait(lambda: self.answers.get(number))
        assert isinstance(found, dict)
        return found

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request, checked against the protocol's types."""
        found = self.answer(self.start(method, params))
        if "error" in found:
            raise Failed(found["error"])
        kinds = lsp.METHOD_TO_TYPES.get(method)
        if kinds is not None and kinds[1] is not None:
            _CONVERTER.structure(found, kinds[1])
        return found.get("result")

    # the life of a session

    def initialize(self, root: Path | None = None, capabilities: dict[str, Any] = CAPABILITIES, **options: Any) -> dict[str, Any]:
        uri = root.as_uri() if root else None
        result = self.ask("initialize", {"processId": None, "rootUri": uri, "capabilities": capabilities, **options})
        self.notify("initialized", {})
        assert isinstance(result, dict)
        return result

    def settled(self) -> dict[str, Any]:
        """The newest status once the server has told one that is not ``starting``."""
        found = self.wait(lambda: [m for m in self.told("tensorls/statusChanged") if m["state"] != "starting"])[-1]
        assert isinstance(found, dict)
        return found

    def told(self, method: str) -> list[Any]:
        return [m["params"] for m in self.received if m["method"] == method]

    def stop(self) -> int:
        """Shut the server down; its exit status."""
        self.ask("shutdown", None)
        self.notify("exit", None)
        return self.finish()

    def finish(self) -> int:
        status = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return status

    def close(self) -> None:
        """End it in any case."""
        self.process.kill()
        self.finish()
