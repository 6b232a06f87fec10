"""Inlay hints, from facts made by hand."""

from __future__ import annotations

from dataclasses import replace

from tensorls.domain.fact import Fact, Span
from tensorls.domain.tensor import TensorMeta
from tensorls.features.inlay import LENGTH, hints

META = TensorMeta("torch", "Tensor", (2, 3), "float32")
FACT = Fact(Span("/w/a.py", 3, 4, 3, 5), "y", "variable", META)


def labels(*facts: Fact) -> list[str]:
    return [h.label for h in hints(facts)]


def shaped(*shape: int) -> Fact:
    return replace(FACT, meta=replace(META, shape=shape), context=f"/w/a.py:{shape[0]}")


def test_one() -> None:
    (hint,) = hints([FACT])
    assert (hint.line, hint.column, hint.label, hint.tooltip) == (3, 5, "(2,3) f32", "torch.Tensor (2,3) cpu float32")


def test_kinds_that_bind_a_name() -> None:
    assert labels(replace(FACT, kind="return"), replace(FACT, kind="subscript"), replace(FACT, kind="comprehension")) == []


def test_several_values() -> None:
    assert labels(shaped(2, 3), shaped(4, 3)) == ["(2,3) f32 | (4,3) f32"]
    assert labels(shaped(2, 3), shaped(2, 3)) == ["(2,3) f32"]
    assert labels(shaped(100, 200, 300), shaped(400, 200, 300), shaped(5, 6)) == ["(100,200,300) f32 +2"]


def test_a_shape_is_whole_or_absent() -> None:
    assert labels(shaped(1000, 1000, 1000, 10000), shaped(1, 2)) == ["(1000,1000,1000,10000) +1"]
    assert labels(shaped(10000, 10000, 10000, 10000), shaped(1, 2)) == ["(4 dims) +1"]
    assert labels(shaped(100000, 100000, 100000, 100000)) == ["(4 dims)"]
    unknown = replace(FACT, meta=replace(META, shape=None, dtype="float8_e4m3fn_and_longer"))
    assert labels(unknown) == ["(...)"]
    assert all(len(label) <= LENGTH for n in range(1, 14) for label in labels(shaped(*[10**n] * 3), shaped(1)))


def test_tooltips_name_the_calls() -> None:
    (hint,) = hints([shaped(2, 3), replace(shaped(4, 3), context="/w/b.py:7")])
    assert hint.tooltip == ("torch.Tensor (2,3) cpu float32, called at line 2\ntorch.Tensor (4,3) cpu float32, called at line 7 of /w/b.py")
