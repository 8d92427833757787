"""Counts reverse links, and reads at most one more than may be counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from storage.artifacts.records import PartialArtifact
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.reads.reverse_links import open_reverse_links
from storage.reverse_links import ReverseLinkQuery

MAX_COUNTED = 10_000
"""Reverse links that are counted; reading more would take too long."""
_Query = Mapping[str, Any]


def count_reverse_links(
    client: DynamoClient, artifacts: Sequence[PartialArtifact]
) -> list[int | None]:
    """Return the number of models that link to each artifact; None above MAX_COUNTED items.

    A model that links to an artifact by its name and by its id has two items and counts once.
    """
    cursors = open_reverse_links(
        client, [ReverseLinkQuery(artifact, MAX_COUNTED) for artifact in artifacts]
    )
    read = _read_all(client, [cursor.index_queries() for cursor in cursors])
    return [None if pages is None else len(_models(pages)) for pages in read]


def _models(pages: Sequence[Mapping[str, Any]]) -> set[str]:
    return {item["model_id"]["S"] for page in pages for item in page["Items"]}


def _read_all(
    client: DynamoClient, groups: Iterable[Sequence[_Query]]
) -> list[list[dict[str, Any]] | None]:
    """Return all pages of each group's queries; None for a group above MAX_COUNTED items."""
    counts = [_Count(queries) for queries in groups]
    while pending := [(count, query) for count in counts for query in count.next_queries()]:
        answers = client.pages([query for _, query in pending])
        for (count, query), answer in zip(pending, answers, strict=True):
            count.record_page(query, answer)
    return [count.pages if count.left else None for count in counts]


class _Count:
    """A group of queries, with the number of items that they may still read together."""

    def __init__(self, queries: Sequence[_Query]) -> None:
        self.pages: list[dict[str, Any]] = []
        self.left = MAX_COUNTED + 1
        self._queries = list(queries)

    def next_queries(self) -> Iterator[_Query]:
        """Yield the queries to send next, each limited to its share of the remaining items."""
        queries, self._queries = self._queries[: self.left], self._queries[self.left :]
        for query in queries:
            yield {**query, "Limit": self.left // len(queries)}

    def record_page(self, query: _Query, answer: dict[str, Any]) -> None:
        """Keep a query's page; the query continues if there is another one."""
        self.pages.append(answer)
        self.left -= answer["Count"]
        if "LastEvaluatedKey" in answer:
            self._queries.append({**query, "ExclusiveStartKey": answer["LastEvaluatedKey"]})
