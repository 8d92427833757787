"""Counts by index, reading no more than one item above what may be counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from storage.artifacts.records import ArtifactType, PartialArtifact
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.reads.reverse_links import open_reverse_links
from storage.dynamodb.schema.attributes import BY_CREATION, INDEXES
from storage.dynamodb.schema.keys import created_shards
from storage.search.paging import MAX_COUNTED
from storage.store import ReverseLinkQuery

_Query = Mapping[str, Any]


def count_types(client: DynamoClient, types: Iterable[ArtifactType]) -> int | None:
    """How many artifacts of these types there are; None above MAX_COUNTED."""
    (pages,) = _read(client, [[_shard(s) for of in types for s in created_shards(of)]])
    return None if pages is None else sum(page["Count"] for page in pages)


def count_reverse_links(
    client: DynamoClient, artifacts: Sequence[PartialArtifact]
) -> list[int | None]:
    """How many models each artifact has; None above MAX_COUNTED entries of the reverse index.

    A model that links to an artifact by its name and its id is one model with two entries.
    """
    cursors = open_reverse_links(
        client, [ReverseLinkQuery(artifact, MAX_COUNTED) for artifact in artifacts]
    )
    read = _read(client, [cursor.index_queries() for cursor in cursors])
    return [None if pages is None else len(_models(pages)) for pages in read]


def _models(pages: Sequence[Mapping[str, Any]]) -> set[str]:
    return {item["model_id"]["S"] for page in pages for item in page["Items"]}


def _shard(key: str) -> _Query:
    return {
        "IndexName": BY_CREATION,
        "Select": "COUNT",
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": INDEXES[BY_CREATION].partition_key},
        "ExpressionAttributeValues": {":p": {"S": key}},
    }


def _read(
    client: DynamoClient, groups: Iterable[Sequence[_Query]]
) -> list[list[dict[str, Any]] | None]:
    """All pages of each group's queries; None for a group with more than MAX_COUNTED items."""
    counts = [_Count(queries) for queries in groups]
    while waves := [(count, query) for count in counts for query in count.wave()]:
        answers = client.pages([query for _, query in waves])
        for (count, query), answer in zip(waves, answers, strict=True):
            count.take(query, answer)
    return [count.pages if count.left else None for count in counts]


class _Count:
    """A group of queries, and how many items they may still read together."""

    def __init__(self, queries: Sequence[_Query]) -> None:
        self.pages: list[dict[str, Any]] = []
        self.left = MAX_COUNTED + 1
        self._queries = list(queries)

    def wave(self) -> Iterator[_Query]:
        """The queries to go on with, each with its share of what is left."""
        queries, self._queries = self._queries[: self.left], self._queries[self.left :]
        for query in queries:
            yield {**query, "Limit": self.left // len(queries)}

    def take(self, query: _Query, answer: dict[str, Any]) -> None:
        """Keep what a query was answered; it goes on where there is more behind it."""
        self.pages.append(answer)
        self.left -= answer["Count"]
        if "LastEvaluatedKey" in answer:
            self._queries.append({**query, "ExclusiveStartKey": answer["LastEvaluatedKey"]})
