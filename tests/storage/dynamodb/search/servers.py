"""Servers of one table: stores with a copy of their own, or with a copy that they share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.clock import Clock, system_clock
from storage.dynamodb.store import DynamoStore
from storage.store import Store
from storage.usage import StoreUsage, current_usage
from tests.storage.engines import REGION
from tests.storage.samples import listing
from tests.storage.store_calls import read_all


class Seconds:
    """A monotonic clock that tests set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def server(
    table: DynamoStore,
    folder: Path,
    max_age: float = 0,
    monotonic: Callable[[], float] | None = None,
    clock: Clock = system_clock,
) -> Iterator[DynamoStore]:
    """Open the table as another process does."""
    store = DynamoStore(
        table.name,
        REGION,
        clock=clock,
        monotonic=monotonic or Seconds(),
        search_folder=folder,
        search_max_age=max_age,
    )
    store.ensure()
    try:
        yield store
    finally:
        store.close()


def listed(store: Store) -> list[str]:
    """The names of all artifacts that are listed, with their versions."""
    return [f"{each.name} {each.version}" for each in read_all(store, listing())]


def stored(store: Store) -> list[str]:
    """The names of all artifacts of the table, with their versions."""
    return sorted(f"{each.name} {each.version}" for each in store.scan())


def round_trips(read: Callable[[], object]) -> int:
    """The round trips of a read."""
    usage = StoreUsage()
    token = current_usage.set(usage)
    try:
        read()
    finally:
        current_usage.reset(token)
    return usage.round_trips
