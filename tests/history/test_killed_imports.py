"""Imports that are killed at any moment leave whole artifacts, and are run again to the end."""

import fcntl
import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Timer

import orjson
import pytest
from typer.testing import CliRunner

from storage.cli import app
from storage.opening import open_store
from storage.settings import StoreSettings
from storage.store import Store
from storage.transfer.ndjson import artifact_fields
from tests.graph.server_process import ROOT
from tests.history.checker import Told

KILLS = 25
LINES, NEW = 160, 60
"""Of so many lines so many are new; the others change what another import registered."""
SECONDS = 0.2
"""Within this time from the last line on an import is killed."""
LINE_BYTES, PIPE_BYTES, READ_BYTES, BATCH = 400, 4096, 8192, 100
UNHEARD = BATCH + (PIPE_BYTES + READ_BYTES) // LINE_BYTES
"""Lines that may be on their way to the store: in the pipe, in what reads it, in a batch."""


@pytest.mark.slow
@pytest.mark.serial
def test_an_import_that_is_killed_leaves_whole_artifacts_and_is_run_again_to_the_end(
    settings: StoreSettings,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    draw = random.Random(2)  # noqa: S311 - no secret
    before: dict[str, Told] = {}
    halves = 0
    with closing(open_store(settings)) as store:
        for kill in range(KILLS):
            after = {line["url"]: line for line in (a_line(kill, n) for n in range(LINES))}
            taken = draw.randint(1, LINES)

            kill_import(list(after.values())[:taken], draw.uniform(0, SECONDS))

            there = everything(store)
            assert list(store.check()) == []
            assert before.keys() <= there.keys()
            assert all(of in (before.get(url), after.get(url)) for url, of in there.items())
            heard = list(after)[: max(taken - UNHEARD, 0)]
            assert [there[url] for url in heard] == [after[url] for url in heard]
            halves += 0 < sum(there.get(url) == of for url, of in after.items()) < LINES
            new = len(after.keys() - there.keys())
            done = [f"registered {new}", f"updated {LINES - new}", "rejected 0"]
            (tmp_path / "all.ndjson").write_bytes(written(list(after.values())))
            assert import_all(tmp_path / "all.ndjson") == done
            before |= after
        assert everything(store) == before
        assert list(store.check()) == []
    assert halves > KILLS // 4


def a_line(round_: int, n: int) -> Told:
    """The nth artifact of an import; most were in the one before it, with another license."""
    number = NEW * round_ + n
    fields: Told = {
        "type": "model" if number % 2 else "dataset",
        "name": f"name {number % 50}",
        "url": f"https://example.org/{number}",
        "license": f"{round_}".ljust(LINE_BYTES // 2, "."),
        "tags": ["a" * 50, "b" * 50, "c" * 50],
    }
    if number % 2:
        fields["datasets"] = [{"name": f"name {(number + round_) % 50}"}]
    return fields


def kill_import(lines: Sequence[Told], seconds: float) -> None:
    """Kill an import so long after it has taken the lines, while it waits for more at most."""
    command = [sys.executable, "-m", "storage", "import", "-", "--on-conflict", "update"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None
        fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        process.stdin.write(written(lines))
        process.stdin.flush()
        Timer(seconds, process.kill).start()
        assert process.wait(timeout=60) == -9


def import_all(file: Path) -> list[str]:
    """What an import says that is not killed."""
    done = CliRunner().invoke(app, ["import", str(file), "--on-conflict", "update"])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def written(lines: Sequence[Told]) -> bytes:
    found = [orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines]
    assert all(len(line) >= LINE_BYTES for line in found)
    return b"".join(found)


def everything(store: Store) -> dict[str, Told]:
    """Every artifact as the line that it came from, by url."""
    found = [artifact_fields(artifact) for artifact in store.scan()]
    assert len({of["url"] for of in found}) == len(found)
    told = ("type", "name", "url", "license", "tags", "datasets")
    return {
        of["url"]: {n: list(of[n]) if n == "tags" else of[n] for n in told if n in of}
        for of in found
    }
