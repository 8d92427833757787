"""Artifacts and references for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from storage.artifacts.changes import Attribution
from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import (
    KIND_OF_TYPE,
    Actor,
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ReferenceRole,
)
from storage.artifacts.writes import (
    ArtifactPatch,
    Identity,
    NewArtifact,
)
from storage.search.listing import Filter, Listing, Order, OrderField

UNKNOWN_ID = "01a00000-0000-7000-8000-000000000000"
"""The id of no artifact."""
MODEL, DATASET, CODE = ArtifactType.MODEL, ArtifactType.DATASET, ArtifactType.CODE
ALL_TYPES = (MODEL, DATASET, CODE)
NAMES = Order(OrderField.NAME)
NAMES_DESCENDING = Order(OrderField.NAME, descending=True)
CREATED = Order(OrderField.CREATED_AT)
CREATED_DESCENDING = Order(OrderField.CREATED_AT, descending=True)
UPDATED = Order(OrderField.UPDATED_AT)
UPDATED_DESCENDING = Order(OrderField.UPDATED_AT, descending=True)
SCORES = Order(OrderField.NET_SCORE)
SCORES_DESCENDING = Order(OrderField.NET_SCORE, descending=True)
RELEVANCE = Order(OrderField.RELEVANCE)
ORDERS = (
    NAMES, NAMES_DESCENDING, CREATED, CREATED_DESCENDING, UPDATED, UPDATED_DESCENDING,
    SCORES, SCORES_DESCENDING, RELEVANCE,
)  # fmt: skip
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


def listing(
    *types: ArtifactType, order: Order = NAMES, search: str = "", **wanted: object
) -> Listing:
    """A listing with the fields of a filter; texts must be normalised, the search folded."""
    every = types or ALL_TYPES
    return Listing(Filter(types=every, **wanted), order, search)  # type: ignore[arg-type] # spelled by the caller


def names(artifacts: Sequence[Artifact]) -> list[str]:
    return [artifact.name for artifact in artifacts]


def ids(artifacts: Sequence[Artifact]) -> list[str]:
    return [artifact.id for artifact in artifacts]
