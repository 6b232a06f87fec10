"""Objects made from recipes (modules, distributions, generators), kept while they are small and unchanged."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .build import Unanswerable
from .libs import torch

KEPT_ELEMENTS = 8_000_000  # of all parameters of the objects kept
KEPT_OBJECTS = 256

Ingredients = Callable[[], tuple[list[Any], dict[str, Any], list[tuple[str, list[Any]]]]]


class Recipes:
    """Makes objects; the ones with a key are kept, least recently used first out."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._elements = 0

    def get(self, key: Any, cls: Any, ingredients: Ingredients, meta: bool) -> Any:
        """The object; raises Unanswerable when it cannot be made."""
        if key is not None and key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        made = self._make(cls, ingredients, meta)
        if key is not None:
            size = parameter_elements(made)
            self._kept[key] = made, size
            self._elements += size
            while len(self._kept) > KEPT_OBJECTS or self._elements > KEPT_ELEMENTS:
                self._elements -= self._kept.popitem(last=False)[1][1]
        return made

    def _make(self, cls: Any, ingredients: Ingredients, meta: bool) -> Any:
        args, kwargs, steps = ingredients()
        try:
            with quick_init(meta):
                made = cls(*args, **kwargs)
            for name, values in steps:
                changed = getattr(made, name)(*values)
                made = made if changed is None else changed
        except Unanswerable:
            raise
        except MemoryError as error:
            raise Unanswerable("too large for eager") from error
        except Exception as error:
            if "can't allocate memory" in str(error):
                raise Unanswerable("too large for eager") from error
            raise Unanswerable(f"the object cannot be made: {type(error).__name__}: {error}") from error
        return made


def parameter_elements(made: Any) -> int:
    """How many elements a module's parameters have; 0 for anything else, and for parameters not made yet."""
    if torch is None or not isinstance(made, torch.nn.Module):
        return 0
    lazy = torch.nn.parameter.UninitializedParameter
    return sum(p.numel() for p in made.parameters() if not isinstance(p, lazy))


def _untouched(tensor: Any, *_: Any, **__: Any) -> Any:
    return tensor


@contextmanager
def quick_init(meta: bool) -> Iterator[None]:
    """Construct modules without filling their parameters: the values matter to nobody, and the memory stays untouched."""
    init = sys.modules.get("torch.nn.init")
    if init is None:
        yield
        return
    saved = {n: f for n, f in vars(init).items() if n.endswith("_") and not n.startswith("_") and callable(f)}
    try:
        vars(init).update(dict.fromkeys(saved, _untouched))
        if meta:
            with torch.device("meta"):
                yield
        else:
            yield
    finally:
        vars(init).update(saved)
