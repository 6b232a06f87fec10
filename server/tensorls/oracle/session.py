"""Concrete evaluation: questions under assignments of integers to symbols, answered by the user's own torch and NumPy."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tensorls.domain.dims import Symbol
from tensorls.oracle import wire
from tensorls.oracle.process import DEADLINE, Agent
from tensorls.oracle.question import Answer, Overload, Question, Unanswered

Backend = Literal["eager", "meta"]


@dataclass(frozen=True, slots=True)
class Versions:
    """What the interpreter has; None for a library that is not there."""

    python: str
    torch: str | None
    numpy: str | None


@dataclass(frozen=True, slots=True)
class Devices:
    """The accelerators of this machine, as torch sees them."""

    cuda: int
    mps: bool


@dataclass(frozen=True, slots=True)
class Description:
    """What a dotted path names.

    ``name``: the public qualified name (classes, dtypes, modules; for "object" that of its type).  ``mro``: public names of a
    class and its bases.  ``dtype``: the bare dtype name of ``torch.float32`` or ``numpy.float32``.  ``parameters``: names, where
    the function or class has a signature.  ``overloads``: the ways to call it, as far as they are on record.  ``value``: of a
    constant.
    """

    kind: Literal["module", "class", "function", "dtype", "constant", "object", "missing", "denied"]
    name: str | None = None
    mro: tuple[str, ...] = ()
    is_nn_module: bool = False
    dtype: str | None = None
    parameters: tuple[str, ...] | None = None
    overloads: tuple[Overload, ...] = ()
    value: bool | int | float | complex | str | None = None


class Session:
    """One interpreter's libraries, ready to be asked.  Thread-safe.

    The agent starts at once and imports in the background.  Raises OracleUnavailable, here or in any method, when the
    interpreter cannot answer.
    """

    def __init__(self, interpreter: str, deadline: float = DEADLINE) -> None:
        self._agent = Agent(interpreter, deadline)
        self._descriptions: dict[str, Description] = {}
        self._lock = threading.Lock()

    @property
    def versions(self) -> Versions:
        """Known before the libraries have been imported."""
        hello = self._agent.hello()
        return Versions(hello["python"], hello["torch"], hello["numpy"])

    @property
    def folders(self) -> tuple[str, ...]:
        """Where the interpreter's packages are installed."""
        return tuple(self._agent.hello().get("folders", ()))

    @property
    def devices(self) -> Devices:
        """Waits for the import of torch."""
        ready = self._agent.ready()
        return Devices(ready["cuda"], ready["mps"])

    @property
    def problems(self) -> Mapping[str, str]:
        """Libraries that are installed but cannot be imported, and why."""
        return dict(self._agent.ready()["problems"])

    def evaluate(self, question: Question, assignments: Sequence[Mapping[Symbol, int]] = ({},), backend: Backend = "eager") -> list[Answer]:
        """One answer for each assignment, all sizes integers, ``wire.UNKNOWN_SIZE`` where the content decides."""
        try:
            template = wire.template(question)
        except wire.NotAskable as error:
            return [Unanswered(str(error)) for _ in assignments]
        return self.evaluate_template(template, assignments, backend)

    def evaluate_template(
        self, template: wire.Template, assignments: Sequence[Mapping[Symbol, int]], backend: Backend = "eager"
    ) -> list[Answer]:
        """The same for a question that has been made a template already."""
        answers: list[Answer | None] = []
        rows: list[list[int]] = []
        for assignment in assignments:
            try:
                rows.append(template.row(assignment))
                answers.append(None)
            except ZeroDivisionError:
                answers.append(Unanswered("a size is divided by zero"))
        found = iter(self._agent.evaluate(template.text, rows, backend))
        return [wire.read_answer(next(found)) if answer is None else answer for answer in answers]

    def describe(self, path: str) -> Description:
        """What a dotted path names in the interpreter's libraries."""
        if path in ("torch.__version__", "numpy.__version__"):
            return Description("constant", value=getattr(self.versions, path.partition(".")[0]))
        with self._lock:
            known = self._descriptions.get(path)
        if known is None:
            known = _description(self._agent.describe(path))
            with self._lock:
                self._descriptions[path] = known
        return known

    def close(self) -> None:
        """End the agent."""
        self._agent.close()


def read_overloads(found: Iterable[Any]) -> tuple[Overload, ...]:
    """What came as JSON."""
    return tuple(Overload(tuple((n, t, o, k) for n, t, o, k in takes), tuple((n, t) for n, t in gives)) for takes, gives in found)


def _description(found: Mapping[str, Any]) -> Description:
    value = found.get("value")
    parameters = found.get("parameters")
    return Description(
        kind=found["kind"],
        name=found.get("name"),
        mro=tuple(found.get("mro", ())),
        is_nn_module=found.get("is_nn_module", False),
        dtype=found.get("dtype"),
        parameters=None if parameters is None else tuple(parameters),
        overloads=read_overloads(found.get("overloads", ())),
        value=complex(value[1], value[2]) if isinstance(value, list) else value,
    )
