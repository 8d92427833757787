"""A GraphQL request, independent of how HTTP carried it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A document, or the id of a trusted one, with variables and the chosen operation."""

    query: str | None = None
    document_id: str | None = None
    """The id of a trusted document, which stands for a query."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    is_read_only: bool = False
    """Refuse mutations, as for requests by GET."""
    accepts_events: bool = False
    """Allow subscriptions: the client reads a stream of events."""
    resume_after: str | None = None
    """The id of the last event that the client has got of the same subscription."""
