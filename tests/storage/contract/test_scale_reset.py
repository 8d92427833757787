"""A reset of very many artifacts: in bounded memory, killed halfway and repeated."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from storage.artifacts.records import Artifact, LookupField, Target
from storage.dynamodb.store import DynamoStore
from storage.inconsistencies import UNFINISHED_RESET
from storage.reverse_links import ReverseLinkQuery
from storage.store import Store
from tests.storage.crowd import answers, cast, fill_table
from tests.storage.engines import ENDPOINT, ENGINES, LOCAL, opened
from tests.storage.samples import MODEL
from tests.storage.store_calls import register_one

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
CROWDED = [engine for engine in ENGINES if engine != "moto"]
"""Not moto, which is in one process: the one that is killed is another."""
Batches = list[tuple[int, int]]
"""The number of artifacts that each batch deleted, and the peak memory by then in KiB."""


@dataclass(kw_only=True)
class Resets:
    """A reset that was killed, and another that completed."""

    there: list[Artifact]
    seen: Counter[str]
    """Artifacts as they were read while the first ran: "whole", "gone" or "meanwhile"."""
    killed: Batches
    left: list[Artifact]
    left_seen: Counter[str]
    check_between: str
    ended: Batches
    left_over: list[Artifact]
    check_after: str


@pytest.fixture(scope="module", params=CROWDED)
def resets(
    request: pytest.FixtureRequest,
    hundred_thousand: tuple[Path, list[Artifact]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Resets]:
    path = tmp_path_factory.mktemp("reset") / "registry.db"
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        there = hundred_thousand[1]
        if request.param == "sqlite":
            shutil.copy(hundred_thousand[0], path)
        store = stack.enter_context(opened(request.param, path))
        if isinstance(store, DynamoStore):
            there = cast(200, 9_800)
            fill_table(store, there)
        yield _reset_twice(store, there, _environment(store, path))


def _environment(store: Store, path: Path) -> dict[str, str]:
    common = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    if not isinstance(store, DynamoStore):
        return {**common, "STORE": "sqlite", "SQLITE_PATH": str(path)}
    return {
        **common,
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": store.name,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        ENDPOINT: LOCAL or "",
    }


def _reset_twice(store: Store, there: list[Artifact], environment: dict[str, str]) -> Resets:
    dataset = register_one(store, answers())
    watched = [*there[:200:20], *there[:: len(there) // 20]]
    seen: Counter[str] = Counter()
    killed: Batches = []
    with _started(environment) as process:
        until_half = Thread(target=_read, args=(process, killed, len(there) // 2))
        until_half.start()
        while process.poll() is None:
            seen.update(_seen(store, dataset, artifact) for artifact in watched)
        until_half.join()
    left = list(store.scan())
    left_seen = Counter(_seen(store, dataset, artifact) for artifact in there[::50])
    between = _checked(environment)
    ended: Batches = []
    with _started(environment) as process:
        _read(process, ended, None)
    return Resets(
        there=[*there, dataset],
        seen=seen,
        killed=killed,
        left=left,
        left_seen=left_seen,
        check_between=between,
        ended=ended,
        left_over=list(store.scan()),
        check_after=_checked(environment),
    )


def _started(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.storage.contract.reset_process"]
    return subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment, stdout=subprocess.PIPE, text=True
    )


def _read(process: subprocess.Popen[str], batches: Batches, until: int | None) -> None:
    """Read the output of the process; kill it when it has deleted `until` artifacts."""
    assert process.stdout is not None
    for line in process.stdout:
        count, peak = map(int, line.split())
        batches.append((count, peak))
        if until is not None and _sum(batches) >= until:
            process.kill()
            return


def _checked(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "storage", "check"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def _seen(store: Store, dataset: Artifact, artifact: Artifact) -> str:
    """Read an artifact in all ways: it is whole, gone, or was deleted in the meantime."""
    before = artifact.id in store.get([artifact.id])
    by_url = Target(artifact.type, LookupField.URL, artifact.url)
    by_name = Target(artifact.type, LookupField.NAME, artifact.name)
    found = store.resolve([by_url, by_name])
    # Ids are all of one length, so nothing is between one and itself cut short.
    (page,) = store.read_reverse_links([ReverseLinkQuery(dataset, 100, artifact.id[:-1])])
    listed = artifact.id in {entry.artifact.id for entry in page.entries}
    found_after = store.get([artifact.id, dataset.id])
    after = artifact.id in found_after
    if before != after:
        assert before
        return "meanwhile"
    assert (found.get(by_url) is not None) == before
    if dataset.id in found_after:
        assert listed == (before and artifact.type is MODEL)
    if before or artifact.type is not MODEL:
        assert (found.get(by_name) is not None) == before
    return "whole" if before else "gone"


def _sum(batches: Batches) -> int:
    return sum(count for count, _ in batches)


def test_during_a_reset_each_artifact_is_whole_or_gone(resets: Resets) -> None:
    assert resets.seen["whole"] > 20
    assert resets.seen["gone"] > 20


def test_the_artifacts_that_a_killed_reset_leaves_are_whole(resets: Resets) -> None:
    gone = len(resets.there) - len(resets.left)
    ids = {artifact.id for artifact in resets.left}

    assert resets.left == [a for a in resets.there if a.id in ids]
    assert _sum(resets.killed) <= gone < len(resets.there)
    assert gone - _sum(resets.killed) <= max(count for count, _ in resets.killed)
    assert UNFINISHED_RESET in resets.check_between
    assert "\ninconsistencies 1 in " in f"\n{resets.check_between}"
    assert resets.left_seen.keys() == {"whole", "gone"}


def test_a_reset_continues_a_killed_one(resets: Resets) -> None:
    assert _sum(resets.ended) == len(resets.left)
    assert resets.left_over == []
    assert "\ninconsistencies 0 in " in f"\n{resets.check_after}"


def test_the_memory_of_a_reset_does_not_grow_with_the_artifacts(resets: Resets) -> None:
    for batches in (resets.killed, resets.ended):
        few = next(
            peak for at, (_, peak) in enumerate(batches) if _sum(batches[: at + 1]) >= 1_000
        )
        assert batches[-1][1] - few < 4_096, (few, batches[-1][1])
