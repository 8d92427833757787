"""The interfaces Node and Artifact, and the conversion of records to their types."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from graph.context import Info
from graph.schema.types.actor import Actor
from graph.schema.types.enums import ArtifactType
from graph.schema.types.lineage_arguments import (
    DEFAULT_NODES,
    DepthArgument,
    DirectionArgument,
    FirstNodesArgument,
    KindsArgument,
)
from graph.schema.types.pages import AfterArgument, FirstArgument
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import field, record_field
from storage.artifacts import records

if TYPE_CHECKING:
    from graph.schema.types.changes import ChangeConnection
    from graph.schema.types.lineage import LineageGraph

_CLASSES: dict[ArtifactType, type["Artifact"]] = {}


@strawberry.interface(description="An object with an ID, by which it can be fetched again.")
class Node:
    """An object with an id."""

    id: strawberry.ID = record_field("The ID, unique across all types and never reused.")


@strawberry.type(description="A key and a value that describe an artifact.")
class Property:
    """A property of an artifact."""

    key: str = strawberry.field(
        description="The key, unique among the properties of an artifact, of 1 to 128 "
        "characters. It is compared exactly."
    )
    value: str = strawberry.field(description="The value, at most 1,024 characters.")


KeyArgument = Annotated[
    str, strawberry.argument(description="The key of the property, compared exactly.")
]


@strawberry.interface(
    description="A registered artifact: a model, a dataset or code. Its URL is unique within "
    "its type."
)
class Artifact(Node):
    """An artifact, of which the fields are those of a record."""

    record: strawberry.Private[records.PartialArtifact]
    type: ArtifactType = record_field("The type of the artifact, which never changes.")
    name: str = record_field(
        "The name as it was given. It does not have to be unique: if several artifacts of a "
        "type have the same name, the one that has had it longest is the name owner, to which "
        "references by name resolve."
    )
    url: Url = record_field("The URL where the artifact is published, unique within its type.")
    download_url: Url | None = record_field("The download location of the artifact's files.")
    description: str | None = record_field(
        "The description of the artifact, at most 4,000 characters, or null if it has none."
    )
    license: str | None = record_field(
        "The license of the artifact as it was given, preferably an SPDX identifier, or null "
        "if it states none. At most 256 characters."
    )
    license_id: str | None = record_field(
        "The SPDX license expression of the license, such as `Apache-2.0` for `apache-2.0`. "
        "Null if the license is neither an identifier or full name of the SPDX license list, "
        "ignoring case and punctuation, nor an expression of such identifiers."
    )
    tags: list[str] = record_field(
        "The tags of the artifact, in the order they were given, at most 100."
    )
    version: int = record_field(
        "The version of the artifact: 1 at registration, increased by 1 by every change. A "
        "mutation that changes nothing leaves it as it is. Pass it as `expectedVersion` to "
        "keep a mutation from overwriting other changes."
    )
    created_at: datetime = record_field("The time when the artifact was registered.")
    updated_at: datetime = record_field("The time when the artifact was last changed.")
    created_by: Actor | None = record_field(
        "The caller who registered the artifact. Null if the caller was anonymous, and for "
        "artifacts that were registered before the registry recorded callers."
    )
    updated_by: Actor | None = record_field(
        "The caller who last changed the artifact. Null if the caller was anonymous, and for "
        "changes that were made before the registry recorded callers."
    )

    @field("The properties of the artifact, in the order of their keys, at most 32.")
    def properties(self) -> list[Property]:
        """Return all properties."""
        pairs = records.require_read(self.record.properties)
        return [Property(key=key, value=value) for key, value in pairs]

    @field(
        "The value of the property with this key, or null if the artifact does not have it.",
        name="property",
    )
    def property_value(self, key: KeyArgument) -> str | None:
        """Return the value of one property."""
        return dict(records.require_read(self.record.properties)).get(key)

    @field(
        "The changes of the artifact, the newest first. It begins with the oldest change that "
        "the registry keeps."
    )
    def history(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = strawberry.UNSET
    ) -> Annotated["ChangeConnection", strawberry.lazy("graph.schema.types.changes")] | None:
        """Return a page of the history."""
        from graph.schema.types.changes import read_history  # noqa: PLC0415 - it needs Artifact

        return read_history(info.context, self.record, first, after)

    @field(
        "The artifacts that this artifact was built from, or that were built from it, directly "
        "and indirectly."
    )
    async def lineage(
        self,
        info: Info,
        direction: DirectionArgument,
        depth: DepthArgument = 1,
        first: FirstNodesArgument = DEFAULT_NODES,
        kinds: KindsArgument = strawberry.UNSET,
    ) -> Annotated["LineageGraph", strawberry.lazy("graph.schema.types.lineage")] | None:
        """Return the lineage of this artifact."""
        from graph.schema.types.lineage import read_lineage  # noqa: PLC0415 - it needs Artifact

        return await read_lineage(
            info.context,
            self.record,
            direction=direction,
            depth=depth,
            first=first,
            kinds=kinds,
        )

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


def artifact_from_optional_record(record: records.PartialArtifact | None) -> Artifact | None:
    """Return the Model, Dataset or Code of a record; None for None."""
    return None if record is None else artifact_from_record(record)
