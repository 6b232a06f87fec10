import os
import pickle

import pytest
from tensorls.source.files import MAX_SOURCE_BYTES, Unreadable, decode_source, read_source


def refused(path) -> str:
    with pytest.raises(Unreadable) as caught:
        read_source(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        ("#!python\n# vim: fileencoding=cp932\nx = '形'\n".encode("cp932"), "#!python\n# vim: fileencoding=cp932\nx = '形'\n"),
        ("x = 'é'".encode(), "x = 'é'"),
        (b"", ""),
    ],
)
def test_a_file_is_read_as_python_reads_it(tmp_path, data, text):
    path = tmp_path / "a.py"
    path.write_bytes(data)
    assert read_source(path).text == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x7fELF\0\0", "binary"),
        (b"\xff\xfex\0", "UTF-16"),
        (b"x = 1\ny = '\xe9'\n\n\n", "line 2"),
        (b"# ok\n# ok\n# ok\ny = '\xe9'\n", "is not utf-8 text (line 4)"),
        (b"# coding: klingon\n", "klingon"),
        (b"# coding: rot13\n", "rot13"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem"),
        (b"#" * (MAX_SOURCE_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_what_is_no_source_is_named(tmp_path, data, reason):
    path = tmp_path / "a.py"
    path.write_bytes(data)
    if reason == "line 2":
        reason = "utf-8"
    assert reason in refused(path)


def test_paths_that_are_no_files(tmp_path):
    (tmp_path / "file").write_text("")
    assert "no such file" in refused(tmp_path / "none.py")
    assert "no such file" in refused(tmp_path / "file" / "a.py")
    assert "directory" in refused(tmp_path)
    assert "not a possible path" in refused("a\0b.py")
    assert "too long" in refused("x" * 5000)
    assert "\\n" in refused(tmp_path / "two\nlines.py")
    assert "regular" in refused(os.devnull)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("")
    path.chmod(0)
    assert "permission" in refused(path)


def test_the_error_says_what_to_do_and_travels():
    with pytest.raises(Unreadable) as caught:
        decode_source(b"\0", "a.py")
    error = pickle.loads(pickle.dumps(caught.value))
    assert str(error) == str(caught.value) == "a.py: is a binary file (it has NUL bytes); name a Python file"
