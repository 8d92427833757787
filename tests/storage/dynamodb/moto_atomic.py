"""Makes moto's DynamoDB cheap to roll back and safe to share between threads."""

from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from threading import RLock
from typing import Any

import pytest


def make_moto_atomic(patch: pytest.MonkeyPatch) -> None:
    """Change how moto keeps a transaction's way back, not what any call does.

    For each action of a transaction moto copies the whole table, item by item: a registry of
    3,000 artifacts takes hours to import. It replaces items in all calls but UpdateItem, so it
    is enough to copy the table's dict, if UpdateItem works on a copy of its item. And moto's
    transactions are not atomic to other threads: rolled back, one takes their writes with it.
    """
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    original: Callable[..., Any] = DynamoDBBackend.update_item
    act: Callable[..., Any] = DynamoHandler.call_action
    lock = RLock()

    def way_back(table: Table, _memo: object) -> Table:
        # Not by Table.__new__, which keeps every instance it makes for ever.
        copied: Table = object.__new__(Table)  # type: ignore[type-abstract] # it is none
        copied.__dict__.update(table.__dict__)
        copied.items = defaultdict(dict, table.items)
        return copied

    def update_item(
        backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *rest: Any, **more: Any
    ) -> Any:
        table = backend.get_table(table_name)
        at = DynamoType(key[table.hash_key_attr])
        if at in table.items:
            table.items[at] = deepcopy(table.items[at])
        return original(backend, table_name, key, *rest, **more)

    def call_action(handler: DynamoHandler) -> Any:
        with lock:
            return act(handler)

    patch.setattr(Table, "__deepcopy__", way_back, raising=False)
    patch.setattr(DynamoDBBackend, "update_item", update_item)
    patch.setattr(DynamoHandler, "call_action", call_action)
