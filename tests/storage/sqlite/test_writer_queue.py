"""Several processes that write to one file as fast as they can."""

import multiprocessing
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from storage.errors import StoreUnavailableError
from storage.sqlite.database import Database
from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, new_artifact
from tests.storage.store_calls import register_one

_WRITERS = 4
_SECONDS = 4.0


def write_for_seconds(path: Path, name: str, results: Connection) -> None:
    """Register datasets without pauses; send their number and the longest wait."""
    count, longest = 0, 0.0
    with closing(SqliteStore(path)) as store:
        results.send("ready")
        results.recv()
        end = time.monotonic() + _SECONDS
        while (start := time.monotonic()) < end:
            register_one(store, new_artifact(DATASET, f"{name} {count}"))
            count, longest = count + 1, max(longest, time.monotonic() - start)
    results.send((count, longest))


@pytest.mark.slow
@pytest.mark.serial
def test_processes_that_write_without_pauses_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    SqliteStore(path).close()
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(_WRITERS)]
    processes = [
        context.Process(target=write_for_seconds, args=(path, str(at), theirs))
        for at, (_, theirs) in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    for ours, _ in pipes:
        assert ours.recv() == "ready"
    for ours, _ in pipes:
        ours.send("go")
    counts, waits = zip(*(ours.recv() for ours, _ in pipes), strict=True)
    for process in processes:
        process.join()

    assert max(waits) < 1
    assert min(counts) > max(counts) / 2


def test_a_turn_that_does_not_come_in_time_is_an_error_and_the_next_one_comes(
    tmp_path: Path,
) -> None:
    first, second = (Database(tmp_path / "registry.db"), Database(tmp_path / "registry.db"))
    with first.writing():
        for _ in range(2):
            with (
                pytest.raises(StoreUnavailableError, match="writes of other processes"),
                second.maintaining(0.02),
            ):
                pass
    with second.writing(), pytest.raises(StoreUnavailableError), first.maintaining(0.02):
        pass
    with first.writing():
        pass
    first.close()
    second.close()
