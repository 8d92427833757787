"""Reads reverse links: pages of the models that link to an artifact.

The index proposes models; each model's own references decide, so the index may lag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from storage.artifacts.names import normalise
from storage.artifacts.projection import CORE_PROJECTION, AnyArtifact, Projection
from storage.artifacts.records import (
    LookupField,
    PartialArtifact,
    Target,
    require_read,
)
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.reads.artifacts import get, owners
from storage.dynamodb.reads.resolution import resolve
from storage.dynamodb.schema.attributes import BY_REFERENCE, Item
from storage.dynamodb.schema.keys import reference_key, uniqueness_key
from storage.errors import StoreRefusedError, UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Entry, Page, cut_page

_REFERENCES = frozenset({"references"})


def read_reverse_links(
    client: DynamoClient,
    queries: Sequence[ReverseLinkQuery],
    projection: Projection[AnyArtifact],
) -> list[Page[AnyArtifact]]:
    """Return a page of models for each query, in the order of the models' ids."""
    found: list[list[Entry[AnyArtifact]]] = [[] for _ in queries]
    cursors = open_cursors = open_reverse_links(client, queries)
    while open_cursors:
        for cursor in open_cursors:
            cursor.limit = cursor.query.first + 1 - len(found[cursor.number])
        ids = _read_model_ids(client, open_cursors)
        wanted = (id_ for cursor in open_cursors for id_ in ids[cursor.number])
        models = get(client, wanted, projection.with_details(_REFERENCES))
        for cursor in open_cursors:
            for id_ in ids[cursor.number]:
                cursor.after = id_
                model = models.get(id_)
                if isinstance(model, UndecodableError):
                    cursor.has_unreadable = True
                elif model and cursor.is_linked_from(model):
                    found[cursor.number].append(Entry(id_, model))
        open_cursors = [
            c
            for c in open_cursors
            if len(ids[c.number]) == c.limit and len(found[c.number]) <= c.query.first
        ]
    return [
        replace(
            cut_page(found[cursor.number], cursor.query.first),
            has_unreadable=cursor.has_unreadable,
        )
        for cursor in cursors
    ]


@dataclass(slots=True)
class ReverseLinkCursor:
    """The position of one query in the index of references."""

    number: int
    query: ReverseLinkQuery
    targets: tuple[Target, ...]
    """All that a reference may ask for to mean the query's artifact."""
    after: str | None
    limit: int = 0
    has_unreadable: bool = False
    """True if a model that cannot be decoded may have been a part of the page."""

    def is_linked_from(self, model: PartialArtifact) -> bool:
        """Return whether one of the model's references means the query's artifact."""
        return any(
            reference.target in self.targets for reference in require_read(model.references)
        )

    def index_queries(self) -> list[dict[str, object]]:
        """Return the DynamoDB queries that continue from here, one for each target."""
        return [_index_query(reference_key(target), self.after) for target in self.targets]


def open_reverse_links(
    client: DynamoClient, queries: Sequence[ReverseLinkQuery]
) -> list[ReverseLinkCursor]:
    """Return a cursor for each query, with the targets that mean its artifact now."""
    named = {number: _named_targets(q.artifact) for number, q in enumerate(queries)}
    keys = (uniqueness_key(target) for targets in named.values() for target in targets)
    items = client.get_items(keys)
    owner_ids = {
        target: owner.id
        for targets in named.values()
        for target, owner in owners(items, targets).items()
    }
    all_targets = {target: q.artifact for n, q in enumerate(queries) for target in named[n]}
    owner_ids |= _resolve_uncertain(client, all_targets, items, owner_ids)
    cursors = []
    for number, query in enumerate(queries):
        artifact = query.artifact
        owned = (target for target in named[number] if owner_ids.get(target) == artifact.id)
        by_id = Target(artifact.type, LookupField.ID, artifact.id)
        cursors.append(ReverseLinkCursor(number, query, (by_id, *owned), query.after))
    return cursors


def _resolve_uncertain(
    client: DynamoClient,
    targets: Mapping[Target, PartialArtifact],
    items: Mapping[str, Item],
    owner_ids: Mapping[Target, str],
) -> dict[Target, str]:
    """Return the owners of names that are vacant, or whose owner is another artifact.

    An owner that is gone is no owner; then the first that has the name counts.
    """
    uncertain = [
        target
        for target, artifact in targets.items()
        if target.lookup_field is LookupField.NAME
        and uniqueness_key(target) in items
        and owner_ids.get(target) != artifact.id
    ]
    if not uncertain:
        return {}
    found = resolve(client, uncertain, CORE_PROJECTION, _refuse_writes)
    return {t: a.id for t, a in found.items() if not isinstance(a, UndecodableError)}


def _refuse_writes() -> None:
    raise StoreRefusedError("listings write nothing")


def _named_targets(artifact: PartialArtifact) -> list[Target]:
    name = normalise(artifact.name)
    by_url = Target(artifact.type, LookupField.URL, artifact.url)
    return [by_url, Target(artifact.type, LookupField.NAME, name)] if name else [by_url]


def _read_model_ids(
    client: DynamoClient, cursors: Sequence[ReverseLinkCursor]
) -> dict[int, list[str]]:
    """Return the next ids of each cursor, in order, at most as many as its limit."""
    limit = max(cursor.limit for cursor in cursors)
    queries = [(cursor, query) for cursor in cursors for query in cursor.index_queries()]
    pages = client.query([query for _, query in queries], limit)
    ids: dict[int, set[str]] = {cursor.number: set() for cursor in cursors}
    for (cursor, _), page in zip(queries, pages, strict=True):
        ids[cursor.number].update(item["model_id"]["S"] for item in page)
    return {cursor.number: sorted(ids[cursor.number])[: cursor.limit] for cursor in cursors}


def _index_query(key: str, after: str | None) -> dict[str, object]:
    condition, values = "#k = :k", {":k": {"S": key}}
    if after is not None:
        condition, values = f"{condition} AND model_id > :a", {**values, ":a": {"S": after}}
    return {
        "IndexName": BY_REFERENCE,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#k": "reference"},
        "ExpressionAttributeValues": values,
    }
