"""Records what a DynamoDB store asks of its table, and puts faults below it.

All of it hangs on botocore's before-send event, next to the wire.
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
"""A status and a body."""
_OPERATIONS = "BatchGetItem", "Query", "Scan", "TransactWriteItems"
_BEGINNING = {"artifact_id": {"S": "the beginning"}}


@contextmanager
def recorded(store: DynamoStore) -> Iterator[list[Call]]:
    """The calls that are made in the block, retries included, as they are made.

    Faults that are to be recorded, too, go inside: the first handler that answers is the last.
    """
    made: list[Call] = []

    def note(request: AWSPreparedRequest, **_: object) -> None:
        made.append((operation_of(request), parameters_of(request)))

    with ExitStack() as stack:
        for operation in _OPERATIONS:
            stack.enter_context(before_send(store, f"dynamodb.{operation}", note))
        yield made


def operations(made: list[Call]) -> list[str]:
    return sorted(operation for operation, _ in made)


def keys(made: list[Call]) -> list[int]:
    """How many keys each BatchGetItem asked for."""
    requests = [params["RequestItems"] for name, params in made if name == "BatchGetItem"]
    return [len(of["Keys"]) for request in requests for of in request.values()]


def actions(made: list[Call]) -> list[int]:
    """How many actions each TransactWriteItems had."""
    return [len(params["TransactItems"]) for _, params in made if "TransactItems" in params]


def failing(code: str, status: int = 400, **more: object) -> Answer:
    """What the endpoint answers where a call fails."""
    message = "arn:aws:dynamodb:secret"
    return status, {"__type": f"com.amazonaws#{code}", "message": message, **more}


@contextmanager
def answering(store: DynamoStore, operation: str, *answers: Answer) -> Iterator[list[Answer]]:
    """The first calls of an operation never reach the endpoint and are answered so."""
    left = list(answers)

    def instead(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        return response(request, *left.pop(0)) if left else None

    with before_send(store, f"dynamodb.{operation}", instead):
        yield left


@contextmanager
def emptying(store: DynamoStore) -> Iterator[None]:
    """Before every page of a query there comes an empty one."""
    told: set[str] = set()

    def instead(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        asked = parameters_of(request)
        after = asked.pop("ExclusiveStartKey", _BEGINNING)
        page = json.dumps([asked, after])
        if page not in told:
            told.add(page)
            empty = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": after}
            return response(request, 200, empty)
        told.remove(page)
        if after == _BEGINNING:
            _ask(request, asked)
        return None

    with before_send(store, "dynamodb.Query", instead):
        yield


@contextmanager
def shortening(store: DynamoStore, most: int) -> Iterator[None]:
    """Pages of a query hold at most so many items, however many are asked for."""

    def cut(request: AWSPreparedRequest, **_: object) -> None:
        asked = parameters_of(request)
        _ask(request, {**asked, "Limit": min(most, asked["Limit"])})

    with before_send(store, "dynamodb.Query", cut):
        yield


@contextmanager
def changing(
    store: DynamoStore, operation: str, change: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    """Every answer to an operation is changed on its way."""
    upstream = Upstream(store.client)

    def instead(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if upstream.is_asked:
            return None
        answer = json.loads(upstream.answer(request).content)
        change(answer)
        return response(request, 200, answer)

    with before_send(store, f"dynamodb.{operation}", instead):
        yield


def operation_of(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    return text.rpartition(".")[2]


def parameters_of(request: AWSPreparedRequest) -> dict[str, Any]:
    body: Any = request.body
    asked: dict[str, Any] = json.loads(body or b"{}")
    return asked


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def response(
    request: AWSPreparedRequest, status: int, body: dict[str, Any] | bytes
) -> AWSResponse:
    """An answer as if the endpoint had sent it."""
    raw: Any = _Raw(body if isinstance(body, bytes) else json.dumps(body).encode())
    return AWSResponse(str(request.url), status, HTTPHeaders(), raw)


class Upstream:
    """What answers behind a client's handlers, for those that change its answers."""

    def __init__(self, client: DynamoClient) -> None:
        self._boto: Any = client.control
        self._thread = local()

    @property
    def is_asked(self) -> bool:
        """Whether it is being asked on this thread: then the handler lets the request by."""
        return getattr(self._thread, "asks", False)

    def answer(self, request: AWSPreparedRequest) -> AWSResponse:
        """What it answers to a request."""
        event = f"before-send.dynamodb.{operation_of(request)}"
        self._thread.asks = True
        try:
            # An emulator in process answers to the event; others have an address.
            _, emulated = self._boto.meta.events.emit_until_response(event, request=request)
            sent: AWSResponse = emulated or self._boto._endpoint.http_session.send(request)  # noqa: SLF001 - below boto3
        finally:
            self._thread.asks = False
        return sent


def _ask(request: AWSPreparedRequest, parameters: dict[str, Any]) -> None:
    request.body = json.dumps(parameters).encode()


@contextmanager
def before_send(store: DynamoStore, event: str, handler: Callable[..., Any]) -> Iterator[None]:
    """Let the handler see, and answer, what is sent in the block."""
    events = store.client.control.meta.events
    events.register_first(f"before-send.{event}", handler)
    try:
        yield
    finally:
        events.unregister(f"before-send.{event}", handler)
