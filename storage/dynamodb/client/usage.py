"""What a call used of the table, as its answer tells."""

from collections.abc import Mapping
from typing import Any

from storage.usage import current_usage


def count_call(parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Count a call for the request at hand; of one that failed, the answer is empty.

    Read are the items that a query or scan went through, and those that were got by key.
    """
    if (meter := current_usage.get(None)) is None:
        return
    consumed = answer.get("ConsumedCapacity") or []
    units = sum(
        of.get("CapacityUnits", 0.0)
        for of in (consumed if isinstance(consumed, list) else [consumed])
    )
    got = sum(map(len, answer.get("Responses", {}).values()))
    writes = "TransactItems" in parameters
    meter.record_call(
        read_units=0.0 if writes else units,
        write_units=units if writes else 0.0,
        items=answer.get("ScannedCount", 0) + got,
        index=parameters.get("IndexName"),
    )
