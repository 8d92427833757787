"""Calls to one table: batched, retried within limits, counted, and failing with our errors."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from uuid import uuid4

import botocore.session
from botocore.config import Config

from storage.deadline import seconds_left
from storage.dynamodb.client.batch import CallBatch
from storage.dynamodb.client.errors import CancelledError, ConflictError, TransientError
from storage.dynamodb.client.http import Timeouts, create_control_client
from storage.dynamodb.client.retry import MAX_ATTEMPTS, RetryBudget, backoff
from storage.dynamodb.client.transport import Call, Transport
from storage.dynamodb.schema.attributes import KEY, Item
from storage.errors import StoreUnavailableError
from storage.usage import current_usage

MAX_KEYS = 100
"""Keys that one BatchGetItem takes."""
MAX_ACTIONS = 100
"""Actions that one TransactWriteItems takes."""
MAX_BYTES = 4_000_000
"""Limit of the items that one TransactWriteItems touches, including attributes of others."""
_LEAST_SECONDS = 0.5
"""With less time left than that, nothing is retried."""
_MAX_PARALLEL = 16
"""Calls of one request that are under way at the same time."""


def projection_expression(attributes: Sequence[str]) -> dict[str, Any]:
    """Return the parameters that make a call read only these attributes, or all of them."""
    if not attributes:
        return {}
    return {
        "ProjectionExpression": ", ".join(f"#{name}" for name in attributes),
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
    }


class DynamoClient:
    """A client of one table; any number of threads can share it."""

    def __init__(
        self,
        table: str,
        region: str,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - immutable
        config: Config | None = None,
    ) -> None:
        self.table = table
        session = botocore.session.get_session()
        self.control = create_control_client(session, region, timeouts, config)
        """The boto3 client, for control calls."""
        self._transport = Transport(session, self.control, timeouts)
        self._budget = RetryBudget()
        self._is_failing = False
        """True if the last attempt ended with a transient error."""

    def send_all(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Send calls at the same time and return their answers: this is one round trip."""
        if usage := current_usage.get(None):
            usage.round_trips += 1
        answers: list[dict[str, Any]] = []
        for start in range(0, len(calls), _MAX_PARALLEL):
            batch = CallBatch(calls[start : start + _MAX_PARALLEL], self.table)
            with closing(batch):
                self._send(batch)
            answers += batch.answers
        return answers

    def get_items(self, ids: Iterable[str], attributes: Sequence[str] = ()) -> dict[str, Item]:
        """Return the items with these keys, read consistently; missing items are left out.

        Reads whole items, or only these attributes.
        """
        items: dict[str, Item] = {}
        keys = [{KEY: {"S": id_}} for id_ in dict.fromkeys(ids)]
        if not keys:
            return items
        for _ in backoff():
            chunks = (keys[at : at + MAX_KEYS] for at in range(0, len(keys), MAX_KEYS))
            calls = [self._batch_get(chunk, attributes) for chunk in chunks]
            keys = []
            for answer in self.send_all(calls):
                # By the only table, whose name may have another form than in the request.
                for found in answer["Responses"].values():
                    items.update((item[KEY]["S"], item) for item in found)
                for left in answer.get("UnprocessedKeys", {}).values():
                    keys += left["Keys"]
            if not keys:
                return items
        raise AssertionError  # backoff() ends by raising

    def query(self, queries: Sequence[Mapping[str, Any]], limit: int) -> list[list[Item]]:
        """Return the first `limit` items of each query; all queries run in parallel.

        A page can be empty although more items follow, so each query continues until it has
        enough items or there are no more.
        """
        found: list[list[Item]] = [[] for _ in queries]
        open_queries = {at: dict(query) for at, query in enumerate(queries)}
        while open_queries:
            for at, query in open_queries.items():
                query["Limit"] = limit - len(found[at])
            answers = self.pages(list(open_queries.values()))
            for at, answer in zip(tuple(open_queries), answers, strict=True):
                found[at] += answer["Items"]
                if "LastEvaluatedKey" not in answer or len(found[at]) >= limit:
                    del open_queries[at]
                else:
                    open_queries[at]["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def pages(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the next page of each query, as DynamoDB answers it; all run in parallel."""
        return self.send_all([("Query", query) for query in queries])

    def scan(self, **parameters: Any) -> Iterator[Item]:  # noqa: ANN401 - boto3's parameters
        """Yield every item of the table, for commands."""
        while True:
            (answer,) = self.send_all([("Scan", parameters)])
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> bool:
        """Execute all actions or none; returns False if a condition did not hold.

        The token makes the transaction take effect once, even if a response is lost and the
        request is sent again.
        """
        items = [
            {kind: {"TableName": self.table, **rest} for kind, rest in action.items()}
            for action in actions
        ]
        parameters = {"TransactItems": items, "ClientRequestToken": str(uuid4())}
        for _ in backoff():
            try:
                self.send_all([("TransactWriteItems", parameters)])
            except ConflictError:
                continue
            except CancelledError:
                return False
            return True
        raise AssertionError  # backoff() ends by raising

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones."""
        self._transport.close()
        self.control.close()

    def _batch_get(self, keys: Sequence[Mapping[str, Any]], attributes: Sequence[str]) -> Call:
        request = {"Keys": keys, "ConsistentRead": True, **projection_expression(attributes)}
        return "BatchGetItem", {"RequestItems": {self.table: request}}

    def _send(self, batch: CallBatch) -> None:
        """Send the calls until each is answered.

        All calls can be repeated: reads change nothing, and transactions carry a token.
        """
        end = time.monotonic() + seconds_left()
        for attempt in backoff():
            calls = [self._with_table(call) for call in batch.pending]
            results = self._transport.send_all(calls, self._attempt_end(end))
            for _ in range(batch.record(results, attempt)):
                self._budget.record_success(attempt)
            self._is_failing = isinstance(batch.error, TransientError)
            if batch.error is None:
                return
            if not (self._can_retry(attempt, end) and self._takes_tokens(batch)):
                raise batch.error

    def _can_retry(self, attempt: int, end: float) -> bool:
        has_time = time.monotonic() + _LEAST_SECONDS <= end
        return self._is_failing and has_time and attempt + 1 < MAX_ATTEMPTS

    def _takes_tokens(self, batch: CallBatch) -> bool:
        return self._budget.try_retry(list(batch.failures.values()))

    def _attempt_end(self, end: float) -> float:
        """Return the time at which an attempt that starts now ends.

        While the store answers, a late request can still send its calls, since something else
        took the time. While it fails, it cannot: other requests wait for the threads.

        Raises:
            StoreUnavailableError: if the store fails and there is no time left.
        """
        now = time.monotonic()
        if not self._is_failing:
            return max(end, now + _LEAST_SECONDS)
        if end <= now:
            raise StoreUnavailableError("the store failed until there was no time left")
        return end

    def _with_table(self, call: Call) -> Call:
        operation, parameters = call
        if operation in ("Query", "Scan"):
            parameters = {"TableName": self.table, **parameters}
        return operation, {"ReturnConsumedCapacity": "TOTAL", **parameters}
