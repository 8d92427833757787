"""Starts servers as processes, and reads their CPU time and memory."""

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
PEERS = Path(__file__).parent / "peers"
_START_SECONDS = 120
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens on a port."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """Return the user and system time of the process with its threads and children."""
        return sum(self.cpu_seconds_by_process().values())

    def cpu_seconds_by_process(self) -> dict[int, float]:
        """Return the same by process id: each worker of a server is a process."""
        return {pid: cpu_seconds(pid) for pid in _process_tree(self.process.pid)}

    def resident_bytes(self) -> int:
        """Return the resident size of the process and its children."""
        return sum(_resident_bytes(pid) for pid in _process_tree(self.process.pid))


def free_port() -> int:
    """Return a port that is not in use."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def run_dynamodb_local() -> Iterator[int]:
    """Run an empty DynamoDB Local; yield its port."""
    port = free_port()
    with run_server_process([".ci/dynamodb-local", str(port)], port, {}):
        yield port


@contextmanager
def run_registry(
    env: Mapping[str, str], workers: int = 1, root: Path = ROOT
) -> Iterator[Server]:
    """Run the registry of a checkout as its users start it, with the Python of this process."""
    port = free_port()
    command = [sys.executable, "-m", "graph", "--port", str(port), "--workers", str(workers)]
    with run_server_process(command, port, env, root) as server:
        yield server


@contextmanager
def run_yoga(env: Mapping[str, str]) -> Iterator[Server]:
    """Run the GraphQL Yoga server, with part of the registry's schema."""
    with _run_peer("yoga.js", env) as server:
        yield server


@contextmanager
def run_mercurius(env: Mapping[str, str]) -> Iterator[Server]:
    """Run the Mercurius server, with the same schema and loaders as the GraphQL Yoga server."""
    with _run_peer("mercurius.js", env) as server:
        yield server


@contextmanager
def _run_peer(script: str, env: Mapping[str, str]) -> Iterator[Server]:
    _install_peers()
    port = free_port()
    own = {"PORT": str(port), "NODE_ENV": "production"}
    with run_server_process(["node", str(PEERS / script)], port, {**env, **own}) as server:
        yield server


def _install_peers() -> None:
    """Install the versions of the lock file, unless they are installed."""
    lock, installed = PEERS / "package-lock.json", PEERS / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--silent", "--no-audit"], cwd=PEERS, check=True)  # noqa: S607 - npm's path differs between machines


@contextmanager
def run_stub(answers: Path) -> Iterator[Server]:
    """Run a stub store that gives recorded answers."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.stub", str(port), str(answers)]
    with run_server_process(command, port, {}) as server:
        yield server


def table_env(port: int, table: str) -> dict[str, str]:
    """Return the environment variables for a table of a DynamoDB on loopback."""
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
    """Return the environment variables for a SQLite file."""
    return {"STORE": "sqlite", "SQLITE_PATH": str(file)}


def extend_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with more variables."""
    return {**os.environ, **more}  # noqa: TID251 - passed on, not read


@contextmanager
def run_server_process(
    command: Sequence[str], port: int, env: Mapping[str, str], root: Path = ROOT
) -> Iterator[Server]:
    """Start a server in a folder, and wait until it listens.

    Raises:
        RuntimeError: it exited or did not listen in time; the message holds its stderr.
    """
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=root,
            env=extend_environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        try:
            if not _listens(process, port):
                stderr.seek(0)
                raise RuntimeError(f"{command} does not serve: {stderr.read().decode()}")
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


def _process_tree(pid: int) -> list[int]:
    """Return the ids of a process and its descendants."""
    pids = [pid]
    for member in pids:
        for task in Path(f"/proc/{member}/task").iterdir():
            pids += map(int, (task / "children").read_text().split())
    return pids


def cpu_seconds(pid: int) -> float:
    """Return a process's CPU time from its kernel clock, which counts nanoseconds.

    /proc/PID/stat counts ticks of 10 ms. The clock id is that of Linux's MAKE_PROCESS_CPUCLOCK.
    """
    return time.clock_gettime((~pid << 3) | 2)


def _resident_bytes(pid: int) -> int:
    resident = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE")
