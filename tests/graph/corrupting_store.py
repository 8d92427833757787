"""A store that returns records with corrupt attributes, and fails on request."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from storage.artifacts.projection import FULL_BY_DEFAULT, AnyArtifact, Projection
from storage.artifacts.records import Target
from storage.errors import StoreUnavailableError, UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from tests.graph.recording_store import RecordingStore


class CorruptingStore(RecordingStore):
    """A recording store that replaces attributes of the artifacts that it returns."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.corrupt_attributes: Mapping[str, Any] = {}
        """The values with which attributes are replaced, by the attribute's name."""
        self.failing_calls: frozenset[int] = frozenset()
        """The indices of the calls that fail."""

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact | UndecodableError]:
        artifacts = super().get(ids, projection)
        return {id_: self._corrupt(artifact) for id_, artifact in artifacts.items()}

    def resolve(
        self, targets: Sequence[Target], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[Target, AnyArtifact | UndecodableError]:
        artifacts = super().resolve(targets, projection)
        return {target: self._corrupt(artifact) for target, artifact in artifacts.items()}

    def page(
        self,
        listing: Listing,
        window: Window,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        return self._corrupt_page(super().page(listing, window, projection))

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        pages = super().read_reverse_links(queries, projection)
        return [self._corrupt_page(page) for page in pages]

    def _corrupt_page(self, page: Page[AnyArtifact]) -> Page[AnyArtifact]:
        entries = (replace(e, artifact=self._replace(e.artifact)) for e in page.entries)
        return replace(page, entries=tuple(entries))

    def _corrupt(
        self, artifact: AnyArtifact | UndecodableError
    ) -> AnyArtifact | UndecodableError:
        if isinstance(artifact, UndecodableError):
            return artifact
        return self._replace(artifact)

    def _replace(self, artifact: AnyArtifact) -> AnyArtifact:
        return replace(artifact, **self.corrupt_attributes)

    def _record(self, method: str, count: int) -> None:
        super()._record(method, count)
        if len(self.calls) - 1 in self.failing_calls:
            raise StoreUnavailableError(method)


class ReusableAwaitable:
    """An awaitable that can be awaited again; it raises its value if that is an error."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self._value, Exception):
            raise self._value
        return self._value

    def __repr__(self) -> str:
        return f"ReusableAwaitable({self._value!r})"


class StrSubclass(str):
    """Text whose type is not str itself."""

    __slots__ = ()


CORRUPT_VALUES: list[Any] = [
    None,
    7,
    True,
    0.5,
    "text",
    StrSubclass("subclass"),
    b"bytes",
    (1, None, "text", ReusableAwaitable("awaited"), ValueError("in a list")),
    ["text", StrSubclass("subclass"), True],
    ["text", "again"],
    {"a": 1},
    object,
    ValueError("as a value"),
    ReusableAwaitable("awaited"),
    ReusableAwaitable(None),
    ReusableAwaitable(ValueError("raised when awaited")),
]
ATTRIBUTES = [
    # Not tags, description and properties: their sizes are measured when they are read, which
    # fails for all artifacts of the read.
    "id",
    "type",
    "name",
    "url",
    "download_url",
    "license",
    "version",
    "created_at",
    "rating",
    "references",
    "created_by",
    "content_version",
]
