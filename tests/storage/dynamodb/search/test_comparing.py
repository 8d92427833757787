"""`check` finds what the current copy shows otherwise than the table."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.dynamodb.search.comparing import compare_copy
from storage.dynamodb.search.copy_file import CopyFile
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.recorded_calls import before_send
from tests.storage.dynamodb.search.copies import build_anew, folder_of
from tests.storage.dynamodb.table_items import delete_item, set_attributes
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.store_calls import delete, read, register, register_one, update

Damage = Callable[[DynamoStore, CopyFile, str], None]


@pytest.fixture
def dataset(moto: DynamoStore) -> str:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(5)))
    return register_one(moto, squad(tags=("text",))).id


@pytest.fixture
def file(moto: DynamoStore, dataset: str, tmp_path: Path) -> Iterator[CopyFile]:
    assert dataset
    folder = folder_of(moto, tmp_path / "search")
    build_anew(moto, folder)
    path = folder.current()
    assert path is not None
    with closing(CopyFile(path)) as opened:
        yield opened


def compare(store: DynamoStore, file: CopyFile) -> dict[str, str]:
    return {each.about: each.message for each in compare_copy(store.client, file)}


def change_tags_in_index(_store: DynamoStore, file: CopyFile, _id: str) -> None:
    with file.writing() as db:
        db.execute("UPDATE search_tag SET tag = 'x'")


def change_license_in_index(_store: DynamoStore, file: CopyFile, id_: str) -> None:
    with file.writing() as db:
        db.execute("UPDATE search_artifact SET license = 'x' WHERE id = ?", (id_,))


def remove_from_index(_store: DynamoStore, file: CopyFile, id_: str) -> None:
    with file.writing() as db:
        db.execute("DELETE FROM search_artifact WHERE id = ?", (id_,))


def write_past_the_log(store: DynamoStore, _file: CopyFile, id_: str) -> None:
    set_attributes(store, id_, version={"N": "7"}, content_version={"N": "7"})


def change_past_the_log(store: DynamoStore, _file: CopyFile, id_: str) -> None:
    set_attributes(store, id_, license={"S": "mit"})


def delete_past_the_log(store: DynamoStore, _file: CopyFile, id_: str) -> None:
    delete_item(store, id_)


def remove_from_copy(_store: DynamoStore, file: CopyFile, id_: str) -> None:
    with file.writing() as db:
        file.put_deleted(db, id_, 1)


def test_a_copy_that_is_right_has_no_differences(moto: DynamoStore, file: CopyFile) -> None:
    assert compare(moto, file) == {}


def test_what_was_not_polled_yet_is_no_difference(
    moto: DynamoStore, file: CopyFile, dataset: str
) -> None:
    update(moto, read(moto, dataset), license="mit")
    register_one(moto, new_artifact(DATASET, "new"))
    assert compare(moto, file) == {}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (write_past_the_log, "has version 1 in the search index"),
        (change_past_the_log, "differs in the search index"),
        (delete_past_the_log, "is in the search index, but is gone"),
        (remove_from_copy, "is not in the search index"),
        (change_tags_in_index, "differs in the search index"),
        (change_license_in_index, "differs in the search index"),
        (remove_from_index, "is not in the search index"),
    ],
)
def test_differences_are_found(
    moto: DynamoStore, file: CopyFile, dataset: str, damage: Damage, message: str
) -> None:
    damage(moto, file, dataset)
    assert compare(moto, file)[dataset] == message


def test_a_reset_table_has_another_copy(moto: DynamoStore, file: CopyFile) -> None:
    list(moto.reset())
    assert compare(moto, file) == {
        "the search index": "cannot be continued: the registry was reset"
    }


def test_a_damaged_file_is_reported(moto: DynamoStore, file: CopyFile) -> None:
    file.path.write_bytes(b"not SQLite" * 1_000)
    (message,) = compare(moto, CopyFile(file.path)).values()
    assert message.startswith("cannot be read: ")


def test_writes_during_the_comparison_are_no_differences(
    moto: DynamoStore, file: CopyFile, dataset: str
) -> None:
    writes: list[Callable[[], object]] = [
        lambda: register_one(moto, new_artifact(DATASET, "new")),
        lambda: delete(moto, read(moto, dataset)),
    ]

    def write(**_: object) -> None:
        while writes:
            writes.pop()()

    with before_send(moto, "dynamodb.Scan", write):
        assert compare(moto, file) == {}
    assert writes == []
