"""The oracle and the workspace behind the server: started in the background, restarted on request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorls import __version__
from tensorls.config import Config, ConfigError, find_interpreter, load_config

if TYPE_CHECKING:
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
    """Owns the oracle."""

    def __init__(self, python: str | None, memo: bool, config: Path | None) -> None:
        self._python = python
        self._memo = memo
        self._config = config
        self._oracle: Any = None
        self._lock = threading.Lock()
        self.status = Status()
        self.workspace: Workspace | None = None

    def start(self, folder: Path, changed: Callable[[Status], None]) -> None:
        """Start in a thread of its own; ``changed`` is called there with every new status."""

        def run() -> None:
            with self._lock:
                self._run(folder, changed)

        threading.Thread(target=run, name="oracle", daemon=True).start()

    def _run(self, folder: Path, changed: Callable[[Status], None]) -> None:
        from tensorls.oracle.process import OracleUnavailable
        from tensorls.oracle.start import open_oracle
        from tensorls.workspace import Workspace

        self._close()
        interpreter = find_interpreter(self._python, folder)
        message = None
        try:
            config = load_config(self._config, folder)
        except ConfigError as error:
            config, message = Config(), str(error)
        try:
            self._oracle = open_oracle(interpreter, memo=self._memo)
            versions = self._oracle.versions
        except OracleUnavailable as error:
            self.status = Status("no-torch", interpreter, message=str(error))
            changed(self.status)
            return
        self.workspace = Workspace(self._oracle, config, folder)
        state = "ready" if versions.torch else "no-torch"
        if not versions.torch:
            message = f"no torch in {interpreter}: select an interpreter that has it, or install it there"
        self.status = Status(state, interpreter, versions.torch, versions.numpy, message)
        changed(self.status)

    def restart(self, python: str | None) -> None:
        """Use another interpreter from the next ``start`` on."""
        self._python = python

    def _close(self) -> None:
        self.workspace = None
        if self._oracle is not None:
            self._oracle.close()
            self._oracle = None

    def close(self) -> None:
        """End the oracle."""
        self._close()
