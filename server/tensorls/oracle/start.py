"""An oracle for one interpreter: agent, memo on disk, and what people want to know about both."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tensorls.oracle.client import Oracle
from tensorls.oracle.memo import Memo
from tensorls.oracle.session import Description, Session, read_overloads


class InterpreterOracle(Oracle):
    """The oracle under one interpreter."""

    def __init__(self, interpreter: str, session: Session, memo: Memo | None) -> None:
        super().__init__(session, memo)
        self.interpreter = interpreter
        self._agent_session = session
        self._disk = memo
        self._described: dict[str, Description] = {}

    def describe(self, path: str) -> Description:
        """What a dotted path names: remembered, so that a known file needs no torch at all."""
        known = self._described.get(path)
        if known is None:
            known = self._from_disk(path)
            self._described[path] = known
        return known

    def _from_disk(self, path: str) -> Description:
        key = f"describe {path}"
        text = self._disk.get(key) if self._disk is not None else None
        if text is not None:
            data = {"overloads": [], **json.loads(text)}
            data["mro"] = tuple(data["mro"])
            data["parameters"] = None if data["parameters"] is None else tuple(data["parameters"])
            with contextlib.suppress(TypeError, KeyError):  # another version of this program wrote other fields
                data["overloads"] = read_overloads((o["takes"], o["gives"]) for o in data["overloads"])
                return Description(**data)
        found = self._agent_session.describe(path)
        if self._disk is not None and not isinstance(found.value, complex):
            self._disk.put(key, json.dumps(asdict(found)))
        return found

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices of this machine; waits for torch, unless they were seen before and nothing hints at a change."""
        key = f"devices {_hardware()}"
        text = self._disk.get(key) if self._disk is not None else None
        if text is not None:
            return tuple(json.loads(text))
        found = self._agent_session.devices
        cuda = ("cuda", *(f"cuda:{i}" for i in range(1, found.cuda))) if found.cuda else ()
        devices = ("cpu", *cuda, *(("mps",) if found.mps else ()))
        if self._disk is not None:
            self._disk.put(key, json.dumps(devices))
        return devices

    @property
    def folders(self) -> tuple[str, ...]:
        """Where the interpreter's packages are installed."""
        return self._agent_session.folders

    @property
    def problems(self) -> Mapping[str, str]:
        """Libraries that are installed but cannot be imported, and why; waits for torch."""
        return self._agent_session.problems

    @property
    def memo_location(self) -> str | None:
        """The file of the memo."""
        return None if self._disk is None else str(self._disk.location)

    @property
    def memo_size(self) -> int:
        """Bytes of the memo on disk."""
        return 0 if self._disk is None or not self._disk.location.is_file() else self._disk.location.stat().st_size


def _hardware() -> str:
    """What must be the same for the devices that torch found to be there still."""
    nodes = sorted(str(p) for pattern in ("nvidia*", "kfd") for p in Path("/dev").glob(pattern))
    visible = [os.environ.get(name, "") for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")]
    return " ".join((platform.system(), platform.machine(), *nodes, *visible))


def open_oracle(interpreter: str, memo: bool = True) -> InterpreterOracle:
    """Start the agent under an interpreter; raises OracleUnavailable with a remedy."""
    session = Session(interpreter)
    try:
        versions = session.versions
    except BaseException:
        session.close()
        raise
    disk = Memo(versions.python, versions.torch, versions.numpy) if memo else None
    return InterpreterOracle(interpreter, session, disk)
