"""What a request came to, gathered in one place for the log, the metrics and the trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.errors import Code
from storage.usage import StoreUsage

Spent = dict[str, float | list[str]]


@dataclass(slots=True)
class RequestStats:
    """One request: what it was, what became of it, and what it cost."""

    request_id: str
    method: str
    kind: str = "none"
    """`query` or `mutation`; `none` where it was refused before that was known."""
    operation: str | None = None
    """The name that its sender gave to it."""
    status: int = 500
    """Of HTTP; 500 where nobody came to answer."""
    codes: tuple[str, ...] = (Code.INTERNAL.value,)
    """Of its errors, each once; likewise."""
    cost: int = 0
    seconds: float = 0.0
    meter: StoreUsage = field(default_factory=StoreUsage)

    def failed(self, errors: Iterable[Mapping[str, Any]]) -> None:
        """Note the errors that a response carries."""
        self.codes = tuple(dict.fromkeys(error["extensions"]["code"] for error in errors))

    def spent(self) -> Spent:
        """What was asked of the store, as `extensions.store` tells it."""
        return {
            "calls": self.meter.calls,
            "roundTrips": self.meter.round_trips,
            "readUnits": self.meter.read_units,
            "writeUnits": self.meter.write_units,
            "itemsRead": self.meter.items_read,
            "itemsReturned": self.meter.items_returned,
            "indexes": sorted(self.meter.indexes),
        }
