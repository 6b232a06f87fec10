"""The agent's evaluator in this very process: what a session does, without the process (for tests and measurements)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from tensorls.domain.dims import Symbol
from tensorls.oracle import wire
from tensorls.oracle.agent.run import Evaluator
from tensorls.oracle.question import Answer, Question, Unanswered


class InProcess:
    """``evaluate`` as ``Session`` has it, and a count of the runs."""

    def __init__(self) -> None:
        torch.set_num_threads(1)  # as the agent does: stand-ins are tiny
        self._evaluator: Any = Evaluator()
        self.runs = 0
        self.requests = 0

    def evaluate(self, question: Question, assignments: Sequence[Mapping[Symbol, int]] = ({},), backend: str = "eager") -> list[Answer]:
        """Really run it."""
        self.requests += 1
        try:
            template = wire.template(question)
        except wire.NotAskable as error:
            return [Unanswered(str(error)) for _ in assignments]
        self.runs += len(assignments)
        answers: list[Answer] = []
        for assignment in assignments:
            try:
                row = template.row(assignment)
            except ZeroDivisionError:
                answers.append(Unanswered("a division by zero"))
                continue
            answers.append(wire.read_answer(self._evaluator.answer(template.text, row, backend == "meta")))
        return answers
