"""Short names for questions in tests."""

from __future__ import annotations

from typing import Any

from tensorls.domain.dims import Dim
from tensorls.domain.tensor import TensorMeta
from tensorls.oracle.question import Answer, OutTensor, Question, Raised, Returned, Unanswered
from tensorls.oracle.session import Session


def t(*shape: Dim, dtype: str = "float32", **rest: Any) -> TensorMeta:
    """A torch tensor."""
    return TensorMeta("torch", rest.pop("type", "Tensor"), shape, dtype, **rest)


def n(*shape: Dim, dtype: str = "float64", **rest: Any) -> TensorMeta:
    """A NumPy array."""
    return TensorMeta("numpy", rest.pop("type", "ndarray"), shape, dtype, **rest)


def ask(session: Session, op: str, *args: Any, backend: Any = "eager", mode: Any = None, **kwargs: Any) -> Answer:
    """The one answer of a question without symbols."""
    question = Question(op, args, tuple(kwargs.items()))
    if mode is not None:
        question = Question(op, args, tuple(kwargs.items()), mode)
    return session.evaluate(question, backend=backend)[0]


def out(answer: Answer) -> OutTensor:
    """The tensor that came out."""
    assert isinstance(answer, Returned), answer
    assert isinstance(answer.value, OutTensor), answer.value
    return answer.value


def value(answer: Answer) -> Any:
    """Whatever came out."""
    assert isinstance(answer, Returned), answer
    return answer.value


def error(answer: Answer) -> Raised:
    """The error that came out."""
    assert isinstance(answer, Raised), answer
    return answer


def reason(answer: Answer) -> str:
    """Why there is no answer."""
    assert isinstance(answer, Unanswered), answer
    return answer.reason
