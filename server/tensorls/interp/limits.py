"""Named bounds of an analysis.  At a bound a value becomes unknown with that reason; nothing hangs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``steps``: statements and expressions in one analysis; the others say themselves what they bound."""

    steps: int = 1_500_000
    steps_in_uncalled: int = 60_000
    steps_in_all_uncalled: int = 300_000
    steps_in_foreign_call: int = 120_000  # of code that the user calls in an installed package
    steps_in_all_foreign: int = 600_000
    call_depth: int = 100
    recursion: int = 3  # the same function on the call stack where it may call itself without end
    recursive_calls: int = 60  # of one function below one call of it, where it may branch without end
    certain_recursion: int = 64  # where every decision on the way is known
    exact_iterations: int = 260  # a loop of known length beyond this runs to a fix point instead
    exact_loop_steps: int = 40_000  # steps after which an exact loop goes on as a fix point
    fixpoint_passes: int = 8
    union: int = 4  # alternatives of one value
    combinations: int = 16  # of alternatives in one operation
    alternatives_of_a_call: int = 4  # that are followed one by one through the body
    items: int = 4_096  # of one list, tuple or dict
    text: int = 10_000  # characters of one string
    integer_bits: int = 128
    contexts: int = 64  # facts kept for one place


DEFAULT = Limits()
