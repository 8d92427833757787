"""Takes in artifacts of the earlier backend: their urls, names and references get items."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import reference_targets
from storage.dynamodb.client.client import MAX_BYTES, DynamoClient
from storage.dynamodb.items.codec import Item, decode, is_backfilled, name_since
from storage.dynamodb.schema.keys import url_key
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.conditions import only_if
from storage.dynamodb.writes.plans import Action, join, name_item_key, reference_item
from storage.dynamodb.writes.rewriting import rewrite
from storage.dynamodb.writes.update import joined
from storage.errors import UndecodableError

MOST = 20
"""Artifacts in a transaction: each has at most five items, with two references."""


@dataclass(frozen=True, slots=True)
class LegacyArtifact:
    """An artifact to be taken in."""

    id: str
    takes_url: bool
    """Whether it is the oldest of those that have its url, which nobody owns."""


def backfill(client: DynamoClient, newcomers: Sequence[LegacyArtifact]) -> int:
    """Take in artifacts, of namesakes the first before the next, and tell how many are.

    Many in one transaction, or each in its own where something is in the way of one. What is
    written meanwhile by others is left to another survey.
    """
    return sum(
        _adopt(client, newcomers[at : at + MOST]) for at in range(0, len(newcomers), MOST)
    )


def _adopt(client: DynamoClient, newcomers: Sequence[LegacyArtifact]) -> int:
    there = client.get_items(newcomer.id for newcomer in newcomers)
    actions = list(_actions(client, newcomers, there))
    if len(newcomers) > 1 and len(orjson.dumps([there, actions])) > MAX_BYTES:
        return sum(_adopt(client, [newcomer]) for newcomer in newcomers)
    if not actions or client.transact(actions):
        # Those, too, that were taken in before the answer to it was lost.
        return len(there)
    return sum(_adopt(client, [n]) for n in newcomers) if len(newcomers) > 1 else 0


def _actions(
    client: DynamoClient, newcomers: Sequence[LegacyArtifact], there: Mapping[str, Item]
) -> Iterator[Action]:
    artifacts = list(_waiting(newcomers, there))
    names = _Names(client.get_items(key for a in artifacts if (key := name_item_key(a))))
    takers = {newcomer.id for newcomer in newcomers if newcomer.takes_url}
    for artifact in map(names.placed, artifacts):
        yield from _own_actions(artifact, there[artifact.id])
        if artifact.id in takers:
            yield _take_url(artifact)
    for key, places in names.joining.items():
        yield join(key, *places)


def _waiting(
    newcomers: Sequence[LegacyArtifact], there: Mapping[str, Item]
) -> Iterator[Artifact]:
    for newcomer in newcomers:
        item = there.get(newcomer.id)
        if item is not None and not is_backfilled(item):
            try:
                yield decode(item)
            except UndecodableError:
                continue  # written so since the survey: the next one tells of it


@dataclass(slots=True)
class _Names:
    """The name items that were read, and who joins the bearers of a name."""

    items: dict[str, Item]
    joining: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def placed(self, artifact: Artifact) -> Artifact:
        """The artifact in its place among the bearers of its name, counted there."""
        key = name_item_key(artifact)
        if key is None:
            return artifact
        after = joined(artifact, self.items)
        place = {"S": name_since(after)}
        if key not in self.items or self.items[key]["owner"] != place:
            self.joining[key].append(place["S"])
        self.items.setdefault(key, {"owner": place})
        return after


def _own_actions(artifact: Artifact, item: Item) -> Iterator[Action]:
    yield rewrite(item, artifact)
    for target in reference_targets(artifact):
        yield {"Put": {"Item": reference_item(artifact.id, target)}}


def _take_url(artifact: Artifact) -> Action:
    item = {KEY: {"S": url_key(artifact)}, "owner": {"S": artifact.id}}
    return {"Put": {"Item": item, **only_if(f"attribute_not_exists({KEY})")}}
