"""Records what a DynamoDB store asks of its table, and puts faults below it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from botocore.awsrequest import AWSResponse

from storage.dynamodb.store import DynamoStore

Call = tuple[str, dict[str, Any]]
Answer = tuple[AWSResponse, dict[str, Any]]
_BEGINNING = {"artifact_id": {"S": "the beginning"}}


@contextmanager
def recorded(store: DynamoStore) -> Iterator[list[Call]]:
    """The calls that are made in the block, retries included, as they are made."""
    made: list[Call] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        made.append((model.name, params))

    with _registered(store, "provide-client-params.dynamodb", note):
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
    """What botocore makes of an error that the endpoint answers."""
    message = {"Code": code, "Message": "arn:aws:dynamodb:secret"}
    parsed = {"Error": message, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return AWSResponse("http://table", status, {}, None), parsed  # type: ignore[arg-type] # never read


def empty(request: dict[str, Any]) -> Answer:
    """A page that holds nothing and yet has more behind it."""
    after = orjson.loads(request["body"]).get("ExclusiveStartKey", _BEGINNING)
    parsed = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": after}
    return AWSResponse("http://table", 200, {}, None), parsed  # type: ignore[arg-type] # never read


@contextmanager
def answering(store: DynamoStore, operation: str, *answers: Answer) -> Iterator[list[Answer]]:
    """The first calls of an operation never reach the endpoint and are answered so."""
    left = list(answers)

    def instead(**_: object) -> Answer | None:
        return left.pop(0) if left else None

    with _registered(store, f"before-call.dynamodb.{operation}", instead):
        yield left


@contextmanager
def emptying(store: DynamoStore) -> Iterator[None]:
    """Before every page of a query there comes an empty one."""
    told: set[bytes] = set()

    def instead(params: dict[str, Any], **_: object) -> Answer | None:
        if params["body"] in told:
            told.remove(params["body"])
            return None
        told.add(params["body"])
        return empty(params)

    def begin(params: dict[str, Any], **_: object) -> None:
        if params.get("ExclusiveStartKey") == _BEGINNING:
            del params["ExclusiveStartKey"]

    with (
        _registered(store, "before-parameter-build.dynamodb.Query", begin),
        _registered(store, "before-call.dynamodb.Query", instead),
    ):
        yield


@contextmanager
def shortening(store: DynamoStore, most: int) -> Iterator[None]:
    """Pages of a query hold at most so many items, however many are asked for."""

    def cut(params: dict[str, Any], **_: object) -> None:
        params["Limit"] = min(most, params["Limit"])

    with _registered(store, "before-parameter-build.dynamodb.Query", cut):
        yield


@contextmanager
def losing(store: DynamoStore, operation: str, count: int) -> Iterator[None]:
    """The first answers to an operation are lost: what it did is done."""
    left = [None] * count

    def lose(http_response: AWSResponse, parsed: dict[str, Any], **_: object) -> None:
        if left:
            left.pop()
            http_response.status_code = 500
            parsed["Error"] = {"Code": "InternalServerError", "Message": "lost"}

    with _registered(store, f"after-call.dynamodb.{operation}", lose):
        yield


@contextmanager
def changing(
    store: DynamoStore, operation: str, change: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    """Every answer to an operation is changed on its way, after botocore has read it."""

    def changed(parsed: dict[str, Any], **_: object) -> None:
        change(parsed)

    with _registered(store, f"after-call.dynamodb.{operation}", changed):
        yield


@contextmanager
def _registered(store: DynamoStore, event: str, handler: Callable[..., Any]) -> Iterator[None]:
    events = store.client.boto.meta.events
    events.register(event, handler)
    try:
        yield
    finally:
        events.unregister(event, handler)
