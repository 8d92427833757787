"""The figures of one request, for the log, the metrics and the trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.errors import Code
from storage.artifacts.records import Actor
from storage.usage import StoreUsage

_MAX_NAME_CHARACTERS = 128
StoreUsageFields = dict[str, float | list[str]]


@dataclass(slots=True)
class RequestStats:
    """The figures of one request; they are filled in while it is handled."""

    request_id: str
    method: str
    kind: str = "none"
    """`query` or `mutation`; `none` if the request was rejected before that was known."""
    operation: str | None = None
    """The operation's name, as the client chose it, or the beginning of a long one."""
    caller: Actor | None = None
    """None for callers without a token, and until the caller is known."""
    status: int = 500
    """The HTTP status; 500 unless a response was made."""
    codes: tuple[str, ...] = (Code.INTERNAL.value,)
    """The codes of the response's errors, each once; INTERNAL unless a response was made."""
    cost: int = 0
    seconds: float = 0.0
    store_usage: StoreUsage = field(default_factory=StoreUsage)

    def record_operation(self, kind: str, name: str | None) -> None:
        """Record the kind and the name of the operation."""
        self.kind = kind
        self.operation = name and name[:_MAX_NAME_CHARACTERS]

    def record_errors(self, errors: Iterable[Mapping[str, Any]]) -> None:
        """Record the codes of the errors in a response."""
        self.codes = tuple(dict.fromkeys(error["extensions"]["code"] for error in errors))

    def format_store_usage(self) -> StoreUsageFields:
        """Format the calls of the store as in `extensions.store`."""
        usage = self.store_usage
        return {
            "calls": usage.calls,
            "roundTrips": usage.round_trips,
            "readUnits": usage.read_units,
            "writeUnits": usage.write_units,
            "itemsRead": usage.items_read,
            "itemsReturned": usage.items_returned,
            "indexes": sorted(usage.indexes),
        }
