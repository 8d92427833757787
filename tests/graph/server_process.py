"""Start the server as a process, and send requests to it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

Start = Callable[..., subprocess.Popen[str]]
ROOT = Path(__file__).parents[2]


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Yield a function that starts `python -m graph` in a folder; kill all at the end."""
    processes: list[subprocess.Popen[str]] = []
    logs = ExitStack()

    def start(
        *arguments: str, log: Path | None = None, **settings: str
    ) -> subprocess.Popen[str]:
        # A pipe that is not read fills up and blocks the server.
        out = subprocess.PIPE if log is None else logs.enter_context(log.open("w"))
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "graph", *arguments],
            cwd=folder,
            env={
                **os.environ,  # noqa: TID251 - a process needs one
                "PYTHONPATH": str(ROOT),
                **settings,
            },
            stdout=out,
            stderr=out,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
    logs.close()


def free_port() -> int:
    """Return a port that is not in use."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def await_ready(port: int) -> None:
    """Wait until the server on a port is ready."""
    for _ in range(300):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the server is not ready")


def await_refused(port: int) -> None:
    """Wait until a port accepts no more connections."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.1)
    pytest.fail("the server still accepts connections")


def send(port: int, query: str, /, **variables: object) -> dict[str, object]:
    """Return the data of a response without errors."""
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=body, timeout=10).json()
    assert "errors" not in answer, answer
    return dict(answer["data"])
