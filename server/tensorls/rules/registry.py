"""All rules, in the order in which they claim a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tensorls.domain.fact import Diagnostic, Problem, Severity
from tensorls.rules import declared_mismatch, device_mismatch, dtype_mismatch, invalid_operation, none_index, shape_comment, shape_mismatch
from tensorls.rules.rule import Rule, report

RULES: tuple[Rule, ...] = (
    none_index.RULE,
    declared_mismatch.RULE,
    shape_comment.RULE,
    device_mismatch.RULE,
    dtype_mismatch.RULE,
    shape_mismatch.RULE,
    invalid_operation.RULE,
)
BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}


def diagnose(problems: Iterable[Problem], severities: Mapping[str, str] | None = None) -> Iterator[Diagnostic]:
    """The diagnostics of one file.  ``severities`` overrides a rule's severity by code; ``off`` silences it."""
    chosen = severities or {}
    seen: set[tuple[object, str, str]] = set()
    for problem in problems:
        rule = next((r for r in RULES if r.applies(problem)), None)
        if rule is None:
            continue
        severity = chosen.get(rule.code) or (rule.of(problem) if rule.of is not None else rule.severity)
        if severity == "off":
            continue
        found = report(rule, problem, _severity(severity, rule))
        key = (found.span, found.code, found.message)
        if key not in seen:  # one place that fails alike in several contexts is one diagnostic
            seen.add(key)
            yield found


def _severity(name: str, rule: Rule) -> Severity:
    known: Mapping[str, Severity] = {"error": "error", "warning": "warning", "information": "information", "hint": "hint"}
    return known.get(name, rule.severity)


__all__ = ["BY_CODE", "RULES", "Rule", "diagnose"]
