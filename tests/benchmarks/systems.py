"""The systems that are compared: each serves requests in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from tests.benchmarks.load import Load, send_all
from tests.benchmarks.processes import ROOT, Server, cpu_seconds, extend_environment
from tests.benchmarks.proxy import Call
from tests.benchmarks.queries import Query


class System(Protocol):
    """A process that can repeat the requests of a query, and whose CPU time can be read."""

    @property
    def compiles(self) -> bool:
        """True if a JIT compiler makes it faster over hundreds of requests."""

    async def load(self, numbers: range, connections: int) -> Load:
        """Send the query's requests with these numbers."""

    def cpu_seconds(self) -> float:
        """Return the user and system time so far."""


@dataclass(frozen=True, slots=True)
class HttpSystem:
    """A server that answers requests over HTTP."""

    server: Server
    query: Query
    compiles: bool = False

    async def load(self, numbers: range, connections: int) -> Load:
        """Send the requests; their bodies are encoded before."""
        bodies = [self.query.body(number) for number in numbers]
        return await send_all(self.server.port, bodies, connections)

    def cpu_seconds(self) -> float:
        """Return the time of the server and its children."""
        return self.server.cpu_seconds()


@dataclass(frozen=True, slots=True)
class BotoSystem:
    """A process that makes the DynamoDB calls of one request with plain boto3, one by one."""

    process: subprocess.Popen[str]
    compiles: bool = False

    async def load(self, numbers: range, connections: int) -> Load:  # noqa: ARG002 - it has no connections
        """Make the calls once for each number."""
        assert self.process.stdin
        assert self.process.stdout
        print(len(numbers), file=self.process.stdin, flush=True)
        seconds = json.loads(self.process.stdout.readline())
        return Load(tuple(seconds), sum(seconds))

    def cpu_seconds(self) -> float:
        """Return the time of the process."""
        return cpu_seconds(self.process.pid)


def without_projections(call: Call) -> Call:
    """Return the same call reading all attributes of the items."""
    parameters = json.loads(call.body)
    for read in (parameters, *parameters.get("RequestItems", {}).values()):
        if read.pop("ProjectionExpression", None):
            condition = read.get("KeyConditionExpression", "").split()
            names = read.pop("ExpressionAttributeNames")
            if used := {name: names[name] for name in names if name in condition}:
                read["ExpressionAttributeNames"] = used
    return replace(call, body=json.dumps(parameters).encode())


@contextmanager
def run_boto(env: Mapping[str, str], calls: Sequence[Call]) -> Iterator[BotoSystem]:
    """Start a process that makes these calls with plain boto3."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.baseline"],
        cwd=ROOT,
        env=extend_environment(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        lines = [(call.operation, json.loads(call.body)) for call in calls]
        print(json.dumps(lines), file=process.stdin, flush=True)
        try:
            yield BotoSystem(process)
        finally:
            process.terminate()
