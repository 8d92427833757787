"""A store in whose records there is what no store holds, and that fails when it is told to."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from storage.artifacts.projection import FULL_BY_DEFAULT, AnyArtifact, Projection
from storage.artifacts.records import Target
from storage.errors import StoreUnavailableError
from storage.search.listing import Listing
from storage.search.paging import Page
from storage.store import ReverseLinkQuery
from tests.graph.recording_store import RecordingStore


class SpoilingStore(RecordingStore):
    """Records that are read have some attributes replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.spoiled: Mapping[str, Any] = {}
        self.failing_calls: frozenset[int] = frozenset()
        """Which calls fail, counted from 0."""

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        return {id_: self._spoilt(found) for id_, found in super().get(ids, projection).items()}

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        found = super().resolve(targets, projection)
        return {target: self._spoilt(artifact) for target, artifact in found.items()}

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        return self._page(super().page(listing, first, after, projection))

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        return [self._page(page) for page in super().read_reverse_links(queries, projection)]

    def _page(self, page: Page[AnyArtifact]) -> Page[AnyArtifact]:
        entries = (replace(e, artifact=self._spoilt(e.artifact)) for e in page.entries)
        return replace(page, entries=tuple(entries))

    def _spoilt(self, record: AnyArtifact) -> AnyArtifact:
        return replace(record, **self.spoiled)

    def _record(self, method: str, count: int) -> None:
        super()._record(method, count)
        if len(self.calls) - 1 in self.failing_calls:
            raise StoreUnavailableError(method)


class Later:
    """Something to be awaited, as often as anyone likes."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self._value, Exception):
            raise self._value
        return self._value

    def __repr__(self) -> str:
        return f"Later({self._value!r})"


class Text(str):
    """Text of a type of its own."""

    __slots__ = ()


WRONG: list[Any] = [
    None,
    7,
    True,
    0.5,
    "text",
    Text("of its own"),
    b"bytes",
    (1, None, "text", Later("later"), ValueError("in a list")),
    ["text", Text("of its own"), True],
    ["text", "again"],
    {"a": 1},
    object,
    ValueError("as a value"),
    Later("later"),
    Later(None),
    Later(ValueError("raised later")),
]
ATTRIBUTES = [
    "id",
    "type",
    "name",
    "url",
    "download_url",
    "license",
    "tags",
    "version",
    "created_at",
    "rating",
    "references",
]
