"""How long a server takes from its start to its first answer, beside its imports."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

import orjson

from tests.benchmarks.load import answer
from tests.benchmarks.processes import ROOT, registry

_IMPORTS = "import strawberry, fastapi, boto3"
_FIRST = orjson.dumps({"query": "{ models(first: 1) { nodes { id name } } }"})


@dataclass(frozen=True, slots=True)
class _Spent:
    """What a start took."""

    seconds: float
    cpu_seconds: float


def starting(env: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Seconds to the first answer and to the imports, in turns, and the ratio of each pair."""
    pairs = [(_first_answer(env), _imports()) for _ in range(rounds)]
    return {
        "first_answer_seconds": median(first.seconds for first, _ in pairs),
        "imports_seconds": median(imports.seconds for _, imports in pairs),
        "ratio": median(first.seconds / imports.seconds for first, imports in pairs),
        "ratio_by_cpu": median(f.cpu_seconds / i.cpu_seconds for f, i in pairs),
    }


def _first_answer(env: Mapping[str, str]) -> _Spent:
    begun = time.perf_counter()
    with registry(env) as server:
        asyncio.run(answer(server.port, _FIRST))
        return _Spent(time.perf_counter() - begun, server.cpu_seconds())


def _imports() -> _Spent:
    begun, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _IMPORTS], cwd=ROOT, check=True)  # noqa: S603 - ours
    seconds, after = time.perf_counter() - begun, getrusage(RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return _Spent(seconds, user + system)
