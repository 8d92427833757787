"""The plan of a write: what becomes of one artifact, and the actions for its own items."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from storage.artifacts.changes import Change
from storage.artifacts.ids import is_id
from storage.artifacts.records import Artifact, ArtifactType, LookupField, Target
from storage.artifacts.reference_stamps import reference_targets
from storage.artifacts.writes import WriteError, Written
from storage.dynamodb.items.changes import encode_change, encode_deleted, is_storable
from storage.dynamodb.items.codec import encode, name_since
from storage.dynamodb.items.references import decode_references
from storage.dynamodb.items.uniqueness import decode_owner
from storage.dynamodb.items.values import DECODING_ERRORS
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import (
    deleted_key,
    name_item_key,
    name_item_key_of,
    reference_id,
    reference_key,
    uniqueness_key,
    url_key,
)
from storage.dynamodb.writes.item_updates import (
    Action,
    only_if_absent,
    only_if_equal,
    only_if_unchanged,
    to_updated_item,
    update_item,
)
from storage.dynamodb.writes.table_view import TableView

_READ = "version", "updated_at", "artifact_type", "artifact", "url", "named_key", "bears"
"""Attributes that tell whether an item is still the one that was read."""


@dataclass(frozen=True, slots=True)
class SideKeys:
    """The side items that belong to an artifact."""

    url: str | None
    name: str | None
    place: str
    """Since when it has its name, and its id."""
    targets: frozenset[Target]

    @classmethod
    def from_artifact(cls, artifact: Artifact) -> "SideKeys":
        """Return the side items of an artifact."""
        return cls(
            url_key(artifact),
            name_item_key(artifact),
            name_since(artifact),
            reference_targets(artifact),
        )

    @classmethod
    def from_item(cls, item: Item) -> "SideKeys":
        """Return the side items of one that cannot be decoded, as far as it tells them."""
        url, name = item.get("url", {}).get("S"), item.get("bears", {}).get("S", "")
        try:
            targets = frozenset(reference.target for reference in decode_references(item))
        except DECODING_ERRORS:
            targets = frozenset()
        return cls(
            uniqueness_key(Target(known_type, LookupField.URL, url))
            if url and (known_type := decode_type(item))
            else None,
            name_item_key_of(name),
            item.get("named_key", {}).get("S", ""),
            targets,
        )


def decode_type(item: Item) -> ArtifactType | None:
    """Return the type of an artifact's item; None if it has none."""
    try:
        return ArtifactType(item["artifact_type"]["S"])
    except DECODING_ERRORS:
        return None


@dataclass(kw_only=True)
class Plan:
    """A write of one artifact."""

    id: str
    item: Item | None
    """Its item as it was read; None for a registration."""
    before: Artifact | None = None
    """None for a registration, and if the item cannot be decoded."""
    after: Artifact | None = None
    """None for a deletion."""
    changes: list[Change] = field(default_factory=list)
    content: Item | None = None
    """The item that a restored artifact had."""
    deleted: Item | None = None
    """The item of the deletion before, as it was read."""
    has_given_id: bool = False
    """True for imports and restorations: the id may have been deleted."""
    outcomes: dict[int, Written | WriteError] = field(default_factory=dict)
    """The answers for when the write has taken effect, by the position in a batch."""
    needs: set[str] = field(default_factory=set)
    """The ids of other artifacts that must have been written before."""

    @cached_property
    def old(self) -> SideKeys | None:
        """The side items before the write."""
        if self.before:
            return SideKeys.from_artifact(self.before)
        return SideKeys.from_item(self.item) if self.item else None

    @property
    def new(self) -> SideKeys | None:
        """The side items after the write."""
        return SideKeys.from_artifact(self.after) if self.after else None

    @property
    def uniqueness_keys(self) -> set[str]:
        """The keys of the uniqueness items that the write may change."""
        sides = [side for side in (self.old, self.new) if side]
        return {key for side in sides for key in (side.url, side.name) if key}

    def actions(self, view: TableView, retention: timedelta | None) -> list[Action]:
        """Return the actions for all items but those of names and of the log."""
        changes = [{"Put": {"Item": encode_change(c, retention)}} for c in self.changes]
        return [
            self._artifact_action(),
            *self._url_actions(view),
            *self._reference_actions(),
            *changes,
            *self._deleted_actions(retention),
        ]

    def dead_url_owners(self, view: TableView) -> Iterator[str]:
        """Yield the artifact from which the write takes the url, because it has it no more."""
        if self.after and self._takes_url(view):
            owner = decode_owner(view[url_key(self.after)])
            if owner and owner.id != self.id and is_id(owner.id):
                yield owner.id

    def _artifact_action(self) -> Action:
        if self.item is None:
            assert self.after is not None  # noqa: S101 - a plan from nothing to nothing is none
            right = to_updated_item(self.content, self.after) if self.content else None
            return {"Put": {"Item": right or encode(self.after), **only_if_absent()}}
        if self.after is None:
            condition = only_if_unchanged(self.item)
            if self.before is None:
                condition = only_if_equal(self.item, *_READ)
            return {"Delete": {"Key": {KEY: self.item[KEY]}, **condition}}
        return update_item(self.item, self.after, only_if_unchanged(self.item))

    def _takes_url(self, view: TableView) -> bool:
        """Return whether the url's item is missing, or names nobody who has the url."""
        assert self.after is not None  # noqa: S101 - deletions take nothing
        key, artifact = url_key(self.after), self.after
        owner = decode_owner(view[key])
        if owner and owner.id == self.id:
            return self.old is None or self.old.url != key
        return view.owner_of_url(artifact.type, artifact.url, key) is None

    def _url_actions(self, view: TableView) -> Iterator[Action]:
        old, new = self.old and self.old.url, self.new and self.new.url
        if new and self._takes_url(view):
            item = view[new]
            condition = only_if_equal(item, "owner") if item else only_if_absent()
            yield {"Put": {"Item": {KEY: {"S": new}, "owner": {"S": self.id}}, **condition}}
        if old and old != new and (item := view[old]):
            # A migrated table may hold several artifacts with one url, of which one owns it.
            owner = decode_owner(item)
            if owner and owner.id == self.id:
                yield {"Delete": {"Key": {KEY: {"S": old}}, **only_if_equal(item, "owner")}}

    def _reference_actions(self) -> Iterator[Action]:
        old = self.old.targets if self.old else frozenset()
        new = self.new.targets if self.new else frozenset()
        for target in new - old:
            yield {"Put": {"Item": reference_item(self.id, target)}}
        for target in old - new:
            yield {"Delete": {"Key": {KEY: {"S": reference_id(self.id, target)}}}}

    def _deleted_actions(self, retention: timedelta | None) -> Iterator[Action]:
        key = {KEY: {"S": deleted_key(self.id)}}
        if self.after is None and self.changes:
            change = self.changes[-1]
            item = encode_deleted(
                self.id,
                version=change.version,
                at=change.at,
                content=self._deleted_content(),
                retention=retention,
            )
            yield {"Put": {"Item": item}}
        elif self.has_given_id and self.deleted:
            condition = only_if_equal(self.deleted, "version", "at")
            yield {"Delete": {"Key": key, **condition}}
        elif self.has_given_id:
            yield {"ConditionCheck": {"Key": key, **only_if_absent()}}

    def _deleted_content(self) -> Item | None:
        """Return what a restoration needs: the item, or as much of it as can be kept."""
        candidates = [self.item, self.before and encode(self.before)]
        return next((item for item in candidates if item and is_storable(item)), None)


def reference_item(model_id: str, target: Target) -> Item:
    """Return the reverse link from a target to a model."""
    return {
        KEY: {"S": reference_id(model_id, target)},
        "reference": {"S": reference_key(target)},
        "model_id": {"S": model_id},
    }


def check_as_read(id: str, item: Item | None) -> Action:  # noqa: A002 - the registry's own word
    """Return the condition that an artifact still has the url and name that were read."""
    condition = only_if_equal(item, *_READ[2:]) if item else only_if_absent()
    return {"ConditionCheck": {"Key": {KEY: {"S": id}}, **condition}}
