"""Random writes, and how the results of two stores are compared."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact, LookupField, Reference, ReferenceKind
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    Written,
)
from storage.errors import StoreUnavailableError, UndecodableError
from tests.storage.samples import ALL_TYPES, START

NAMES = ["squad", "SQuAD", " squad", "glue", "Straße", "STRASSE", "é", "e\u0301", ""]
URLS = [f"https://example.org/{n}" for n in range(5)]
IDS = [f"id-{(n * 37) % 100:02}" for n in range(12)]
Outcome = Written | Deleted | WriteError | StoreUnavailableError
types = st.sampled_from(ALL_TYPES)
some_name = st.sampled_from(NAMES)
some_url = st.sampled_from(URLS)
some_id = st.sampled_from(IDS)
picks = st.integers(0, 1_000)
references = st.one_of(
    st.builds(Reference, st.sampled_from(ReferenceKind), st.just(LookupField.ID), some_id),
    st.builds(Reference, st.sampled_from(ReferenceKind), st.just(LookupField.URL), some_url),
    st.builds(Reference, st.sampled_from(ReferenceKind), st.just(LookupField.NAME), some_name),
)
some_references = st.lists(references, max_size=5)
drafts = st.tuples(types, some_name, some_url, some_references)
fields = st.fixed_dictionaries(
    {},
    optional={
        "name": some_name,
        "url": some_url,
        "license": st.sampled_from([None, "mit", "apache-2.0"]),
        "tags": st.sampled_from([(), ("a",), ("b", "a")]),
    },
)


def references_by_kind(references_: Sequence[Reference]) -> ArtifactPatch:
    found = ArtifactPatch()
    for field, kind in (
        ("datasets", ReferenceKind.DATASET),
        ("codes", ReferenceKind.CODE),
        ("base_models", ReferenceKind.BASE_MODEL),
    ):
        found[field] = tuple(r for r in references_ if r.kind is kind)  # type: ignore[literal-required] # the names above
    return found


def without_since(artifact: Artifact | UndecodableError | None) -> Artifact | None:
    """Without the time since which it has its name: not all stores remember who left."""
    assert not isinstance(artifact, UndecodableError)
    return artifact and replace(artifact, named_at=START)


def is_independent(batch: Sequence[NewArtifact], on_conflict: OnConflict) -> bool:
    """Return whether no result of a batch depends on the order of its registrations.

    If one of two with the same name is an update, the store decides which gets the name first.
    """
    urls = {(draft.type, draft.url) for draft in batch}
    names = {(draft.type, normalise(draft.name)) for draft in batch}
    return on_conflict is OnConflict.REJECT or len(urls) == len(names) == len(batch)


def comparable(outcome: Outcome) -> object:
    match outcome:
        case Written():
            return outcome.outcome, without_since(outcome.artifact)
        case Deleted():
            artifacts = without_since(outcome.artifact), without_since(outcome.successor)
            return outcome.id, artifacts
        case WriteError():
            artifact = without_since(outcome.artifact)
            return outcome.code, outcome.field, outcome.message, artifact
    raise outcome
