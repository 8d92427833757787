"""Artifacts and short forms of store operations for tests."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from storage.artifacts.changes import ANONYMOUS, Attribution
from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import (
    KIND_OF_TYPE,
    Actor,
    Artifact,
    ArtifactPatch,
    ArtifactType,
    Deleted,
    Identity,
    LookupField,
    NewArtifact,
    OnConflict,
    Reference,
    ReferenceRole,
    Target,
    WriteError,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.search.listing import Filter, Listing, Order, OrderField
from storage.search.paging import Page
from storage.store import ReverseLinkQuery, Store

UNKNOWN_ID = "01a00000-0000-7000-8000-000000000000"
"""The id of no artifact."""
MODEL, DATASET, CODE = ArtifactType.MODEL, ArtifactType.DATASET, ArtifactType.CODE
ALL_TYPES = (MODEL, DATASET, CODE)
NAMES = Order(OrderField.NAME)
NAMES_DESCENDING = Order(OrderField.NAME, descending=True)
CREATED = Order(OrderField.CREATED_AT)
CREATED_DESCENDING = Order(OrderField.CREATED_AT, descending=True)
ORDERS = (NAMES, NAMES_DESCENDING, CREATED, CREATED_DESCENDING)
START = datetime(2024, 1, 1, tzinfo=UTC)
ALICE = Attribution(Actor("alice", "https://login.example.org"), "request-1")
BOB = Attribution(Actor("bob"), "request-2")
_SCORES = [
    name for name in Rating.model_fields if name not in ("name", "category", "size_score")
]


def scores(net: float = 0.5) -> dict[str, object]:
    """A complete rating with field names in snake_case."""
    sizes = {"raspberry_pi": 0.1, "jetson_nano": 0.2, "desktop_pc": 0.3, "aws_server": 0.4}
    return {
        "name": "bert",
        "category": "MODEL",
        **{name: round(at / 100, 2) for at, name in enumerate(_SCORES)},
        "net_score": net,
        "reviewedness": -1.0,
        "size_score": sizes,
    }


def rating(net: float = 0.5) -> str:
    return encode_rating(Rating.model_validate(scores(net)))


def rating_text(artifact: Artifact) -> str | None:
    return artifact.rating.text if artifact.rating else None


def by_id(artifact_type: ArtifactType, value: str, **given: str) -> Reference:
    return _reference(artifact_type, LookupField.ID, value, **given)


def by_url(artifact_type: ArtifactType, value: str, **given: str) -> Reference:
    return _reference(artifact_type, LookupField.URL, value, **given)


def by_name(artifact_type: ArtifactType, value: str, **given: str) -> Reference:
    return _reference(artifact_type, LookupField.NAME, value, **given)


def _reference(
    artifact_type: ArtifactType,
    by: LookupField,
    value: str,
    role: str | None = None,
    revision: str | None = None,
) -> Reference:
    named_role = ReferenceRole[role] if role else None
    return Reference(KIND_OF_TYPE[artifact_type], by, value, role=named_role, revision=revision)


def url_for(artifact_type: ArtifactType, name: str) -> str:
    return f"https://example.org/{artifact_type.value}/{quote(name, safe='')}"


def new_artifact(
    artifact_type: ArtifactType,
    name: str,
    *references: Reference,
    url: str | None = None,
    identity: Identity | None = None,
    rated: float | None = None,
    **given: object,
) -> NewArtifact:
    """A new artifact with a name, references and only these fields."""
    changes = ArtifactPatch(name=name, url=url or url_for(artifact_type, name))
    fields = {"datasets": DATASET, "codes": CODE, "base_models": MODEL}
    for field, type_ in fields.items():
        if asked := tuple(r for r in references if r.kind.artifact_type is type_):
            changes[field] = asked  # type: ignore[literal-required] # the names above
    if rated is not None:
        changes["rating"] = rating(rated)
    changes.update(given)  # type: ignore[typeddict-item] # as the caller spells them
    return NewArtifact(
        type=artifact_type,
        url=url or url_for(artifact_type, name),
        name=name,
        changes=changes,
        identity=identity,
    )


def bert(*references: Reference) -> NewArtifact:
    return new_artifact(MODEL, "bert", *references)


def squad(**given: object) -> NewArtifact:
    return new_artifact(DATASET, "squad", **given)  # type: ignore[arg-type] # as the caller spells them


def full_model() -> NewArtifact:
    """A model with a value in every field."""
    return new_artifact(
        MODEL,
        "bert",
        by_name(DATASET, "squad", role="TRAINED_ON", revision="v1.1"),
        by_url(CODE, url_for(CODE, "trainer")),
        by_id(MODEL, UNKNOWN_ID),
        rated=0.5,
        download_url="https://example.org/bert.bin",
        description="Reads *both* ways.",
        license="mit",
        tags=("nlp", "Ünï", "nlp"),
        properties=(("framework", "jax"), ("steps", "1000")),
    )


def register(
    store: Store,
    *drafts: NewArtifact,
    on_conflict: OnConflict = OnConflict.REJECT,
    attribution: Attribution = ANONYMOUS,
) -> list[Artifact]:
    """Register artifacts, all of which must be accepted as new."""
    results = store.register(drafts, on_conflict, attribution)
    return [expect_written(result, WriteOutcome.CREATED) for result in results]


def register_hundred_linked(store: Store) -> list[Artifact]:
    """Register a hundred models, each with a dataset and code."""
    register(store, *(new_artifact(DATASET, f"d{n}") for n in range(100)))
    register(store, *(new_artifact(CODE, f"c{n}") for n in range(100)))
    return register(
        store,
        *(
            new_artifact(
                MODEL, f"m{n}", by_name(DATASET, f"d{n}"), by_url(CODE, url_for(CODE, f"c{n}"))
            )
            for n in range(100)
        ),
    )


def register_one(
    store: Store, wanted: NewArtifact, attribution: Attribution = ANONYMOUS
) -> Artifact:
    (artifact,) = register(store, wanted, attribution=attribution)
    return artifact


def update(
    store: Store, artifact: Artifact, attribution: Attribution = ANONYMOUS, /, **given: object
) -> Artifact:
    """Update an artifact, which must be accepted and change it."""
    changes = ArtifactPatch(**given)  # type: ignore[typeddict-item] # as the caller spells them
    result = store.update(artifact.id, artifact.type, changes, attribution=attribution)
    return expect_written(result, WriteOutcome.UPDATED)


def delete(store: Store, artifact: Artifact, attribution: Attribution = ANONYMOUS) -> Deleted:
    result = store.delete(artifact.id, artifact.type, attribution=attribution)
    assert isinstance(result, Deleted), result
    return result


def restore(store: Store, id_: str, attribution: Attribution = ANONYMOUS) -> Artifact:
    return expect_written(store.restore(id_, attribution), WriteOutcome.CREATED)


def expect_written(result: object, outcome: WriteOutcome) -> Artifact:
    assert isinstance(result, Written), result
    assert result.outcome is outcome
    return result.artifact


def expect_error(outcome: object, code: WriteErrorCode) -> WriteError:
    assert isinstance(outcome, WriteError), outcome
    assert outcome.code is code
    return outcome


def read(store: Store, id_: str) -> Artifact:
    """The artifact with an id, which must exist."""
    artifact = store.get([id_])[id_]
    assert isinstance(artifact, Artifact), artifact
    return artifact


def find_target(store: Store, target: Target) -> Artifact | None:
    artifact = store.resolve([target]).get(target)
    assert artifact is None or isinstance(artifact, Artifact), artifact
    return artifact


def find_by_name(store: Store, artifact_type: ArtifactType, name: str) -> Artifact | None:
    """The owner of a name, which is normalised as in references."""
    return find_target(store, by_name(artifact_type, name).target)


def find_by_url(store: Store, artifact_type: ArtifactType, url: str) -> Artifact | None:
    return find_target(store, Target(artifact_type, LookupField.URL, url))


def links(store: Store, model: Artifact) -> list[str | None]:
    """The ids that the model's references resolve to, with and without earlier results."""
    targets = [reference.target for reference in read(store, model.id).references]
    plain = [Target(target.type, target.lookup_field, target.value) for target in targets]
    found, again = store.resolve(targets), store.resolve(plain)
    assert found == again
    artifacts = [found.get(target) for target in targets]
    return [a.id if isinstance(a, Artifact) else None for a in artifacts]


def read_reverse_links(store: Store, artifact: Artifact, first: int = 100) -> list[str]:
    """The ids of all models that link to the artifact, which are counted, too."""
    ids: list[str] = []
    for page in read_model_pages(store, artifact, first):
        ids += [entry.artifact.id for entry in page.entries]
    assert store.count_reverse_links([artifact]) == [len(ids)]
    return ids


def read_model_pages(store: Store, artifact: Artifact, first: int) -> Iterator[Page[Artifact]]:
    after = None
    while True:
        (page,) = store.read_reverse_links([ReverseLinkQuery(artifact, first, after)])
        yield page
        if not page.has_next:
            return
        after = page.end


def listing(*types: ArtifactType, order: Order = NAMES, **wanted: object) -> Listing:
    every = types or ALL_TYPES
    return Listing(Filter(types=every, **wanted), order)  # type: ignore[arg-type] # spelled by the caller


def read_all(store: Store, wanted: Listing, first: int = 100) -> list[Artifact]:
    """All artifacts of the listing, read page by page; checks the sizes of the pages."""
    found: list[Artifact] = []
    after = None
    while True:
        page = store.page(wanted, first, after)
        assert len(page.entries) <= first
        found += [entry.artifact for entry in page.entries]
        if not page.has_next:
            return found
        assert page.end is not None
        assert page.end != after
        after = page.end


def names(artifacts: Sequence[Artifact]) -> list[str]:
    return [artifact.name for artifact in artifacts]


def ids(artifacts: Sequence[Artifact]) -> list[str]:
    return [artifact.id for artifact in artifacts]
