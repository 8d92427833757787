"""Simulates delayed indexes: each query is answered from the table as it was seconds ago.

The clock of the stores counts the seconds; each write takes one. Writes of all clients that
share an `IndexLag` run one after the other, so that their order is known. Clients of other
processes, and clients whose answers get lost, cannot share one.
"""

import operator
import random
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, repeat
from threading import Lock
from typing import Any

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.schema.attributes import INDEXES, KEY, Item
from storage.dynamodb.store import DynamoStore
from tests.storage.contract.recorded_changes import ManualClock

MAX_LAG = 50
"""Maximum number of seconds that an index is behind."""
_SECOND = timedelta(seconds=1)

Query = Mapping[str, Any]
Actions = Sequence[Mapping[str, Any]]
GetItems = Callable[[Sequence[str]], Mapping[str, Item]]
_CONDITION = re.compile(
    r"(\S+) = (:\w+)(?: AND (\S+) (?:BETWEEN (:\w+) AND (:\w+)|([<>]=?) (:\w+)))?"
)
_PARAMETERS = {
    "IndexName",
    "KeyConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ScanIndexForward",
}
_RELATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def random_lags(seed: int) -> Iterator[int]:
    """Yield lags of 0 to MAX_LAG seconds, mostly short ones."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    while True:
        yield int(MAX_LAG * draw.random() ** 3)


class IndexLag:
    """The delayed indexes of a table, whose stores have the clock.

    `lags` yields for each query the number of seconds, up to MAX_LAG, that it is behind. If
    `per_item` is true, it yields a number for each item of each query instead.
    """

    def __init__(
        self,
        store: DynamoStore,
        clock: ManualClock,
        lags: Iterator[int],
        *,
        per_item: bool = False,
    ) -> None:
        self._clock = clock
        self._lags = lags
        self._per_item = per_item
        self._settled: dict[str, Item] = {i[KEY]["S"]: i for i in store.client.scan()}
        self._recent: deque[tuple[datetime, dict[str, Item | None]]] = deque()
        self._lock = Lock()
        self.share(store)

    def share(self, store: DynamoStore) -> None:
        """Make another store of the same table use these indexes."""
        client = store.client
        # Of the class, so that earlier lags of this store no longer take part.
        transact, scan = (
            partial(DynamoClient.transact, client),
            partial(DynamoClient.scan, client),
        )

        def scan_late(**parameters: Any) -> Iterator[Item]:
            index = parameters.get("IndexName")
            return self._scan(index) if index else scan(**parameters)

        for name, method in (
            ("transact", lambda actions: self.write(actions, transact, client.get_items)),
            ("query", lambda queries, limit: [self.read(q)[:limit] for q in queries]),
            ("pages", lambda queries: [self._page(**query) for query in queries]),
            ("scan", scan_late),
        ):
            setattr(client, name, method)

    def set_lags(self, lags: Iterator[int]) -> None:
        """Answer with these lags from now on."""
        self._lags = lags

    def fall_behind(self) -> None:
        """Answer all queries from MAX_LAG seconds ago from now on."""
        self.set_lags(repeat(MAX_LAG))

    def catch_up(self) -> None:
        """Answer all queries without delay from now on."""
        self.set_lags(repeat(0))

    def write(
        self, actions: Actions, transact: Callable[[Actions], bool], get: GetItems
    ) -> bool:
        """Run a transaction; if it succeeds, remember the items that it wrote."""
        with self._lock:
            if not transact(actions):
                return False
            keys = list(_written_keys(actions))
            items = get(keys)
            self._recent.append((self._clock(), {key: items.get(key) for key in keys}))
            self._clock.advance(seconds=1)
            while self._is_visible(self._recent[0][0], MAX_LAG):
                for key, item in self._recent.popleft()[1].items():
                    _put(self._settled, key, item)
            return True

    def read(self, query: Query) -> list[Item]:
        """Return all items that a query finds in its index."""
        index = INDEXES[query["IndexName"]]
        partition, sort = index.partition_key, index.sort_key
        matches = _compile_condition(query, partition, sort)
        with self._lock:
            items = self._visible_items()
        matching = [i for i in items if {partition, sort} <= i.keys() and matches(i)]
        matching.sort(
            key=lambda item: (item[sort]["S"], item[KEY]["S"]),
            reverse=not query.get("ScanIndexForward", True),
        )
        if index.projection == "ALL":
            return matching
        return [{name: item[name] for name in (KEY, partition, sort)} for item in matching]

    def _scan(self, name: str) -> Iterator[Item]:
        """Yield the items that an index has, as far as it is."""
        index = INDEXES[name]
        with self._lock:
            items = self._visible_items()
        return (item for item in items if {index.partition_key, index.sort_key} <= item.keys())

    def _page(self, *, Limit: int, Select: str = "", **query: Any) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        items = self.read(query)
        assert len(items) <= Limit, "all counted items fit into a page"
        return {"Count": len(items)} if Select else {"Count": len(items), "Items": items}

    def _visible_items(self) -> list[Item]:
        keys = dict.fromkeys(chain(self._settled, *(write for _, write in self._recent)))
        lags = self._lags if self._per_item else repeat(next(self._lags))
        lag_of = dict(zip(keys, lags, strict=False))
        items = dict(self._settled)
        for at, write in self._recent:
            for key, item in write.items():
                if self._is_visible(at, lag_of[key]):
                    _put(items, key, item)
        return list(items.values())

    def _is_visible(self, written_at: datetime, lag: int) -> bool:
        return written_at < self._clock() - lag * _SECOND


def _written_keys(actions: Actions) -> Iterator[str]:
    for action in actions:
        for kind in action.keys() - {"ConditionCheck"}:
            yield action[kind]["Item" if kind == "Put" else "Key"][KEY]["S"]


def _put(items: dict[str, Item], key: str, item: Item | None) -> None:
    if item is None:
        items.pop(key, None)
    else:
        items[key] = item


def _compile_condition(query: Query, partition: str, sort: str) -> Callable[[Item], bool]:
    """Return a function that tells if an item satisfies a query's key condition.

    Only the forms of conditions that the store sends are supported.
    """
    assert query.keys() <= _PARAMETERS, query
    parts = _CONDITION.fullmatch(query["KeyConditionExpression"])
    assert parts, query
    names = query.get("ExpressionAttributeNames", {})
    values = {name: v["S"] for name, v in query["ExpressionAttributeValues"].items()}
    hash_name, hash_value, range_name, low, high, relation, bound = parts.groups()
    assert names.get(hash_name, hash_name) == partition, query
    assert range_name is None or names.get(range_name, range_name) == sort, query

    def matches(item: Item) -> bool:
        position = item[sort]["S"]
        if item[partition]["S"] != values[hash_value]:
            return False
        if low:
            return bool(values[low] <= position <= values[high])
        return not relation or bool(_RELATIONS[relation](position, values[bound]))

    return matches
