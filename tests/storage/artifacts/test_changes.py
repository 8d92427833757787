"""Changes: the fields that a write changed, before and after, in the shape of inputs."""

from dataclasses import replace
from datetime import timedelta

from storage.artifacts.changes import (
    ANONYMOUS,
    Change,
    ChangeKind,
    FieldChange,
    decode_field_changes,
    describe_change,
    encode_field_changes,
)
from storage.artifacts.records import SavedRating
from storage.artifacts.write_rules import Stamp, advance, apply_patch, make_artifact
from tests.storage.samples import (
    ALICE,
    CODE,
    DATASET,
    MODEL,
    START,
    UNKNOWN_ID,
    by_name,
    full_model,
    new_artifact,
    rating,
    url_for,
)

MODEL_BEFORE = make_artifact(full_model(), Stamp(START, ALICE))
LATER = Stamp(START + timedelta(hours=1), ALICE)


def test_a_registration_changes_each_field_that_has_a_value() -> None:
    change = describe_change(None, MODEL_BEFORE, ALICE, ChangeKind.REGISTERED)

    fields = {each.field: each.after for each in change.fields}
    assert {each.before for each in change.fields} == {None}
    assert fields.pop("rating")["netScore"] == 0.5
    assert fields == {
        "name": "bert",
        "url": url_for(MODEL, "bert"),
        "downloadUrl": "https://example.org/bert.bin",
        "description": "Reads *both* ways.",
        "license": "mit",
        "tags": ["nlp", "Ünï", "nlp"],
        "properties": [
            {"key": "framework", "value": "jax"},
            {"key": "steps", "value": "1000"},
        ],
        "datasets": [{"name": "squad", "role": "TRAINED_ON", "revision": "v1.1"}],
        "codes": [{"url": url_for(CODE, "trainer")}],
        "baseModels": [{"id": UNKNOWN_ID}],
    }


def test_an_update_changes_only_the_fields_that_differ() -> None:
    patch = {"license": None, "tags": ("nlp",), "datasets": (by_name(DATASET, "glue"),)}
    after = apply_patch(MODEL_BEFORE, patch, LATER)  # type: ignore[arg-type] # a patch's fields

    change = describe_change(MODEL_BEFORE, after, ALICE, ChangeKind.UPDATED)

    assert change == Change(
        artifact_id=MODEL_BEFORE.id,
        type=MODEL,
        name="bert",
        version=2,
        kind=ChangeKind.UPDATED,
        at=LATER.at,
        by=ALICE.by,
        request_id="request-1",
        fields=(
            FieldChange("license", "mit", None),
            FieldChange("tags", ["nlp", "Ünï", "nlp"], ["nlp"]),
            FieldChange(
                "datasets",
                [{"name": "squad", "role": "TRAINED_ON", "revision": "v1.1"}],
                [{"name": "glue"}],
            ),
        ),
    )


def test_a_deletion_has_the_fields_before_it() -> None:
    before = make_artifact(new_artifact(DATASET, "squad", tags=("qa",)), Stamp(START))

    change = describe_change(before, advance(before, LATER), ANONYMOUS, ChangeKind.DELETED)

    assert (change.version, change.at, change.by) == (2, LATER.at, None)
    assert change.fields == (
        FieldChange("name", "squad", None),
        FieldChange("url", url_for(DATASET, "squad"), None),
        FieldChange("tags", ["qa"], None),
    )


def test_a_cleared_license_differs_from_an_empty_one() -> None:
    before = make_artifact(new_artifact(DATASET, "squad", license=""), Stamp(START))

    change = describe_change(
        before, apply_patch(before, {"license": None}, LATER), ALICE, ChangeKind.UPDATED
    )

    assert change.fields == (FieldChange("license", "", None),)


def test_a_rating_that_cannot_be_read_is_shown_as_it_is_stored() -> None:
    before = replace(MODEL_BEFORE, rating=SavedRating("{"))

    change = describe_change(
        before, apply_patch(before, {"rating": rating()}, LATER), ALICE, ChangeKind.RATED
    )

    (field,) = change.fields
    assert (field.field, field.before) == ("rating", {"unreadable": "{"})
    assert field.after["netScore"] == 0.5


def test_field_changes_survive_encoding() -> None:
    change = describe_change(None, MODEL_BEFORE, ALICE, ChangeKind.REGISTERED)

    assert decode_field_changes(encode_field_changes(change)) == change.fields


def test_values_that_are_too_large_for_an_item_are_left_out() -> None:
    before = make_artifact(
        new_artifact(DATASET, "squad", license="l" * 330_000, description="text"), Stamp(START)
    )

    change = describe_change(before, advance(before, LATER), ALICE, ChangeKind.DELETED)

    omitted = {"omittedBytes": 330_009}
    assert change.fields[2:] == (
        FieldChange("description", "text", None),
        FieldChange("license", omitted, omitted),
    )
