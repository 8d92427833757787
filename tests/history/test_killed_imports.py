"""A killed import leaves only complete artifacts, and running it again completes it."""

import fcntl
import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from storage.cli import app
from storage.opening import open_store
from storage.settings import StoreSettings
from storage.store import Store
from storage.transfer.encoding import artifact_fields
from tests.graph.server_process import ROOT
from tests.history.checker import Entry

KILLS = 25
LINES, NEW = 160, 60
"""Lines of an import, and how many of them are new; the others change existing artifacts."""
SECONDS = 0.2
"""An import is killed within this time after it got the last line."""
LINE_BYTES, PIPE_BYTES, READ_BYTES, BATCH = 400, 4096, 8192, 100
UNREAD = BATCH + (PIPE_BYTES + READ_BYTES) // LINE_BYTES
"""Lines that may not have reached the store: in the pipe, in its reader, in a batch."""


@pytest.mark.slow
@pytest.mark.serial
def test_a_killed_import_leaves_complete_artifacts_and_can_be_run_again(
    settings: StoreSettings,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    draw = random.Random(2)  # noqa: S311 - no secret
    before: dict[str, Entry] = {}
    partial_imports = 0
    with closing(open_store(settings)) as store:
        for kill in range(KILLS):
            after = {line["url"]: line for line in (make_line(kill, n) for n in range(LINES))}
            sent = draw.randint(1, LINES)

            kill_import(list(after.values())[:sent], draw.uniform(0, SECONDS))

            stored = read_all(store)
            assert list(store.check()) == []
            assert before.keys() <= stored.keys()
            assert all(
                line in (before.get(url), after.get(url)) for url, line in stored.items()
            )
            imported = list(after)[: max(sent - UNREAD, 0)]
            assert [stored[url] for url in imported] == [after[url] for url in imported]
            same = sum(stored.get(url) == line for url, line in after.items())
            partial_imports += 0 < same < LINES
            new = len(after.keys() - stored.keys())
            summary = [
                f"registered {new}",
                f"updated {LINES - new - same}",
                f"unchanged {same}",
                "rejected 0",
            ]
            (tmp_path / "all.ndjson").write_bytes(encode(list(after.values())))
            assert import_all(tmp_path / "all.ndjson") == summary
            before |= after
        assert read_all(store) == before
        assert list(store.check()) == []
    assert partial_imports > KILLS // 4


def make_line(round_: int, n: int) -> Entry:
    """Return the nth line of an import; most were in the one before, with another license."""
    number = NEW * round_ + n
    fields: Entry = {
        "type": "model" if number % 2 else "dataset",
        "name": f"name {number % 50}",
        "url": f"https://example.org/{number}",
        "license": f"{round_}".ljust(LINE_BYTES // 2, "."),
        "tags": ["a" * 50, "b" * 50, "c" * 50],
    }
    if number % 2:
        fields["datasets"] = [{"name": f"name {(number + round_) % 50}"}]
    return fields


def kill_import(lines: Sequence[Entry], seconds: float) -> None:
    """Start an import, send it lines, and kill it after some seconds; its input stays open."""
    command = [sys.executable, "-m", "storage", "import", "-", "--on-conflict", "update"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None
        fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        process.stdin.write(encode(lines))
        process.stdin.flush()
        Timer(seconds, process.kill).start()
        assert process.wait(timeout=60) == -9


def import_all(file: Path) -> list[str]:
    """Import a file; return the lines that the command prints."""
    result = CliRunner().invoke(app, ["import", str(file), "--on-conflict", "update"])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def encode(lines: Sequence[Entry]) -> bytes:
    encoded = [orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines]
    assert all(len(line) >= LINE_BYTES for line in encoded)
    return b"".join(encoded)


def read_all(store: Store) -> dict[str, Entry]:
    """Return every artifact as the line that registered it, by url."""
    artifacts = [artifact_fields(artifact) for artifact in store.scan()]
    assert len({fields["url"] for fields in artifacts}) == len(artifacts)
    names = ("type", "name", "url", "license", "tags", "datasets")
    return {
        fields["url"]: {name: _without_stamps(fields[name]) for name in names if name in fields}
        for fields in artifacts
    }


def _without_stamps(value: Any) -> Any:
    """Return a value of a line as it was imported."""
    if isinstance(value, str):
        return value
    return [{"name": each["name"]} if isinstance(each, dict) else each for each in value]
