"""Artifacts, the references between them, and the inputs and results of writes."""

from dataclasses import field
from datetime import datetime
from enum import Enum
from typing import Final

from typing_extensions import TypeVar

from storage.artifacts.frozen import frozen_dataclass
from storage.artifacts.licenses import to_spdx
from storage.artifacts.names import normalise


class ArtifactType(Enum):
    """The type of an artifact."""

    MODEL = "model"
    DATASET = "dataset"
    CODE = "code"


class ReferenceKind(Enum):
    """The role of an artifact that a model was built from."""

    DATASET = "dataset"
    CODE = "code"
    BASE_MODEL = "base_model"

    artifact_type: ArtifactType
    """The type of the artifacts that a reference of this kind may resolve to."""


class ReferenceRole(Enum):
    """The use that a model made of an artifact; each role belongs to one kind of reference."""

    PRETRAINED_ON = "pretrained_on"
    TRAINED_ON = "trained_on"
    FINE_TUNED_ON = "fine_tuned_on"
    EVALUATED_ON = "evaluated_on"
    FINE_TUNED = "fine_tuned"
    ADAPTER = "adapter"
    QUANTIZED = "quantized"
    MERGED = "merged"
    DISTILLED = "distilled"
    TRAINING = "training"
    EVALUATION = "evaluation"
    INFERENCE = "inference"

    kind: ReferenceKind
    """The kind of the references that may have this role."""


class LookupField(Enum):
    """The field by which a reference or a lookup identifies an artifact."""

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
for _role_kind, _names in {
    ReferenceKind.DATASET: "PRETRAINED_ON TRAINED_ON FINE_TUNED_ON EVALUATED_ON",
    ReferenceKind.BASE_MODEL: "FINE_TUNED ADAPTER QUANTIZED MERGED DISTILLED",
    ReferenceKind.CODE: "TRAINING EVALUATION INFERENCE",
}.items():
    for _name in _names.split():
        ReferenceRole[_name].kind = _role_kind
KIND_OF_TYPE = {type_: kind for kind, type_ in _TYPE_OF_KIND.items()}
"""The kind of reference that can resolve to an artifact of a type."""


@frozen_dataclass
class ResolvedTarget:
    """The artifact to which a reference resolved when it was written.

    It also saves looking up the owner of the url or name, but is only a proposal for that: it
    is right if the artifact still has the url, or has had the name since `named_at`.
    """

    id: str
    named_at: datetime | None = None
    """None for an id or url: it is enough that the artifact has it."""
    version: int | None = None
    """The artifact's version then; None if it was not noted, before histories were kept."""


@frozen_dataclass
class Target:
    """The key of a lookup: a type and an id, url or normalised name."""

    type: ArtifactType
    lookup_field: LookupField
    value: str
    resolved: ResolvedTarget | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        """Return the hash of the value alone: hashing enums takes longer than all the rest."""
        return hash(self.value)


@frozen_dataclass
class Reference:
    """A reference of a model to an artifact; `value` is the id, url or name as it was given."""

    kind: ReferenceKind
    lookup_field: LookupField
    value: str
    resolved: ResolvedTarget | None = field(default=None, compare=False)
    """Its target when it was written; None if it resolved to nothing."""
    role: ReferenceRole | None = None
    revision: str | None = None
    """The commit, tag or version of the target that was used."""
    target: Target = field(init=False, compare=False, repr=False)
    """The key with which the reference is looked up; its name is normalised."""

    def __post_init__(self) -> None:
        by_name = self.lookup_field is LookupField.NAME
        value = normalise(self.value) if by_name else self.value
        target = Target(self.kind.artifact_type, self.lookup_field, value, self.resolved)
        object.__setattr__(self, "target", target)


@frozen_dataclass
class Actor:
    """A caller who wrote something; the issuer is None for static tokens."""

    name: str
    issuer: str | None = None


@frozen_dataclass
class SavedRating:
    """A model's rating, with who saved it and when; both are None if it predates histories."""

    text: str
    """The rating as JSON text; `decode_rating` decodes it."""
    at: datetime | None = None
    by: Actor | None = None


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
    rating: SavedRating | NotRead | None = NOT_READ
    description: str | NotRead | None = NOT_READ
    properties: tuple[tuple[str, str], ...] | NotRead = NOT_READ
    """Keys and values, in the order of the keys."""
    created_by: Actor | NotRead | None = NOT_READ
    updated_by: Actor | NotRead | None = NOT_READ
    content_version: int | NotRead = NOT_READ
    """The version of the last change that was not only a rating."""

    @property
    def license_id(self) -> str | None:
        """The SPDX expression of the license; None if it cannot be derived."""
        text = require_read(self.license)
        return None if text is None else to_spdx(text)


@frozen_dataclass
class Artifact(PartialArtifact):
    """One registered artifact at `version`, with all details."""

    created_at: datetime
    updated_at: datetime
    license: str | None
    tags: tuple[str, ...]
    references: tuple[Reference, ...]
    rating: SavedRating | None
    description: str | None
    properties: tuple[tuple[str, str], ...]
    created_by: Actor | None
    updated_by: Actor | None
    content_version: int
