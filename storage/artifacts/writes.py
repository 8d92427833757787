"""The inputs and the results of writes."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypedDict

from storage.artifacts.records import Actor, Artifact, ArtifactType, Reference


class ArtifactPatch(TypedDict, total=False):
    """The fields of an input. A missing field keeps its value; None or () clears it."""

    name: str
    url: str
    download_url: str | None
    description: str | None
    license: str | None
    tags: tuple[str, ...]
    properties: tuple[tuple[str, str], ...]
    datasets: tuple[Reference, ...]
    codes: tuple[Reference, ...]
    base_models: tuple[Reference, ...]
    rating: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The id, version and times that an exported artifact keeps when it is imported."""

    id: str
    version: int
    created_at: datetime
    updated_at: datetime
    named_at: datetime
    created_by: Actor | None = None
    updated_by: Actor | None = None
    content_version: int | None = None
    """None stands for `version`."""
    rated_at: datetime | None = None
    rated_by: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtifact:
    """An artifact to register; without an identity it gets a new one."""

    type: ArtifactType
    url: str
    name: str
    changes: ArtifactPatch
    """All fields of the input, to update the artifact if there is one with this url."""
    identity: Identity | None = None


class OnConflict(Enum):
    """The treatment of a new artifact whose url an artifact of its type already has."""

    REJECT = "reject"
    UPDATE = "update"


class WriteErrorCode(Enum):
    """The reason why a write was rejected."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    WRONG_TYPE = "WRONG_TYPE"
    TOO_MANY = "TOO_MANY"
    FORBIDDEN = "FORBIDDEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteError:
    """A write that was rejected and changed nothing."""

    code: WriteErrorCode
    message: str
    field: tuple[str, ...] = ()
    """The path of the wrong value from the mutation's argument on, with the API's names."""
    artifact: Artifact | None = None
    """The artifact that already has the url, or the one whose version is another."""


class InvalidInputError(Exception):
    """An input that breaks rules; `errors` has one entry for each."""

    def __init__(self, errors: tuple[WriteError, ...]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class WriteOutcome(Enum):
    """The effect of a write."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The result of a write that was accepted; one that changed nothing is no change."""

    artifact: Artifact
    outcome: WriteOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """The result of a deletion."""

    id: str
    artifact: Artifact | None
    """The artifact as it was; None if its stored form could not be read."""
    successor: Artifact | None = None
    """The namesake that references by its name resolve to from now on."""
