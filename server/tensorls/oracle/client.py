"""The oracle as the interpreter sees it: ``Oracle.ask(question)``.

On the way to an answer: the memory of this process; devices taken out; the memory again and the disk, by a key in which
symbols have no names; then probing on the session.  The devices are put back last, so one kept answer serves all of them.

**Unknown sizes in answers.**  A size that no expression fits, or that the content decides, is a hidden symbol named ``?0``,
``?1``, ... by its position in the answer.  Two answers use the same names for different sizes, so a caller renames them to
fresh symbols as soon as it stores the answer (``with_fresh_sizes``), and names its own hidden symbols otherwise.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any, Protocol

from tensorls.domain.dims import Dim, Expr, Symbol, substitute, symbols
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import autocast, devices, terms, wire
from tensorls.oracle.probe import probe
from tensorls.oracle.probe.common import Evaluate
from tensorls.oracle.probe.messages import plain, rename
from tensorls.oracle.process import OracleUnavailable
from tensorls.oracle.question import Answer, OutMapping, Question, Raised, Recipe, Returned, Unanswered

log = logging.getLogger(__name__)

#: Reasons that may not hold the next time: never kept on disk.
_PASSING = ("crashed", "timed out", "no oracle", "the worker", "memory")
_FRESH = re.compile(r"\?\d+")


class SessionLike(Protocol):
    """What the oracle needs of ``session.Session``."""

    @property
    def evaluate(self) -> Evaluate: ...

    @property
    def versions(self) -> Any: ...

    def describe(self, path: str) -> Any: ...

    def close(self) -> None: ...


class MemoLike(Protocol):
    """What the oracle needs of ``memo.Memo``."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str) -> None: ...

    def close(self) -> None: ...


class Oracle:
    """Answers questions, each once.  Thread-safe."""

    def __init__(self, session: SessionLike, memo: MemoLike | None = None) -> None:
        self._session = session
        self._memo = memo
        self._lock = threading.Lock()
        self._answers: dict[Question, Answer] = {}
        self._kept: dict[str, str] = {}
        self._state: dict[Recipe, bool | None] = {}
        self._pending: dict[str, threading.Lock] = {}

    @property
    def versions(self) -> Any:
        """Of Python, torch and NumPy."""
        return self._session.versions

    def describe(self, path: str) -> Any:
        """What a dotted path of torch or NumPy is."""
        return self._session.describe(path)

    def close(self) -> None:
        """End the session, write the memo."""
        self._session.close()
        if self._memo:
            self._memo.close()

    def ask(self, question: Question) -> Answer:
        """What the call returns, or how it fails."""
        with self._lock:
            known = self._answers.get(question)
        if known is not None:
            return known
        try:
            answer = self._placed(question)
        except OracleUnavailable as error:
            return Unanswered(f"no oracle: {error}")
        except Exception as error:
            log.error("question %s failed", question.op, exc_info=error)
            return Unanswered(f"internal error: {type(error).__name__}")
        with self._lock:
            self._answers[question] = answer
        return answer

    def _placed(self, question: Question) -> Answer:
        placed = devices.place(question, self._has_state)
        if placed.answer is not None:
            return placed.answer
        mode = question.mode.autocast
        if mode and autocast.applies(question):
            answer = autocast.ask(placed.question, mode[1], self._stripped)
        else:
            answer = self._stripped(autocast.fitting(placed.question, question))
        if isinstance(answer, Raised) and _kernel_missing(answer) and placed.result != "cpu":
            return Unanswered("the CPU has no such kernel, the device may have")
        return devices.restore(answer, placed, question)

    def _has_state(self, recipe: Recipe) -> bool | None:
        """Whether a module has parameters or buffers, asked of torch."""
        if recipe not in self._state:
            answer = self._stripped(Question(".state_dict", (recipe,)))
            found = answer.value if isinstance(answer, Returned) else None
            self._state[recipe] = bool(found.items) if isinstance(found, OutMapping) else None
        return self._state[recipe]

    def _stripped(self, question: Question) -> Answer:
        """A question without devices: by its key from memory or disk, else by probing."""
        key, names = question_key(question)
        with self._lock:
            text = self._kept.get(key)
            turn = self._pending.setdefault(key, threading.Lock()) if text is None else None
        if turn is not None:
            with turn:  # two threads with the same question: one probes
                with self._lock:
                    text = self._kept.get(key)
                if text is None:
                    text = self._memo.get(key) if self._memo else None
                    if text is None:
                        answer = probe(question, self._session.evaluate)
                        text = write(answer, names)
                        passing = isinstance(answer, Unanswered) and answer.reason.startswith(_PASSING)
                        if self._memo and not passing:
                            self._memo.put(key, text)
                    with self._lock:
                        self._kept[key] = text
                        self._pending.pop(key, None)
        assert text is not None
        return read(text, names)


def question_key(question: Question) -> tuple[str, tuple[Symbol, ...]]:
    """Equal for questions that differ in the names of symbols only; and the symbols in the order of the key.

    What is unknown of a tensor (rank, dtype, gradient) is written in a way that no real tensor has.
    """

    def closed(term: Any) -> Any:
        if isinstance(term, TensorMeta) and None in (term.shape, term.dtype, term.requires_grad):
            unknown = "".join("?" if v is None else "." for v in (term.shape, term.dtype, term.requires_grad))
            return replace(
                term,
                type=f"{term.type} {unknown}",
                shape=term.shape or (),
                dtype=term.dtype or "?",
                requires_grad=bool(term.requires_grad),
            )
        return term

    return wire.key(terms.map_terms(question, closed))


def _numbered(names: tuple[Symbol, ...]) -> dict[str, str]:
    return {s.name: f"s{i:02}" for i, s in enumerate(names)}


def write(answer: Answer, names: tuple[Symbol, ...]) -> str:
    """The answer as text in which the question's symbols are numbers."""
    if isinstance(answer, Raised):
        numbers = _numbered(names)
        needs = tuple(rename(n, numbers) for n in answer.needs)
        answer = replace(answer, message=rename(answer.message, numbers), needs=needs)
    return json.dumps(wire.write_answer(answer, names), separators=(",", ":"))


def read(text: str, names: tuple[Symbol, ...]) -> Answer:
    """The inverse of ``write``, for a question with other names."""
    answer = wire.read_answer(json.loads(text), names)
    if isinstance(answer, Raised):
        back = {number: name for name, number in _numbered(names).items()}
        needs = tuple(plain(rename(n, back)) for n in answer.needs)
        return replace(answer, message=plain(rename(answer.message, back)), needs=needs)
    return answer


def _kernel_missing(answer: Raised) -> bool:
    return "not implemented for '" in answer.message and any(
        f"'{name}'" in answer.message for name in ("Half", "BFloat16", "ComplexHalf", "Float8_e4m3fn", "Float8_e5m2")
    )


def with_fresh_sizes(answer: Returned, fresh: Callable[[], Expr]) -> Returned:
    """The answer with its own unknown sizes (``?0`` ...) replaced by symbols that nobody else has."""
    made: dict[Symbol, Dim] = {}

    def change(dim: Dim) -> Dim:
        for s in _own(dim):
            made.setdefault(s, fresh())
        return substitute(dim, made) if isinstance(dim, Expr) else dim

    return terms.map_returned(answer, change)


def _own(dim: Dim) -> Iterator[Symbol]:
    return (s for s in sorted(symbols(dim)) if s.hidden and _FRESH.fullmatch(s.name))


def fresh_sizes(prefix: str = "u") -> Callable[[], Expr]:
    """A source of hidden symbols that are new within one analysis."""
    numbers = count()
    return lambda: Expr(((((Symbol(f"{prefix}{next(numbers)}", True), 1),), 1),))


__all__ = ["Oracle", "fresh_sizes", "question_key", "with_fresh_sizes"]
