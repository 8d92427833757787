"""Imports with histories: artifacts and deleted ones are as they were exported."""

from dataclasses import replace

import pytest

from storage.artifacts.changes import Change
from storage.artifacts.records import Artifact, ReferenceKind
from storage.artifacts.writes import (
    ArtifactPatch,
    Identity,
    NewArtifact,
    OnConflict,
    WriteErrorCode,
    WriteOutcome,
)
from storage.change_queries import ImportedHistory
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed, read_history, read_steps
from tests.storage.samples import (
    ALICE,
    BOB,
    DATASET,
    MODEL,
    bert,
    by_name,
    full_model,
    rating,
    squad,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    expect_written,
    find_by_url,
    links,
    read,
    register_one,
    restore,
    update,
)

Entry = tuple[NewArtifact, ImportedHistory]


def _exported(artifact: Artifact) -> NewArtifact:
    references = {
        field: tuple(r for r in artifact.references if r.kind is kind)
        for field, kind in (
            ("datasets", ReferenceKind.DATASET),
            ("codes", ReferenceKind.CODE),
            ("base_models", ReferenceKind.BASE_MODEL),
        )
    }
    patch = ArtifactPatch(
        name=artifact.name,
        url=artifact.url,
        download_url=artifact.download_url,
        description=artifact.description,
        license=artifact.license,
        tags=artifact.tags,
        properties=artifact.properties,
    )
    if artifact.type is MODEL:
        patch.update(references)  # type: ignore[typeddict-item] # the names above
        patch["rating"] = artifact.rating.text if artifact.rating else None
    return NewArtifact(
        type=artifact.type,
        url=artifact.url,
        name=artifact.name,
        changes=patch,
        identity=Identity(
            id=artifact.id,
            version=artifact.version,
            created_at=artifact.created_at,
            updated_at=artifact.updated_at,
            named_at=artifact.named_at,
            created_by=artifact.created_by,
            updated_by=artifact.updated_by,
            content_version=artifact.content_version,
            rated_at=artifact.rating.at if artifact.rating else None,
            rated_by=artifact.rating.by if artifact.rating else None,
        ),
    )


def _export(store: Store) -> list[Entry]:
    """All artifacts of a store and all that are deleted, with their histories."""
    entries = [
        (_exported(a), ImportedHistory(_changes(store, a.id, a.version))) for a in store.scan()
    ]
    for deleted in store.scan_deleted():
        changes = _changes(store, deleted.artifact.id, deleted.artifact.version)
        entries.append((_exported(deleted.artifact), ImportedHistory(changes, deleted)))
    return entries


def _changes(store: Store, id_: str, version: int) -> tuple[Change, ...]:
    return tuple(read_history(store, id_, version))


@pytest.fixture
def source(other: Store) -> Store:
    """A store with a dataset, a model that was rated, and a deleted dataset."""
    register_one(other, squad(), ALICE)
    model = register_one(other, full_model(), ALICE)
    model = update(other, model, BOB, license="x")
    update(other, model, rating=rating(0.9))
    gone = register_one(other, squad(url="https://example.org/gone"))
    delete(other, update(other, gone, tags=("a",)), BOB)
    return other


def test_an_import_keeps_artifacts_and_histories(store: Store, source: Store) -> None:
    entries = _export(source)

    results = store.import_history(entries, OnConflict.REJECT)

    assert len(results) == 3
    assert list(store.scan()) == list(source.scan())
    for artifact in source.scan():
        found = read(store, artifact.id)
        assert [r.resolved for r in found.references] == [
            r.resolved for r in artifact.references
        ]
    assert list(store.scan_deleted()) == list(source.scan_deleted())
    assert _export(store) == entries


def test_references_that_resolved_to_nothing_do_not_get_stamps(
    store: Store, other: Store
) -> None:
    register_one(other, bert(by_name(DATASET, "squad")))
    register_one(other, squad())
    dataset_first = sorted(_export(other), key=lambda entry: entry[0].type is MODEL)

    store.import_history(dataset_first, OnConflict.REJECT)

    (model,) = (artifact for artifact in store.scan() if artifact.type is MODEL)
    assert model.references[0].resolved is None


def test_the_newest_change_of_each_is_in_the_feed(store: Store, source: Store) -> None:
    entries = _export(source)

    store.import_history(entries, OnConflict.REJECT)

    newest = [history.changes[0] for _, history in entries]
    found = read_feed(store)
    assert sorted(found, key=lambda c: c.artifact_id) == sorted(
        newest, key=lambda c: c.artifact_id
    )


@pytest.mark.parametrize("on_conflict", OnConflict, ids=lambda each: each.value)
def test_an_import_can_be_repeated(
    store: Store, source: Store, on_conflict: OnConflict
) -> None:
    entries = _export(source)
    store.import_history(entries, OnConflict.REJECT)
    cursor = store.feed_cursor()

    results = store.import_history(entries, on_conflict)

    if on_conflict is OnConflict.UPDATE:
        for result in results[:2]:
            expect_written(result, WriteOutcome.UNCHANGED)
    else:
        for result in results[:2]:
            expect_error(result, WriteErrorCode.ALREADY_EXISTS)
    assert read_feed(store, cursor) == []
    assert _export(store) == entries


def test_imported_artifacts_go_on_as_if_they_had_been_there(
    store: Store, source: Store
) -> None:
    store.import_history(_export(source), OnConflict.REJECT)
    (gone,) = store.scan_deleted()
    dataset, model = sorted(store.scan(), key=lambda a: a.type is MODEL)

    assert links(store, model)[0] == dataset.id
    restored = restore(store, gone.artifact.id)
    assert find_by_url(store, DATASET, "https://example.org/gone") == restored
    assert [version for version, _ in read_steps(store, restored)] == [4, 3, 2, 1]
    model = update(store, model, datasets=(by_name(DATASET, "squad"),))
    assert read_steps(store, model)[:2] == [(4, "UPDATED"), (3, "RATED")]


def test_an_import_without_older_changes_begins_with_the_newest(
    store: Store, source: Store
) -> None:
    entries = [
        (new, replace(history, changes=history.changes[:1])) for new, history in _export(source)
    ]

    store.import_history(entries, OnConflict.REJECT)

    model = next(artifact for artifact in store.scan() if artifact.type is MODEL)
    assert read_steps(store, model) == [(3, "RATED")]


def test_an_import_with_a_taken_url_adds_no_history(store: Store, source: Store) -> None:
    taker = register_one(store, squad(license="taker"))
    entries = [entry for entry in _export(source) if entry[0].url == taker.url]

    (result,) = store.import_history(entries, OnConflict.REJECT)

    assert expect_error(result, WriteErrorCode.ALREADY_EXISTS).artifact == taker
    assert len(read_feed(store)) == 1
    imported = entries[0][0].identity
    assert imported is not None
    assert read_history(store, imported.id, 1) == []
