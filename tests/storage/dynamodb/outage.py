"""An outage that begins after so many writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import EndpointConnectionError

from storage.dynamodb.store import DynamoStore


@contextmanager
def outage_after(store: DynamoStore, writes: int) -> Iterator[None]:
    """From then on nothing that writes reaches the table."""
    left = [None] * writes

    def refuse(request: AWSPreparedRequest, **_: Any) -> None:
        if not left:
            raise EndpointConnectionError(endpoint_url=str(request.url))
        left.pop()

    events = store.client.control.meta.events
    events.register_first("before-send.dynamodb.TransactWriteItems", refuse)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb.TransactWriteItems", refuse)
