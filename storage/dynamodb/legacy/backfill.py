"""Migrates artifacts of the earlier backend: completes their items, adds their side items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from storage.artifacts.records import Artifact
from storage.artifacts.reference_stamps import reference_targets
from storage.artifacts.write_rules import place_after_last
from storage.dynamodb.client.client import MAX_BYTES, DynamoClient
from storage.dynamodb.items.codec import name_since
from storage.dynamodb.items.uniqueness import decode_last_since, decode_owner, encode_since
from storage.dynamodb.legacy.legacy_codec import (
    decode_legacy,
    is_backfilled,
    only_if_unchanged,
)
from storage.dynamodb.schema.attributes import KEY, UNIQUENESS, Item, to_item
from storage.dynamodb.schema.keys import name_item_key, url_key
from storage.dynamodb.writes.item_updates import (
    Action,
    only_if_absent,
    only_if_equal,
    update_item,
)
from storage.dynamodb.writes.plan import reference_item
from storage.errors import UndecodableError

MAX_ARTIFACTS = 20
"""Artifacts in a transaction: each has at most five items, for it has two references."""


@dataclass(frozen=True, slots=True)
class LegacyArtifact:
    """An artifact to migrate."""

    id: str
    takes_url: bool
    """It is the oldest artifact with its url, and the url has no owner."""
    version: int
    """1, or the one after those that it had before the earlier backend overwrote it."""


def backfill(client: DynamoClient, artifacts: Sequence[LegacyArtifact]) -> int:
    """Migrate artifacts, namesakes in their order, and return how many are migrated.

    Many go in one transaction, or each in its own if one of them is in conflict. What others
    write meanwhile is left to another scan.
    """
    return sum(
        _backfill_together(client, artifacts[at : at + MAX_ARTIFACTS])
        for at in range(0, len(artifacts), MAX_ARTIFACTS)
    )


def _backfill_together(client: DynamoClient, artifacts: Sequence[LegacyArtifact]) -> int:
    items = client.get_items(artifact.id for artifact in artifacts)
    actions = list(_to_actions(client, artifacts, items))
    if len(artifacts) > 1 and len(orjson.dumps([items, actions])) > MAX_BYTES:
        return _backfill_each(client, artifacts)
    if not actions or client.transact(actions):
        # Counts those, too, that were migrated before the answer to it was lost.
        return len(items)
    return _backfill_each(client, artifacts) if len(artifacts) > 1 else 0


def _backfill_each(client: DynamoClient, artifacts: Sequence[LegacyArtifact]) -> int:
    return sum(_backfill_together(client, [artifact]) for artifact in artifacts)


def _to_actions(
    client: DynamoClient, legacy: Sequence[LegacyArtifact], items: Mapping[str, Item]
) -> Iterator[Action]:
    artifacts = list(_decode_waiting(legacy, items))
    keys = (key for artifact in artifacts if (key := name_item_key(artifact)))
    names = _Names(client.get_items(keys))
    takers = {each.id for each in legacy if each.takes_url}
    for artifact in map(names.place, artifacts):
        yield from _artifact_actions(artifact, items[artifact.id])
        if artifact.id in takers:
            yield _take_url(artifact)
    yield from names.actions()


def _decode_waiting(
    legacy: Sequence[LegacyArtifact], items: Mapping[str, Item]
) -> Iterator[Artifact]:
    for each in legacy:
        item = items.get(each.id)
        if item is not None and not is_backfilled(item):
            try:
                artifact = decode_legacy(item)
            except UndecodableError:
                continue  # written so since the scan: the next one reports it
            yield replace(artifact, version=each.version, content_version=each.version)


class _Names:
    """The uniqueness items of names as they were read, and as they will be."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._before = items
        self._after = dict(items)

    def place(self, artifact: Artifact) -> Artifact:
        """Return the artifact with its place among its namesakes, and note that it joins."""
        key = name_item_key(artifact)
        if key is None:
            return artifact
        item = self._after.get(key)
        owner = decode_owner(item)
        if owner and owner.id == artifact.id and owner.named_at is not None:
            # The earlier backend has overwritten the owner's item: it still is the owner.
            return replace(artifact, named_at=owner.named_at)
        placed = place_after_last(artifact, decode_last_since(item))
        joined = {"last_since": encode_since(placed.named_at)}
        if item is None:
            joined["owner"] = name_since(placed)
        # A name without an owner stays so until the next repair.
        added = to_item({KEY: key, **joined}, UNIQUENESS)
        self._after[key] = {**(item or {}), **added}
        return placed

    def actions(self) -> Iterator[Action]:
        """Yield the actions for names that artifacts join, if nobody else does meanwhile."""
        for key, item in self._after.items():
            before = self._before.get(key)
            if item != before:
                condition = only_if_equal(before) if before else only_if_absent()
                yield {"Put": {"Item": item, **condition}}


def _artifact_actions(artifact: Artifact, item: Item) -> Iterator[Action]:
    yield update_item(item, artifact, only_if_unchanged(item))
    for target in reference_targets(artifact):
        yield {"Put": {"Item": reference_item(artifact.id, target)}}


def _take_url(artifact: Artifact) -> Action:
    item = {KEY: {"S": url_key(artifact)}, "owner": {"S": artifact.id}}
    return {"Put": {"Item": item, **only_if_absent()}}
