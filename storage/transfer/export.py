"""Exports a store as NDJSON: a line for each artifact, deleted artifact and change."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from storage.artifacts.changes import Change
from storage.artifacts.records import Artifact
from storage.callbacks import ignore_unreadable
from storage.change_queries import DeletedArtifact, HistoryPage, HistoryQuery
from storage.errors import CursorExpiredError, StoreUnavailableError, UndecodableError
from storage.store import Store
from storage.transfer.encoding import (
    artifact_fields,
    change_fields,
    deleted_fields,
    describe_deletion,
    describe_registration,
    encode_line,
)
from storage.transfer.export_spool import ExportSpool, SpoolEntry, open_spool

_T = TypeVar("_T")
_OnUnreadable = Callable[[UndecodableError], None]

_BATCH = 100
"""The most changes that are read at a time, and so the most artifacts."""
_FIRST_CHANGES = 10
"""The changes that are read with each artifact of a batch; few have more."""
_FEED_PAGE = 1_000
_LOOKS = 3
"""An artifact that is deleted and restored meanwhile may be missing from two reads."""


def export_lines(
    store: Store,
    on_unreadable: _OnUnreadable = ignore_unreadable,
    *,
    with_history: bool = True,
) -> Iterator[bytes]:
    """Yield lines from which an import makes the same registry.

    Deleted artifacts come first, then artifacts in the order in which they got their names,
    each followed by its changes, the newest first. Those that are written while the export
    reads are read once more, unless the store shows one state. Artifacts and changes that
    cannot be decoded are left out, and their errors passed to `on_unreadable`.

    Raises:
        StoreUnavailableError: if the store fails, or is reset meanwhile.
        StoreSetupError: if there is no room for the temporary file.
    """
    with open_spool() as spool:
        with store.snapshot():
            export = _Export(store, spool, on_unreadable, with_history)
            start = store.feed_cursor()
            export.read_all()
            export.read_changed(start)
        yield from spool.read_lines()


@dataclass(frozen=True, slots=True)
class _Subject:
    """An artifact or a deleted one, with the fields of its line."""

    id: str
    version: int
    source: Artifact | DeletedArtifact

    def to_entry(self, changes: Iterable[Change]) -> SpoolEntry:
        lines = tuple(encode_line(change_fields(each)) for each in changes)
        if isinstance(self.source, DeletedArtifact):
            line, at = encode_line(deleted_fields(self.source)), self.source.deleted_at
        else:
            line, at = encode_line(artifact_fields(self.source)), self.source.named_at
        is_live = isinstance(self.source, Artifact)
        return SpoolEntry(self.id, self.version, is_live, at, (line, *lines))

    def describe(self) -> Change:
        """Return the change that stands for an unknown history, as an import makes it."""
        if isinstance(self.source, DeletedArtifact):
            return describe_deletion(self.source)
        return describe_registration(self.source)


@dataclass(frozen=True, slots=True)
class _Export:
    """Reads a store into a spool."""

    store: Store
    spool: ExportSpool
    on_unreadable: _OnUnreadable
    with_history: bool

    def read_all(self) -> None:
        """Read everything once; an artifact that is restored meanwhile may be read twice."""
        deleted = self.store.scan_deleted() if self.with_history else ()
        live = self.store.scan(self.on_unreadable)
        everything = chain(map(_to_subject, deleted), map(_to_subject, live))
        for batch in _split(everything, lambda each: each.version):
            self._put(batch)

    def read_changed(self, after: str) -> None:
        """Read again what the feed names after a cursor, unless it was read since."""
        try:
            while True:
                page = self.store.read_feed(after, _FEED_PAGE)
                newest = {each.artifact_id: each.version for each in page.changes}
                ids = [id_ for id_, v in newest.items() if self.spool.get_version(id_) < v]
                for at in range(0, len(ids), _BATCH):
                    self._read_again(ids[at : at + _BATCH])
                after = page.cursor
                if not page.has_more:
                    return
        except CursorExpiredError as error:
            raise StoreUnavailableError(
                "the registry was reset, or changes expired, during the export; export again"
            ) from error

    def _read_again(self, ids: Sequence[str]) -> None:
        left = list(ids)
        for _ in range(_LOOKS):
            deleted = self.store.get_deleted(left) if self.with_history else {}
            live = self.store.get(left)
            found = [_to_subject(each) for each in self._readable({**deleted, **live})]
            for batch in _split(found, lambda each: each.version):
                self._put(batch)
            left = [id_ for id_ in left if id_ not in live and id_ not in deleted]
        for id_ in left:
            self.spool.remove(id_)

    def _readable(
        self, found: Mapping[str, Artifact | DeletedArtifact | UndecodableError]
    ) -> Iterator[Artifact | DeletedArtifact]:
        for id_, each in found.items():
            if isinstance(each, UndecodableError):
                self.on_unreadable(each)
                self.spool.remove(id_)
            else:
                yield each

    def _put(self, batch: Sequence[_Subject]) -> None:
        if not self.with_history:
            self.spool.put(each.to_entry(()) for each in batch)
            return
        queries = [HistoryQuery(each.id, each.version, _FIRST_CHANGES) for each in batch]
        pages = self.store.read_history(queries)
        self.spool.put(
            each.to_entry(self._read_history(each, query, page))
            for each, query, page in zip(batch, queries, pages, strict=True)
        )

    def _read_history(
        self, subject: _Subject, query: HistoryQuery, page: HistoryPage
    ) -> Iterator[Change]:
        if not (page.changes and page.changes[0].version == query.version):
            # It was made before histories were kept, or has expired.
            yield subject.describe()
        expected = query.version
        while True:
            for change in page.changes:
                for version in range(expected, change.version, -1):
                    message = f"version {version} of {query.artifact_id} cannot be read"
                    self.on_unreadable(UndecodableError(message))
                yield change
                expected = change.version - 1
            if not page.has_next or not page.changes:
                return
            query = HistoryQuery(query.artifact_id, expected, _BATCH)
            (page,) = self.store.read_history([query])


def _to_subject(source: Artifact | DeletedArtifact) -> _Subject:
    artifact = source.artifact if isinstance(source, DeletedArtifact) else source
    return _Subject(artifact.id, artifact.version, source)


def _split(items: Iterable[_T], get_version: Callable[[_T], int]) -> Iterator[list[_T]]:
    """Yield batches of items of which few enough changes are read at a time."""
    batch: list[_T] = []
    count = 0
    for item in items:
        batch.append(item)
        count += min(get_version(item), _FIRST_CHANGES)
        if count >= _BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch
