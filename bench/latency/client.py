"""A language client of the standard library alone, so that what is measured is the server."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

PATIENCE = 120.0
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}, "publishDiagnostics": {"versionSupport": True}},
    "workspace": {"configuration": True, "workspaceFolders": True},
}


class Client:
    """One server, one document."""

    def __init__(self, command: list[str], root: Path, environment: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root, env=environment
        )
        self.root = root
        self._answers: dict[int, tuple[float, Any]] = {}
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self._number = 0
        self._version = 1
        self._ended = False
        self.uri = ""
        self.peaks: dict[int, tuple[str, int]] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._sending:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream
        while header := stream.readline():
            length = int(header.split(b":")[1]) if header.lower().startswith(b"content-length") else 0
            while line := stream.readline().strip():
                length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else length
            message = json.loads(stream.read(length))
            now = time.perf_counter()
            if "method" in message and "id" in message:
                items = message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else None
                self._send({"id": message["id"], "result": None if items is None else [None] * len(items)})
            elif "id" in message:
                with self._news:
                    self._answers[message["id"]] = (now, message.get("result"))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def ask(self, method: str, params: Any) -> tuple[float, Any]:
        """When the answer came, and its result."""
        with self._news:
            self._number += 1
            number = self._number
        self._send({"id": number, "method": method, "params": params})
        with self._news:
            if not self._news.wait_for(lambda: number in self._answers or self._ended, PATIENCE) or number not in self._answers:
                raise SystemExit(f"no answer to {method}")
            return self._answers.pop(number)

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def initialize(self) -> float:
        """Seconds from the start of the process to the answer."""
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        params = {"processId": os.getpid(), "rootUri": folder["uri"], "capabilities": CAPABILITIES, "workspaceFolders": [folder]}
        at, _ = self.ask("initialize", params)
        self.notify("initialized", {})
        return at - self.started

    def open(self, path: Path) -> None:
        self.uri = path.as_uri()
        item = {"uri": self.uri, "languageId": "python", "version": 1, "text": path.read_text(encoding="utf-8")}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def replace_line(self, line: int, length: int, text: str) -> None:
        """An incremental change of one line."""
        self._version += 1
        change = {"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": length}}, "text": text}
        identifier = {"uri": self.uri, "version": self._version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})

    def hover(self, line: int, character: int) -> tuple[float, str]:
        """When the answer came, and its text."""
        position = {"line": line, "character": character}
        at, found = self.ask("textDocument/hover", {"textDocument": {"uri": self.uri}, "position": position})
        return at, json.dumps(found["contents"], ensure_ascii=False) if found else ""

    def note_memory(self) -> None:
        """Peak memory of each process of the family, in KiB."""
        family, front = {self.process.pid}, {self.process.pid}
        states = {int(p.name): _status(p) for p in Path("/proc").iterdir() if p.name.isdigit()}
        while front:
            front = {pid for pid, state in states.items() if state.get("PPid") in {str(f) for f in front}} - family
            family |= front
        for pid in family:
            peak = states.get(pid, {}).get("VmHWM")
            if peak:
                kind = "server" if pid == self.process.pid else "oracle"
                self.peaks[pid] = (kind, max(int(peak.split()[0]), self.peaks.get(pid, ("", 0))[1]))

    def peak(self, kind: str) -> float:
        """MiB."""
        return sum(size for k, size in self.peaks.values() if k == kind) / 1024

    def stop(self) -> None:
        self.ask("shutdown", None)
        self.notify("exit", None)
        self.process.wait(PATIENCE)


def _status(process: Path) -> dict[str, str]:
    try:
        text = (process / "status").read_text()
    except OSError:  # it has ended meanwhile
        return {}
    return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
