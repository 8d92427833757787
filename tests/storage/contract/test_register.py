"""Registering: new artifacts, updates of existing ones, and errors."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.artifacts.ids import is_id
from storage.artifacts.records import ArtifactType, SavedRating
from storage.artifacts.writes import (
    ArtifactPatch,
    Identity,
    NewArtifact,
    OnConflict,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.clock import to_milliseconds
from storage.store import Store
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    START,
    UNKNOWN_ID,
    by_id,
    by_name,
    by_url,
    full_model,
    listing,
    new_artifact,
    rating,
    squad,
    url_for,
)
from tests.storage.store_calls import (
    expect_error,
    find_by_name,
    find_by_url,
    read_all,
    register_one,
)

IDENTITY = Identity(
    id="0190a5f0-0000-7000-8000-000000000007",
    version=7,
    created_at=START,
    updated_at=START + timedelta(days=2, milliseconds=1),
    named_at=START + timedelta(days=1),
)
each_type = pytest.mark.parametrize(
    "artifact_type", ALL_TYPES, ids=lambda artifact_type: artifact_type.value
)


@each_type
def test_a_registered_artifact_has_the_given_fields(
    store: Store, artifact_type: ArtifactType
) -> None:
    before = to_milliseconds(datetime.now(UTC))

    found = register_one(
        store,
        new_artifact(
            artifact_type,
            "bert",
            download_url="https://x.org/1",
            license="mit",
            tags=("b", "a", "b"),
        ),
    )

    assert (found.type, found.name, found.url) == (
        artifact_type,
        "bert",
        url_for(artifact_type, "bert"),
    )
    assert (found.download_url, found.license) == ("https://x.org/1", "mit")
    assert found.tags == ("b", "a", "b")
    assert (found.version, found.references, found.rating) == (1, (), None)
    assert is_id(found.id)
    assert before <= found.created_at <= datetime.now(UTC)
    assert found.created_at == found.updated_at == found.named_at
    assert store.get([found.id]) == {found.id: found}


def test_a_model_keeps_its_references_and_rating(store: Store) -> None:
    found = register_one(store, full_model())

    assert found.references == (
        by_name(DATASET, "squad", role="TRAINED_ON", revision="v1.1"),
        by_url(CODE, url_for(CODE, "trainer")),
        by_id(MODEL, UNKNOWN_ID),
    )
    assert found.rating == SavedRating(rating(0.5), found.created_at)
    assert found.properties == (("framework", "jax"), ("steps", "1000"))
    assert store.get([found.id]) == {found.id: found}


def test_a_given_identity_is_kept(store: Store) -> None:
    found = register_one(store, squad(identity=IDENTITY))

    assert found.id == IDENTITY.id
    assert found.version == 7
    assert found.created_at == START
    assert found.updated_at == START + timedelta(days=2, milliseconds=1)
    assert found.named_at == START + timedelta(days=1)
    assert store.get([found.id]) == {found.id: found}


def test_a_taken_id_is_an_error_and_changes_nothing(store: Store) -> None:
    first = register_one(store, squad(identity=IDENTITY))

    (outcome,) = store.register(
        [new_artifact(MODEL, "thief", identity=IDENTITY)], OnConflict.REJECT
    )

    assert expect_error(outcome, WriteErrorCode.ALREADY_EXISTS).field == ("input", "id")
    assert read_all(store, listing()) == [first]
    assert find_by_name(store, MODEL, "thief") is None


@pytest.mark.parametrize("on_conflict", OnConflict, ids=lambda each: each.value)
def test_of_two_artifacts_with_the_same_id_in_a_batch_the_first_is_registered(
    store: Store, on_conflict: OnConflict
) -> None:
    drafts = [
        new_artifact(DATASET, "a", identity=IDENTITY),
        new_artifact(MODEL, "b", identity=IDENTITY),
    ]

    first, second = store.register(drafts, on_conflict)

    assert isinstance(first, Written)
    assert expect_error(second, WriteErrorCode.ALREADY_EXISTS).field == ("input", "id")
    assert read_all(store, listing()) == [first.artifact]


@each_type
def test_urls_are_unique_per_type(store: Store, artifact_type: ArtifactType) -> None:
    url = "https://example.org/shared"
    found = {t: register_one(store, new_artifact(t, "one", url=url)) for t in ALL_TYPES}

    (outcome,) = store.register(
        [new_artifact(artifact_type, "two", url=url, license="x")], OnConflict.REJECT
    )

    error = expect_error(outcome, WriteErrorCode.ALREADY_EXISTS)
    assert error.field == ("input", "url")
    assert error.artifact == found[artifact_type]
    assert {t: find_by_url(store, t, url) for t in ALL_TYPES} == found
    assert find_by_name(store, artifact_type, "two") is None


def test_registering_a_taken_url_can_update_the_given_fields(store: Store) -> None:
    model = register_one(store, full_model())
    again = NewArtifact(
        type=MODEL,
        url=model.url,
        name="derived from the url",
        changes=ArtifactPatch(url=model.url, license="apache-2.0"),
    )

    (outcome,) = store.register([again], OnConflict.UPDATE)

    assert isinstance(outcome, Written)
    assert outcome.outcome is WriteOutcome.UPDATED
    found = outcome.artifact
    assert found == replace(
        model,
        license="apache-2.0",
        version=2,
        content_version=2,
        updated_at=found.updated_at,
    )
    assert found.updated_at > model.updated_at
    assert store.get([model.id]) == {model.id: found}


def test_of_two_artifacts_with_the_same_url_in_a_batch_the_first_is_registered(
    store: Store,
) -> None:
    drafts = [squad(license="first"), new_artifact(DATASET, "other"), squad(license="second")]

    first, other, second = store.register(drafts, OnConflict.REJECT)

    assert isinstance(first, Written)
    assert isinstance(other, Written)
    assert expect_error(second, WriteErrorCode.ALREADY_EXISTS).artifact == first.artifact
    assert find_by_url(store, DATASET, url_for(DATASET, "squad")) == first.artifact


def test_of_two_artifacts_with_the_same_url_in_a_batch_the_second_can_update(
    store: Store,
) -> None:
    drafts = [squad(license="first", tags=("a",)), squad(license="second"), squad(tags=())]

    outcomes = store.register(drafts, OnConflict.UPDATE)

    created = [o.outcome for o in outcomes if isinstance(o, Written)]
    assert created == [WriteOutcome.CREATED, WriteOutcome.UPDATED, WriteOutcome.UPDATED]
    found = find_by_url(store, DATASET, url_for(DATASET, "squad"))
    assert found is not None
    assert (found.license, found.tags, found.version) == ("second", (), 3)


def test_a_batch_can_have_duplicates_and_namesakes(store: Store) -> None:
    drafts = [
        new_artifact(
            ALL_TYPES[at % 3],
            f"name {at % 5}",
            *([by_name(DATASET, f"Name {at % 7}")] if at % 3 == 0 else []),
            url=f"https://example.org/{at % 60}",
        )
        for at in range(100)
    ]

    outcomes = store.register(drafts, OnConflict.REJECT)

    first = {(d.type, d.url): at for at, d in reversed(list(enumerate(drafts)))}
    for at, (wanted, outcome) in enumerate(zip(drafts, outcomes, strict=True)):
        if first[wanted.type, wanted.url] == at:
            assert isinstance(outcome, Written)
            assert outcome.outcome is WriteOutcome.CREATED
            assert (outcome.artifact.type, outcome.artifact.url) == (wanted.type, wanted.url)
        else:
            error = expect_error(outcome, WriteErrorCode.ALREADY_EXISTS)
            assert error.artifact is not None
            assert error.artifact.url == wanted.url
    registered = [o.artifact for o in outcomes if isinstance(o, Written)]
    assert len(registered) == len(first) == 60
    for artifact_type in ALL_TYPES:
        for at in range(5):
            namesakes = [
                a for a in registered if a.type is artifact_type and a.name == f"name {at}"
            ]
            assert find_by_name(store, artifact_type, f"name {at}") == namesakes[0]
    assert store.count(listing()) == 60
