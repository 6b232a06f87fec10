"""Answering: run a plan with several contents and say what all runs agree on."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .allow import Denied, Missing
from .build import FILLS, PLAIN, Unanswerable
from .data import NUMPY_WRITERS
from .describe import Describer
from .libs import numpy, torch, words
from .merge import Differ, merge_answers
from .mode import ambient
from .plan import Plan, World
from .recipe import Recipes, parameter_elements, quick_init

MAX_ELEMENTS = 2_000_000  # of all arguments and parameters, for an eager run
KEPT_PLANS = 2048
TOO_LARGE = "too large for eager"


class Failed(Exception):
    """The call itself raised."""

    def __init__(self, exception: str, message: str) -> None:
        super().__init__(message)
        self.exception, self.message = exception, message


class Evaluator:
    """Plans by the text of their question, and the objects that they share."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan | str] = OrderedDict()
        self._recipes = Recipes()

    def answer(self, text: str, row: list[int], meta: bool) -> list[Any]:
        """``["ok", value, changes, written]``, ``["raised", exception, message, certain]`` or ``["no", reason]``."""
        try:
            plan = self._plans.get(text) or self._plan(text)
            return ["no", plan] if isinstance(plan, str) else evaluate(plan, row, meta)
        except Unanswerable as error:
            return ["no", str(error)]
        except (Denied, Missing) as error:
            return ["no", _refusal(error)]
        except MemoryError:
            return ["no", TOO_LARGE]
        except Exception as error:  # noqa: BLE001  (a fault of ours must not cost the questions after it)
            return ["no", f"internal error: {type(error).__name__}: {error}"]

    def _plan(self, text: str) -> Plan | str:
        made: Plan | str
        try:
            made = Plan(text, self._recipes)
        except Unanswerable as error:
            made = str(error)
        except (Denied, Missing) as error:
            made = _refusal(error)
        self._plans[text] = made
        if len(self._plans) > KEPT_PLANS:
            self._plans.popitem(last=False)
        return made


def _refusal(error: Exception) -> str:
    return f"denied: {error}" if isinstance(error, Denied) else f"not in the installed library: {error}"


def evaluate(plan: Plan, row: list[int], meta: bool) -> list[Any]:
    """The answer for one row of sizes."""
    if not meta and plan.tensors and plan.elements(row) > MAX_ELEMENTS:
        return ["no", TOO_LARGE]
    fills: Sequence[int] = (PLAIN,) if meta else plan.fills
    runs = [(fill, choice) for fill in fills for choice in plan.choices]
    merged: list[Any] | None = None
    failures: list[Failed] = []
    position = 0
    while position < len(runs):
        fill, choice = runs[position]
        try:
            found = attempt(plan, row, fill, choice, meta)
            merged = found if merged is None else merge_answers(merged, found)
        except Failed as failure:
            failures.append(failure)
            if position == 0 and len(fills) > 1:  # values may decide whether it works: try them all
                runs = [(fill, choice) for fill in FILLS for choice in plan.choices]
        except Differ:
            return ["no", "values decide"]
        position += 1
        if position == 2 and len(failures) == 2 and _settled(plan, failures):
            break
    return _raised(plan, row, failures, meta) if merged is None else ["ok", *merged]


def _raised(plan: Plan, row: list[int], failures: list[Failed], meta: bool) -> list[Any]:
    first = failures[0]
    if first.exception == "NotImplementedError" and (meta or "not implemented for '" not in first.message):
        return ["no", f"not implemented on this backend: {first.message[:200]}"]
    if meta and "meta" in first.message.lower():
        return ["no", f"values decide: {first.message[:200]}"]
    if any(f"not implemented for '{name}" in first.message for name in _NARROW) or plan.scalars:
        return ["raised", first.exception, first.message, False]
    differ = any((f.exception, f.message) != (first.exception, first.message) for f in failures)
    by_value = plan.open > 0 and _by_value(plan, first)
    certain = not (differ or by_value) or (not meta and _fails_without_values(plan, row, first))
    return ["raised", first.exception, first.message, certain]


#: Types that GPUs compute with where the CPU does not.
_NARROW = ("Half", "BFloat16", "Float8", "ComplexHalf")
#: What errors about the content of tensors speak of; then, what they may speak of; and what errors about metadata do.
_CONTENT = re.compile(r"probabilit|sum to|constraint|singular|definite|simplex|finite|converge|\b(nan|infs?)\b", re.IGNORECASE)
_PERHAPS = re.compile(
    r"monoton|increas|sorted|permutation|unique|duplicate|negative|positive|greater than 0|divi(de|sion)|must be in|between(?! instances)",
    re.IGNORECASE,
)
_LAYOUT = re.compile(r"dimension|shape|padding|stride|dtype|axis|axes", re.IGNORECASE)


def _settled(plan: Plan, failures: list[Failed]) -> bool:
    """Whether two contents have failed alike for their shapes, so that no other content needs trying."""
    first, second = failures
    if plan.scalars or plan.data_sizes or (first.exception, first.message) != (second.exception, second.message):
        return False
    return _speaks(first.message)[2] and not _by_value(plan, first)


def _by_value(plan: Plan, failure: Failed) -> bool:
    """Whether another content than those tried might succeed."""
    content, perhaps, layout = _speaks(failure.message)
    if failure.exception == "_LinAlgError" or content:
        return True
    open_sizes = plan.data_sizes and not plan.masked and not plan.numpy_tensors
    return bool((open_sizes or perhaps) and not layout)


@lru_cache(maxsize=256)
def _speaks(message: str) -> tuple[bool, bool, bool]:
    """Whether an error speaks of content, perhaps does, and whether of metadata; the sizes of one call fail in few words."""
    return bool(_CONTENT.search(message)), bool(_PERHAPS.search(message)), bool(_LAYOUT.search(message))


def _fails_without_values(plan: Plan, row: list[int], first: Failed) -> bool:
    """Whether the same error comes from metadata alone: tensors without data raise it too."""
    if plan.numpy_tensors:
        return False
    try:
        attempt(plan, row, PLAIN, plan.choices[0], True)
    except Failed as failure:
        return (failure.exception, failure.message) == (first.exception, first.message)
    except (Unanswerable, Denied, Missing):
        return False
    return False


def attempt(plan: Plan, row: list[int], fill: int, choice: tuple[int, ...], meta: bool) -> list[Any]:
    """Run once: ``[value, changes, written]``; raises Failed, Unanswerable."""
    world = World(row, fill, choice, meta)
    try:
        args = [b(world) for b in plan.args]
        kwargs = {name: b(world) for name, b in plan.kwargs}
    except (Unanswerable, MemoryError):
        raise
    except Exception as error:
        raise Unanswerable(f"a stand-in cannot be made: {type(error).__name__}: {error}") from error
    tensors = world.tensors
    before = [_state(t) for t in tensors]
    if plan.op in ("call", ".forward") and not meta and parameter_elements(args[0]) > MAX_ELEMENTS:
        raise Unanswerable(TOO_LARGE)
    try:
        if plan.mode or plan.function is not None:
            result = _in_mode(plan, args, kwargs, meta)
        else:
            result = plan.call(args, kwargs)
        value = Describer(tensors, plan.exact).value(result)
    except (Unanswerable, Denied, Missing):
        raise
    except MemoryError as error:
        raise Unanswerable(TOO_LARGE) from error
    except Exception as error:  # noqa: BLE001  (whatever the library raises is the answer)
        raise _failed(error) from None
    changes, written = [], []
    for index, tensor in enumerate(tensors):
        state = before[index]
        after = _state(tensor)
        if after != state:
            if after[-1] != state[-1]:
                written.append(index)
            if after[:-1] != state[:-1]:
                changes.append([index, Describer([], True).value(tensor)])
    if plan.numpy_tensors:
        written.extend(_numpy_written(plan, args, kwargs, tensors))
    return [value, changes, written]


def _in_mode(plan: Plan, args: list[Any], kwargs: dict[str, Any], meta: bool) -> Any:
    function = plan.function
    with ambient(plan.mode, plan.op):
        if torch is not None and isinstance(function, type) and issubclass(function, torch.nn.Module):
            with quick_init(meta):
                return function(*args, **kwargs)
        if meta and function is not None and not plan.tensors:
            with torch.device("meta"):
                return function(*args, **kwargs)
        return plan.call(args, kwargs)


def _failed(error: Exception) -> Exception:
    message = str(error).partition("\nException raised from")[0]
    if "can't allocate memory" in message or "DefaultCPUAllocator: not enough memory" in message:
        return Unanswerable(TOO_LARGE)
    return Failed(type(error).__name__, message)


def _state(tensor: Any) -> tuple[Any, ...]:
    """What a call may change, the version of the content last."""
    if torch is not None and isinstance(tensor, torch.Tensor):
        try:
            return (
                tensor.shape, tensor.stride(), tensor.dtype, tensor.requires_grad, tensor.is_leaf,
                None if tensor.is_inference() else tensor._version,
            )  # fmt: skip
        except (RuntimeError, NotImplementedError):  # became sparse
            return (tensor.shape, None, tensor.dtype, tensor.requires_grad, tensor.is_leaf, None)
    return tensor.shape, tensor.strides, tensor.dtype, False, True, None


def _numpy_written(plan: Plan, args: list[Any], kwargs: dict[str, Any], tensors: list[Any]) -> list[int]:
    """NumPy keeps no versions: writers are known by name, and ``out=`` says so itself."""
    targets: list[Any] = []
    if args and (plan.op in _NUMPY_INPLACE or (plan.name in NUMPY_WRITERS and plan.op not in ("numpy.sort", "numpy.partition"))):
        targets.append(args[0])
    out = kwargs.get("out")
    targets.extend(out if isinstance(out, tuple) else [out])
    arrays = [t for t in targets if numpy is not None and isinstance(t, numpy.ndarray)]
    return [i for i, tensor in enumerate(tensors) if any(tensor is array for array in arrays)]


_NUMPY_INPLACE = frozenset(f"operator.i{name}" for name in words("add sub mul truediv floordiv mod pow matmul and or xor lshift rshift"))
