"""Faults between boto3 and DynamoDB: what is lost, late, refused or in another order."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from storage.dynamodb.client import DynamoClient

Send = Callable[[], AWSResponse]
Answer = AWSResponse | None
"""None lets the call through."""
Fault = Callable[[AWSPreparedRequest, Send, random.Random], Answer]


class Faults:
    """Makes a share of a client's calls fail, each in a way drawn at random."""

    def __init__(
        self,
        client: DynamoClient,
        share: float,
        seed: int = 0,
        kinds: Sequence[Fault] | None = None,
    ) -> None:
        self.count = 0
        self._kinds = kinds or FAULTS
        self._planned: Fault | None = None
        self._client = client
        self._share = share
        self._draw = random.Random(seed)  # noqa: S311 - no secret
        self._lock = Lock()
        before_send: Any = self._before_send  # the stubs deny that it may answer
        client.boto.meta.events.register_first("before-send.dynamodb", before_send)

    def stop(self) -> None:
        """Let every call through from now on."""
        self._share = 0.0

    def next_write(self, fault: Fault) -> None:
        """Let the fault happen to the next transaction."""
        self._planned = fault

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> Answer:
        with self._lock:
            if self._planned and operation(request) == "TransactWriteItems":
                planned, self._planned = self._planned, None
                self.count += 1
                return planned(request, lambda: self._really_send(request), self._draw)
            if self._draw.random() >= self._share:
                return None
            fault = self._draw.choice(self._kinds)
            self.count += 1
            draw = random.Random(self._draw.random())  # noqa: S311 - no secret
        return fault(request, lambda: self._really_send(request), draw)

    def _really_send(self, request: AWSPreparedRequest) -> AWSResponse:
        endpoint: Any = self._client.boto
        sent: AWSResponse = endpoint._endpoint.http_session.send(request)  # noqa: SLF001 - below boto3
        return sent


def throttled(request: AWSPreparedRequest, _send: Send, _: random.Random) -> AWSResponse:
    return _answer(request, 400, {"__type": "x#ThrottlingException", "message": "slow down"})


def failed(request: AWSPreparedRequest, _send: Send, _: random.Random) -> AWSResponse:
    return _answer(request, 500, {"__type": "x#InternalServerError", "message": "oops"})


def refused(request: AWSPreparedRequest, _send: Send, _: random.Random) -> AWSResponse:
    raise EndpointConnectionError(endpoint_url=str(request.url))


def cut_before(request: AWSPreparedRequest, _send: Send, _: random.Random) -> AWSResponse:
    raise ConnectionClosedError(endpoint_url=str(request.url))


def cut_after(request: AWSPreparedRequest, send: Send, _: random.Random) -> AWSResponse:
    send()
    raise ConnectionClosedError(endpoint_url=str(request.url))


def late(request: AWSPreparedRequest, send: Send, _: random.Random) -> AWSResponse:
    send()
    raise ReadTimeoutError(endpoint_url=str(request.url))


def in_the_way(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    if operation(request) != "TransactWriteItems":
        return None
    reasons = [{"Code": "TransactionConflict", "Message": "busy"}]
    return _answer(
        request,
        400,
        {"__type": "x#TransactionCanceledException", "CancellationReasons": reasons},
    )


def in_progress(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
    if operation(request) != "TransactWriteItems":
        return None
    send()
    return _answer(request, 400, {"__type": "x#TransactionInProgressException", "message": "!"})


def partly_read(request: AWSPreparedRequest, send: Send, draw: random.Random) -> Answer:
    """Some keys unprocessed, the rest in another order."""
    if operation(request) != "BatchGetItem":
        return None
    answer = json.loads(send().content)
    asked = _asked(request)["RequestItems"]
    for table, items in answer["Responses"].items():
        draw.shuffle(items)
        left, kept = items[: len(items) // 2], items[len(items) // 2 :]
        answer["Responses"][table] = kept
        keys = [{"artifact_id": item["artifact_id"]} for item in left]
        if keys:
            answer["UnprocessedKeys"] = {table: {**asked[table], "Keys": keys}}
    return _answer(request, 200, answer)


def empty_page(request: AWSPreparedRequest, _send: Send, _: random.Random) -> Answer:
    start = _asked(request).get("ExclusiveStartKey")
    if operation(request) != "Query" or start is None:
        return None
    page = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": start}
    return _answer(request, 200, page)


FAULTS: list[Fault] = [
    throttled,
    failed,
    refused,
    cut_before,
    cut_after,
    late,
    in_the_way,
    in_progress,
    partly_read,
    empty_page,
]


def operation(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    return text.rpartition(".")[2]


def _asked(request: AWSPreparedRequest) -> dict[str, Any]:
    body: Any = request.body
    asked: dict[str, Any] = json.loads(body or b"{}")
    return asked


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def _answer(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    raw: Any = _Raw(json.dumps(body).encode())
    return AWSResponse(str(request.url), status, HTTPHeaders(), raw)
