"""Calls to one table: batched, retried within bounds, counted, and failing in our own words."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import boto3
import botocore.session
from botocore.config import Config

from storage.deadline import seconds_left
from storage.dynamodb.client.connection_pool import CONNECT_SECONDS, READ_SECONDS
from storage.dynamodb.client.retry import (
    TRIES,
    CancelledError,
    ConflictError,
    TransientError,
    backoff,
)
from storage.dynamodb.client.transport import Call, Transport
from storage.dynamodb.client.usage import count_call
from storage.dynamodb.schema.attributes import KEY, Item
from storage.errors import StoreUnavailableError
from storage.usage import current_usage

MAX_KEYS = 100
"""Keys that one BatchGetItem takes."""
MAX_ACTIONS = 100
"""Actions that one TransactWriteItems takes."""
MAX_BYTES = 4_000_000
"""Of the items that one TransactWriteItems touches, what others keep in them included."""
_LEAST_SECONDS = 0.5
"""In less than that nothing is tried again."""
_PARALLEL = 16
"""Calls that are under way together, at most."""


def projection_expression(attributes: Sequence[str]) -> dict[str, Any]:
    """What makes a call read these attributes alone; nothing where all are to be read."""
    if not attributes:
        return {}
    return {
        "ProjectionExpression": ", ".join(f"#{name}" for name in attributes),
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
    }


class DynamoClient:
    """One table, which any number of threads may share."""

    def __init__(self, table: str, region: str) -> None:
        self.table = table
        session = botocore.session.get_session()
        self.boto = boto3.session.Session(botocore_session=session).client(
            "dynamodb",
            region_name=region,
            config=Config(
                # Retries are ours: within the request's deadline, and with what it is told.
                retries={"mode": "standard", "total_max_attempts": 1},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
            ),
        )
        self._transport = Transport(session, self.boto)
        self._fails = False
        """Whether the last call failed in a way that may pass."""

    def send_all(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """The answers to calls that are under way at the same time: one round trip."""
        if meter := current_usage.get(None):
            meter.round_trips += 1
        chunks = [calls[at : at + _PARALLEL] for at in range(0, len(calls), _PARALLEL)]
        return [answer for chunk in chunks for answer in self._send(chunk)]

    def get_items(self, ids: Iterable[str], attributes: Sequence[str] = ()) -> dict[str, Item]:
        """The items that have these keys, read consistently; what is not there is left out.

        Of each item all is read, or these attributes alone.
        """
        found: dict[str, Item] = {}
        left = [{KEY: {"S": id_}} for id_ in dict.fromkeys(ids)]
        if not left:
            return found
        for _ in backoff():
            chunks = (left[at : at + MAX_KEYS] for at in range(0, len(left), MAX_KEYS))
            calls = [self._batch_get(chunk, attributes) for chunk in chunks]
            left = []
            for answer in self.send_all(calls):
                for item in answer["Responses"].get(self.table, []):
                    found[item[KEY]["S"]] = item
                left += answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
            if not left:
                return found
        raise AssertionError  # attempts() ends by raising

    def query(self, queries: Sequence[Mapping[str, Any]], limit: int) -> list[list[Item]]:
        """The first `limit` items of each query, all queries side by side.

        A page may hold nothing and yet have more behind it, so each query goes on until it
        has enough or has ended.
        """
        found: list[list[Item]] = [[] for _ in queries]
        left = {at: dict(query) for at, query in enumerate(queries)}
        while left:
            for at, query in left.items():
                query["Limit"] = limit - len(found[at])
            answers = self.pages(list(left.values()))
            for at, answer in zip(tuple(left), answers, strict=True):
                found[at] += answer["Items"]
                if "LastEvaluatedKey" not in answer or len(found[at]) >= limit:
                    del left[at]
                else:
                    left[at]["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def pages(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The next page of each query, as it is answered; all queries side by side."""
        return self.send_all([("Query", query) for query in queries])

    def scan(self, **parameters: Any) -> Iterator[Item]:  # noqa: ANN401 - boto3's parameters
        """Every item of the table, for commands."""
        while True:
            (answer,) = self.send_all([("Scan", parameters)])
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> bool:
        """Do all actions or none; False where a condition of one did not hold.

        The token makes it take effect once, even if an answer is lost and it is sent again.
        """
        named = [
            {of: {"TableName": self.table, **rest} for of, rest in a.items()} for a in actions
        ]
        call = (
            "TransactWriteItems",
            {
                "TransactItems": named,
                "ClientRequestToken": str(uuid4()),
            },
        )
        for _ in backoff():
            try:
                self.send_all([call])
            except ConflictError:
                continue
            except CancelledError:
                return False
            return True
        raise AssertionError  # attempts() ends by raising

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()
        self.boto.close()

    def _batch_get(self, keys: Sequence[Mapping[str, Any]], attributes: Sequence[str]) -> Call:
        request = {"Keys": keys, "ConsistentRead": True, **projection_expression(attributes)}
        return "BatchGetItem", {"RequestItems": {self.table: request}}

    def _send(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """The answers to calls, which are tried again while that may help.

        All calls may be repeated: reads change nothing, and transactions carry a token.
        """
        answers: dict[int, dict[str, Any]] = {}
        end = time.monotonic() + seconds_left()
        for count in backoff():
            left = [at for at in range(len(calls)) if at not in answers]
            failed: Exception | None = None
            sent = self._transport.send_all(
                [self._addressed(calls[at]) for at in left], self._patience(end)
            )
            for at, answer in zip(left, sent, strict=True):
                count_call(calls[at][1], {} if isinstance(answer, Exception) else answer)
                if not isinstance(answer, Exception):
                    answers[at] = answer
                elif failed is None or isinstance(failed, TransientError):
                    failed = answer
            self._fails = isinstance(failed, TransientError)
            if failed is None:
                return [answers[at] for at in range(len(calls))]
            late = count + 1 >= TRIES or time.monotonic() + _LEAST_SECONDS > end
            if late or not isinstance(failed, TransientError):
                raise failed
        raise AssertionError  # attempts() ends by raising

    def _patience(self, end: float) -> float:
        """How long to wait for answers.

        Of a store that answers, a request that is late may still ask, for then something else
        took its time. Of one that fails, not: others wait behind it, for threads, too.

        Raises:
            StoreUnavailableError: where there is no time left for a store that fails.
        """
        left = end - time.monotonic()
        if not self._fails:
            return min(READ_SECONDS, max(left, _LEAST_SECONDS))
        if left <= 0:
            raise StoreUnavailableError("the store failed until there was no time left")
        return min(READ_SECONDS, left)

    def _addressed(self, call: Call) -> Call:
        operation, parameters = call
        if operation in ("Query", "Scan"):
            parameters = {"TableName": self.table, **parameters}
        return operation, {"ReturnConsumedCapacity": "TOTAL", **parameters}
