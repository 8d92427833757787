"""Costs of acts: calls, items and units on DynamoDB, steps of the virtual machine on SQLite."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import RLock, get_ident
from types import TracebackType
from typing import Any, Literal

import pytest

from storage.dynamodb.store import DynamoStore
from storage.store import Store
from storage.usage import StoreUsage, current_usage
from tests.storage.dynamodb.recorded_calls import (
    action_counts,
    change_answers,
    key_counts,
    operations,
    record_calls,
)


@dataclass(frozen=True)
class Cost:
    """On SQLite only the steps and calls are known, on DynamoDB everything but the steps."""

    calls: int
    steps: int = field(default=0, compare=False)
    """May differ by one, depending on the pages of an index."""
    operations: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()
    actions: tuple[int, ...] = ()
    index_items: int = 0
    read_units: float = 0.0
    write_units: float = 0.0


class _Connection(sqlite3.Connection):
    """Lets its progress handler be set while another thread executes a statement.

    Python itself does not release the interpreter's lock for that, for which the handler that
    the other thread calls would wait for ever.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = RLock()

    def execute(self, *args: Any) -> sqlite3.Cursor:
        with self._lock:
            return super().execute(*args)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        with self._lock:
            return super().__exit__(kind, error, traceback)

    def set_progress_handler(self, *args: Any) -> None:
        with self._lock:
            super().set_progress_handler(*args)


class Steps:
    """Counts the steps of SQLite's virtual machine in this thread, on all connections."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._open: list[sqlite3.Connection] = []
        self._counts = False
        self._count = 0
        self._thread = get_ident()
        connect = sqlite3.connect

        def connected(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            self._open.append(connect(*args, factory=_Connection, **kwargs))
            self._watch()
            return self._open[-1]

        patch.setattr(sqlite3, "connect", connected)

    @contextmanager
    def counted(self) -> Iterator[Callable[[], int]]:
        """Count the steps in the block."""
        self._count, self._counts = 0, True
        self._watch()
        try:
            yield lambda: self._count
        finally:
            self._counts = False
            self._watch()

    def _watch(self) -> None:
        for db in self._open:
            with suppress(sqlite3.ProgrammingError):  # of one that is closed
                db.set_progress_handler(self._step if self._counts else None, 1)

    def _step(self) -> int:
        self._count += get_ident() == self._thread
        return 0


def cost(store: Store, steps: Steps, act: Callable[[], object]) -> Cost:
    """Return the cost of an act."""
    if isinstance(store, DynamoStore):
        store.ensure()  # It reads the schema item now, so that no act has to, after 20 seconds.
    usage = StoreUsage()
    token = current_usage.set(usage)
    try:
        return _cost(store, usage, steps, act)
    finally:
        current_usage.reset(token)


def _cost(store: Store, usage: StoreUsage, steps: Steps, act: Callable[[], object]) -> Cost:
    if not isinstance(store, DynamoStore):
        with steps.counted() as counted:
            act()
        return Cost(calls=usage.calls, steps=counted())
    index_items = 0

    def count_items(answer: dict[str, Any]) -> None:
        nonlocal index_items
        index_items += answer["ScannedCount"]

    with record_calls(store) as made, change_answers(store, "Query", count_items):
        act()
    return Cost(
        calls=usage.calls,
        operations=tuple(operations(made)),
        keys=tuple(key_counts(made)),
        actions=tuple(action_counts(made)),
        index_items=index_items,
        read_units=usage.read_units,
        write_units=usage.write_units,
    )
