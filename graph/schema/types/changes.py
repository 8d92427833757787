"""The types of changes: the history of an artifact, and the feed of all changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from graph.context import Context, Info
from graph.errors import invalid_cursor
from graph.loading.batch_loader import as_field_value
from graph.schema.types.actor import Actor
from graph.schema.types.artifact import Artifact, artifact_from_optional_record
from graph.schema.types.enums import ArtifactType, ChangeKind
from graph.schema.types.pages import PageInfo, check_first, decode_cursor, encode_cursor
from graph.schema.types.scalars import Json
from graph.schema.types.strawberry_fields import field, record_field
from storage.artifacts import changes
from storage.artifacts.records import PartialArtifact
from storage.change_queries import HistoryPage, HistoryQuery

_ID_PREFIX = "change_"
"""No artifact's id has an underscore."""
_MAX_DIGITS = 11
"""More than the version of any artifact has."""


@strawberry.type(
    description="A field of an artifact that a change set, with its values as JSON in the "
    "shape of the inputs of mutations."
)
class FieldChange:
    """A changed field."""

    __shows__ = changes.FieldChange

    field: str = strawberry.field(
        description="The name of the field in the inputs of mutations, such as `tags`."
    )
    before: Json | None = strawberry.field(
        description="The value before the change. Null if there was none."
    )
    after: Json | None = strawberry.field(
        description="The value after the change. Null if there was none."
    )


@strawberry.type(
    description="A change: one accepted write to one artifact, which made its `version`. A "
    "write that changes nothing is not a change. Changes are immutable."
)
class Change:
    """A change, of which the fields are those of a record."""

    record: strawberry.Private[changes.Change]
    artifact_id: strawberry.ID = record_field("The ID of the artifact.")
    type: ArtifactType = record_field("The type of the artifact.")
    name: str = record_field(
        "The name of the artifact after the change, or before its deletion."
    )
    version: int = record_field(
        "The version that the change made. It increases by 1 with every change of an artifact."
    )
    kind: ChangeKind = record_field("What the change did.")
    at: datetime = record_field(
        "The time of the change, later than that of the version before."
    )
    by: Actor | None = record_field(
        "The caller who made the change. Null if the caller was anonymous or a command."
    )
    request_id: str | None = record_field(
        "The ID of the request that made the change, as in its `x-request-id` header. Null if "
        "a command made it."
    )
    fields: list[FieldChange] = record_field(
        "The fields that the change set. A registration or restoration has all fields that are "
        "not empty after it, a deletion all that were not empty before it."
    )

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the record's
        """Return an attribute of the record."""
        return getattr(self.record, name)

    @field(
        "The ID of the change itself, which is not the ID of an artifact. It is opaque and "
        "unique across all types.",
        name="id",
    )
    def get_id(self) -> strawberry.ID:
        """Return what tells changes apart: the artifact's id and the version."""
        return strawberry.ID(f"{_ID_PREFIX}{self.record.artifact_id}_{self.record.version}")

    @field("The artifact as it is now, or null if it has been deleted.")
    def artifact(self, info: Info) -> Artifact | None:
        """Return the artifact as it is now."""
        artifact = info.context.loaders.artifact_by_id.load(self.record.artifact_id)
        return as_field_value(artifact.map(artifact_from_optional_record))


@strawberry.type(description="A change in a connection.")
class ChangeEdge:
    """A change with its cursor."""

    cursor: str = strawberry.field(description="The cursor of the change, to pass as `after`.")
    node: Change = strawberry.field(description="The change.")


@strawberry.type(description="A page of changes, the newest first.")
class ChangeConnection:
    """A page of changes."""

    changes: strawberry.Private[Sequence[changes.Change]]
    cursors: strawberry.Private[Sequence[str]]
    """The cursor of each change."""
    page_info: PageInfo = strawberry.field(description="Information to aid in pagination.")

    @field("The changes of the page with their cursors.")
    def edges(self) -> list[ChangeEdge]:
        """Return the changes of the page with their cursors."""
        return [
            ChangeEdge(cursor=cursor, node=Change(record=change))
            for cursor, change in zip(self.cursors, self.changes, strict=True)
        ]

    @field("The changes of the page.")
    def nodes(self) -> list[Change]:
        """Return the changes of the page."""
        return [Change(record=change) for change in self.changes]


@strawberry.type(
    description="A page of the feed of all changes. The feed has each change at least once, "
    "and the changes of one artifact in the order of their versions."
)
class ChangeFeed:
    """A page of the feed."""

    changes: list[Change] = strawberry.field(
        description="The changes, in the order in which they were made. The list may be empty "
        "although there are more."
    )
    cursor: str = strawberry.field(
        description="The cursor to pass as `after` for the changes that follow."
    )
    has_more: bool = strawberry.field(
        description="Whether there are more changes already. If false, ask again later; a "
        "subscription goes on by itself."
    )
    is_own_read: strawberry.Private[bool] = True
    """False if the store was read for this page and for those of other subscribers at once."""


def read_history(
    context: Context, artifact: PartialArtifact, first: int | None, after: str | None
) -> ChangeConnection:
    """Return a page of the changes of an artifact, which may be deferred.

    Raises:
        RequestError: `first` is out of range, or `after` is not a cursor of this history.
    """
    scope, first = f"history of {artifact.id}", check_first(first)
    position = decode_cursor(scope, after)
    version = artifact.version if position is None else _to_version(position) - 1
    if version < 1:
        return _to_connection(scope, position, HistoryPage((), has_next=False))
    history = context.loaders.history_by_query.load(HistoryQuery(artifact.id, version, first))
    return as_field_value(history.map(lambda page: _to_connection(scope, position, page)))


def _to_connection(scope: str, position: str | None, page: HistoryPage) -> ChangeConnection:
    cursors = [encode_cursor(scope, str(change.version)) for change in page.changes]
    return ChangeConnection(
        changes=page.changes,
        cursors=cursors,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=position is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )


def _to_version(position: str) -> int:
    """Return the version in the position of a cursor, which a forged one may lack."""
    if not (position.isascii() and position.isdecimal() and len(position) < _MAX_DIGITS):
        raise invalid_cursor()
    return int(position)
