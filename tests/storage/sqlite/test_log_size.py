"""The write-ahead log while others read without a break."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from storage.artifacts.writes import OnConflict
from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, new_artifact

_READERS = 4
_MAX_BYTES = 24_000_000
"""The log may exceed its limit of 16 MiB by a transaction."""


@contextmanager
def overlapping_reads(store: SqliteStore) -> Iterator[None]:
    """Read in several threads, so that there is always one that reads."""
    stopped = Event()

    def read() -> None:
        while not stopped.is_set():
            with store.snapshot():
                store.feed_cursor()
                stopped.wait(0.02)

    threads = [Thread(target=read) for _ in range(_READERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


@pytest.mark.slow
def test_the_log_stays_bounded_while_readers_overlap(tmp_path: Path) -> None:
    store, largest = SqliteStore(tmp_path / "registry.db"), 0
    with overlapping_reads(store):
        for batch in range(40):
            store.register(
                [
                    new_artifact(DATASET, f"{batch} {n}", description=f"{batch} {n} " * 100)
                    for n in range(100)
                ],
                OnConflict.REJECT,
            )
            largest = max(largest, (tmp_path / "registry.db-wal").stat().st_size)
    store.close()

    assert largest < _MAX_BYTES < (tmp_path / "registry.db").stat().st_size + 12_000_000
