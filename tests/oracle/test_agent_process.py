"""The process: it survives its workers, keeps to its deadline, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import ask, out, reason, t, value
from tensorls.domain.dims import Symbol, symbol
from tensorls.oracle.process import OracleUnavailable
from tensorls.oracle.question import Question, Returned
from tensorls.oracle.session import Session

SERVER = Path(__file__).parents[2] / "server"
ENDLESS = 3 * 10**8  # a factorial that takes minutes, in C code that no signal handler interrupts
forking = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="workers are forked on Linux only")


@pytest.fixture
def own() -> Iterator[Session]:
    """A session that may be mistreated."""
    made = Session(sys.executable, deadline=0.5)
    made.devices  # noqa: B018  (imports are done: from now on the deadline counts)
    yield made
    made.close()


def test_versions_come_before_torch_is_imported() -> None:
    made = Session(sys.executable)
    started = time.monotonic()
    assert made.versions.torch
    early = time.monotonic() - started
    assert made.devices
    imported = time.monotonic() - started
    made.close()
    assert early < imported / 2


def test_what_runs_too_long_is_ended_and_the_rest_is_answered(own: Session) -> None:
    size = Symbol("N")
    question = Question("math.factorial", (symbol("N"),))
    answers = own.evaluate(question, [{size: 3}, {size: ENDLESS}, {size: 4}])
    assert (value(answers[0]), reason(answers[1]), value(answers[2])) == (6, "timed out after 0.5 s", 24)


def test_a_question_that_ended_two_workers_is_not_asked_again(own: Session) -> None:
    for _ in range(2):
        assert "timed out" in reason(ask(own, "math.factorial", ENDLESS))
    assert "not tried again" in reason(ask(own, "math.factorial", ENDLESS))


@forking
def test_a_worker_that_crashes_is_replaced(own: Session) -> None:
    ask(own, "torch.relu", t(3))
    worker = own._agent.worker
    threading.Timer(0.15, os.kill, (worker, signal.SIGSEGV)).start()
    assert reason(ask(own, "math.factorial", ENDLESS)) == "crashed: signal SIGSEGV"
    assert isinstance(ask(own, "torch.relu", t(3)), Returned)
    assert own._agent.worker != worker


@forking
def test_a_worker_that_dies_idle_costs_no_answer(own: Session) -> None:
    ask(own, "torch.relu", t(3))
    os.kill(own._agent.worker, signal.SIGKILL)
    time.sleep(0.3)
    assert isinstance(ask(own, "torch.relu", t(3)), Returned)


def test_the_whole_agent_may_die(own: Session) -> None:
    ask(own, "torch.relu", t(3))
    own._agent._process.kill()
    own._agent._process.wait()
    found = [ask(own, "torch.relu", t(3)) for _ in range(2)]
    assert isinstance(found[1], Returned)


def test_where_nothing_is_forked_the_agent_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLS_AGENT_FORK", "0")
    made = Session(sys.executable, deadline=0.5)
    size = Symbol("N")
    answers = made.evaluate(Question("math.factorial", (symbol("N"),)), [{size: 3}, {size: ENDLESS}, {size: 4}])
    assert (value(answers[0]), reason(answers[1]), value(answers[2])) == (6, "timed out after 0.5 s", 24)
    os.kill(made._agent.worker, signal.SIGTERM)
    time.sleep(0.2)
    assert isinstance(ask(made, "torch.relu", t(3)), Returned)
    made.close()


def test_many_threads_may_ask(session: Session) -> None:
    wrong: list[object] = []

    def work(size: int) -> None:
        for _ in range(50):
            found = out(ask(session, "torch.relu", t(size))).meta.shape
            if found != (size,):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(size,)) for size in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_large_questions_and_answers_fit_through_the_pipe(session: Session) -> None:
    size = Symbol("N")
    answers = session.evaluate(Question("torch.zeros", (symbol("N"),)), [{size: n} for n in range(20_000)])
    assert out(answers[-1]).meta.shape == (19_999,)


def test_closing_while_a_question_runs() -> None:
    made = Session(sys.executable, deadline=30)
    ask(made, "torch.relu", t(3))
    threading.Timer(0.2, made.close).start()
    with pytest.raises(OracleUnavailable, match="closed"):
        ask(made, "math.factorial", ENDLESS)
    with pytest.raises(OracleUnavailable, match="closed"):
        made.describe("torch.nn.ReLU")


def gone(pid: int) -> bool:
    """Whether a process has ended (or is a zombie that nobody has collected yet)."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


@forking
@pytest.mark.parametrize("busy", [False, True])
def test_nothing_outlives_a_server_that_was_killed(busy: bool) -> None:
    question = f"math.factorial', ({ENDLESS},)" if busy else "math.factorial', (3,)"
    program = f"""
import sys, threading, time
from tensorls.oracle.session import Session
from tensorls.oracle.question import Question
s = Session(sys.executable, deadline=60)
s.evaluate(Question('math.floor', (1.5,)))
print(s._agent._process.pid, s._agent.worker, flush=True)
threading.Thread(target=s.evaluate, args=(Question('{question}),)).start()
time.sleep(60)
"""
    server = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SERVER)}
    )
    assert server.stdout
    pids = [int(word) for word in server.stdout.readline().split()]
    time.sleep(0.2)
    server.kill()
    server.wait()
    server.stdout.close()
    end = time.monotonic() + 3
    while not all(gone(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    assert [gone(pid) for pid in pids] == [True, True]


def test_an_interpreter_that_is_not_there() -> None:
    with pytest.raises(OracleUnavailable, match="cannot be started"):
        Session("/no/such/python")


def fake(tmp_path: Path, script: str) -> str:
    """An interpreter that is a shell script."""
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="shell scripts")
@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("""echo '{"hello": {"python": "3.8.18"}}'""", "is Python 3.8.18"),
        ("""echo '{"hello": {"python": "3.11.7", "torch": null, "numpy": null}}'""", "neither torch nor NumPy"),
        ("echo out of order >&2; exit 3", "out of order"),
        ("exit 0", "without a word"),
    ],
)
def test_interpreters_that_cannot_answer_say_why(tmp_path: Path, script: str, expected: str) -> None:
    made = Session(fake(tmp_path, script))
    with pytest.raises(OracleUnavailable, match=expected) as caught:
        made.versions  # noqa: B018
    assert caught.value.remedy


def test_what_the_interpreter_prints_does_not_disturb(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('hello from sitecustomize', flush=True)")
    made = Session(fake(tmp_path, f'PYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"'))
    assert out(ask(made, "torch.relu", t(3))).meta.shape == (3,)
    made.close()


def test_files_beside_the_agent_shadow_nothing(session: Session) -> None:
    agent = SERVER / "tensorls" / "oracle" / "agent"
    assert (agent / "build.py").exists()  # a user may have a library of this name
    assert session.describe("torch.nn.Linear").kind == "class"
