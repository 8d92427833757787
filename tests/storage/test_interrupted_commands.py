"""Commands that are killed, interrupted or fail."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from storage.transfer.export import export_lines
from tests.storage.command_line import Run
from tests.storage.samples import listing
from tests.storage.store_calls import read_all
from tests.storage.transfer.messy import messy_lines

DATASET_LINE = b'{"type": "dataset", "url": "https://example.org/%d"}\n'


def importing_stdin(environment: dict[str, str], directory: Path) -> subprocess.Popen[bytes]:
    """Start an import of what the test writes."""
    return subprocess.Popen(
        [sys.executable, "-m", "storage", "import", "-"],
        env=environment,
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_killed_import_can_be_repeated(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    lines, expected = messy_lines(scale=4)
    (tmp_path / "in.ndjson").write_bytes(b"".join(lines))
    run("create")
    with importing_stdin(environment, tmp_path) as importing:
        assert importing.stdin is not None
        store = SqliteStore(tmp_path / "registry.db")
        # The command waits for the other half, so it cannot end before it is killed.
        importing.stdin.write(b"".join(lines[: len(lines) // 2]))
        importing.stdin.flush()
        deadline = time.monotonic() + 60
        while not store.count(listing()) and time.monotonic() < deadline:
            pass

        os.kill(importing.pid, signal.SIGKILL)
        assert importing.wait() == -signal.SIGKILL

    half = store.count(listing())
    assert half is not None
    assert 0 < half < expected.registered
    assert list(store.check()) == []
    done = run("import", "in.ndjson", "--on-conflict", "update")
    assert done.exit_code == 1  # because of the unreadable lines
    assert f"registered {expected.registered - half}" in done.stdout
    assert store.count(listing()) == expected.registered
    assert len({artifact.url for artifact in read_all(store, listing())}) == expected.registered
    assert list(store.check()) == []
    assert len(list(export_lines(store, with_history=False))) == expected.registered
    store.close()


@pytest.mark.parametrize(
    ("number", "word"),
    [(signal.SIGINT, b"interrupted"), (signal.SIGTERM, b"terminated")],
)
def test_an_interrupted_import_says_in_one_line_what_it_registered(
    run: Run,
    environment: dict[str, str],
    tmp_path: Path,
    number: signal.Signals,
    word: bytes,
) -> None:
    run("create")
    with importing_stdin(environment, tmp_path) as importing:
        assert importing.stdin is not None
        assert importing.stderr is not None
        importing.stdin.write(b"".join(DATASET_LINE % n for n in range(200)) + b"[]\n")
        importing.stdin.flush()
        rejected = importing.stderr.readline()
        importing.send_signal(number)
        out, error = importing.communicate(timeout=60)

    assert importing.returncode == 128 + number, error
    assert rejected == b"line 201: not a JSON object\n"
    assert (out, error) == (b"", word + b"; registered 200 before\n")


def test_a_failing_import_says_in_one_line_what_it_registered(
    environment: dict[str, str], run: Run, tmp_path: Path
) -> None:
    run("create")
    with importing_stdin(environment, tmp_path) as importing:
        assert importing.stdin is not None
        importing.stdin.write(b"".join(DATASET_LINE % n for n in range(150)))
        importing.stdin.flush()
        path = tmp_path / "registry.db"
        with closing(SqliteStore(path)) as store:
            while not store.count(listing()) and importing.poll() is None:
                pass
        with closing(sqlite3.connect(path)) as db:
            db.execute("DROP TABLE artifact")
        out, error = importing.communicate(timeout=60)

    assert importing.returncode == 1
    assert out == b""
    assert error.splitlines()[-1] == (
        b"the store failed: no such table: artifact; registered 100 before"
    )
