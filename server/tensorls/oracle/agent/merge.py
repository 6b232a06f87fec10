"""What the answers for two contents have in common."""

from __future__ import annotations

from typing import Any


class Differ(Exception):
    """Two contents gave results of different structure."""


def merge_answers(left: list[Any], right: list[Any]) -> list[Any]:
    """Merge ``[value, changes, written]``; raises Differ where more than sizes and numbers differ."""
    if left == right:
        return left
    changes = [[a[0], merge(a[1], b[1])] for a, b in _pairs(left[1], right[1]) if a[0] == b[0]]
    if len(changes) != len(left[1]):
        raise Differ
    return [merge(left[0], right[0]), changes, sorted({*left[2], *right[2]})]


def merge(left: Any, right: Any) -> Any:
    """Merge two terms: sizes that differ become unknown (null), numbers that differ become "some number"."""
    if left == right and type(left) is type(right):
        return left
    if not isinstance(left, list) or not isinstance(right, list):
        return _scalars(left, right)
    tag = left[0]
    if tag != right[0] or tag in ("o", "a", "c"):
        raise Differ
    if tag == "t":
        if [*left[1:3], *left[5:]] != [*right[1:3], *right[5:]]:
            raise Differ
        return [*left[:3], _sizes(left[3], right[3]), _sizes(left[4], right[4]), *left[5:]]
    if tag == "n":
        if left[1:3] != right[1:3]:
            raise Differ
        return [*left[:3], _items(left[3], right[3])]
    if tag == "m":
        return ["m", [_items(a, b) for a, b in _pairs(left[1], right[1])]]
    return [tag, _items(left[1], right[1])]


def _pairs(left: list[Any], right: list[Any]) -> list[tuple[Any, Any]]:
    if len(left) != len(right):
        raise Differ
    return list(zip(left, right, strict=True))


def _items(left: list[Any], right: list[Any]) -> list[Any]:
    return [merge(a, b) for a, b in _pairs(left, right)]


def _scalars(left: Any, right: Any) -> Any:
    if type(left) is type(right) and isinstance(left, (bool, int, float, str)):
        return ["a", type(left).__name__]
    for scalar, plain in ((left, right), (right, left)):
        if isinstance(scalar, list) and scalar[0] == "a" and type(plain).__name__ == scalar[1]:
            return scalar
    raise Differ


def _sizes(left: list[Any] | None, right: list[Any] | None) -> list[Any] | None:
    if left is None or right is None:
        return None
    return [a if a == b else None for a, b in _pairs(left, right)]
