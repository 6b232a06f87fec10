"""Reading a source file as Python would: byte order mark, PEP 263 cookie, line ends kept as they are."""

from __future__ import annotations

import codecs
import io
import os
import stat
import tokenize
from pathlib import Path

from tensorls.source.text import SourceText

__all__ = ["MAX_SOURCE_BYTES", "Unreadable", "decode_source", "read_source"]

MAX_SOURCE_BYTES = 10_000_000
"""Larger files are data, not programs."""


class Unreadable(Exception):
    """A file that can't be read as Python source: `str()` is one line that says why, and what to do."""

    def __init__(self, path: str | os.PathLike[str], reason: str, remedy: str) -> None:
        self.path = Path(path)
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{_printable(str(path))}: {reason}; {remedy}")

    def __reduce__(self) -> tuple[type[Unreadable], tuple[Path, str, str]]:
        return Unreadable, (self.path, self.reason, self.remedy)


def read_source(path: str | os.PathLike[str]) -> SourceText:
    """The text of a file; raises `Unreadable` and nothing else."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable(path, "is a directory", "name a Python file")
        if not stat.S_ISREG(mode):
            raise Unreadable(path, "is not a regular file", "name a Python file")
        with open(path, "rb") as file:
            data = file.read(MAX_SOURCE_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable(path, "no such file", "check the path") from None
    except NotADirectoryError:
        raise Unreadable(path, "no such file (a part of the path is a file)", "check the path") from None
    except PermissionError:
        raise Unreadable(path, "permission denied", "make the file readable") from None
    except OSError as error:
        raise Unreadable(path, (error.strerror or "can't be read").lower(), "check the path") from None
    except ValueError:
        raise Unreadable(path, "is not a possible path", "check the path") from None
    return decode_source(data, path)


def decode_source(data: bytes, path: str | os.PathLike[str]) -> SourceText:
    """The text in the bytes of a source file; `path` serves the message of `Unreadable`."""
    if len(data) > MAX_SOURCE_BYTES:
        limit = MAX_SOURCE_BYTES // 1_000_000
        raise Unreadable(path, f"is larger than {limit} MB", "exclude it from the analysis")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(path, "is UTF-16, which Python can't read", "save it as UTF-8")
    if b"\0" in data:
        raise Unreadable(path, "is a binary file (it has NUL bytes)", "name a Python file")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise Unreadable(path, _printable(error.msg), "save it as UTF-8 or correct its coding comment") from None
    try:
        return SourceText(data.decode(encoding))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not {encoding} text (line {line})"
        raise Unreadable(path, reason, "save it as UTF-8 or name its encoding in a coding comment") from None
    except (LookupError, ValueError):
        reason = f"declares the encoding {encoding}, which is none for text"
        raise Unreadable(path, reason, "save it as UTF-8 and remove its coding comment") from None


def _printable(text: str) -> str:
    """On one line, and writable on any UTF-8 output."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")
