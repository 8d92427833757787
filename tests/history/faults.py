"""Faults injected between the store's client and DynamoDB, each drawn at random."""

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
    error_answer,
    operation_of,
    parameters_of,
    response,
)

Send = Callable[[], AWSResponse]
Answer = AWSResponse | None
"""None sends the call to DynamoDB."""
Fault = Callable[[AWSPreparedRequest, Send, random.Random], Answer]

_WRITE = "TransactWriteItems"


class Faults:
    """Makes a share of a client's calls fail, each with a random fault."""

    def __init__(
        self,
        client: DynamoClient,
        share: float = 0.0,
        seed: int = 0,
        kinds: Sequence[Fault] | None = None,
    ) -> None:
        self.count = 0
        """Number of injected faults."""
        self._kinds = kinds or FAULTS
        self._share = share
        self._draw = random.Random(seed)  # noqa: S311 - no secret
        self._planned: Fault | None = None
        self._lost: set[str] | None = None
        self._upstream = Upstream(client)
        self._lock = Lock()
        before_send: Any = self._before_send  # the stubs do not allow it to return a response
        client.control.meta.events.register_first("before-send.dynamodb", before_send)

    def stop(self) -> None:
        """Inject no more faults."""
        self._share, self._lost = 0.0, None

    def fail_next_write(self, fault: Fault) -> None:
        """Inject the fault into the next transaction."""
        self._planned = fault

    def lose_answers(self) -> None:
        """Lose the first answer to each transaction from now on, with a random fault."""
        self._lost = set()

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> Answer:
        if self._upstream.is_asked:
            return None
        with self._lock:
            fault = self._draw_fault(request)
            self.count += fault is not None
            draw = random.Random(self._draw.random())  # noqa: S311 - no secret
        return fault and fault(request, lambda: self._upstream.answer(request), draw)

    def _draw_fault(self, request: AWSPreparedRequest) -> Fault | None:
        if operation_of(request) == _WRITE:
            planned, self._planned = self._planned, None
            if planned:
                return planned
            token = parameters_of(request)["ClientRequestToken"]
            if self._lost is not None and token not in self._lost:
                self._lost.add(token)
                return self._draw.choice(LOST_ANSWERS)
        return self._draw.choice(self._kinds) if self._draw.random() < self._share else None


def throttle(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    return response(request, *error_answer("ThrottlingException"))


def fail(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    return response(request, *error_answer("InternalServerError", 500))


def refuse_connection(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    raise EndpointConnectionError(endpoint_url=str(request.url))


def close_before_sending(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    raise ConnectionClosedError(endpoint_url=str(request.url))


def close_after_sending(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    send()
    raise ConnectionClosedError(endpoint_url=str(request.url))


def time_out(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    send()
    raise ReadTimeoutError(endpoint_url=str(request.url))


def fail_after_sending(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    send()
    return response(request, *error_answer("ServiceUnavailable", 503))


def truncate_answer(request: AWSPreparedRequest, send: Send, draw: random.Random) -> Answer:
    """Return a random part of the answer's beginning."""
    content = send().content
    return response(request, 200, content[: draw.randrange(1, len(content))])


def report_conflict(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    if operation_of(request) != _WRITE:
        return None
    reasons = [{"Code": "TransactionConflict", "Message": "busy"}]
    cancelled = error_answer("TransactionCanceledException", CancellationReasons=reasons)
    return response(request, *cancelled)


def report_in_progress(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    if operation_of(request) != _WRITE:
        return None
    send()
    return response(request, *error_answer("TransactionInProgressException"))


def leave_keys_unprocessed(
    request: AWSPreparedRequest, send: Send, draw: random.Random
) -> Answer:
    """Return half of the items in random order, and the other keys as unprocessed."""
    if operation_of(request) != "BatchGetItem":
        return None
    answer = json.loads(send().content)
    requested = parameters_of(request)["RequestItems"]
    for table, items in answer["Responses"].items():
        draw.shuffle(items)
        unprocessed, processed = items[: len(items) // 2], items[len(items) // 2 :]
        answer["Responses"][table] = processed
        keys = [{"artifact_id": item["artifact_id"]} for item in unprocessed]
        if keys:
            answer["UnprocessedKeys"] = {table: {**requested[table], "Keys": keys}}
    return response(request, 200, answer)


def return_empty_page(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    start = parameters_of(request).get("ExclusiveStartKey")
    if operation_of(request) != "Query" or start is None:
        return None
    page = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": start}
    return response(request, 200, page)


LOST_ANSWERS: Sequence[Fault] = (
    close_after_sending,
    time_out,
    fail_after_sending,
    truncate_answer,
    report_in_progress,
)
"""Faults after which a write has taken effect, though its answer is lost."""

FAULTS: Sequence[Fault] = (
    throttle,
    fail,
    refuse_connection,
    close_before_sending,
    *LOST_ANSWERS,
    report_conflict,
    leave_keys_unprocessed,
    return_empty_page,
)
