"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tensorls.domain.fact import Diagnostic, Operand, Problem, Related, Severity
from tensorls.domain.tensor import summary


@dataclass(frozen=True, slots=True)
class Rule:
    """``applies`` picks problems; the first rule of the registry that applies to a problem reports it.

    ``of``: the severity of one problem, where it is not the same for all."""

    code: str
    severity: Severity
    summary: str
    applies: Callable[[Problem], bool]
    message: Callable[[Problem], str]
    of: Callable[[Problem], Severity] | None = None


def library_words(problem: Problem) -> str:
    """The library's own message, on one line."""
    text = " ".join(problem.message.split())
    return text or f"{problem.exception} in {problem.operation}"


def report(rule: Rule, problem: Problem, severity: Severity) -> Diagnostic:
    """The diagnostic of one problem, with the operands and where each came from."""
    related = tuple(_related(o) for o in problem.operands if o.text)
    return Diagnostic(problem.span, severity, rule.code, rule.message(problem), related, problem.context, problem=problem)


def _related(operand: Operand) -> Related:
    born = operand.history[-1] if operand.history else None
    text = f"{operand.text} {summary(operand.meta)}"
    if born is not None and born.file == operand.span.file and born.line != operand.span.line:
        text += f", since line {born.line}"
    return Related(operand.span, text)
