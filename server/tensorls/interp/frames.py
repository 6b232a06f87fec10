"""Frames: where names live while a body runs, and where its abrupt ends are collected."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from tensorls.domain.values import Function, Value
from tensorls.interp.sizes import Sizes
from tensorls.interp.store import Delta

Context = tuple[str, ...]  # the chain of call sites, outermost first


@dataclass(slots=True)
class Loop:
    """One loop in progress: the states in which its body was left early."""

    mark: int
    breaks: list[Delta] = field(default_factory=list)
    continues: list[Delta] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """One activation of a module, a function or a class body.

    ``address``: its namespace; ``module``: the namespace of its module's globals.
    """

    address: int
    module: int
    file: str
    context: Context = ()
    function: Function | None = None
    receiver: Value | None = None
    mark: int = 0
    returns: list[tuple[Delta, Value]] = field(default_factory=list)
    returned: int = -1  # the version of the store at the last return
    yields: list[Value] | None = None
    yields_exact: bool = True
    loops: list[Loop] = field(default_factory=list)
    branch_depth: int = 0
    guarded: int = 0  # inside how many try bodies whose handlers may catch a failure
    redirects: dict[str, int] = field(default_factory=dict)  # names declared global or nonlocal
    is_class: bool = False
    active: tuple[Function, ...] = ()  # the call stack, for recursion
    loop_depth: int = 0  # how many of the branches are bodies of loops, which run at least once in any run of interest
    expected: bool = True  # as ``certain``, but for such loops
    certain: bool = True  # every decision on the way here was known, so recursion ends as the program's does
    uncalled: bool = False  # a body that nobody calls: its parameters are unknown
    sizes: Sizes | None = None  # what the names in the annotations of this call stand for

    @property
    def is_plain(self) -> bool:
        """Whether nothing before the present place may have decided that two sizes are equal."""
        if self.branch_depth or self.returns or not self.expected:
            return False
        node = self.function.node if self.function is not None else None
        return node is None or not any(isinstance(n, (ast.Assert, ast.Raise)) for n in ast.walk(node))
