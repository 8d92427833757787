"""Faults between the store and DynamoDB: what is lost, late, refused or in another order."""

import json
import random
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from storage.dynamodb.client.client import DynamoClient
from tests.storage.dynamodb.recorded_calls import (
    Upstream,
    failing,
    operation_of,
    parameters_of,
    response,
)

Send = Callable[[], AWSResponse]
Answer = AWSResponse | None
"""None lets the call through."""
Fault = Callable[[AWSPreparedRequest, Send, random.Random], Answer]

_WRITE = "TransactWriteItems"


class Faults:
    """Makes a share of a client's calls fail, each in a way drawn at random."""

    def __init__(
        self,
        client: DynamoClient,
        share: float = 0.0,
        seed: int = 0,
        kinds: Sequence[Fault] | None = None,
    ) -> None:
        self.count = 0
        """How many faults there were."""
        self._kinds = kinds or FAULTS
        self._share = share
        self._draw = random.Random(seed)  # noqa: S311 - no secret
        self._planned: Fault | None = None
        self._lost: set[str] | None = None
        self._upstream = Upstream(client)
        self._lock = Lock()
        before_send: Any = self._before_send  # the stubs deny that it may answer
        client.control.meta.events.register_first("before-send.dynamodb", before_send)

    def stop(self) -> None:
        """Let every call through from now on."""
        self._share, self._lost = 0.0, None

    def next_write(self, fault: Fault) -> None:
        """Let the fault happen to the next transaction."""
        self._planned = fault

    def lose_answers(self) -> None:
        """Lose the first answer to each transaction from now on, each in another way."""
        self._lost = set()

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> Answer:
        if self._upstream.is_asked:
            return None
        with self._lock:
            fault = self._fault(request)
            self.count += fault is not None
            draw = random.Random(self._draw.random())  # noqa: S311 - no secret
        return fault and fault(request, lambda: self._upstream.answer(request), draw)

    def _fault(self, request: AWSPreparedRequest) -> Fault | None:
        if operation_of(request) == _WRITE:
            planned, self._planned = self._planned, None
            if planned:
                return planned
            token = parameters_of(request)["ClientRequestToken"]
            if self._lost is not None and token not in self._lost:
                self._lost.add(token)
                return self._draw.choice(LOST)
        return self._draw.choice(self._kinds) if self._draw.random() < self._share else None


def throttled(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    return response(request, *failing("ThrottlingException"))


def failed(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    return response(request, *failing("InternalServerError", 500))


def refused(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    raise EndpointConnectionError(endpoint_url=str(request.url))


def cut_before(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    raise ConnectionClosedError(endpoint_url=str(request.url))


def cut_after(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    send()
    raise ConnectionClosedError(endpoint_url=str(request.url))


def late(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    send()
    raise ReadTimeoutError(endpoint_url=str(request.url))


def failed_after(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    send()
    return response(request, *failing("ServiceUnavailable", 503))


def cut_answer(request: AWSPreparedRequest, send: Send, draw: random.Random) -> Answer:
    """An answer that ends somewhere."""
    content = send().content
    return response(request, 200, content[: draw.randrange(1, len(content))])


def in_the_way(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    if operation_of(request) != _WRITE:
        return None
    reasons = [{"Code": "TransactionConflict", "Message": "busy"}]
    cancelled = failing("TransactionCanceledException", CancellationReasons=reasons)
    return response(request, *cancelled)


def in_progress(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    if operation_of(request) != _WRITE:
        return None
    send()
    return response(request, *failing("TransactionInProgressException"))


def partly_read(request: AWSPreparedRequest, send: Send, draw: random.Random) -> Answer:
    """Some keys unprocessed, the rest in another order."""
    if operation_of(request) != "BatchGetItem":
        return None
    answer = json.loads(send().content)
    asked = parameters_of(request)["RequestItems"]
    for table, items in answer["Responses"].items():
        draw.shuffle(items)
        left, kept = items[: len(items) // 2], items[len(items) // 2 :]
        answer["Responses"][table] = kept
        keys = [{"artifact_id": item["artifact_id"]} for item in left]
        if keys:
            answer["UnprocessedKeys"] = {table: {**asked[table], "Keys": keys}}
    return response(request, 200, answer)


def empty_page(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    start = parameters_of(request).get("ExclusiveStartKey")
    if operation_of(request) != "Query" or start is None:
        return None
    page = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": start}
    return response(request, 200, page)


LOST: Sequence[Fault] = (cut_after, late, failed_after, cut_answer, in_progress)
"""All ways in which a write takes effect and nobody is told."""

FAULTS: Sequence[Fault] = (
    throttled,
    failed,
    refused,
    cut_before,
    *LOST,
    in_the_way,
    partly_read,
    empty_page,
)
