"""The cache on disk: it remembers, and it never stands in the way."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

import pytest
from tensorls.oracle import memo
from tensorls.oracle.memo import Memo


def make(folder: Path, torch: str | None = "2.13.0", python: str = "3.11.7") -> Memo:
    return Memo(python, torch, "2.4.0", folder)


def test_what_was_put_is_there_next_time(tmp_path: Path) -> None:
    first = make(tmp_path)
    assert first.get("a") is None
    first.put("a", "1")
    assert first.get("a") == "1"
    first.close()
    again = make(tmp_path, python="3.11.9")
    assert (again.get("a"), again.get("b"), again.size) == ("1", None, 1)
    assert again.location.parent == tmp_path


def test_other_versions_have_other_answers(tmp_path: Path) -> None:
    first = make(tmp_path)
    first.put("a", "1")
    first.close()
    assert make(tmp_path, torch="2.4.0").get("a") is None
    assert make(tmp_path, torch=None).size == 0
    assert make(tmp_path, python="3.12.0").get("a") is None


def test_batches_reach_the_disk_while_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "FLUSH_AFTER", 3)
    first = make(tmp_path)
    for number in range(3):
        first.put(str(number), "x")
    assert make(tmp_path).size == 3


def test_the_oldest_rows_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "MAX_ROWS", 8)
    for number in range(10):
        one = make(tmp_path)
        one.put(str(number), "x")
        one.close()
    left = make(tmp_path)
    assert left.size <= 8
    assert left.get("0") is None
    assert left.get("9") == "x"


def test_two_servers_write_to_one_file(tmp_path: Path) -> None:
    def write(name: str) -> None:
        one = make(tmp_path)
        for number in range(50):
            one.put(f"{name}{number}", "x")
            one.flush()
        one.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert make(tmp_path).size == 200


def test_a_damaged_file_is_started_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "answers.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    with caplog.at_level(logging.WARNING):
        first = make(tmp_path)
        assert first.get("a") is None
        first.put("a", "1")
        first.close()
    assert "damaged" in caplog.text
    assert make(tmp_path).get("a") == "1"


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    with caplog.at_level(logging.WARNING):
        one = make(obstacle / "below")
        for _ in range(3):
            one.put("a", "1")
            one.flush()
            one.put("b", "1")
            one.flush()
    assert one.get("a") == "1"
    assert len(caplog.records) == 1


def test_a_locked_file_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(memo, "BUSY_SECONDS", 0.05)
    first = make(tmp_path)
    first.put("a", "1")
    first.flush()
    holder = sqlite3.connect(first.location, isolation_level=None)
    holder.execute("begin exclusive")
    with caplog.at_level(logging.WARNING):
        first.put("b", "1")
        first.flush()
    holder.close()
    assert "locked" in caplog.text
    assert first.get("b") == "1"


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TENSORLS_CACHE_DIR", str(tmp_path))
    assert memo.cache_folder() == tmp_path
    monkeypatch.delenv("TENSORLS_CACHE_DIR")
    assert memo.cache_folder().name == "tensorls"


def test_everything_can_be_forgotten(tmp_path: Path) -> None:
    one = make(tmp_path)
    one.put("a", "1")
    one.flush()
    one.clear()
    assert (one.size, one.location.exists()) == (0, False)
