"""Exports of registries that are written meanwhile: no artifact is lost or a mixture."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from storage.artifacts.records import Artifact
from storage.artifacts.writes import OnConflict
from storage.callbacks import ignore_unreadable
from storage.dynamodb.store import DynamoStore
from storage.errors import UndecodableError
from storage.sqlite.store import SqliteStore
from storage.store import Store
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, new_artifact
from tests.storage.store_calls import delete, register, restore, update
from tests.storage.transfer.round_trip import export, import_all, parse


def test_what_is_written_during_an_export_of_a_table_is_read_again(
    moto: DynamoStore, other: Store
) -> None:
    gone, kept, back, changed = register(moto, *(new_artifact(DATASET, n) for n in "abcd"))

    class WrittenDuringScan(DynamoStore):
        def scan(
            self, on_unreadable: Callable[[UndecodableError], None] = ignore_unreadable
        ) -> Iterator[Artifact]:
            yield from super().scan(on_unreadable)
            update(moto, changed, license="mit")
            delete(moto, gone)
            delete(moto, back)
            restore(moto, back.id)
            register(moto, new_artifact(DATASET, "late"))

    written = WrittenDuringScan(moto.name, REGION)
    written.ensure()
    lines = export(written)
    written.close()

    assert lines == export(moto)
    found = [(line["type"], line.get("name")) for line in parse(lines)]
    assert [name for type_, name in found if type_ == "dataset"] == ["b", "d", "c", "late"]
    assert import_all(other, lines)[1] == []
    assert export(other) == lines
    assert kept.id in {line.get("id") for line in parse(lines)}


def test_an_export_of_a_file_shows_one_state(tmp_path: Path) -> None:
    class WrittenDuringScan(SqliteStore):
        def scan(self, *arguments: Any) -> Iterator[Artifact]:
            if after := [new_artifact(DATASET, "late")]:
                self.register(after, OnConflict.REJECT)
            yield from super().scan(*arguments)

    store = WrittenDuringScan(tmp_path / "registry.db")
    (first,) = register(store, new_artifact(DATASET, "first"))
    before = list(map(str, export_without_writes(store)))

    during = list(map(str, export(store)))

    assert during == before
    assert [a.name for a in SqliteStore.scan(store)] == ["first", "late"]
    assert first.name == "first"
    store.close()


def export_without_writes(store: SqliteStore) -> list[bytes]:
    """Export the file of a store through another one."""
    other = SqliteStore(store.path)
    lines = export(other)
    other.close()
    return lines
