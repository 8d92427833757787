"""The interfaces Node and Artifact, and the conversion of records to their types."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry

from graph.engine.direct_resolvers import RECORDED
from graph.schema.types.enums import ArtifactType
from graph.schema.types.scalars import Url
from storage.artifacts import records

_CLASSES: dict[ArtifactType, type["Artifact"]] = {}


def _record_field(description: str) -> Any:  # noqa: ANN401 - what the field is annotated with
    """Declare a field that is an attribute of the record and is read only when selected."""
    field: Any = strawberry.field(description=description, metadata={RECORDED: True})
    field.init = False
    return field


@strawberry.interface(description="An object with an ID, by which it can be fetched again.")
class Node:
    """An object with an id."""

    id: strawberry.ID = _record_field("The ID, unique across all types and never reused.")


@strawberry.interface(
    description="A registered artifact: a model, a dataset or code. Its URL is unique within "
    "its type."
)
class Artifact(Node):
    """An artifact, of which the fields are those of a record."""

    record: strawberry.Private[records.PartialArtifact]
    type: ArtifactType = _record_field("The type of the artifact, which never changes.")
    name: str = _record_field(
        "The name as it was given. It does not have to be unique: if several artifacts of a "
        "type have the same name, the one that has had it longest is the name owner, to which "
        "references by name resolve."
    )
    url: Url = _record_field("The URL where the artifact is published, unique within its type.")
    download_url: Url | None = _record_field("The download location of the artifact's files.")
    license: str | None = _record_field(
        "The license of the artifact as it was given, preferably an SPDX identifier."
    )
    tags: list[str] = _record_field("The tags of the artifact, in the order they were given.")
    version: int = _record_field(
        "The version of the artifact: 1 at registration, increased by 1 by every update. Pass "
        "it as `expectedVersion` to keep a mutation from overwriting other changes."
    )
    created_at: datetime = _record_field("The time when the artifact was registered.")
    updated_at: datetime = _record_field("The time when the artifact was last updated.")

    def __init_subclass__(cls, *, artifact_type: ArtifactType) -> None:
        """Note the class of a type, so that records can be converted without importing it."""
        _CLASSES[artifact_type] = cls

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the record's
        """Return an attribute of the record.

        Raises:
            DetailNotReadError: if the request's projection left it out.
        """
        return records.require_read(getattr(self.record, name))

    @classmethod
    def from_record(cls, record: records.PartialArtifact) -> Self:
        """Return the object of a record, which must be of this class's type."""
        return cls(record=record)

    @classmethod
    def from_optional_record(cls, record: records.PartialArtifact | None) -> Self | None:
        """Return the object of a record; None for None."""
        return None if record is None else cls.from_record(record)

    @classmethod
    def from_records(cls, artifacts: Iterable[records.PartialArtifact]) -> list[Self]:
        """Return the objects of records, which must be of this class's type."""
        return [cls.from_record(record) for record in artifacts]


def artifact_from_record(record: records.PartialArtifact) -> Artifact:
    """Return the Model, Dataset or Code of a record, as the record's type says."""
    return _CLASSES[record.type].from_record(record)
