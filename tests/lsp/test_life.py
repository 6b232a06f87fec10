"""However a session ends, nothing is left behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.lsp.client import Client
from tests.lsp.document import Document
from tests.lsp.processes import descendants, needs_proc, wait_until_gone

LINE = "import torch\nx = torch.ones(2, 3).T\n"
ROOT = Path(__file__).parents[2]


def family(client: Client) -> set[int]:
    """The server's processes: itself, the agent, its worker."""
    pids = descendants(client.process.pid)
    assert len(pids) >= 2
    return {client.process.pid, *pids}


def session() -> Client:
    client = Client()
    client.initialize()
    document = Document(client, "untitled:life", LINE)
    assert document.first("x =") == "torch.Tensor (3,2) cpu float32"
    return client


@needs_proc
def test_shutdown_and_exit() -> None:
    client = session()
    pids = family(client)
    assert client.stop() == 0
    wait_until_gone(pids)
    assert client.stderr == b""


@needs_proc
def test_the_pipe_closes() -> None:
    client = session()
    pids = family(client)
    assert client.process.stdin
    client.process.stdin.close()
    wait_until_gone(pids - {client.process.pid})
    client.finish()
    assert b"Traceback" not in client.stderr


@needs_proc
def test_the_pipe_closes_at_once() -> None:
    client = Client()
    assert client.process.stdin
    client.process.stdin.close()
    client.finish()
    assert b"Traceback" not in client.stderr


@needs_proc
def test_the_server_is_killed() -> None:
    client = session()
    pids = family(client)
    client.close()
    wait_until_gone(pids)


@needs_proc
def test_the_client_is_killed() -> None:
    script = (
        "import os, sys, time\n"
        "from tests.lsp.test_life import session\n"
        "client = session()\n"
        "print(client.process.pid, flush=True)\n"
        "time.sleep(3600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as client:
        assert client.stdout
        server = int(client.stdout.readline())
        pids = {server, *descendants(server)}
        assert len(pids) >= 3
        client.send_signal(signal.SIGKILL)
    wait_until_gone(pids)


@needs_proc
def test_the_client_ends_while_an_analysis_runs() -> None:
    client = session()
    pids = family(client)
    lines = (f"x = x[None] + {n}\nx = x[0]" for n in range(3000))
    Document(client, "untitled:long", "import torch\nx = torch.ones(2)\n" + "\n".join(lines))
    client.stop()
    wait_until_gone(pids)
    assert b"Traceback" not in client.stderr


@needs_proc
def test_shutdown_while_everything_starts() -> None:
    client = Client()
    client.initialize()
    Document(client, "untitled:life", LINE)
    pids = {client.process.pid, *descendants(client.process.pid)}
    assert client.stop() == 0
    wait_until_gone(pids)
    assert b"Traceback" not in client.stderr


@needs_proc
def test_exit_without_shutdown() -> None:
    client = session()
    pids = family(client)
    client.notify("exit", None)
    assert client.finish() == 1
    wait_until_gone(pids)
    assert b"Traceback" not in client.stderr


@needs_proc
def test_a_worker_that_is_killed_is_replaced() -> None:
    client = session()
    for pid in descendants(client.process.pid):
        if not descendants(pid):  # the worker, which has no children of its own
            subprocess.run(["kill", "-9", str(pid)], check=True)
    document = Document(client, "untitled:after", "import torch\ny = torch.ones(7, 8).unsqueeze(1)\n")
    assert document.first("y =") == "torch.Tensor (7,1,8) cpu float32"
    assert client.stop() == 0


def test_tcp() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tensorls", "server", "--no-memo", "--python", sys.executable, "--tcp", f"127.0.0.1:{port}"]
    bridge = (
        "import socket, sys, threading, time\n"
        f"address = ('127.0.0.1', {port})\n"
        "while True:\n"
        "    try:\n"
        "        s = socket.create_connection(address)\n"
        "        break\n"
        "    except ConnectionRefusedError:\n"
        "        time.sleep(0.02)\n"
        "def out():\n"
        "    while data := s.recv(65536):\n"
        "        sys.stdout.buffer.write(data); sys.stdout.buffer.flush()\n"
        "thread = threading.Thread(target=out); thread.start()\n"
        "while data := sys.stdin.buffer.raw.read(65536):\n"
        "    s.sendall(data)\n"
        "thread.join()\n"
    )
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        client = Client([sys.executable, "-c", bridge])
        client.initialize()
        document = Document(client, "untitled:tcp", LINE)
        assert document.first("x =") == "torch.Tensor (3,2) cpu float32"
        client.ask("shutdown", None)
        client.notify("exit", None)
        assert server.wait(60) == 0
        assert server.stderr
        assert b"Traceback" not in server.stderr.read()
        client.close()
