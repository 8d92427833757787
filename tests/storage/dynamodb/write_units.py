"""Computes the write units of calls from their actions: DynamoDB Local's figures are wrong."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from storage.dynamodb.schema.attributes import INDEXES, KEY, Item
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.recorded_calls import record_calls, transactions

_KILOBYTE = 1_024
_Items = Mapping[str, Item]


@contextmanager
def measure_units(store: DynamoStore) -> Iterator[dict[str, int]]:
    """Measure the write units of a block: those of items, and of entries by index."""
    units: dict[str, int] = {}
    before = _read_all(store)
    with record_calls(store) as calls:
        yield units
    after = _read_all(store)
    keys = [key for actions in transactions(calls) for key, _ in actions]
    units["items"] = sum(2 * _kilobytes(before.get(key), after.get(key)) for key in keys)
    for name in INDEXES:
        changed = sum(_index_units(name, before.get(key), after.get(key)) for key in keys)
        if changed:
            units[name] = changed


def item_size(item: Item) -> int:
    """Return the bytes of an item as DynamoDB counts them."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _read_all(store: DynamoStore) -> _Items:
    return {item[KEY]["S"]: item for item in store.client.scan(ConsistentRead=True)}


def _kilobytes(*items: Item | None) -> int:
    """Return the started kilobytes of the largest item."""
    return max(-(-item_size(item) // _KILOBYTE) for item in items if item)


def _index_units(name: str, before: Item | None, after: Item | None) -> int:
    """Return the units to remove an index entry, to write one, or to change one."""
    old, new = _entry(name, before), _entry(name, after)
    if old == new:
        return 0
    index = INDEXES[name]
    keys = {(e[index.partition_key]["S"], e[index.sort_key]["S"]) for e in (old, new) if e}
    return len(keys) * _kilobytes(old, new)


def _entry(name: str, item: Item | None) -> Item | None:
    index = INDEXES[name]
    names = [KEY, index.partition_key, index.sort_key]
    if item is None or not all(each in item for each in names):
        return None
    return item if index.projection == "ALL" else {each: item[each] for each in names}


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content.strip("-").replace(".", "")) // 2 + 2
    return 3 + sum(_member_sizes(content))


def _member_sizes(content: Any) -> Iterable[int]:
    if isinstance(content, dict):
        return (len(name.encode()) + 1 + _value_size(v) for name, v in content.items())
    return (1 + _value_size(value) for value in content)
