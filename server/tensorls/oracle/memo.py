"""Answers kept on disk, so that a reopened file is complete before torch has been imported.

A cache and nothing more: whatever goes wrong with it (locked, corrupt, read-only, full) is logged once and answered by doing
without.  Rows are few and small, so all of them are read into memory at the first look-up.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path

log = logging.getLogger(__name__)

#: Raise when an answer for the same key may come out differently: decoding, fills, rules.
DECODER_VERSION = 204
MAX_ROWS = 200_000  # some 20 MB
PRUNED_TO = 0.75  # of MAX_ROWS, oldest out first
FLUSH_AFTER = 256  # answers waiting
FLUSH_SECONDS = 5.0
BUSY_SECONDS = 2.0


def cache_folder() -> Path:
    """The platform's cache folder for tensorls; ``TENSORLS_CACHE_DIR`` overrides it."""
    chosen = os.environ.get("TENSORLS_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "tensorls"


class Memo:
    """Text by text for one combination of versions.  Thread-safe; never raises for what the disk does."""

    def __init__(self, python: str, torch: str | None, numpy: str | None, folder: Path | None = None) -> None:
        minor = ".".join(python.split(".")[:2])
        self._context = f"{DECODER_VERSION}|{torch}|{numpy}|{minor}"
        self.location = (folder or cache_folder()) / "answers.sqlite"
        self._lock = threading.Lock()
        self._known: dict[bytes, str] | None = None
        self._waiting: dict[bytes, str] = {}
        self._flushed = time.monotonic()
        self._disk = True

    @property
    def size(self) -> int:
        """How many answers of these versions are known."""
        with self._lock:
            return len(self._load())

    def get(self, key: str) -> str | None:
        """The answer's text."""
        with self._lock:
            return self._load().get(self._digest(key))

    def put(self, key: str, value: str) -> None:
        """Keep an answer; it reaches the disk with the next batch."""
        with self._lock:
            digest = self._digest(key)
            known = self._load()
            if known.get(digest) == value:
                return
            known[digest] = self._waiting[digest] = value
            due = len(self._waiting) >= FLUSH_AFTER or time.monotonic() - self._flushed > FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            self._write()

    def close(self) -> None:
        """Write what waits, and forget."""
        with self._lock:
            self._write()
            self._known = None

    def clear(self) -> None:
        """Delete every answer, of all versions."""
        with self._lock:
            self._known, self._waiting = {}, {}
            for name in (self.location, *(self.location.with_name(self.location.name + s) for s in ("-wal", "-shm"))):
                try:
                    name.unlink(missing_ok=True)
                except OSError as error:
                    self._give_up(error)

    def _digest(self, key: str) -> bytes:
        return hashlib.blake2b(f"{self._context}|{key}".encode(), digest_size=16).digest()

    def _load(self) -> dict[bytes, str]:
        if self._known is None:
            self._known = {}
            try:
                with _Connection(self.location, create=False) as connection:
                    context = hashlib.blake2b(self._context.encode(), digest_size=8).digest()
                    rows = connection.execute("select key, value from answers where context = ?", (context,))
                    self._known.update(rows)
            except FileNotFoundError:
                pass  # the first time
            except (sqlite3.Error, OSError) as error:
                self._recover(error)
        return self._known

    def _write(self) -> None:
        self._flushed = time.monotonic()
        if not self._waiting or not self._disk:
            self._waiting.clear()
            return
        context = hashlib.blake2b(self._context.encode(), digest_size=8).digest()
        rows = [(key, context, value) for key, value in self._waiting.items()]
        self._waiting = {}
        try:
            with _Connection(self.location, create=True) as connection:
                connection.executemany("insert or replace into answers (key, context, value) values (?, ?, ?)", rows)
                count: int = connection.execute("select count(*) from answers").fetchone()[0]
                if count > MAX_ROWS:
                    excess = count - int(MAX_ROWS * PRUNED_TO)
                    connection.execute("delete from answers where rowid in (select rowid from answers order by rowid limit ?)", (excess,))
        except (sqlite3.Error, OSError) as error:
            self._recover(error)

    def _recover(self, error: Exception) -> None:
        """A damaged file is started anew, once; anything else means to go on without a disk."""
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if damaged and self._disk:
            log.warning("The cache %s is damaged and started anew: %s", self.location, error)
            try:
                self.location.unlink(missing_ok=True)
                return
            except OSError as failure:
                error = failure
        self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        if self._disk:
            log.warning("Going on without the cache %s: %s", self.location, error)
        self._disk = False


class _Connection:
    """An open database within a transaction, closed at the end."""

    def __init__(self, location: Path, create: bool) -> None:
        if create:
            location.parent.mkdir(parents=True, exist_ok=True)
        elif not location.exists():
            raise FileNotFoundError(location)
        self._connection = sqlite3.connect(location, timeout=BUSY_SECONDS)

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")
            self._connection.execute(
                "create table if not exists answers (key blob primary key, context blob not null, value text not null)"
            )
        except BaseException:
            self._connection.close()
            raise
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.commit()
        finally:
            self._connection.close()
