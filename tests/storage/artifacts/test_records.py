"""Records cannot be changed, and compare by value."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.artifacts.records import (
    Actor,
    Artifact,
    ArtifactType,
    LookupField,
    PartialArtifact,
    Reference,
    ReferenceKind,
    ResolvedTarget,
    SavedRating,
    Target,
)
from storage.artifacts.writes import WriteError, WriteErrorCode
from storage.search.pages import Entry, Page

NOW = datetime(2024, 1, 1, tzinfo=UTC)
CORE = ("a", ArtifactType.MODEL, "bert", "https://example.org/bert", None, 1, NOW)
ACTOR = Actor("alice", "https://login.example.org")
PART = PartialArtifact(*CORE)
REFERENCE = Reference(ReferenceKind.DATASET, LookupField.NAME, " SQuAD ", ResolvedTarget("b"))
RECORDS: list[Any] = [
    PART,
    Artifact(*CORE, NOW, NOW, None, (), (REFERENCE,), None, None, (), None, ACTOR, 1),
    ACTOR,
    SavedRating("{}", NOW, ACTOR),
    REFERENCE,
    REFERENCE.target,
    ResolvedTarget("b", NOW),
    Entry("a", PART),
    Page((Entry("a", PART),)),
    WriteError(code=WriteErrorCode.INVALID, message="wrong"),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_cannot_be_changed(record: Any) -> None:
    before = replace(record)

    for name in [field.name for field in fields(record)]:
        with pytest.raises(FrozenInstanceError):
            setattr(record, name, "other")
        with pytest.raises(FrozenInstanceError):
            delattr(record, name)
    with pytest.raises((FrozenInstanceError, TypeError)):
        record.unknown = "other"

    assert not hasattr(record, "__dict__")
    assert record == before
    assert hash(record) == hash(before)


def test_an_artifact_has_all_details() -> None:
    with pytest.raises(TypeError, match="created_at"):
        Artifact(*CORE)  # type: ignore[call-arg] # mypy refuses it too


def test_a_reference_has_the_target_that_it_looks_for() -> None:
    resolved = ResolvedTarget("c")

    assert REFERENCE.target == Target(ArtifactType.DATASET, LookupField.NAME, "squad")
    assert REFERENCE.target.resolved == ResolvedTarget("b")
    assert replace(REFERENCE, resolved=resolved).target.resolved == resolved
    assert replace(REFERENCE, value="x").target.value == "x"


def test_what_a_reference_resolved_to_does_not_tell_it_from_others() -> None:
    plain = replace(REFERENCE, resolved=None)

    assert plain == REFERENCE
    assert hash(plain) == hash(REFERENCE)
    assert plain.target == REFERENCE.target
    assert hash(plain.target) == hash(REFERENCE.target)
