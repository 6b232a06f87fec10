"""The store's journal: what a rollback restores, and what may be dropped."""

from __future__ import annotations

from tensorls.domain.objects import ListObject, Namespace
from tensorls.domain.values import Const, Ref
from tensorls.interp.store import Store


def test_a_rollback_restores_the_first_values_and_its_delta_redoes_the_last() -> None:
    store = Store()
    scope = store.new(Namespace(None)).address
    store.set_cell(scope, "x", Const(1))
    mark = store.mark()
    store.set_cell(scope, "x", Const(2))
    store.set_cell(scope, "y", Const(3))
    store.set_cell(scope, "x", Const(4))
    delta = store.rollback(mark)
    assert dict(store.cells(scope)) == {"x": Const(1)}
    store.apply(delta)
    assert dict(store.cells(scope)) == {"x": Const(4), "y": Const(3)}


def test_what_nothing_refers_to_is_dropped() -> None:
    store = Store()
    scope = store.new(Namespace(None)).address
    mark = store.mark()
    frame = store.new(Namespace(scope))
    held, result, lost = (store.new(ListObject(())) for _ in range(3))
    holder = store.new(ListObject((held,)))
    store.set_cell(scope, "x", holder)
    store.set_cell(frame.address, "local", lost)
    store.drop_unreachable(mark, frame.address, [result])
    assert [store.get(r.address) is None for r in (frame, held, result, lost, holder)] == [True, False, False, True, False]
    assert store.cell(frame.address, "local") is None
    store.rollback(mark)
    assert store.get(holder.address) is None
    assert store.cell(scope, "x") is None


def test_a_scope_that_is_needed_keeps_its_names() -> None:
    store = Store()
    mark = store.mark()
    frame = store.new(Namespace(None))
    value = store.new(ListObject(()))
    store.set_cell(frame.address, "x", value)
    store.drop_unreachable(mark, frame.address, [Ref(frame.address)])
    assert store.cell(frame.address, "x") == value
    assert store.get(value.address) is not None
