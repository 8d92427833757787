"""Writes of callers that may write only artifacts whose urls are below some prefixes."""

from dataclasses import replace
from typing import Any

import pytest

from storage.artifacts.changes import Attribution
from storage.artifacts.records import Actor
from storage.artifacts.writes import OnConflict, WriteError, WriteErrorCode, Written
from storage.store import Store
from tests.storage.samples import CODE, MODEL, new_artifact
from tests.storage.store_calls import delete, read, register_one, restore, update

ACME = "https://example.org/acme/"
CI = Attribution(Actor("ci"), url_prefixes=(ACME, "https://example.com/acme/"))
OWN, OTHER = f"{ACME}bert", "https://example.org/acme-evil/bert"


def new_model(url: str) -> Any:
    return replace(new_artifact(MODEL, "bert"), url=url)


def forbidden_field(result: object) -> tuple[str, ...]:
    assert isinstance(result, WriteError), result
    assert result.code is WriteErrorCode.FORBIDDEN
    assert result.message == (
        "The token may only write artifacts with urls below https://example.org/acme/,"
        " https://example.com/acme/."
    )
    assert result.artifact is None
    return result.field


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_each_registration_is_permitted_or_forbidden_on_its_own(
    store: Store, on_conflict: OnConflict
) -> None:
    present = register_one(store, new_model(OTHER))

    own, other = store.register([new_model(OWN), new_model(OTHER)], on_conflict, CI)

    assert isinstance(own, Written)
    assert forbidden_field(other) == ("input", "url")
    assert read(store, present.id) == present


def test_what_is_within_the_prefixes_can_be_written(store: Store) -> None:
    artifact = register_one(store, new_model(OWN), CI)
    artifact = update(store, artifact, CI, license="mit", url="https://example.com/acme/bert")
    delete(store, artifact, CI)
    restored = restore(store, artifact.id, CI)

    assert (restored.url, restored.license) == ("https://example.com/acme/bert", "mit")


@pytest.mark.parametrize(
    "patch", [{"license": "mit"}, {"rating": "{}"}, {"url": OWN}, {}], ids=str
)
def test_an_artifact_of_others_cannot_be_updated(store: Store, patch: Any) -> None:
    artifact = register_one(store, new_model(OTHER))

    result = store.update(artifact.id, MODEL, patch, attribution=CI)

    assert forbidden_field(result) == ("id",)
    assert read(store, artifact.id) == artifact


def test_that_an_artifact_is_of_others_comes_before_its_type_and_version(store: Store) -> None:
    artifact = register_one(store, new_model(OTHER))

    writes = [
        store.update(artifact.id, CODE, {}, attribution=CI),
        store.update(artifact.id, MODEL, {}, 7, attribution=CI),
        store.delete(artifact.id, CODE, attribution=CI),
        store.delete(artifact.id, None, 7, attribution=CI),
    ]

    assert [forbidden_field(each) for each in writes] == [("id",)] * 4


def test_an_artifact_cannot_be_moved_to_the_urls_of_others(store: Store) -> None:
    artifact = register_one(store, new_model(OWN), CI)

    result = store.update(artifact.id, MODEL, {"url": OTHER}, attribution=CI)

    assert forbidden_field(result) == ("input", "url")
    assert read(store, artifact.id) == artifact


def test_an_artifact_of_others_cannot_be_deleted_or_restored(store: Store) -> None:
    artifact = register_one(store, new_model(OTHER))

    deletion = store.delete(artifact.id, None, attribution=CI)
    assert read(store, artifact.id) == artifact
    delete(store, artifact)
    restoration = store.restore(artifact.id, CI)

    assert forbidden_field(deletion) == ("id",)
    assert forbidden_field(restoration) == ("id",)
    assert store.get([artifact.id]) == {}
