"""Patches moto's DynamoDB so that transactions are fast, and atomic between threads."""

from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from threading import RLock
from typing import Any

import pytest


def make_moto_atomic(patch: pytest.MonkeyPatch) -> None:
    """Copy less of a table per transaction, and run one call at a time.

    To be able to roll back, moto copies the whole table, item by item, for each action of a
    transaction: importing 3,000 artifacts takes hours. All calls but UpdateItem replace whole
    items, so it is enough to copy the table's dict, if UpdateItem works on a copy of its item.
    A rollback also removes what other threads wrote meanwhile; hence one call at a time.
    """
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    original_update: Callable[..., Any] = DynamoDBBackend.update_item
    original_call: Callable[..., Any] = DynamoHandler.call_action
    lock = RLock()

    def copy_table(table: Table, _memo: object) -> Table:
        # Table.__new__ would keep a reference to every copy for ever.
        copied: Table = object.__new__(Table)  # type: ignore[type-abstract] # it is not abstract
        copied.__dict__.update(table.__dict__)
        copied.items = defaultdict(dict, table.items)
        return copied

    def update_item(
        backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *rest: Any, **more: Any
    ) -> Any:
        table = backend.get_table(table_name)
        hash_key = DynamoType(key[table.hash_key_attr])
        if hash_key in table.items:
            table.items[hash_key] = deepcopy(table.items[hash_key])
        return original_update(backend, table_name, key, *rest, **more)

    def call_action(handler: DynamoHandler) -> Any:
        with lock:
            return original_call(handler)

    patch.setattr(Table, "__deepcopy__", copy_table, raising=False)
    patch.setattr(DynamoDBBackend, "update_item", update_item)
    patch.setattr(DynamoHandler, "call_action", call_action)
