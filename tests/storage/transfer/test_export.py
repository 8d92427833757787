"""Exports: what their lines hold, and that importing them makes the same registry."""

from pathlib import Path

from storage.artifacts.writes import OnConflict
from storage.store import Store
from storage.transfer.export import export_lines
from tests.storage.engines import opened
from tests.storage.samples import (
    ALICE,
    ALL_TYPES,
    BOB,
    DATASET,
    MODEL,
    by_name,
    listing,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    links,
    read_all,
    register_one,
    restore,
    update,
)
from tests.storage.transfer.round_trip import (
    DELETED,
    LIVE,
    export,
    import_all,
    parse,
    write_everything,
)


def test_an_imported_export_is_the_same_registry(store: Store, other: Store) -> None:
    write_everything(store)
    lines = export(store)

    summary, rejects = import_all(other, lines)

    assert (summary.registered, rejects) == (LIVE + DELETED, [])
    assert export(other) == lines
    assert list(other.scan()) == list(store.scan())
    for artifact_type in ALL_TYPES:
        for name in ("squad", "glue", "elsewhere", "bert"):
            assert find_by_name(other, artifact_type, name) == find_by_name(
                store, artifact_type, name
            )
    for model in read_all(store, listing(MODEL)):
        assert links(other, model) == links(store, model)
    assert list(other.check()) == []


def test_an_export_moves_between_sqlite_and_dynamodb(store: Store, tmp_path: Path) -> None:
    write_everything(store)
    lines = export(store)

    with opened("sqlite", tmp_path / "copy.db") as copy:
        import_all(copy, lines)
        copied = export(copy)
    for _ in store.reset():
        pass
    import_all(store, copied)

    assert copied == lines
    assert export(store) == lines


def test_importing_an_export_into_its_store_changes_nothing(store: Store) -> None:
    write_everything(store)
    lines = export(store)

    summary, rejects = import_all(store, lines, OnConflict.UPDATE)

    assert rejects == []
    assert (summary.registered, summary.updated) == (0, 0)
    assert summary.unchanged == LIVE + DELETED
    assert export(store) == lines


def test_lines_of_an_artifact_and_its_changes(store: Store) -> None:
    target = register_one(store, squad(), ALICE)
    model = register_one(
        store,
        new_artifact(
            MODEL, "bert", by_name(DATASET, "SQuAD", role="TRAINED_ON", revision="v1.1")
        ),
        ALICE,
    )
    model = update(store, model, BOB, tags=("nlp",), properties=(("framework", "jax"),))

    lines = parse(export(store))

    time = {"createdAt": model.created_at, "updatedAt": model.updated_at}
    alice = {"name": "alice", "issuer": "https://login.example.org"}
    reference = {"name": "SQuAD", "role": "TRAINED_ON", "revision": "v1.1"}
    resolved = {"id": target.id, "version": 1, "namedAt": target.named_at.isoformat()}
    change = {
        "type": "change",
        "artifactId": model.id,
        "artifactType": "model",
        "name": "bert",
    }
    assert lines[2:] == [
        {
            "type": "model",
            "id": model.id,
            "name": "bert",
            "url": model.url,
            "tags": ["nlp"],
            "properties": [{"key": "framework", "value": "jax"}],
            "datasets": [{**reference, "resolved": resolved}],
            "version": 2,
            "contentVersion": 2,
            **{name: value.isoformat() for name, value in time.items()},
            "namedAt": model.named_at.isoformat(),
            "createdBy": alice,
            "updatedBy": {"name": "bob", "issuer": None},
        },
        {
            **change,
            "version": 2,
            "kind": "updated",
            "at": model.updated_at.isoformat(),
            "by": {"name": "bob", "issuer": None},
            "requestId": "request-2",
            "fields": [
                {"field": "tags", "before": None, "after": ["nlp"]},
                {
                    "field": "properties",
                    "before": None,
                    "after": [{"key": "framework", "value": "jax"}],
                },
            ],
        },
        {
            **change,
            "version": 1,
            "kind": "registered",
            "at": model.created_at.isoformat(),
            "by": alice,
            "requestId": "request-1",
            "fields": [
                {"field": "name", "before": None, "after": "bert"},
                {"field": "url", "before": None, "after": model.url},
                {"field": "datasets", "before": None, "after": [reference]},
            ],
        },
    ]


def test_deleted_artifacts_stand_first_with_their_changes(store: Store, other: Store) -> None:
    first, second = register_one(store, squad()), register_one(store, squad(url="x://y"))
    delete(store, second, ALICE)

    lines = export(store)

    kept = [(line["type"], line.get("kind")) for line in parse(lines)]
    assert kept == [
        ("deleted", None),
        ("change", "deleted"),
        ("change", "registered"),
        ("dataset", None),
        ("change", "registered"),
    ]
    assert parse(lines)[0]["artifact"]["id"] == second.id
    import_all(other, lines)
    restored = restore(other, second.id, BOB)
    assert (restored.version, restored.url, restored.updated_by) == (3, "x://y", BOB.by)
    assert [line.get("version") for line in parse(export(other))] == [1, 1, 3, 3, 2, 1]
    assert find_by_name(other, DATASET, "squad") == first


def test_a_long_history_is_exported_whole(store: Store, other: Store) -> None:
    artifact = register_one(store, squad())
    for n in range(114):
        artifact = update(store, artifact, license=str(n))

    lines = export(store)

    assert [line["version"] for line in parse(lines)] == [115, *range(115, 0, -1)]
    import_all(other, lines)
    assert export(other) == lines


def test_histories_and_deleted_artifacts_can_be_left_out(store: Store, other: Store) -> None:
    write_everything(store)

    lines = list(export_lines(store, with_history=False))

    assert {line["type"] for line in parse(lines)} == {"model", "dataset", "code"}
    assert len(lines) == LIVE
    import_all(other, lines)
    assert list(export_lines(other, with_history=False)) == lines
    registered = [line for line in parse(export(other)) if line["type"] == "change"]
    assert [line["kind"] for line in registered] == ["registered"] * LIVE
    versions = [artifact.version for artifact in store.scan()]
    assert [line["version"] for line in registered] == versions


def test_a_restored_artifact_keeps_its_history(store: Store, other: Store) -> None:
    artifact = register_one(store, squad())
    delete(store, artifact)
    restore(store, artifact.id)
    lines = export(store)

    import_all(other, lines)

    assert [line.get("kind") for line in parse(lines)] == [
        None,
        "restored",
        "deleted",
        "registered",
    ]
    assert export(other) == lines


def test_what_is_restored_during_an_export_is_imported_as_restored(
    store: Store, other: Store
) -> None:
    artifact = register_one(store, squad())
    delete(store, artifact)
    deleted = export(store)
    restore(store, artifact.id)
    restored = export(store)

    summary, rejects = import_all(other, [*deleted, *restored])

    assert (summary.registered, rejects) == (2, [])
    assert export(other) == restored
