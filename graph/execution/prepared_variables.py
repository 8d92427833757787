"""The coerced arguments and the prices of recent requests, cached with their document."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from graph.engine.arguments import CoercedArguments
from graph.limits.price_terms import Price

_MAX_REQUESTS = 4
"""Requests of one document."""
_MAX_BYTES = 500
"""The variables of a request as JSON: longer ones are not sent again, and need memory."""

Key = tuple[str, bytes]


class Prepared(NamedTuple):
    """The coerced arguments of a request, and its price."""

    arguments: CoercedArguments
    price: Price


class PreparedVariables:
    """Keeps what was worked out for the variables of the most recent requests."""

    def __init__(self) -> None:
        self._prepared: OrderedDict[Key, Prepared] = OrderedDict()

    def get(self, key: Key) -> Prepared | None:
        """Return what is kept for a key."""
        prepared = self._prepared.get(key)
        if prepared is not None:
            self._prepared.move_to_end(key)
        return prepared

    def keep(self, key: Key, prepared: Prepared) -> None:
        """Keep something, and drop what was not used for longest."""
        self._prepared[key] = prepared
        if len(self._prepared) > _MAX_REQUESTS:
            self._prepared.popitem(last=False)


def make_key(operation_name: str | None, variables: Mapping[str, Any]) -> Key | None:
    """Return the key of a request; None if it is too long or no JSON for orjson.

    Unlike equality of values, JSON tells 1 and true apart.
    """
    try:
        json = orjson.dumps(variables)
    except TypeError:
        return None
    return (operation_name or "", json) if len(json) <= _MAX_BYTES else None
