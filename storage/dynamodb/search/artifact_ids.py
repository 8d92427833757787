"""Reads the ids of all artifacts of a table, from the index that has them all."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from storage.artifacts.ids import is_id
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.schema.attributes import BY_BEARING, KEY

_PAGE_SIZE = 1_000
"""Items of the index that one call reads."""
_T = TypeVar("_T")
_Retry = Callable[[Callable[[], _T]], _T]


def scan_ids(
    client: DynamoClient, retry: _Retry[list[dict[str, Any]]] = retry_for
) -> Iterator[list[str]]:
    """Yield the ids that the index shows, page by page; it lags, and may show one twice.

    Raises:
        StoreUnavailableError: if the table does not answer for minutes.
    """
    scan = {"IndexName": BY_BEARING, "Limit": _PAGE_SIZE, "ProjectionExpression": KEY}
    while True:
        (page,) = retry(partial(client.send_all, [("Scan", scan)]))
        ids = (item[KEY]["S"] for item in page["Items"])
        yield [id_ for id_ in ids if is_id(id_)]
        if "LastEvaluatedKey" not in page:
            return
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
