"""What a hover says, from values made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tensorls.domain.dims import mul, symbol
from tensorls.domain.fact import Seen, Span, Step
from tensorls.domain.tensor import TensorMeta
from tensorls.features.hover import axes, hover

SPAN = Span("/w/train.py", 12, 4, 12, 5)
META = TensorMeta("torch", "Tensor", (2, 3), "float32", strides=(3, 1))
PLAIN = Seen(SPAN, "y", META)


def lines(seen: Seen, *more: Seen) -> list[str]:
    text = hover([seen, *more], markdown=False)
    assert text is not None
    return text.split("\n")


def test_nothing_known() -> None:
    assert hover([]) is None
    assert hover([Seen(SPAN, "y", None)]) is None
    assert hover([Seen(SPAN, "y", None, "None")]) is None


def test_a_note_on_another_value() -> None:
    assert hover([Seen(SPAN, "n", None, "torch.Size (2,3)")]) == "torch.Size (2,3)"
    assert hover([Seen(SPAN, "n", None, "3*C")]) == "3\\*C"
    assert hover([Seen(SPAN, "n", None, "3*C")], markdown=False) == "3*C"


def test_the_first_line_is_the_summary() -> None:
    assert lines(PLAIN) == ["torch.Tensor (2,3) cpu float32", "torch.FloatTensor · 24 B"]
    assert hover([PLAIN]) == "torch.Tensor (2,3) cpu float32\n\ntorch.FloatTensor · 24 B"


def test_symbols_are_escaped_in_markdown() -> None:
    c = symbol("C")
    seen = replace(PLAIN, meta=replace(META, shape=(symbol("B"), mul(3, c)), strides=None))
    assert lines(seen) == ["torch.Tensor (B,3*C) cpu float32", "torch.FloatTensor"]
    assert hover([seen]) == "torch.Tensor (B,3\\*C) cpu float32\n\ntorch.FloatTensor"


def test_unknown_parts() -> None:
    seen = replace(PLAIN, meta=TensorMeta("torch", "Tensor", None, None, None, None))
    assert lines(seen) == ["torch.Tensor (...) ? ?"]


@pytest.mark.parametrize(("before", "after", "operation", "want"), [
    (((2, 3), (3, 1)), ((3, 2), (1, 3)), "torch.Tensor.permute", "permute: (2,3) -> (3,2), axis 0 was axis 1, axis 1 was axis 0"),
    (((2, 3, 4), (12, 4, 1)), ((2, 4, 3), (12, 1, 4)), "transpose", "transpose: (2,3,4) -> (2,4,3), axis 1 was axis 2, axis 2 was axis 1"),
    (((3, 3), (3, 1)), ((3, 3), (1, 3)), "T", "T: (3,3) -> (3,3), axis 0 was axis 1, axis 1 was axis 0"),
    (((2, 3), (3, 1)), ((1, 2, 3), (6, 3, 1)), ".unsqueeze", "unsqueeze: (2,3) -> (1,2,3)"),
    (((2, 3), (3, 1)), ((6,), (1,)), ".view", "view: (2,3) -> (6,)"),
    (((2, 3), (3, 1)), ((2,), (1,)), ".__getitem__", "getitem: (2,3) -> (2,)"),
    (((2, 3), (3, 1)), ((2, 3), (3, 1)), "relu", None),
    (((2, 2), (2, 1)), ((2, 2), None), "mystery", None),
])  # fmt: skip
def test_what_happened_to_the_axes(before: tuple, after: tuple, operation: str, want: str | None) -> None:  # type: ignore[type-arg]
    old, new = replace(META, shape=before[0], strides=before[1]), replace(META, shape=after[0], strides=after[1])
    assert axes(replace(PLAIN, meta=new, before=(old,), operation=operation)) == want


def test_axes_that_cannot_be_told_apart() -> None:
    old = replace(META, shape=(3, 3), strides=(0, 0))
    new = replace(META, shape=(3, 3), strides=(0, 0))
    assert axes(replace(PLAIN, meta=new, before=(old,), operation="T")) is None


def test_two_operands() -> None:
    new = replace(META, shape=(2, 4), strides=(4, 1))
    other = replace(META, shape=(3, 4), strides=(4, 1))
    assert axes(replace(PLAIN, meta=new, before=(META, other), operation="matmul")) == "matmul: (2,3), (3,4) -> (2,4)"


def test_a_life_across_libraries_and_files() -> None:
    history = (Step("numpy", "/w/data.py", 3), Step("torch", SPAN.file, 7), Step("cuda", SPAN.file, 9))
    seen = replace(PLAIN, meta=replace(META, device="cuda"), history=history)
    assert lines(seen) == [
        "torch.Tensor (2,3) cuda float32",
        "numpy at line 3 of data.py, torch at line 7, cuda at line 9",
        "torch.cuda.FloatTensor · 24 B",
    ]


def test_a_birth_on_the_line_itself_is_no_news() -> None:
    assert len(lines(replace(PLAIN, history=(Step("torch", SPAN.file, 12),)))) == 2
    assert lines(replace(PLAIN, history=(Step("torch", SPAN.file, 11),)))[1] == "torch at line 11"
    assert lines(replace(PLAIN, history=(Step("torch", "/w/other.py", 12),)))[1] == "torch at line 12 of other.py"


def test_shared_memory() -> None:
    view = replace(PLAIN, meta=replace(META, strides=(1, 2)), view_of="x")
    assert lines(view)[1] == "shares memory with x, not contiguous"
    assert "shares memory with `x`, not contiguous" in str(hover([view]))
    assert lines(replace(PLAIN, view_of="y"))[1] == "shares memory with an earlier y"
    assert lines(replace(PLAIN, meta=replace(META, strides=(1, 2))))[1] == "not contiguous"


@pytest.mark.parametrize(("shape", "strides", "dtype", "want"), [
    ((), (), "float32", "4 B"),
    ((0, 5), (5, 1), "float32", "0 B"),
    ((255,), (1,), "float32", "1020 B"),
    ((256,), (1,), "float32", "1 KiB"),
    ((480, 640, 3), (1920, 3, 1), "uint8", "900 KiB"),
    ((1024, 1024, 3), (3072, 3, 1), "float16", "6 MiB"),
    ((1 << 30, 3), (3, 1), "float64", "24 GiB"),
    ((1 << 50,), (1,), "float64", "8192 TiB"),
])  # fmt: skip
def test_bytes(shape: tuple[int, ...], strides: tuple[int, ...], dtype: str, want: str) -> None:
    assert lines(replace(PLAIN, meta=replace(META, shape=shape, strides=strides, dtype=dtype)))[-1].endswith(f" · {want}")


def test_a_view_that_repeats_elements_takes_no_memory_of_its_own() -> None:
    assert lines(replace(PLAIN, meta=replace(META, shape=(1000, 3), strides=(0, 1))))[-1] == "torch.FloatTensor"


def test_no_legacy_name_elsewhere() -> None:
    for meta in (replace(META, device="mps"), replace(META, device=None), replace(META, dtype="complex64")):
        assert "Tensor ·" not in str(hover([replace(PLAIN, meta=meta)]))
    array = TensorMeta("numpy", "ndarray", (2,), "float32", strides=(4,))
    assert lines(replace(PLAIN, meta=array)) == ["numpy.ndarray (2,) float32", "8 B"]


def test_the_call_it_holds_in() -> None:
    assert lines(replace(PLAIN, context="/w/train.py:88"))[-1] == "called at line 88"
    assert lines(replace(PLAIN, context="C:\\w\\driver.py:31"))[-1] == "called at line 31 of driver.py"


def test_several_calls() -> None:
    other = replace(META, shape=(4, 3))
    seen = [
        replace(PLAIN, context="/w/train.py:88"), replace(PLAIN, meta=other, context="/w/eval.py:9"),
        replace(PLAIN, context="/w/train.py:90"),
    ]  # fmt: skip
    assert hover(seen) == (
        "torch.Tensor (2,3) cpu float32  \ncalled at line 88, line 90\n\ntorch.Tensor (4,3) cpu float32  \ncalled at line 9 of eval.py"
    )
    many = [replace(PLAIN, meta=replace(META, shape=(n,)), context=f"/w/train.py:{n}") for n in range(10)]
    assert lines(many[0], *many[1:])[-1] == "and 4 more"
