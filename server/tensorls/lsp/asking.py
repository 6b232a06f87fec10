"""The oracle as analyses ask it: when it is gone for good, the analysis ends and the engine hears of it."""

from __future__ import annotations

from collections.abc import Callable

from tensorls.interp.machine import Asks, Cancelled, Described
from tensorls.oracle.process import OracleUnavailable
from tensorls.oracle.question import Answer, Question, Unanswered


class Asking:
    """An oracle with an ear for its end."""

    def __init__(self, oracle: Asks, lost: Callable[[str], None]) -> None:
        self._oracle = oracle
        self._lost = lost

    def ask(self, question: Question) -> Answer:
        """What the call returns, or how it fails."""
        answer = self._oracle.ask(question)
        if isinstance(answer, Unanswered) and answer.reason.startswith("no oracle"):
            self._lost(answer.reason)
            raise Cancelled
        return answer

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices of this machine."""
        try:
            return self._oracle.devices
        except OracleUnavailable as error:
            self._lost(str(error))
            raise Cancelled from error

    def describe(self, path: str) -> Described:
        """What a dotted path names."""
        try:
            return self._oracle.describe(path)
        except OracleUnavailable as error:
            self._lost(str(error))
            raise Cancelled from error
