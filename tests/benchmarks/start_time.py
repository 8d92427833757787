"""Measures the time from a server's start to its first answer, beside that of its imports."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

import orjson

from tests.benchmarks.load import send_request
from tests.benchmarks.processes import ROOT, run_registry

_IMPORTS = "import strawberry, fastapi, boto3"
_FIRST = orjson.dumps({"query": "{ models(first: 1) { nodes { id name } } }"})


@dataclass(frozen=True, slots=True)
class _Duration:
    """Wall and CPU time of a start."""

    seconds: float
    cpu_seconds: float


def measure_start_time(env: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Return median seconds to the first answer and of the imports, and the ratio of pairs."""
    pairs = [(_time_first_answer(env), _time_imports()) for _ in range(rounds)]
    return {
        "first_answer_seconds": median(first.seconds for first, _ in pairs),
        "imports_seconds": median(imports.seconds for _, imports in pairs),
        "ratio": median(first.seconds / imports.seconds for first, imports in pairs),
        "ratio_by_cpu": median(f.cpu_seconds / i.cpu_seconds for f, i in pairs),
    }


def _time_first_answer(env: Mapping[str, str]) -> _Duration:
    started = time.perf_counter()
    with run_registry(env) as server:
        asyncio.run(send_request(server.port, _FIRST))
        return _Duration(time.perf_counter() - started, server.cpu_seconds())


def _time_imports() -> _Duration:
    started, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _IMPORTS], cwd=ROOT, check=True)  # noqa: S603 - our own code
    seconds, after = time.perf_counter() - started, getrusage(RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return _Duration(seconds, user + system)
