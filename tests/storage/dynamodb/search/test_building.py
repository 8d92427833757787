"""Building a copy: what it has, what writes meanwhile do, and what it replaces."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.dynamodb.items.codec import encode
from storage.dynamodb.search.building import build
from storage.dynamodb.search.copy_folder import CopyFolder
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_table import put_items
from tests.storage.dynamodb.recorded_calls import (
    change_answers,
    record_calls,
)
from tests.storage.dynamodb.search.copies import (
    build_anew,
    current_contents,
    files,
    folder_of,
    ignore_progress,
    model,
)
from tests.storage.dynamodb.table_items import put_item, set_attributes
from tests.storage.samples import CODE, DATASET, bert, by_name, new_artifact, squad
from tests.storage.store_calls import delete, register, register_one, restore, update

Progress = Callable[[str, int, int], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "search"


@pytest.fixture
def folder(moto: DynamoStore, root: Path) -> CopyFolder:
    return folder_of(moto, root)


def stored(store: DynamoStore) -> dict[str, tuple[str, int]]:
    """The required contents of a copy."""
    return {a.id: (a.name, a.version) for a in store.scan()}


def build_with(store: DynamoStore, folder: CopyFolder, progress: Progress) -> int:
    return build(store.client, folder, progress, replaces=folder.current())


def test_a_copy_has_all_artifacts_in_their_versions(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    dataset, model = register(moto, squad(), bert(by_name(DATASET, "squad")))
    update(moto, model, name="bert large")
    delete(moto, register_one(moto, new_artifact(CODE, "gone")))
    back = register_one(moto, new_artifact(CODE, "back"))
    delete(moto, back)
    restore(moto, back.id)

    assert build_anew(moto, folder) == 3
    assert current_contents(folder) == {
        dataset.id: ("squad", 1),
        model.id: ("bert large", 2),
        back.id: ("back", 3),
    }
    assert files(root) == [".db"]


def test_an_empty_table_has_an_empty_copy(moto: DynamoStore, folder: CopyFolder) -> None:
    assert build_anew(moto, folder) == 0
    assert current_contents(folder) == {}


def test_items_that_cannot_be_decoded_are_left_out(
    moto: DynamoStore, folder: CopyFolder
) -> None:
    dataset, model = register(moto, squad(), bert())
    set_attributes(moto, model.id, version={"S": "1"})
    put_item(moto, "other", session={"S": "x"})

    assert build_anew(moto, folder) == 1
    assert current_contents(folder) == {dataset.id: ("squad", 1)}


def test_progress_tells_the_number_of_artifacts(moto: DynamoStore, folder: CopyFolder) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(30)))
    seen: list[tuple[str, int, int]] = []
    build_with(moto, folder, lambda *each: seen.append(each))
    assert seen == [("reading ids", 30, 0), ("indexing", 30, 30)]


def test_a_build_reads_ids_from_an_index_and_items_in_batches(
    moto: DynamoStore, folder: CopyFolder
) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(150)))
    with record_calls(moto) as calls:
        build_anew(moto, folder)

    scans = [parameters for operation, parameters in calls if operation == "Scan"]
    assert [scan["IndexName"] for scan in scans] == ["by_bearing"]
    reads = [p["RequestItems"][moto.name] for name, p in calls if name == "BatchGetItem"]
    assert all(read["ConsistentRead"] for read in reads)
    artifacts = [r for r in reads if "#version" in r.get("ExpressionAttributeNames", {})]
    # Once as the index proposes, and once as the log does.
    assert sorted(len(read["Keys"]) for read in artifacts) == [50, 50, 100, 100]


def test_what_is_written_meanwhile_is_in_the_copy(
    moto: DynamoStore, folder: CopyFolder
) -> None:
    first, second = register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(2)))
    writes: list[Callable[[], object]] = [
        lambda: update(moto, first, license="mit"),
        lambda: delete(moto, second),
        lambda: register_one(moto, bert()),
    ]

    def write(_stage: str, done: int, _total: int) -> None:
        if done:
            while writes:
                writes.pop()()

    assert build_with(moto, folder, write) == 2
    assert current_contents(folder) == stored(moto)


def test_what_the_index_does_not_show_yet_is_read_from_the_log(
    moto: DynamoStore, folder: CopyFolder
) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(20)))

    def show_nothing(answer: dict[str, Any]) -> None:
        answer["Items"] = []

    with change_answers(moto, "Scan", show_nothing):
        assert build_anew(moto, folder) == 20
    assert current_contents(folder) == stored(moto)


def test_a_new_build_replaces_the_current_one(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    register_one(moto, squad())
    build_anew(moto, folder)
    old = folder.current()
    register_one(moto, bert())

    assert build_anew(moto, folder) == 2
    assert folder.current() != old
    assert files(root) == [".db"]


def test_nothing_is_built_if_another_build_has_become_current(
    moto: DynamoStore, folder: CopyFolder
) -> None:
    register_one(moto, squad())
    build_anew(moto, folder)
    path = folder.current()
    with record_calls(moto) as calls:
        assert build(moto.client, folder, ignore_progress, replaces=None) == 1
    assert folder.current() == path
    assert calls == []


def test_many_artifacts_are_read_in_parts(moto: DynamoStore, folder: CopyFolder) -> None:
    made = [model(f"id-{n}", name=f"m{n}") for n in range(850)]
    put_items(moto, (dict(encode(each)) for each in made))
    seen: list[tuple[str, int, int]] = []
    assert build_with(moto, folder, lambda *each: seen.append(each)) == 850
    assert [done for stage, done, _ in seen if stage == "indexing"] == [400, 800, 850]
    assert current_contents(folder) == {each.id: (each.name, 1) for each in made}
