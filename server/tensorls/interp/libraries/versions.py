"""``torch.__version__``: a text that compares by version, so that ``"2.10"`` comes after ``"2.9"``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

TORCH = "torch.__version__"
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)(?:\+([a-z0-9.]+))?")


class Version(str):
    """What torch's own class does with releases; of others (``2.6.0a0``) it raises TypeError: how they compare is not known."""

    __slots__ = ()

    def _compare(self, other: object, test: Callable[[Any, Any], bool]) -> bool:
        return test(*_aligned(_key(self), _key(other)))

    def __lt__(self, other: object) -> bool:
        return self._compare(other, operator.lt)

    def __le__(self, other: object) -> bool:
        return self._compare(other, operator.le)

    def __gt__(self, other: object) -> bool:
        return self._compare(other, operator.gt)

    def __ge__(self, other: object) -> bool:
        return self._compare(other, operator.ge)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True or self._compare(other, operator.eq)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


_Key = tuple[tuple[int, ...], str]


def _key(text: object) -> _Key:
    found = _RELEASE.fullmatch(str.strip(text)) if isinstance(text, str) else None
    if found is None:
        raise TypeError(f"{text!r} is no release")
    return tuple(int(n) for n in found[1].split(".")), found[2] or ""


def _aligned(left: _Key, right: _Key) -> tuple[_Key, _Key]:
    """With releases of one length; what was built locally comes after the release, but builds compare in no simple order."""
    length = max(len(left[0]), len(right[0]))
    (a, x), (b, y) = ((n + (0,) * (length - len(n)), local) for n, local in (left, right))
    if a == b and x and y and x != y:
        raise TypeError("two local builds")
    return (a, x), (b, y)
