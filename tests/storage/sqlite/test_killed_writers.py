"""A process that is killed while it writes leaves each write with its change, or neither."""

import multiprocessing
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.contract.recorded_changes import read_feed
from tests.storage.sqlite.processes import KILLED, exit_code, start, write_until_killed


@pytest.mark.parametrize("writes", [1, 2, 3, 4, 17, 50])
def test_acknowledged_writes_are_in_the_feed_after_a_kill(writes: int, tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    answers, sender = multiprocessing.Pipe(duplex=False)
    writer = start(write_until_killed, path, sender)
    sender.close()
    acknowledged = [answers.recv() for _ in range(writes)]

    writer.kill()

    assert exit_code(writer) == KILLED
    with closing(SqliteStore(path)) as store:
        feed = [(change.artifact_id, change.version) for change in read_feed(store)]
        assert feed[:writes] == acknowledged
        assert list(store.check()) == []
        expected = {id_ for id_, version in feed if (id_, 3) not in feed or (id_, 4) in feed}
        assert {artifact.id for artifact in store.scan()} == expected
