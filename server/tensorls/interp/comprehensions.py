"""The clauses of comprehensions and generator expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tensorls.domain.dims import Dim
from tensorls.domain.objects import Namespace, TensorObject
from tensorls.domain.values import Ref, Scalar, Unknown, Value
from tensorls.interp import assignment, expressions, iteration, operators, statements
from tensorls.interp.frames import Frame
from tensorls.interp.machine import Machine
from tensorls.interp.signatures import UNIFORM, signature

SETTLED_STEPS = 1_500  # spent on items that are alike before one stands for the others


def generate(machine: Machine, frame: Frame, generators: list[ast.comprehension],
              produce: Callable[[Frame], Value]) -> iteration.Items:  # fmt: skip
    """Run a comprehension's clauses; exact items while every clause is known, else any item, and how many if that is known."""
    namespace = machine.store.new(Namespace(frame.address if not frame.is_class else None))
    inner = Frame(namespace.address, frame.module, frame.file, frame.context, frame.function, frame.receiver, frame.mark,
                  active=frame.active, guarded=frame.guarded,
                  certain=frame.certain and frame.branch_depth == 0,
                  expected=frame.expected and frame.branch_depth == frame.loop_depth)  # fmt: skip
    inner.redirects = dict(frame.redirects)
    exact = True
    empty = False
    length: Dim | None = None
    longest = machine.steps + machine.limits.exact_loop_steps

    def walk(depth: int) -> Iterator[Value]:
        nonlocal exact, empty, length
        if depth == len(generators):
            yield produce(inner)
            return
        clause = generators[depth]
        source = expressions.evaluate(machine, inner if depth else frame, clause.iter)
        found = iteration.iterate(machine, source, inner, clause.iter)
        items = found.items
        empty = empty or found.empty
        if items is None or len(items) > machine.limits.items:
            exact = False
            items = (iteration.any_item(machine, found),)
            if len(generators) == 1 and not clause.ifs:
                length = found.length
        rest = _Uniform(machine, inner, items)
        for position, one_item in enumerate(items):
            item = one_item
            if position == len(items):
                return
            if machine.steps > longest and position > 0:  # one more, that stands for all the rest
                exact, empty = False, True
                item, items = machine.join(items[position:]), items[: position + 1]
            if depth == len(generators) - 1 and not clause.ifs and rest.settled(position):
                assignment.assign(machine, inner, clause.target, machine.join(items[position:]), "comprehension")
                one = produce(inner)
                if rest.known(one):
                    yield from rest.copies(one, len(items) - position)
                    return
            assignment.assign(machine, inner, clause.target, item, "comprehension")
            verdict: bool | None = True
            for condition in clause.ifs:
                verdict = operators.truth(machine, inner, condition, expressions.evaluate(machine, inner, condition))
                if verdict is not True:
                    break
            if verdict is False:
                continue
            if verdict is None:
                exact, empty = False, True
                for condition in clause.ifs:
                    statements.narrow(machine, inner, condition, True)
            for result in walk(depth + 1):
                rest.note(result)
                yield result

    results = tuple(walk(0))
    if exact:
        return iteration.Items(results, Unknown("one of the items"))
    return iteration.Items(None, machine.joiner.all(results, Unknown("empty")), length=length, empty=empty)


class _Uniform:
    """Items that nothing tells apart give results that nothing tells apart, as long as nothing else changes."""

    def __init__(self, machine: Machine, inner: Frame, items: tuple[Value, ...]) -> None:
        self._machine = machine
        self._inner = inner
        self._uniform = len(items) >= UNIFORM and len({signature(machine.store, v) for v in items}) == 1
        self._start = machine.steps
        self._mark = machine.store.mark()
        self._base = machine.store.reserve()
        self._results: list[Value] = []

    def note(self, result: Value) -> None:
        """One more result."""
        if self._uniform:
            self._results.append(result)

    def settled(self, position: int) -> bool:
        """Whether the next items need not be evaluated one by one."""
        if not self._uniform or position < 2 or self._machine.steps - self._start < SETTLED_STEPS:
            return False
        self._uniform = False  # asked once
        store = self._machine.store
        kinds = {signature(store, r) for r in self._results}
        quiet = all(a >= self._base or a == self._inner.address for a, _ in store.delta(self._mark))
        return quiet and len(kinds) == 1 and all(self.known(r) for r in self._results)

    def known(self, result: Value) -> bool:
        """A tensor of known sizes, or a number: what has no unknown part that may differ from item to item."""
        found = self._machine.tensor(result)
        if found is None:
            return isinstance(result, Scalar)
        return found.meta.shape is not None and all(isinstance(d, int) for d in found.meta.shape)

    def copies(self, result: Value, count: int) -> Iterator[Value]:
        """So many results like this one, each with its own memory."""
        found = self._machine.tensor(result)
        for _ in range(count):
            if found is None:
                yield result
                continue
            address = self._machine.store.reserve()
            storage = address if isinstance(result, Ref) and found.storage == result.address else found.storage
            copy = TensorObject(found.meta, storage, found.leaves, found.history, None, found.operation, found.before)
            self._machine.store.put(address, copy)
            yield Ref(address)
