"""Those that are measured in turns: each answers requests in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from tests.benchmarks.load import Load, load
from tests.benchmarks.processes import ROOT, Server, cpu_seconds, environment
from tests.benchmarks.proxy import Call
from tests.benchmarks.queries import Query


class Contender(Protocol):
    """Something that can be asked a query many times, and uses a CPU meanwhile."""

    @property
    def compiles(self) -> bool:
        """Whether it gets faster over hundreds of requests, for a JIT compiles it."""

    async def load(self, numbers: range, connections: int) -> Load:
        """Ask the query's requests of these numbers."""

    def cpu_seconds(self) -> float:
        """User and system time so far."""


@dataclass(frozen=True, slots=True)
class Http:
    """A server that is asked over HTTP."""

    server: Server
    query: Query
    compiles: bool = False

    async def load(self, numbers: range, connections: int) -> Load:
        """Send the requests, prepared beforehand."""
        bodies = [self.query.body(number) for number in numbers]
        return await load(self.server.port, bodies, connections)

    def cpu_seconds(self) -> float:
        """The server's."""
        return self.server.cpu_seconds()


@dataclass(frozen=True, slots=True)
class Boto:
    """The calls of one request, made by plain boto3, one after the other."""

    process: subprocess.Popen[str]
    compiles: bool = False

    async def load(self, numbers: range, connections: int) -> Load:  # noqa: ARG002 - it has none
        """Make the calls as often as there are numbers."""
        assert self.process.stdin
        assert self.process.stdout
        print(len(numbers), file=self.process.stdin, flush=True)
        seconds = json.loads(self.process.stdout.readline())
        return Load(tuple(seconds), sum(seconds))

    def cpu_seconds(self) -> float:
        """The process's."""
        return cpu_seconds(self.process.pid)


def of_whole_items(call: Call) -> Call:
    """The same call, as one makes it who reads all attributes of the items."""
    given = json.loads(call.body)
    for asked in (given, *given.get("RequestItems", {}).values()):
        if asked.pop("ProjectionExpression", None):
            condition = asked.get("KeyConditionExpression", "").split()
            names = asked.pop("ExpressionAttributeNames")
            if kept := {name: names[name] for name in names if name in condition}:
                asked["ExpressionAttributeNames"] = kept
    return replace(call, body=json.dumps(given).encode())


@contextmanager
def boto(env: Mapping[str, str], calls: Sequence[Call]) -> Iterator[Boto]:
    """Plain boto3 that is to make these calls."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.baseline"],
        cwd=ROOT,
        env=environment(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        given = [(call.operation, json.loads(call.body)) for call in calls]
        print(json.dumps(given), file=process.stdin, flush=True)
        try:
            yield Boto(process)
        finally:
            process.terminate()
