"""Starts what is measured as processes of its own, and reads what they use."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

REGION = "us-east-2"
ROOT = Path(__file__).parents[2]
YOGA = Path(__file__).parent / "yoga"
_START_SECONDS = 120
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens on a port."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """User and system time of the process with all its threads and children so far."""
        return sum(self.cpu_seconds_by_process().values())

    def cpu_seconds_by_process(self) -> dict[int, float]:
        """The same for each process: a server of several workers is one of several."""
        return {pid: cpu_seconds(pid) for pid in _family(self.process.pid)}

    def resident_bytes(self) -> int:
        """The resident size of the process and its children."""
        return sum(_resident_bytes(pid) for pid in _family(self.process.pid))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def dynamodb_local() -> Iterator[int]:
    """The port of an empty DynamoDB Local."""
    port = free_port()
    with running([".ci/dynamodb-local", str(port)], port, {}):
        yield port


@contextmanager
def registry(env: Mapping[str, str], workers: int = 1) -> Iterator[Server]:
    """Our server, as its users start it."""
    port = free_port()
    command = [sys.executable, "-m", "graph", "--port", str(port), "--workers", str(workers)]
    with running(command, port, env) as server:
        yield server


@contextmanager
def yoga(env: Mapping[str, str]) -> Iterator[Server]:
    """The server of the same schema on GraphQL Yoga."""
    if not (YOGA / "node_modules").is_dir():
        subprocess.run(["npm", "install", "--silent", "--no-audit"], cwd=YOGA, check=True)  # noqa: S607 - npm is where it is
    port = free_port()
    own = {"PORT": str(port), "NODE_ENV": "production"}
    with running(["node", str(YOGA / "server.js")], port, {**env, **own}) as server:
        yield server


@contextmanager
def stub(answers: Path) -> Iterator[Server]:
    """A store that gives recorded answers."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.stub", str(port), str(answers)]
    with running(command, port, {}) as server:
        yield server


def table_env(port: int, table: str) -> dict[str, str]:
    """What points a server at a table of a DynamoDB on the loopback."""
    return {
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": table,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}",
    }


def sqlite_env(file: Path) -> dict[str, str]:
    """What points our server at a file."""
    return {"STORE": "sqlite", "SQLITE_PATH": str(file)}


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, and more."""
    return {**os.environ, **more}  # noqa: TID251 - handed on, not read


@contextmanager
def running(command: Sequence[str], port: int, env: Mapping[str, str]) -> Iterator[Server]:
    """A server, from when it listens on.

    Raises:
        RuntimeError: where it ends before, or never listens, with what it said.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - commands of our own
            command,
            cwd=ROOT,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            if not _listens(process, port):
                said.seek(0)
                raise RuntimeError(f"{command} does not serve: {said.read().decode()}")
            yield Server(process, port)
        finally:
            process.terminate()
            process.wait()


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _family(pid: int) -> list[int]:
    """A process and its descendants."""
    family = [pid]
    for member in family:
        for task in Path(f"/proc/{member}/task").iterdir():
            family += map(int, (task / "children").read_text().split())
    return family


def cpu_seconds(pid: int) -> float:
    """By the kernel's clock of the process, which counts nanoseconds where stat counts ticks.

    The clock's number is made as Linux's MAKE_PROCESS_CPUCLOCK does.
    """
    return time.clock_gettime((~pid << 3) | 2)


def _resident_bytes(pid: int) -> int:
    resident = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE")
