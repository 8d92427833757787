"""Parsing inputs: new artifacts, patches and identities."""

from datetime import UTC, datetime

import pytest

from storage.artifacts.inputs import parse_identity, parse_new_artifact, parse_patch
from storage.artifacts.records import (
    ArtifactPatch,
    InvalidInputError,
    WriteErrorCode,
)
from tests.storage.artifacts.input_errors import URL, to_camel_case
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_id,
    by_name,
    by_url,
    rating,
    scores,
)

INVALID = WriteErrorCode.INVALID


def test_a_missing_name_is_derived_but_is_not_a_change() -> None:
    found = parse_new_artifact(DATASET, {"url": URL})

    assert found.name == "squad"
    assert "name" not in found.changes


def test_references_keep_their_values() -> None:
    found = parse_new_artifact(
        MODEL,
        {
            "url": URL,
            "datasets": [{"name": " SQuAD "}, {"id": "7"}],
            "codes": [{"url": "https://x.org"}],
            "baseModels": [],
        },
    )

    assert found.changes == ArtifactPatch(
        url=URL,
        datasets=(by_name(DATASET, " SQuAD "), by_id(DATASET, "7")),
        codes=(by_url(CODE, "https://x.org"),),
        base_models=(),
    )


def test_a_rating_keeps_all_fields() -> None:
    found = parse_new_artifact(MODEL, {"url": URL, "rating": to_camel_case(scores(0.25))})

    assert found.changes["rating"] == rating(0.25)


def test_a_patch_has_only_the_given_fields() -> None:
    assert parse_patch(MODEL, {}) == ArtifactPatch()
    assert parse_patch(
        MODEL, {"license": None, "tags": None, "rating": None, "codes": None}
    ) == (ArtifactPatch(license=None, tags=(), rating=None, codes=()))
    assert parse_patch(DATASET, {"name": "x", "url": URL}) == ArtifactPatch(name="x", url=URL)


@pytest.mark.parametrize("field", ["url", "name"])
def test_url_and_name_cannot_be_cleared(field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_patch(DATASET, {field: None})

    (error,) = caught.value.errors
    assert (error.code, error.field) == (INVALID, (field,))


def test_an_identity_needs_all_fields() -> None:
    fields = {
        "id": "7",
        "version": 3,
        "createdAt": "2024-01-01T00:00:00Z",
        "updatedAt": "2024-01-01T01:00:00+01:00",
        "namedAt": "2024-01-01T00:00:00.000001Z",
    }

    found = parse_identity(fields)

    assert (found.id, found.version) == ("7", 3)
    assert found.updated_at == found.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert found.named_at.microsecond == 1
    for field in fields:
        with pytest.raises(InvalidInputError) as caught:
            parse_identity({name: value for name, value in fields.items() if name != field})
        assert caught.value.errors[0].field == (field,)
    for bad in (
        {"version": 0},
        {"id": "a#b"},
        {"createdAt": "2024-01-01T00:00:00"},
        {"createdAt": "1969-01-01T00:00:00Z"},
    ):
        with pytest.raises(InvalidInputError):
            parse_identity(fields | bad)
