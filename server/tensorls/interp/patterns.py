"""``match`` statements: cases in order, each taken for certain, possibly, or never."""

from __future__ import annotations

import ast
from collections.abc import Callable

from tensorls.domain.values import Unknown, Value
from tensorls.interp import assignment, builtin_objects, expressions, iteration, operators, statements
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine


def run_match(machine: Machine, frame: Frame, node: ast.Match, subject: Value) -> bool:
    """Run the cases that may be taken."""
    paths: list[Callable[[], bool]] = []
    for case in node.cases:
        verdict = _matches(machine, frame, case.pattern, subject)
        if verdict is False:
            continue

        def path(case: ast.match_case = case) -> bool:
            _bind(machine, frame, case.pattern, subject)
            if case.guard is not None:
                guard = operators.truth(machine, frame, case.guard, expressions.evaluate(machine, frame, case.guard))
                if guard is False:
                    return False
            return statements.run_block(machine, frame, case.body)

        paths.append(path)
        if verdict is True and case.guard is None:
            break
    else:
        paths.append(lambda: True)
    return paths[0]() if len(paths) == 1 else statements.run_paths(machine, frame, paths)


def _matches(machine: Machine, frame: Frame, pattern: ast.pattern, subject: Value) -> bool | None:
    if isinstance(pattern, ast.MatchValue):
        value = expressions.evaluate(machine, frame, pattern.value)
        return operators.equal(machine, subject, value) if not isinstance(subject, Unknown) else None
    if isinstance(pattern, ast.MatchSingleton):
        from tensorls.domain.values import Const

        return operators.identical(machine, subject, Const(pattern.value))
    if isinstance(pattern, ast.MatchAs):
        return True if pattern.pattern is None else _matches(machine, frame, pattern.pattern, subject)
    if isinstance(pattern, ast.MatchOr):
        verdicts = [_matches(machine, frame, p, subject) for p in pattern.patterns]
        return True if True in verdicts else None if None in verdicts else False
    if isinstance(pattern, ast.MatchSequence):
        return _matches_sequence(machine, frame, pattern, subject)
    if isinstance(pattern, ast.MatchClass):
        verdict = builtin_objects.is_instance(machine, subject, expressions.evaluate(machine, frame, pattern.cls))
        return verdict if verdict is False or not (pattern.patterns or pattern.kwd_patterns) else None
    return None


def _matches_sequence(machine: Machine, frame: Frame, pattern: ast.MatchSequence, subject: Value) -> bool | None:
    found = iteration.iterate(machine, subject)
    if found.items is None:
        return None
    star = any(isinstance(p, ast.MatchStar) for p in pattern.patterns)
    if len(found.items) < len(pattern.patterns) - star or (not star and len(found.items) != len(pattern.patterns)):
        return False
    if star:
        return None
    verdicts = [_matches(machine, frame, p, v) for p, v in zip(pattern.patterns, found.items, strict=True)]
    return False if False in verdicts else None if None in verdicts else True


def _bind(machine: Machine, frame: Frame, pattern: ast.pattern, subject: Value) -> None:
    """Bind the names of a pattern that was taken."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.name is not None:
            assignment.bind_name(machine, frame, pattern.name, subject)
        if pattern.pattern is not None:
            _bind(machine, frame, pattern.pattern, subject)
    elif isinstance(pattern, ast.MatchSequence):
        found = iteration.iterate(machine, subject)
        items = found.items
        exact = items is not None and not any(isinstance(p, ast.MatchStar) for p in pattern.patterns)
        for index, inner in enumerate(pattern.patterns):
            value = items[index] if exact and items is not None and index < len(items) else iteration.any_item(machine, found)
            _bind(machine, frame, inner, value)
    else:
        for part in ast.walk(pattern):
            if isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name is not None:
                assignment.bind_name(machine, frame, part.name, Unknown("matched"))
            elif isinstance(part, ast.MatchMapping) and part.rest is not None:
                assignment.bind_name(machine, frame, part.rest, Unknown("matched"))


__all__ = ["run_match"]
