"""The rules of writes: what changes, when, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.artifacts.changes import ChangeKind
from storage.artifacts.records import ResolvedTarget, SavedRating
from storage.artifacts.reference_stamps import new_references, stamp_references
from storage.artifacts.write_limits import check_size, check_update
from storage.artifacts.write_rules import (
    Stamp,
    apply_patch,
    change_kind,
    make_artifact,
    place_after_last,
    restore_deleted,
)
from storage.artifacts.writes import ArtifactPatch, Identity, WriteErrorCode
from tests.storage.samples import (
    ALICE,
    BOB,
    DATASET,
    MODEL,
    START,
    by_name,
    full_model,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import expect_error

BEFORE = make_artifact(full_model(), Stamp(START, ALICE))
LATER = Stamp(START + timedelta(hours=1), BOB)
TICK = timedelta(milliseconds=1)
SQUAD = by_name(DATASET, "squad", role="TRAINED_ON", revision="v1.1")


@pytest.mark.parametrize(
    "patch",
    [
        ArtifactPatch(),
        ArtifactPatch(name="bert", license="mit", rating=rating(0.5)),
        full_model().changes,
    ],
    ids=["empty", "some", "all"],
)
def test_a_patch_that_changes_nothing_returns_the_artifact(patch: ArtifactPatch) -> None:
    assert apply_patch(BEFORE, patch, LATER) is BEFORE


def test_an_update_has_the_time_and_the_caller_of_the_write() -> None:
    after = apply_patch(BEFORE, {"license": "x"}, LATER)

    assert after == replace(
        BEFORE,
        license="x",
        version=2,
        content_version=2,
        updated_at=LATER.at,
        updated_by=BOB.by,
    )
    assert change_kind(BEFORE, after) is ChangeKind.UPDATED


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(days=9)])
def test_a_version_is_later_than_the_one_before_whatever_the_clock_says(
    behind: timedelta,
) -> None:
    after = apply_patch(BEFORE, {"license": "x"}, Stamp(START - behind))

    assert after.updated_at == START + TICK


def test_a_rating_alone_keeps_the_version_of_the_content() -> None:
    after = apply_patch(BEFORE, {"rating": rating(0.9)}, LATER)

    assert after.rating == SavedRating(rating(0.9), LATER.at, BOB.by)
    assert (after.version, after.content_version) == (2, 1)
    assert change_kind(BEFORE, after) is ChangeKind.RATED
    both = apply_patch(BEFORE, {"rating": rating(0.9), "license": "x"}, LATER)
    assert (both.version, both.content_version) == (2, 2)
    assert change_kind(BEFORE, both) is ChangeKind.UPDATED


def test_an_unchanged_rating_keeps_its_time_and_caller() -> None:
    after = apply_patch(BEFORE, {"rating": rating(0.5), "license": "x"}, LATER)

    assert after.rating == SavedRating(rating(0.5), START, ALICE.by)


def test_a_renamed_artifact_has_its_name_since_the_write() -> None:
    assert apply_patch(BEFORE, {"name": "gpt"}, LATER).named_at == LATER.at
    assert apply_patch(BEFORE, {"name": " BERT"}, LATER).named_at == START


def test_a_renamed_artifact_never_has_two_names_since_the_same_time() -> None:
    ahead = place_after_last(BEFORE, LATER.at + timedelta(days=1))

    renamed = apply_patch(ahead, ArtifactPatch(name="roberta"), LATER)
    restored = restore_deleted(ahead, LATER.at, LATER)

    assert renamed.named_at == ahead.named_at + timedelta(microseconds=1)
    assert restored.named_at == ahead.named_at + timedelta(microseconds=1)


def test_joining_a_name_is_later_than_all_that_had_it() -> None:
    last = datetime(2031, 1, 1, 0, 0, 0, 5, tzinfo=UTC)

    assert place_after_last(BEFORE, None) is BEFORE
    assert place_after_last(BEFORE, START - TICK) is BEFORE
    assert place_after_last(BEFORE, START).named_at == START + timedelta(microseconds=1)
    assert place_after_last(BEFORE, last).named_at == last + timedelta(microseconds=1)


def test_a_restored_artifact_has_the_next_version_and_takes_its_name_anew() -> None:
    deleted_at = START + timedelta(minutes=1)

    after = restore_deleted(replace(BEFORE, version=2), deleted_at, LATER)

    assert after == replace(
        BEFORE, version=3, updated_at=LATER.at, updated_by=BOB.by, named_at=LATER.at
    )
    early = restore_deleted(replace(BEFORE, version=2), deleted_at, Stamp(START))
    assert early.updated_at == deleted_at + TICK


def test_references_keep_what_they_resolved_to_until_they_change() -> None:
    seen = ResolvedTarget("d", START, 4)
    before = stamp_references(BEFORE, BEFORE.references, {SQUAD.target: seen})
    squad_, *_ = before.references
    assert squad_.resolved == seen

    glue = by_name(DATASET, "glue")
    more = apply_patch(before, {"datasets": (glue, SQUAD)}, LATER)
    assert new_references(before, more) == [glue]
    assert more.references[1].resolved == seen

    other = by_name(DATASET, "squad", role="TRAINED_ON", revision="v2")
    newer = apply_patch(before, {"datasets": (other,)}, LATER)
    assert new_references(before, newer) == [other]
    assert newer.references[0].resolved is None


@pytest.mark.parametrize(
    "patch",
    [
        {"datasets": tuple(by_name(DATASET, f"d{n}") for n in range(91)), "codes": ()},
        {"datasets": tuple(by_name(DATASET, f"d{n}") for n in range(85))},
    ],
    ids=["more than 90", "86 changed"],
)
def test_an_update_of_too_many_references_is_an_error(patch: ArtifactPatch) -> None:
    error = check_update(BEFORE, apply_patch(BEFORE, patch, LATER))

    assert expect_error(error, WriteErrorCode.TOO_MANY).field == ("input",)


def test_an_update_changes_up_to_85_references() -> None:
    patch = ArtifactPatch(datasets=tuple(by_name(DATASET, f"d{n}") for n in range(84)))

    assert check_update(BEFORE, apply_patch(BEFORE, patch, LATER)) is None


@pytest.mark.parametrize(("size", "fits"), [(150_000, True), (150_001, False)])
def test_all_fields_together_have_at_most_150_000_bytes_as_json(size: int, fits: bool) -> None:
    empty = '{"name":"squad","url":"https://example.org/dataset/squad","license":""}'
    license_ = "é" * ((size - len(empty)) // 2) + "x" * ((size - len(empty)) % 2)

    error = check_size(make_artifact(squad(license=license_), Stamp(START)))

    if fits:
        assert error is None
    else:
        assert expect_error(error, WriteErrorCode.TOO_MANY).message == (
            "All fields of an artifact together have at most 150,000 bytes as JSON, "
            "not 150,001."
        )


def test_versions_of_one_id_never_go_down() -> None:
    identity = Identity(id="a", version=3, created_at=START, updated_at=START, named_at=START)
    new = new_artifact(MODEL, "m", identity=identity)

    assert make_artifact(new, LATER).version == 3
    assert make_artifact(new, LATER, deleted_version=2).version == 3
    assert make_artifact(new, LATER, deleted_version=3).version == 4


def test_an_artifact_from_before_the_limit_may_change_if_it_does_not_grow() -> None:
    before = make_artifact(squad(license="l" * 200_000), Stamp(START))

    for license_ in ("l" * 199_999, "m" * 200_000):
        assert check_update(before, apply_patch(before, {"license": license_}, LATER)) is None
    grown = check_update(before, apply_patch(before, {"tags": ("more",)}, LATER))
    assert expect_error(grown, WriteErrorCode.TOO_MANY).field == ("input",)
