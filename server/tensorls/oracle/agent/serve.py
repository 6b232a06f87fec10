"""The process: a parent that imports and waits, and a disposable worker that it forks to do everything else.

Requests come in on a private descriptor, one JSON object a line, and answers go out on another; descriptors 0, 1 and 2 of the
worker lead nowhere, so nothing that a library prints reaches the protocol.  When a worker dies the parent forks the next;
when the pipe of requests closes, the server is gone and both end.  Where forking a process that has imported numeric
libraries is unsafe or impossible (Windows, macOS), the process is itself the worker and the client starts another.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import platform
import select
import signal
import sys
import threading
import time
import warnings
from typing import Any, NoReturn

#: The variable lets tests run on Linux what Windows and macOS run.
FORKS = sys.platform.startswith("linux") and os.environ.get("TENSORLS_AGENT_FORK") != "0"
MEMORY = 2 << 30  # bytes that a worker may map beyond what it starts with
YOUNG_DEATHS = 3  # workers in a row that died before they were ready: give up


def main() -> None:
    """Say hello, import, and serve until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is meant for the server, which closes the pipe
    requests, answers = os.dup(0), os.dup(1)
    sink = os.open(os.devnull, os.O_RDWR)
    os.dup2(sink, 0)
    os.dup2(2, 1)  # what is printed while importing is a log
    hello = {"python": platform.python_version(), "torch": _version("torch"), "numpy": _version("numpy"), "folders": _folders()}
    _send(answers, {"hello": {**hello, "pid": os.getpid(), "forks": FORKS}})
    _send(answers, {"ready": _import()})
    if not FORKS:
        threading.Thread(target=_end_with_server, daemon=True).start()
        _work(requests, answers, 1, None, None, sink)
    try:
        _keep_workers(requests, answers, sink)
    except BrokenPipeError:  # the server is gone
        os._exit(0)


def _version(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _folders() -> list[str]:
    """Where packages are installed: what is searched for modules, less the standard library."""
    import sysconfig

    own = {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    own |= {os.path.join(folder, "lib-dynload") for folder in own}
    return [p for p in sys.path if os.path.isdir(p) and os.path.realpath(p) not in own]


def _import() -> dict[str, Any]:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from .libs import numpy, problems, torch

    devices: dict[str, Any] = {"cuda": 0, "mps": False}
    if torch is not None:
        torch.set_num_threads(1)
        devices["cuda"] = torch.cuda.device_count() if torch.cuda.is_available() else 0
        devices["mps"] = bool(torch.backends.mps.is_available())
    from . import run  # noqa: F401  (imported before the fork, so that a worker starts at once)

    return {"torch": torch is not None, "numpy": numpy is not None, "problems": problems, **devices}


def _send(answers: int, message: dict[str, Any]) -> None:
    data = (json.dumps(message) + "\n").encode()
    while data:
        data = data[os.write(answers, data) :]


# the parent ----------------------------------------------------------------------------------------------------------


def _keep_workers(requests: int, answers: int, sink: int) -> NoReturn:
    gc.freeze()
    generation, young, fate = 0, 0, None
    while True:
        generation += 1
        alive, life = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(alive)
            _die_with_parent()
            _work(requests, answers, generation, fate, life, sink)
        os.close(life)
        watch = select.poll()
        watch.register(requests, 0)  # only its closing
        watch.register(alive, 0)
        while not (gone := dict(watch.poll())):
            pass
        if requests in gone:
            os.kill(pid, signal.SIGKILL)
            os._exit(0)
        young = 0 if os.read(alive, 1) else young + 1
        os.close(alive)
        status = os.waitpid(pid, 0)[1]
        fate = f"signal {signal.Signals(os.WTERMSIG(status)).name}" if os.WIFSIGNALED(status) else f"exit {status >> 8}"
        if young >= YOUNG_DEATHS:
            _send(answers, {"failed": f"the worker ends at once: {fate}"})
            os._exit(1)


def _die_with_parent() -> None:
    """Ask Linux to end this worker with its parent, however that one ends."""
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:  # it went before we asked
        os._exit(0)


def _end_with_server() -> None:
    """Without a parent that watches: end when the server has gone, also in the middle of a long call."""
    server = os.getppid()
    if sys.platform == "win32":
        import ctypes

        synchronise, forever = 0x00100000, 0xFFFFFFFF
        handle = ctypes.windll.kernel32.OpenProcess(synchronise, False, server)
        ctypes.windll.kernel32.WaitForSingleObject(handle, forever)
    else:
        while os.getppid() == server:
            time.sleep(1.0)
    os._exit(0)


# the worker ----------------------------------------------------------------------------------------------------------


def _work(requests: int, answers: int, generation: int, fate: str | None, life: int | None, sink: int) -> NoReturn:
    """Answer until the pipe closes."""
    from .build import Unanswerable
    from .describe import describe_path
    from .libs import numpy
    from .run import Evaluator

    os.dup2(sink, 1)
    os.dup2(sink, 2)
    _limit_memory()
    if numpy is not None:
        numpy.seterr(all="ignore")
    source = os.fdopen(requests, "rb", buffering=1 << 16)
    out = os.fdopen(answers, "wb", buffering=1 << 16)
    # a line break first: the worker before may have died within a line
    out.write(b"\n" + json.dumps({"worker": generation, "pid": os.getpid(), "fate": fate}).encode() + b"\n")
    out.flush()
    synchronised = f'{{"sync": {generation}}}\n'.encode()
    for line in source:
        if line.endswith(synchronised):  # whatever stood before was meant for the worker before
            break
    if life is not None:
        os.write(life, b"+")
    evaluator = Evaluator()
    encode = json.JSONEncoder(separators=(",", ":")).encode
    for line in source:
        request = json.loads(line)
        number = request["id"]
        if "describe" in request:
            try:
                answer: Any = describe_path(request["describe"])
            except Unanswerable:
                answer = {"kind": "denied"}
            out.write(encode([number, 0, answer]).encode() + b"\n")
        else:
            text, meta = request["question"], request["backend"] == "meta"
            for index, row in enumerate(request["rows"], request["first"]):
                out.write(encode([number, index, evaluator.answer(text, row, meta)]).encode() + b"\n")
                out.flush()
        out.flush()
    os._exit(0)


def _limit_memory() -> None:
    """Bound what this worker may map: an allocation beyond it raises instead of slowing the machine down."""
    if not FORKS:
        return
    import resource

    with open("/proc/self/statm", "rb") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    bound = now + MEMORY if hard == resource.RLIM_INFINITY else min(now + MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
