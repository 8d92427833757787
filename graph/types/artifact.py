"""The interfaces that all artifacts share, and how a record becomes one of their types."""

from datetime import datetime
from typing import Self

import strawberry

from graph.types.enums import ArtifactType
from graph.types.scalars import Url
from storage import records

_TYPES: dict[ArtifactType, type["Artifact"]] = {}


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    """An object with an id."""

    id: strawberry.ID = strawberry.field(
        description="The id: unique over all types, and never given again."
    )


@strawberry.interface(
    description="What models, datasets and code have in common: each is registered under a URL "
    "that is unique for its type."
)
class Artifact(Node):
    """A registered artifact; its fields are plain attributes, which resolve fastest."""

    record: strawberry.Private[records.Artifact]
    type: ArtifactType = strawberry.field(description="What it is; this never changes.")
    name: str = strawberry.field(
        description="The name, as it was given. Names need not be unique: of several artifacts "
        "of one name, the one that has borne it longest owns it."
    )
    url: Url = strawberry.field(description="Where it lives: unique for its type.")
    download_url: Url | None = strawberry.field(description="Where its files can be had.")
    license: str | None = strawberry.field(
        description="Under which terms it may be used, as given: an SPDX id, if all is well."
    )
    tags: list[str] = strawberry.field(description="Labels, in the order they were given.")
    version: int = strawberry.field(
        description="1 at registration, and 1 more with every change. Pass it to a mutation as "
        "`expectedVersion` to change nothing that somebody else has changed meanwhile."
    )
    created_at: datetime = strawberry.field(description="When it was registered.")
    updated_at: datetime = strawberry.field(description="When it last changed.")

    def __init_subclass__(cls, *, of: ArtifactType) -> None:
        """Know the class of a type, so that records become objects without importing it."""
        _TYPES[of] = cls

    @classmethod
    def of(cls, record: records.Artifact) -> Self:
        """The object of a record that is of this class's type."""
        return cls(
            record=record,
            id=strawberry.ID(record.id),
            type=record.type,
            name=record.name,
            url=Url(record.url),
            download_url=None if record.download_url is None else Url(record.download_url),
            license=record.license,
            tags=list(record.tags),
            version=record.version,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )

    @classmethod
    def found(cls, record: records.Artifact | None) -> Self | None:
        """The object of a record, where there is one."""
        return None if record is None else cls.of(record)


def artifact_of(record: records.Artifact) -> Artifact:
    """The Model, Dataset or Code that a record is."""
    return _TYPES[record.type].of(record)
