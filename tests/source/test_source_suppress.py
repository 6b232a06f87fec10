import pytest
from tensorls.source.suppress import Suppressions, find_suppressions
from tensorls.source.text import SourceText


def found(text: str) -> Suppressions:
    return find_suppressions(SourceText(text))


def test_a_comment_covers_its_line_and_its_codes():
    comments = found("x = 1\ny = f(x)  # tensorls: ignore[shape, dtype]\nz = 1\n")
    assert comments.covers(2, "shape")
    assert comments.covers(2, "dtype")
    assert not comments.covers(2, "device")
    assert not comments.covers(1, "shape")
    assert not comments.covers(3, "shape")


def test_without_codes_it_covers_all():
    assert found("x = f()  #tensorls:ignore").covers(1, "anything")


def test_it_covers_every_line_of_its_statement():
    comments = found("a = 1\nx = f(\n    1,  # tensorls: ignore[shape]\n    2,\n)\ny = 2\n")
    assert [comments.covers(line, "shape") for line in range(1, 7)] == [False, True, True, True, True, False]
    comments = found('x = """\n\n"""  # tensorls: ignore\ny = \\\n  1  # tensorls: ignore[b]\n')
    assert [comments.covers(line, "b") for line in range(1, 6)] == [True] * 5


def test_on_a_header_it_does_not_cover_the_body():
    comments = found("def f(a,\n      b):  # tensorls: ignore\n    return a\n")
    assert [comments.covers(line, "x") for line in (1, 2, 3)] == [True, True, False]


def test_a_comment_of_its_own_covers_no_statement():
    comments = found("# tensorls: ignore\nx = 1\n")
    assert not comments.covers(2, "x")
    assert comments.unused({(2, "x")}) == comments.entries


def test_for_the_whole_file():
    comments = found("x = 1\n# tensorls: ignore-file[shape]\n")
    assert comments.covers(1, "shape")
    assert comments.covers(99, "shape")
    assert not comments.covers(1, "dtype")


@pytest.mark.parametrize(
    "text",
    [
        "x = '# tensorls: ignore'",
        '"""\n# tensorls: ignore\n"""',
        "x = 1  # tensorls: ignored",
        "x = 1  # tensorls: ignore[",
        "x = 1  # tensorls: ignore-line",
        "x = 1  # nottensorls: ignore",
        "x = 1",
    ],
)
def test_what_is_none(text):
    assert found(text).entries == ()


def test_it_may_follow_other_comments():
    comments = found("x = 1  # noqa: E501  # tensorls: ignore[a]  # tensorls: ignore[b]\n")
    assert comments.covers(1, "a")
    assert comments.covers(1, "b")
    assert (
        SourceText("x = 1  # noqa: E501  # tensorls: ignore[a]").between(1, comments.entries[0].column, 1, comments.entries[0].end_column)
        == "# tensorls: ignore[a]"
    )


@pytest.mark.parametrize("broken", ["y = foo(", 's = """', "d = {'a': [", "s = '", "def f(", ")", "  x\n y"])
def test_in_broken_code(broken):
    comments = found(f"x = f(  # tensorls: ignore[a]\n  1)\n{broken}\nz = '# tensorls: ignore'\nw = 1  # tensorls: ignore[b]\n")
    assert comments.covers(1, "a")
    assert comments.covers(2, "a")
    assert not comments.covers(2, "b")
    assert not comments.covers(4, "c")


def test_unused_comments_and_codes():
    comments = found("a  # tensorls: ignore[x, y]\nb  # tensorls: ignore\nc  # tensorls: ignore[x]\n# tensorls: ignore-file[z]\n")
    assert comments.unused({(1, "x"), (1, "y"), (2, "q"), (3, "x"), (7, "z")}) == ()
    idle = comments.unused({(1, "x")})
    assert [(one.line, one.codes) for one in idle] == [(1, ("y",)), (2, None), (3, ("x",)), (4, ("z",))]
