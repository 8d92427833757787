"""Indexes that lag: each query is answered as the table was some writes ago.

Writes of all clients that share a lag are made one after the other, so that it knows their
order; clients that lose acknowledgements, or are of another process, cannot share it.
"""

import operator
import random
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from threading import Lock
from typing import Any

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.schema.attributes import INDEXES, KEY, Item
from storage.dynamodb.store import DynamoStore

MOST = 50
"""Writes that an index is behind, at most."""

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


def at_random(seed: int) -> Iterator[int]:
    """Up to MOST writes behind, as often hardly as far: an index mostly keeps up."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    while True:
        yield int(MOST * draw.random() ** 3)


class Lag:
    """What the indexes of a table show.

    `behind` says how many writes ago each query looks back, up to MOST; where `scattered`, it
    says so of each item by itself.
    """

    def __init__(
        self, store: DynamoStore, behind: Iterator[int], *, scattered: bool = False
    ) -> None:
        self._behind = behind
        self._scattered = scattered
        self._settled: dict[str, Item] = {i[KEY]["S"]: i for i in store.client.scan()}
        self._recent: deque[dict[str, Item | None]] = deque()
        self._lock = Lock()
        self.share(store)

    def share(self, store: DynamoStore) -> None:
        """Let another store of the same table have the same indexes."""
        region = store.client.control.meta.region_name
        store.client.close()
        store.client = _LaggingClient(store.name, region, self)

    def fall_behind(self) -> None:
        """Let all queries show what was there MOST writes ago from now on."""
        self._behind = repeat(MOST)

    def catch_up(self) -> None:
        """Let all queries show what is there from now on."""
        self._behind = repeat(0)

    def write(
        self, actions: Actions, transact: Callable[[Actions], bool], get: GetItems
    ) -> bool:
        """Make a write, and remember what it leaves if it takes effect."""
        with self._lock:
            if not transact(actions):
                return False
            written = list(_written(actions))
            there = get(written)
            self._recent.append({key: there.get(key) for key in written})
            if len(self._recent) > MOST:
                for key, item in self._recent.popleft().items():
                    _put(self._settled, key, item)
            return True

    def read(self, query: Query) -> list[Item]:
        """All that an index shows of what a query asks for."""
        index = INDEXES[query["IndexName"]]
        partition, sort = index.partition_key, index.sort_key
        matches = _condition(query, partition, sort)
        with self._lock:
            items = self._shown()
        found = [i for i in items if {partition, sort} <= i.keys() and matches(i)]
        found.sort(
            key=lambda item: (item[sort]["S"], item[KEY]["S"]),
            reverse=not query.get("ScanIndexForward", True),
        )
        if index.projection == "ALL":
            return found
        return [{name: item[name] for name in (KEY, partition, sort)} for item in found]

    def _shown(self) -> list[Item]:
        keys = dict.fromkeys(chain(self._settled, *self._recent))
        behind = self._behind if self._scattered else repeat(next(self._behind))
        hidden = dict(zip(keys, behind, strict=False))
        items = dict(self._settled)
        for at, write in enumerate(self._recent):
            for key, item in write.items():
                if len(self._recent) - at > hidden[key]:
                    _put(items, key, item)
        return list(items.values())


class _LaggingClient(DynamoClient):
    """Writes to the table and is shown by the lag what is in its indexes."""

    def __init__(self, table: str, region: str, lag: Lag) -> None:
        super().__init__(table, region)
        self._lag = lag

    def transact(self, actions: Actions) -> bool:
        return self._lag.write(actions, super().transact, self.get_items)

    def query(self, queries: Sequence[Query], limit: int) -> list[list[Item]]:
        return [self._lag.read(query)[:limit] for query in queries]

    def pages(self, queries: Sequence[Query]) -> list[dict[str, Any]]:
        return [self._page(**query) for query in queries]

    def _page(self, *, Limit: int, Select: str = "", **query: Any) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        items = self._lag.read(query)
        assert len(items) <= Limit, "what is counted fits into a page"
        return {"Count": len(items)} if Select else {"Count": len(items), "Items": items}


def _written(actions: Actions) -> Iterator[str]:
    for action in actions:
        for of in action.keys() - {"ConditionCheck"}:
            what = action[of]
            yield what["Item" if of == "Put" else "Key"][KEY]["S"]


def _put(items: dict[str, Item], key: str, item: Item | None) -> None:
    if item is None:
        items.pop(key, None)
    else:
        items[key] = item


def _condition(query: Query, partition: str, sort: str) -> Callable[[Item], bool]:
    """Whether an item is what a query asks for; no query of another form is understood."""
    assert query.keys() <= _PARAMETERS, query
    parts = _CONDITION.fullmatch(query["KeyConditionExpression"])
    assert parts, query
    names = query.get("ExpressionAttributeNames", {})
    values = {name: v["S"] for name, v in query["ExpressionAttributeValues"].items()}
    of, is_, by, low, high, relation, bound = parts.groups()
    assert names.get(of, of) == partition, query
    assert by is None or names.get(by, by) == sort, query

    def matches(item: Item) -> bool:
        at = item[sort]["S"]
        if item[partition]["S"] != values[is_]:
            return False
        if low:
            return bool(values[low] <= at <= values[high])
        return not relation or bool(_RELATIONS[relation](at, values[bound]))

    return matches
