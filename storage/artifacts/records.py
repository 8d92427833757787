"""The registry's nouns: artifacts, the references between them, what is asked and answered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, TypedDict

from typing_extensions import TypeVar

from storage.artifacts.frozen import frozen_dataclass
from storage.artifacts.names import normalise


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


@frozen_dataclass
class ResolvedTarget:
    """Whom a name or url belonged to: still right while that one has borne its name since.

    A hint saves the lookup of the owner and never replaces it: the artifact decides.
    """

    id: str
    named_at: datetime | None = None
    """None for a url, of which the artifact itself tells whether it has it."""


@frozen_dataclass
class Target:
    """What is looked for: the one artifact of a type with this id, url or normalised name."""

    type: ArtifactType
    by: LookupField
    value: str
    resolved: ResolvedTarget | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        """Of the value alone: an enum's hash takes longer than all the rest."""
        return hash(self.value)


@frozen_dataclass
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
        target = Target(self.kind.artifact_type, self.by, value, self.resolved)
        object.__setattr__(self, "target", target)


class NotRead(Enum):
    """The type of `NOT_READ`."""

    NOT_READ = "not read"


NOT_READ: Final = NotRead.NOT_READ
"""Stands in an artifact for each detail that the projection left out."""

_T = TypeVar("_T")


class DetailNotReadError(Exception):
    """A detail of an artifact was used that the projection did not include."""


def require_read(detail: _T | NotRead) -> _T:
    """Return a detail of an artifact that must have been read.

    Raises:
        DetailNotReadError: if it was not; the projection of the read has to include it.
    """
    if detail is NOT_READ:
        raise DetailNotReadError("the projection does not include this detail")
    return detail


@frozen_dataclass
class PartialArtifact:
    """One registered artifact at `version`, of which some details may not have been read."""

    id: str
    type: ArtifactType
    name: str
    url: str
    download_url: str | None
    version: int
    named_at: datetime
    """The time since which it has its name: the artifact with the earliest owns the name."""
    created_at: datetime | NotRead = NOT_READ
    updated_at: datetime | NotRead = NOT_READ
    license: str | NotRead | None = NOT_READ
    tags: tuple[str, ...] | NotRead = NOT_READ
    references: tuple[Reference, ...] | NotRead = NOT_READ
    rating: str | NotRead | None = NOT_READ
    """The rating as JSON text; `decode_rating` decodes it."""


@frozen_dataclass
class Artifact(PartialArtifact):
    """One registered artifact at `version`, with all details."""

    created_at: datetime
    updated_at: datetime
    license: str | None
    tags: tuple[str, ...]
    references: tuple[Reference, ...]
    rating: str | None


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
