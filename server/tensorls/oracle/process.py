"""The agent process, seen from the server: started, spoken to with a deadline, replaced when it dies.

One exchange at a time (a lock), one line out and one line back for every row.  A worker that does not answer in time is killed;
what it was asked becomes unanswered, the rest is asked of its successor.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, NoReturn

DEADLINE = 5.0  # seconds a question may take
PATIENCE = 60.0  # seconds that importing torch may take
_REMEDY = "Install torch or NumPy there, or select another interpreter."
CULPRIT = 2  # deaths after which a question is not asked again
KEPT_CULPRITS = 4096
AGENT = Path(__file__).parent / "agent" / "main.py"


class OracleUnavailable(Exception):
    """No interpreter that can answer; ``reason`` and ``remedy`` are for the user."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason, self.remedy = reason, remedy


class _WorkerDied(Exception):
    """The worker ended instead of answering; how is the message."""


class _Lines:
    """The lines of a pipe, with a time limit.  (Windows has no poll for pipes: there a thread reads.)"""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._buffer = b""
        self._queue: SimpleQueue[bytes] | None = None
        if sys.platform == "win32":
            self._queue = SimpleQueue()
            threading.Thread(target=self._pump, daemon=True).start()
        else:
            self._poll = select.poll()
            self._poll.register(pipe, select.POLLIN | select.POLLHUP)

    def _pump(self) -> None:
        assert self._queue is not None
        while data := os.read(self._pipe.fileno(), 1 << 16):
            self._queue.put(data)
        self._queue.put(b"")

    def read(self, seconds: float) -> bytes | None:
        """The next line; empty at the end; None when time is up."""
        end = time.monotonic() + seconds
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                return line + found
            data = self._more(end - time.monotonic())
            if not data:
                return data
            self._buffer += data

    def _more(self, seconds: float) -> bytes | None:
        if self._queue is not None:
            try:
                return self._queue.get(timeout=max(seconds, 0.0))
            except Empty:
                return None
        if not self._poll.poll(max(seconds, 0.0) * 1000):
            return None
        return os.read(self._pipe.fileno(), 1 << 16)


class Agent:
    """The agent under one interpreter.  Starting returns at once; whatever needs an answer waits for it."""

    def __init__(self, interpreter: str, deadline: float = DEADLINE, patience: float = PATIENCE) -> None:
        self.interpreter, self.deadline, self.patience = interpreter, deadline, patience
        self._lock = threading.RLock()
        self._closed = False
        self._deaths: Counter[tuple[str, str]] = Counter()
        self._number = 0
        self._hello: Mapping[str, Any] | None = None
        self._ready: Mapping[str, Any] | None = None
        self.worker = 0  # its process id
        self._start()

    def _start(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        try:
            self._process = subprocess.Popen(
                [self.interpreter, str(AGENT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                cwd=AGENT.parent,
                bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._log.close()
            raise OracleUnavailable(
                f"The Python interpreter {self.interpreter} cannot be started: {error.strerror or error}",
                "Select another interpreter.",
            ) from error
        assert self._process.stdin
        assert self._process.stdout
        self._stdin = self._process.stdin
        self._lines = _Lines(self._process.stdout)
        self._hello = self._ready = None
        self.worker = 0

    # what is known of the interpreter -----------------------------------------------------------------------------

    def hello(self) -> Mapping[str, Any]:
        """Versions; known before torch has been imported."""
        with self._lock:
            if self._closed:
                raise OracleUnavailable("The oracle is closed", "Restart the server.")
            if self._hello is None:
                self._hello = self._greeting("hello")
                major, minor = (int(n) for n in self._hello["python"].split(".")[:2])
                if (major, minor) < (3, 10):
                    self._unavailable(f"{self.interpreter} is Python {self._hello['python']}", "Python 3.10 or newer is needed.")
                if not self._hello["torch"] and not self._hello["numpy"]:
                    self._no_library("neither torch nor NumPy is installed there")
            return self._hello

    def ready(self) -> Mapping[str, Any]:
        """Devices and import problems; waits for the imports."""
        with self._lock:
            self.hello()
            if self._ready is None:
                self._ready = self._greeting("ready")
                if not self._ready["torch"] and not self._ready["numpy"]:
                    self._no_library("; ".join(f"importing {n}: {p}" for n, p in self._ready["problems"].items()))
            return self._ready

    def _no_library(self, why: str) -> NoReturn:
        self._unavailable(f"{self.interpreter} cannot answer: {why}", _REMEDY)

    def _unavailable(self, reason: str, remedy: str) -> NoReturn:
        self.close()
        raise OracleUnavailable(reason, remedy)

    def _greeting(self, name: str) -> Mapping[str, Any]:
        """Wait for the agent's ``hello``, ``ready`` or ``worker`` message."""
        end = time.monotonic() + self.patience
        while line := self._lines.read(max(end - time.monotonic(), 0.0)):
            message = _parse(line)  # not ours: printed by the interpreter's own start (sitecustomize)
            if isinstance(message, dict) and "failed" in message:
                self._no_start(message["failed"])
            if isinstance(message, dict) and name in message:
                found = message[name]
                return found if isinstance(found, dict) else message
        if self._closed:
            raise OracleUnavailable("The oracle is closed", "Restart the server.")
        return self._no_start("no answer in time" if line is None else self._log_tail() or "it ended without a word")

    def _no_start(self, why: str) -> NoReturn:
        self._unavailable(f"{self.interpreter} does not run the oracle: {why}", "Select a Python (3.10 or newer) that runs.")

    def _log_tail(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    # asking -------------------------------------------------------------------------------------------------------

    def describe(self, path: str) -> Mapping[str, Any]:
        """What the agent says of a dotted path."""
        answer = self._ask({"describe": path}, path, [[]])[0]
        return answer if isinstance(answer, dict) else {"kind": "denied"}

    def evaluate(self, text: str, rows: list[list[int]], backend: str) -> list[Any]:
        """The answers of a template for each row of sizes."""
        return self._ask({"question": text, "backend": backend}, text, rows)

    def _ask(self, request: dict[str, Any], text: str, rows: list[list[int]]) -> list[Any]:
        answers: list[Any] = []
        with self._lock:
            while len(answers) < len(rows):
                culprit = (text, f"{request.get('backend')}{rows[len(answers)]}")
                if self._deaths[culprit] >= CULPRIT:
                    answers.append(["no", "crashed before, not tried again"])
                    continue
                try:
                    self._exchange(request, rows, answers)
                except _WorkerDied as died:
                    culprit = (text, f"{request.get('backend')}{rows[len(answers)]}")
                    if len(self._deaths) >= KEPT_CULPRITS:
                        self._deaths.clear()
                    self._deaths[culprit] += 1
                    answers.append(["no", str(died)])
        return answers

    def _exchange(self, request: dict[str, Any], rows: list[list[int]], answers: list[Any]) -> None:
        """Ask for the rows that have no answer yet, appending answers as they come; raises _WorkerDied."""
        self._synchronise()
        self._number += 1
        first = len(answers)
        message = {"id": self._number, "first": first, "rows": rows[first:], **request}
        if not self._write(json.dumps(message)):
            raise _WorkerDied(self._successor())
        while len(answers) < len(rows):
            line = self._lines.read(self.deadline)
            if line is None:
                self._kill_worker()
                self._successor()
                raise _WorkerDied(f"timed out after {self.deadline:g} s")
            if not line:
                raise _WorkerDied(self._successor())
            found = _parse(line)
            if isinstance(found, dict):
                raise _WorkerDied(self._welcome(found))
            if isinstance(found, list) and found[0] == self._number:
                answers.append(found[2])

    def _synchronise(self) -> None:
        """Wait until a worker is there."""
        self.ready()
        if not self.worker:
            self._welcome(self._greeting("worker"))
        while (line := self._lines.read(0.0)) is not None:  # one that died idle has a successor by now
            if not line:
                self._successor()
            elif isinstance(found := _parse(line), dict):
                self._welcome(found)

    def _welcome(self, message: Mapping[str, Any]) -> str:
        """Greet a new worker; the answer says how the one before ended."""
        if "failed" in message:
            self._no_start(message["failed"])
        self.worker = message["pid"]
        self._write(json.dumps({"sync": message["worker"]}))
        return f"crashed: {message['fate'] or 'ended'}"

    def _successor(self) -> str:
        """Wait for the next worker after a death, or start the agent again where it is its own worker."""
        self.worker = 0
        if self._closed:
            raise OracleUnavailable("The oracle is closed", "Restart the server.")
        if self._hello is not None and self._hello["forks"] and self._process.poll() is None:
            return self._welcome(self._greeting("worker"))
        self._end_process()
        fate = f"crashed: exit {self._process.returncode}"
        self._start()
        self._synchronise()
        return fate

    def _write(self, text: str) -> bool:
        data = memoryview(text.encode() + b"\n")
        try:
            while data:
                data = data[self._stdin.write(data) or 0 :]
        except OSError:  # the other end is gone
            return False
        return True

    def _kill_worker(self) -> None:
        if self.worker:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(self.worker, getattr(signal, "SIGKILL", signal.SIGTERM))

    # ending -------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the agent; whoever is waiting for an answer learns that it is gone."""
        self._closed = True
        self._kill_worker()
        self._process.kill()  # a thread that waits for an answer sees the end, and lets go of the lock
        with self._lock:
            self._end_process()

    def _end_process(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._stdin, self._process.stdout, self._log):
            if pipe:
                pipe.close()


def _parse(line: bytes) -> Any:
    """A message, or None for the half of a line that a worker left when it died."""
    try:
        return json.loads(line)
    except ValueError:
        return None
