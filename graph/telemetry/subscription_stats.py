"""The figures of one subscription, for the log and the metrics."""

from dataclasses import dataclass
from typing import Self

from graph.telemetry.request_stats import RequestStats


@dataclass(slots=True)
class SubscriptionStats(RequestStats):
    """The figures of one subscription, from its first event to its end."""

    events: int = 0
    changes: int = 0

    @classmethod
    def from_request(cls, stats: RequestStats) -> Self:
        """Return the figures of the subscription that a request has begun."""
        return cls(
            stats.request_id, stats.method, stats.kind, stats.operation, stats.caller, codes=()
        )

    def record_event(self, cost: int, changes: int) -> None:
        """Record an event that was sent."""
        self.events += 1
        self.changes += changes
        self.cost += cost
