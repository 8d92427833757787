"""Measures systems in alternating rounds, so that other load affects all of them alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks.load import percentile
from tests.benchmarks.systems import System

_COMPILED = 600
"""Requests after which Node.js no longer gets faster."""
_WARMUP = 48
"""Requests before the rounds, to open connections, fill caches and specialize bytecode."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of rounds and requests."""

    rounds: int
    requests: int
    """In each round, at each number of connections."""


@dataclass(slots=True)
class Measurement:
    """The figures of a system's rounds."""

    cpu_ms: list[float] = field(default_factory=list)
    """CPU time of a request, by round."""
    rates: list[float] = field(default_factory=list)
    """Requests per second, by round."""
    latencies: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Return medians over rounds, and the 50th and 99th percentile of all latencies."""
        return {
            "cpu_ms": median(self.cpu_ms),
            "requests_per_second": median(self.rates),
            "p50_ms": 1000 * percentile(self.latencies, 0.5),
            "p99_ms": 1000 * percentile(self.latencies, 0.99),
        }


async def warm_up(systems: Mapping[str, System]) -> None:
    """Send requests to systems with a JIT compiler until they are compiled."""
    for system in systems.values():
        if system.compiles:
            await system.load(range(_COMPILED), connections=1)


async def measure(
    systems: Mapping[str, System], plan: Plan, connections: int
) -> dict[str, Measurement]:
    """Measure each system's requests in alternating rounds, after a warm-up."""
    measured = {name: Measurement() for name in systems}
    for system in systems.values():
        await system.load(range(_WARMUP), connections)
    for n in range(plan.rounds):
        numbers = range(n * plan.requests, (n + 1) * plan.requests)
        for name, system in systems.items():
            await _run_round(system, numbers, connections, measured[name])
    return measured


def ratio(measured: Measurement, other: Measurement) -> float:
    """Return one system's CPU time divided by the other's: the median over rounds."""
    return median(a / b for a, b in zip(measured.cpu_ms, other.cpu_ms, strict=True))


async def _run_round(
    system: System, numbers: range, connections: int, into: Measurement
) -> None:
    before = system.cpu_seconds()
    load = await system.load(numbers, connections)
    into.cpu_ms.append(1000 * (system.cpu_seconds() - before) / len(numbers))
    into.rates.append(len(numbers) / load.seconds)
    into.latencies += load.latencies
