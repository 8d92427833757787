"""The interfaces that all artifacts share, and how a record becomes one of their types."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry

from graph.engine.direct_resolvers import RECORDED
from graph.schema.types.enums import ArtifactType
from graph.schema.types.scalars import Url
from storage.artifacts import records

_TYPES: dict[ArtifactType, type["Artifact"]] = {}


def _recorded(description: str) -> Any:  # noqa: ANN401 - what the field is annotated with
    """Describe a field that the record holds, and that is read when somebody asks for it."""
    field: Any = strawberry.field(description=description, metadata={RECORDED: True})
    field.init = False
    return field


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    """An object with an id."""

    id: strawberry.ID = _recorded("The id: unique over all types, and never given again.")


@strawberry.interface(
    description="What models, datasets and code have in common: each is registered under a URL "
    "that is unique for its type."
)
class Artifact(Node):
    """A registered artifact: its record, as GraphQL shows it."""

    record: strawberry.Private[records.PartialArtifact]
    type: ArtifactType = _recorded("What it is; this never changes.")
    name: str = _recorded(
        "The name, as it was given. Names need not be unique: of several artifacts "
        "of one name, the one that has borne it longest owns it."
    )
    url: Url = _recorded("Where it lives: unique for its type.")
    download_url: Url | None = _recorded("Where its files can be had.")
    license: str | None = _recorded(
        "Under which terms it may be used, as given: an SPDX id, if all is well."
    )
    tags: list[str] = _recorded("Labels, in the order they were given.")
    version: int = _recorded(
        "1 at registration, and 1 more with every change. Pass it to a mutation as "
        "`expectedVersion` to change nothing that somebody else has changed meanwhile."
    )
    created_at: datetime = _recorded("When it was registered.")
    updated_at: datetime = _recorded("When it last changed.")

    def __init_subclass__(cls, *, of: ArtifactType) -> None:
        """Know the class of a type, so that records become objects without importing it."""
        _TYPES[of] = cls

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the record's
        """Return what the record holds.

        Raises:
            DetailNotReadError: if the request's projection left it out.
        """
        return records.require_read(getattr(self.record, name))

    @classmethod
    def of(cls, record: records.PartialArtifact) -> Self:
        """The object of a record that is of this class's type."""
        return cls(record=record)

    @classmethod
    def found(cls, record: records.PartialArtifact | None) -> Self | None:
        """The object of a record, where there is one."""
        return None if record is None else cls.of(record)

    @classmethod
    def all_of(cls, found: Iterable[records.PartialArtifact]) -> list[Self]:
        """The objects of records that are of this class's type."""
        return [cls.of(record) for record in found]


def artifact_of(record: records.PartialArtifact) -> Artifact:
    """The Model, Dataset or Code that a record is."""
    return _TYPES[record.type].of(record)
