"""Records the calls of a DynamoDB store, and replaces or changes the answers to them.

All functions use botocore's before-send event, the last one before the request is sent.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import local
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.store import DynamoStore

Call = tuple[str, dict[str, Any]]
Answer = tuple[int, dict[str, Any]]
"""An HTTP status and a body."""
_OPERATIONS = "BatchGetItem", "Query", "Scan", "TransactWriteItems"
_START = {"artifact_id": {"S": "start"}}
"""The next key of an empty first page, which stands for the start of the query."""


@contextmanager
def record_calls(store: DynamoStore) -> Iterator[list[Call]]:
    """Record the calls that are made in the block, including retries.

    Calls whose answers are replaced are recorded only if they are replaced inside the block:
    handlers run in the order of their registration, until one returns an answer.
    """
    calls: list[Call] = []

    def record(request: AWSPreparedRequest, **_: object) -> None:
        calls.append((operation_of(request), parameters_of(request)))

    with ExitStack() as stack:
        for operation in _OPERATIONS:
            stack.enter_context(before_send(store, f"dynamodb.{operation}", record))
        yield calls


def operations(calls: list[Call]) -> list[str]:
    """Return the names of the operations in alphabetical order."""
    return sorted(operation for operation, _ in calls)


def key_counts(calls: list[Call]) -> list[int]:
    """Return the number of keys of each BatchGetItem."""
    requests = [params["RequestItems"] for name, params in calls if name == "BatchGetItem"]
    return [len(table["Keys"]) for request in requests for table in request.values()]


def action_counts(calls: list[Call]) -> list[int]:
    """Return the number of actions of each TransactWriteItems, without those for the log.

    A log's shard is drawn at random, and its newest segment may be full.
    """
    return [sum(not _is_of_log(key) for key, _ in actions) for actions in transactions(calls)]


def transactions(calls: list[Call]) -> list[list[tuple[str, str]]]:
    """Return the item's key and the kind of each action, for each TransactWriteItems."""
    return [
        [_key_and_kind(action) for action in params["TransactItems"]]
        for _, params in calls
        if "TransactItems" in params
    ]


def _key_and_kind(action: dict[str, Any]) -> tuple[str, str]:
    ((kind, parameters),) = action.items()
    holder = parameters["Item"] if kind == "Put" else parameters["Key"]
    return holder["artifact_id"]["S"], kind


def _is_of_log(key: str) -> bool:
    return key.startswith(("log#", "meta#"))


def error_answer(code: str, status: int = 400, **more: object) -> Answer:
    """Return an answer with an error code; its message must not reach clients."""
    message = "arn:aws:dynamodb:secret"
    return status, {"__type": f"com.amazonaws#{code}", "message": message, **more}


@contextmanager
def replace_answers(
    store: DynamoStore, operation: str, *answers: Answer
) -> Iterator[list[Answer]]:
    """Answer the first calls of an operation without sending them.

    Yields the answers that have not been used yet.
    """
    unused = list(answers)

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        return response(request, *unused.pop(0)) if unused else None

    with before_send(store, f"dynamodb.{operation}", answer):
        yield unused


@contextmanager
def insert_empty_pages(store: DynamoStore) -> Iterator[None]:
    """Return an empty page with a next key before each page of a query."""
    inserted: set[str] = set()

    def insert(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        parameters = parameters_of(request)
        start = parameters.pop("ExclusiveStartKey", _START)
        page = json.dumps([parameters, start])
        if page not in inserted:
            inserted.add(page)
            empty = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": start}
            return response(request, 200, empty)
        inserted.remove(page)
        if start == _START:
            _set_parameters(request, parameters)
        return None

    with before_send(store, "dynamodb.Query", insert):
        yield


@contextmanager
def limit_pages(store: DynamoStore, size: int) -> Iterator[None]:
    """Limit the pages of queries to so many items, whatever limit is requested."""

    def limit(request: AWSPreparedRequest, **_: object) -> None:
        parameters = parameters_of(request)
        _set_parameters(request, {**parameters, "Limit": min(size, parameters["Limit"])})

    with before_send(store, "dynamodb.Query", limit):
        yield


@contextmanager
def change_answers(
    store: DynamoStore, operation: str, change: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    """Change the body of every answer to an operation."""
    upstream = Upstream(store.client)

    def send_and_change(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if upstream.is_asked:
            return None
        answer = json.loads(upstream.answer(request).content)
        change(answer)
        return response(request, 200, answer)

    with before_send(store, f"dynamodb.{operation}", send_and_change):
        yield


def operation_of(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    return text.rpartition(".")[2]


def parameters_of(request: AWSPreparedRequest) -> dict[str, Any]:
    body: Any = request.body
    parameters: dict[str, Any] = json.loads(body or b"{}")
    return parameters


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def response(
    request: AWSPreparedRequest, status: int, body: dict[str, Any] | bytes
) -> AWSResponse:
    """Return an HTTP response as the endpoint would send it."""
    raw: Any = _Raw(body if isinstance(body, bytes) else json.dumps(body).encode())
    return AWSResponse(str(request.url), status, HTTPHeaders(), raw)


class Upstream:
    """Sends a client's requests to its endpoint, for handlers that change the answers."""

    def __init__(self, client: DynamoClient) -> None:
        self._boto: Any = client.control
        self._thread = local()

    @property
    def is_asked(self) -> bool:
        """True while this thread is in `answer`: a handler must then let the request pass."""
        return getattr(self._thread, "asks", False)

    def answer(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request, past the handler that calls this, and return the answer."""
        event = f"before-send.dynamodb.{operation_of(request)}"
        self._thread.asks = True
        try:
            # moto answers in this event; DynamoDB Local is sent the request.
            _, emulated = self._boto.meta.events.emit_until_response(event, request=request)
            sent: AWSResponse = emulated or self._boto._endpoint.http_session.send(request)  # noqa: SLF001 - below boto3
        finally:
            self._thread.asks = False
        return sent


def _set_parameters(request: AWSPreparedRequest, parameters: dict[str, Any]) -> None:
    request.body = json.dumps(parameters).encode()


@contextmanager
def before_send(store: DynamoStore, event: str, handler: Callable[..., Any]) -> Iterator[None]:
    """Call the handler before each request of the block; it may return the answer."""
    events = store.client.control.meta.events
    events.register_first(f"before-send.{event}", handler)
    try:
        yield
    finally:
        events.unregister(f"before-send.{event}", handler)
