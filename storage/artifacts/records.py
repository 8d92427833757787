"""The registry's nouns: artifacts, the references between them, what is asked and answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias, TypedDict, cast

from storage.artifacts.names import normalise
from storage.artifacts.record import record


class ArtifactType(Enum):
    """What an artifact is."""

    MODEL = "model"
    DATASET = "dataset"
    CODE = "code"


class ReferenceKind(Enum):
    """What a model says it was built from."""

    DATASET = "dataset"
    CODE = "code"
    BASE_MODEL = "base_model"

    artifact_type: ArtifactType
    """The type of the artifacts that a reference of this kind may resolve to."""


class LookupField(Enum):
    """What a reference or a lookup goes by."""

    ID = "id"
    URL = "url"
    NAME = "name"


_TYPE_OF_KIND = {
    ReferenceKind.DATASET: ArtifactType.DATASET,
    ReferenceKind.CODE: ArtifactType.CODE,
    ReferenceKind.BASE_MODEL: ArtifactType.MODEL,
}
for _kind, _type in _TYPE_OF_KIND.items():
    _kind.artifact_type = _type
KIND_OF_TYPE = {of: kind for kind, of in _TYPE_OF_KIND.items()}
"""The kind of reference that can resolve to an artifact of a type."""


@record
class ResolvedTarget:
    """Whom a name or url belonged to: still right while that one has borne its name since.

    A hint saves the lookup of the owner and never replaces it: the artifact decides.
    """

    id: str
    named_at: datetime | None = None
    """None for a url, of which the artifact itself tells whether it has it."""


@record
class Target:
    """What is looked for: the one artifact of a type with this id, url or normalised name."""

    type: ArtifactType
    by: LookupField
    value: str
    resolved: ResolvedTarget | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        """Of the value alone: an enum's hash takes longer than all the rest."""
        return hash(self.value)


@record
class Reference:
    """What a model asked for, as it asked: `value` is the id, the url or the name."""

    kind: ReferenceKind
    by: LookupField
    value: str
    resolved: ResolvedTarget | None = field(default=None, compare=False)
    target: Target = field(init=False, compare=False, repr=False)
    """What this reference looks for; equal for names that differ in case alone."""

    def __post_init__(self) -> None:
        value = normalise(self.value) if self.by is LookupField.NAME else self.value
        made: Any = self  # which type checkers keep frozen
        made.target = Target(self.kind.artifact_type, self.by, value, self.resolved)


@record
class Artifact:
    """One registered artifact, as it was at `version`."""

    id: str
    type: ArtifactType
    name: str
    url: str
    version: int
    created_at: datetime
    updated_at: datetime
    named_at: datetime
    """Since when it has borne its name: the earliest bearer owns the name."""
    download_url: str | None = None
    license: str | None = None
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    rating: str | None = None
    """The rating as JSON text, decoded by `decode_rating` only when a client asks for it."""


Projection = frozenset[str]
"""Fields of artifacts that are read only where somebody asks for them."""
FULL_PROJECTION: Projection = frozenset(
    {"license", "tags", "created_at", "updated_at", "references", "rating"}
)
"""All of them: most of what an artifact takes in a store, on the wire and to decode."""


Always: TypeAlias = tuple[str, ArtifactType, str, str, str | None, int, datetime]
"""What is always read: id, type, name, url, download_url, version and named_at."""


def read_in_part(always: Always, projection: Mapping[str, Any]) -> Artifact:
    """An artifact with these details alone; to ask it for others is an AttributeError.

    What is always read is set by name: that takes half the time of a loop.
    """
    artifact: Any = Artifact.__new__(Artifact)
    (
        artifact.id,
        artifact.type,
        artifact.name,
        artifact.url,
        artifact.download_url,
        artifact.version,
        artifact.named_at,
    ) = always
    for name, value in projection.items():
        setattr(artifact, name, value)
    return cast("Artifact", artifact)


class ArtifactPatch(TypedDict, total=False):
    """The fields somebody gave; one left out keeps its value, None or () clears it."""

    name: str
    url: str
    download_url: str | None
    license: str | None
    tags: tuple[str, ...]
    datasets: tuple[Reference, ...]
    codes: tuple[Reference, ...]
    base_models: tuple[Reference, ...]
    rating: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an exported artifact keeps when it is imported again."""

    id: str
    version: int
    created_at: datetime
    updated_at: datetime
    named_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtifact:
    """An artifact to be registered; without an identity it gets a new one."""

    type: ArtifactType
    url: str
    name: str
    changes: ArtifactPatch
    """All that was given, to update the artifact that has the url already."""
    identity: Identity | None = None


class OnConflict(Enum):
    """What registering does when the type and url are taken."""

    REJECT = "reject"
    UPDATE = "update"


class WriteErrorCode(Enum):
    """Why a write was refused."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    WRONG_TYPE = "WRONG_TYPE"
    TOO_MANY = "TOO_MANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteError:
    """A write that was refused and changed nothing."""

    code: WriteErrorCode
    message: str
    field: tuple[str, ...] = ()
    """The path into the input, in the API's own names."""
    artifact: Artifact | None = None
    """The one in the way, or the one whose version moved on."""


class InvalidInputError(Exception):
    """Input that breaks the rules; `rejections` say which field and why, one each."""

    def __init__(self, errors: tuple[WriteError, ...]) -> None:
        super().__init__("; ".join(rejection.message for rejection in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A draft that took effect: as a new artifact, or as a change to the one in its place."""

    artifact: Artifact
    created: bool
