import ast
import random

import pytest
from tensorls.source.text import LspPosition, Place, SourceText, TextEdit

MIXED = "a = 1\r\nb = 'é😀'\rc\x0c\u2028 = 2\n"


def test_lines_end_where_python_ends_them():
    text = SourceText(MIXED)
    assert text.lines == ("a = 1", "b = 'é😀'", "c\x0c\u2028 = 2", "")
    assert SourceText("").lines == ("",)
    assert SourceText("x").lines == ("x",)


@pytest.mark.parametrize(("text", "newline"), [("", "\n"), ("a\nb\r\nc\r\n", "\r\n"), ("a\rb\rc\n", "\r"), ("a\n", "\n")])
def test_newline_is_the_most_frequent(text, newline):
    assert SourceText(text).newline == newline


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ast_positions_are_utf8_bytes(end):
    text = SourceText(f"x = 'é😀' + name{end}\tif1 = [1,{end}  other]{end}".replace("\t", ""))
    names = [node for node in ast.walk(ast.parse(text.text)) if isinstance(node, ast.Name)]
    for node in names:
        place = text.from_ast(node.lineno, node.col_offset)
        stop = text.from_ast(node.end_lineno, node.end_col_offset)
        assert text.between(*place, *stop) == node.id
        assert text.to_ast(*place) == (node.lineno, node.col_offset)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 11), ("utf-16", 8), ("utf-32", 7)])
def test_editor_positions_use_the_negotiated_units(encoding, character):
    text = SourceText(MIXED)
    assert text.to_lsp(2, 7, encoding) == LspPosition(1, character)
    assert text.from_lsp(1, character, encoding) == Place(2, 7)


@pytest.mark.parametrize(("encoding", "inside"), [("utf-8", 8), ("utf-16", 7)])
def test_a_position_inside_a_character_is_its_start(encoding, inside):
    assert SourceText(MIXED).from_lsp(1, inside, encoding) == Place(2, 6)


def test_lone_surrogates_can_be_counted():
    text = SourceText("a\ud800b")
    assert text.to_ast(1, 2) == (1, 4)
    assert text.from_ast(1, 4) == Place(1, 2)


def test_what_is_out_of_range_is_moved_to_the_nearest_place():
    text = SourceText("ab\néé")
    assert text.clamp(0, 5) == Place(1, 0)
    assert text.clamp(1, 99) == Place(1, 2)
    assert text.clamp(9, 0) == Place(2, 2)
    assert text.from_ast(2, 99) == Place(2, 2)
    assert text.from_ast(1, -4) == Place(1, 0)
    assert text.from_lsp(-1, 3, "utf-16") == Place(1, 0)
    assert text.from_lsp(7, 0, "utf-8") == Place(2, 2)
    assert text.offset(-3, 0) == 0
    assert text.offset(3, 0) == len(text.text)


def test_offsets_and_places_are_inverse():
    text = SourceText(MIXED)
    for offset in range(len(text.text) + 1):
        place = text.place(offset)
        back = text.offset(*place)
        assert back == offset or (back == offset - 1 and text.text[back : offset + 1] == "\r\n")


def test_edits_are_made_at_places_of_the_old_text_and_keep_line_ends():
    text = SourceText("import torch\r\nx = a\r\ny = b\r\n")
    edited = text.apply(
        [
            TextEdit(3, 4, 3, 5, "c"),
            TextEdit(1, 0, 1, 0, "import numpy\n"),
            TextEdit(2, 0, 3, 0, ""),
            TextEdit(1, 0, 1, 0, "import os\n"),
        ]
    )
    assert edited.text == "import numpy\r\nimport os\r\nimport torch\r\ny = c\r\n"
    assert text.apply([]) == text


def test_overlapping_edits_are_refused():
    with pytest.raises(ValueError, match="overlapping"):
        SourceText("abc").apply([TextEdit(1, 0, 1, 2, ""), TextEdit(1, 1, 1, 3, "")])


def test_random_places_survive_every_unit():
    chance = random.Random(1)
    text = SourceText("".join(chance.choice("ab \t\né😀\r漢") for _ in range(400)))
    for _ in range(300):
        place = text.place(chance.randrange(len(text.text) + 1))
        assert text.from_ast(*text.to_ast(*place)) == place
        for encoding in ("utf-8", "utf-16", "utf-32"):
            assert text.from_lsp(*text.to_lsp(*place, encoding), encoding) == place
