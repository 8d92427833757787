"""Measures contenders in turns: A B A B, so that what disturbs the machine disturbs all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks.contenders import Contender
from tests.benchmarks.load import percentile

_COMPILED = 600
"""Requests after which Node has compiled what it will: until then it gets faster."""
_WARMUP = 48
"""Requests before the rounds: connections are open, documents parsed, CPython has adapted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int
    requests: int
    """In each round, at each number of connections."""


@dataclass(slots=True)
class Measured:
    """What a contender's rounds came to."""

    cpu_ms: list[float] = field(default_factory=list)
    """For each request, by rounds."""
    rates: list[float] = field(default_factory=list)
    """Requests a second, by rounds."""
    latencies: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """The medians over rounds, and of all latencies the 50th and 99th percentile."""
        return {
            "cpu_ms": median(self.cpu_ms),
            "requests_per_second": median(self.rates),
            "p50_ms": 1000 * percentile(self.latencies, 0.5),
            "p99_ms": 1000 * percentile(self.latencies, 0.99),
        }


async def warm_up(contenders: Mapping[str, Contender]) -> None:
    """Let those that compile do so, once."""
    for contender in contenders.values():
        if contender.compiles:
            await contender.load(range(_COMPILED), connections=1)


async def measure(
    contenders: Mapping[str, Contender], plan: Plan, connections: int
) -> dict[str, Measured]:
    """What each contender's requests cost, all being warm."""
    measured = {name: Measured() for name in contenders}
    for contender in contenders.values():
        await contender.load(range(_WARMUP), connections)
    for at in range(plan.rounds):
        numbers = range(at * plan.requests, (at + 1) * plan.requests)
        for name, contender in contenders.items():
            await _round(contender, numbers, connections, measured[name])
    return measured


def ratio(measured: Measured, other: Measured) -> float:
    """How much CPU one takes of the other's: the median over rounds, each with its twin."""
    return median(a / b for a, b in zip(measured.cpu_ms, other.cpu_ms, strict=True))


async def _round(
    contender: Contender, numbers: range, connections: int, into: Measured
) -> None:
    before = contender.cpu_seconds()
    load = await contender.load(numbers, connections)
    into.cpu_ms.append(1000 * (contender.cpu_seconds() - before) / len(numbers))
    into.rates.append(len(numbers) / load.seconds)
    into.latencies += load.latencies
