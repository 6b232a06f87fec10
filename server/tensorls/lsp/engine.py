"""The oracle and the workspace behind the server: started in the background, restarted on request."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorls import __version__

if TYPE_CHECKING:
    from tensorls.config import Config
    from tensorls.oracle.start import InterpreterOracle
    from tensorls.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """What ``tensorls/status`` answers."""

    state: str = "starting"  # starting | ready | no-torch | failed
    interpreter: str = ""
    torch: str | None = None
    numpy: str | None = None
    message: str | None = None

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return {"state": self.state, "interpreter": self.interpreter, "torch": self.torch, "numpy": self.numpy,
                "message": self.message, "version": __version__}  # fmt: skip


class Engine:
    """Owns the oracle.  Starting and ending happen on threads of their own, one at a time."""

    def __init__(self, python: str | None, memo: bool, config: Path | None) -> None:
        self._python = python
        self._memo = memo
        self._config = config
        self._oracle: InterpreterOracle | None = None
        self._lock = threading.Lock()
        self._closed = False
        self.status = Status()
        self.workspace: Workspace | None = None

    @property
    def fixed(self) -> bool:
        """Whether the command line named the interpreter; the editor's setting does not count then."""
        return self._python is not None

    @property
    def starting(self) -> bool:
        """Whether an oracle is on its way, so that waiting for it makes sense."""
        return self.status.state == "starting" and not self._closed

    def warm(self) -> None:
        """Start the named interpreter now, while the server is still importing: its torch takes longer than anything here."""
        if self._python is not None:
            threading.Thread(target=self._warm, args=(self._python,), name="oracle", daemon=True).start()

    def _warm(self, python: str) -> None:
        from tensorls.oracle.process import OracleUnavailable

        with self._lock:
            try:
                self._open(_expanded(python))
            except OracleUnavailable:
                log.debug("the start in advance failed; the start proper will tell why", exc_info=True)

    def start(self, folder: Path, wanted: str, changed: Callable[[Status], None]) -> None:
        """Start, or start again; ``changed`` is called on another thread with every new status."""
        self.workspace = None
        self.status = Status()

        def run() -> None:
            with self._lock:
                try:
                    self._start(folder, wanted, changed)
                except Exception as error:
                    log.error("the engine did not start", exc_info=error)
                    self._settle(Status("failed", self.status.interpreter, message=f"internal error: {error}"), changed)

        threading.Thread(target=run, name="oracle", daemon=True).start()

    def _start(self, folder: Path, wanted: str, changed: Callable[[Status], None]) -> None:
        from tensorls.config import Config, ConfigError, find_interpreter, load_config
        from tensorls.oracle.process import OracleUnavailable

        if self._closed:
            return
        interpreter = _expanded(find_interpreter(self._python or wanted or None, folder))
        self._settle(Status("starting", interpreter), changed)
        try:
            config, message = load_config(self._config, folder), None
        except ConfigError as error:
            config, message = Config(), str(error)
        try:
            oracle = self._open(interpreter)
        except OracleUnavailable as error:
            self._substitute(folder, config, Status("no-torch", interpreter, message=str(error)), changed)
            return
        versions = oracle.versions
        if versions.torch is None:
            why = f"{interpreter} has no torch. Install torch there, or select another interpreter."
            self._substitute(folder, config, Status("no-torch", interpreter, None, versions.numpy, why), changed)
            return
        self._serve(oracle, folder, config, Status("ready", interpreter, versions.torch, versions.numpy, message), changed)
        try:
            problem = oracle.problems.get("torch")  # waits until torch has been imported
        except OracleUnavailable as error:
            if self._oracle is oracle and not self._closed:
                self._close()
                self._settle(Status("failed", interpreter, message=str(error)), changed)
            return
        if problem is not None and self._oracle is oracle and not self._closed:
            why = f"torch {versions.torch} of {interpreter} cannot be imported ({problem}). Mend it, or select another interpreter."
            self._substitute(folder, config, Status("no-torch", interpreter, None, versions.numpy, why), changed)

    def _substitute(self, folder: Path, config: Config, status: Status, changed: Callable[[Status], None]) -> None:
        """Without torch in the interpreter, the server's own answers if it has one."""
        from tensorls.oracle.process import OracleUnavailable

        chosen = self._oracle
        if status.interpreter != sys.executable and not self._closed:
            self._oracle = None
            try:
                own = self._open(sys.executable)
            except OracleUnavailable as error:
                log.debug("the server's own interpreter cannot answer either: %s", error)
            else:
                if own.versions.torch is not None:
                    if chosen is not None:
                        chosen.close()
                    note = f"{status.message} Until then torch {own.versions.torch} of {sys.executable} answers."
                    self._serve(own, folder, config, replace(status, message=note), changed)
                    return
                own.close()
            self._oracle = chosen
        if chosen is not None:  # NumPy at least
            self._serve(chosen, folder, config, status, changed)
        else:
            self._settle(status, changed)

    def _open(self, interpreter: str) -> InterpreterOracle:
        """The oracle under an interpreter, the one that is there if it is that one."""
        from tensorls.oracle.start import open_oracle

        if self._oracle is None or self._oracle.interpreter != interpreter:
            self._close()
            self._oracle = open_oracle(interpreter, memo=self._memo)
        return self._oracle

    def _serve(self, oracle: InterpreterOracle, folder: Path, config: Config, status: Status,
               changed: Callable[[Status], None]) -> None:  # fmt: skip
        from tensorls.lsp.asking import Asking
        from tensorls.workspace import Workspace

        def lost(reason: str) -> None:
            if self._oracle is oracle and not self.starting:  # nobody ended it
                self.workspace = None
                self._settle(replace(status, state="failed", message=reason), changed)

        if self._closed:
            self._close()
            return
        self.workspace = Workspace(Asking(oracle, lost), config, folder, libraries=oracle.folders)
        self._settle(status, changed)

    def _settle(self, status: Status, changed: Callable[[Status], None]) -> None:
        if not self._closed:
            self.status = status
            changed(status)

    def drop(self) -> None:
        """Forget the oracle, so that the next start makes a new one: its libraries may have changed."""
        self.workspace = None
        self.status = Status()
        self._close()

    def _close(self) -> None:
        self.workspace = None
        oracle, self._oracle = self._oracle, None
        if oracle is not None:
            oracle.close()

    def close(self) -> None:
        """End the oracle for good; one that is just starting ends with this process."""
        self._closed = True
        self._close()


def _expanded(interpreter: str) -> str:
    return str(Path(interpreter).expanduser()) if interpreter.startswith("~") else interpreter
