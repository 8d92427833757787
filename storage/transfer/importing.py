"""Imports NDJSON: the artifact of each line, with the changes on the lines after it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from typing import BinaryIO

from storage.artifacts.changes import Change, ChangeKind
from storage.artifacts.inputs import invalid_field
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import (
    InvalidInputError,
    NewArtifact,
    OnConflict,
    WriteError,
    WriteOutcome,
    Written,
)
from storage.change_queries import DeletedArtifact, ImportedHistory
from storage.clock import Clock, system_clock
from storage.errors import StoreUnavailableError
from storage.store import Store
from storage.transfer.encoding import describe_deletion, describe_registration
from storage.transfer.parsing import (
    MAX_LINE_BYTES,
    DeletedLine,
    UnreadableLineError,
    parse_line,
    unwrap_rejected,
)

_BATCH = 100
_BATCH_BYTES = 8_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not imported, and the reason."""

    line: int
    reason: str
    field: tuple[str, ...]
    """The path of the wrong value; empty if the line as a whole is wrong."""
    message: str
    text: str


@dataclass(slots=True)
class Summary:
    """The numbers of artifacts, deleted ones included, and of rejected lines."""

    registered: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def is_empty(self) -> bool:
        """Return whether there was nothing to import."""
        return not (self.registered or self.updated or self.unchanged or self.rejected)


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is too long, the part that shows it."""
    while line := file.readline(MAX_LINE_BYTES + 2):
        yield line
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES)


def import_lines(
    store: Store,
    lines: Iterable[bytes],
    on_conflict: OnConflict = OnConflict.REJECT,
    on_reject: Callable[[RejectedLine], None] = lambda _: None,
    *,
    summary: Summary | None = None,
    clock: Clock = system_clock,
) -> Summary:
    """Register the artifacts of lines, a hundred at a time; invalid lines are rejected.

    With an artifact that is rejected, its changes are left out. Lines that were imported
    before a StoreUnavailableError stay imported, and are counted in `summary`; all lines can
    be imported again with OnConflict.UPDATE.
    """
    importer = _Importer(store, on_conflict, on_reject, summary or Summary(), clock)
    for number, line in enumerate(lines, 1):
        text = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).strip()
        if text:
            importer.add(number, unwrap_rejected(text))
    importer.flush()
    return importer.summary


def import_sample(store: Store) -> Summary:
    """Register the sample data; artifacts that exist already stay as they are."""
    with files("storage.transfer").joinpath("sample.ndjson").open("rb") as lines:
        return import_lines(store, lines)


@dataclass(slots=True)
class _Entry:
    """An artifact to import, with its changes by version."""

    number: int
    text: bytes
    new: NewArtifact
    deleted_at: datetime | None
    changes: dict[int, Change] = field(default_factory=dict)

    @property
    def has_history(self) -> bool:
        """Return whether more is known than the artifact itself."""
        return bool(self.changes or self.deleted_at)

    def add(self, change: Change) -> None:
        """Add one of the artifact's changes."""
        identity = self.new.identity
        assert identity is not None  # noqa: S101 - the change has the id of the artifact
        if change.type is not self.new.type:
            raise invalid_field("artifactType", "must be the type of the artifact before it")
        if change.version > identity.version:
            message = f"must not be higher than that of the artifact, {identity.version}"
            raise invalid_field("version", message)
        if change.version in self.changes:
            raise invalid_field("version", "must not be that of another change")
        is_deletion = change.kind is ChangeKind.DELETED
        is_newest = change.version == identity.version
        if is_newest and is_deletion != bool(self.deleted_at):
            raise invalid_field("kind", "must agree with whether the artifact is deleted")
        self.changes[change.version] = change

    def to_history(self) -> ImportedHistory:
        """Return the changes, the newest first and never missing."""
        identity = self.new.identity
        assert identity is not None  # noqa: S101 - a history needs one
        deleted = None
        if self.deleted_at or identity.version not in self.changes:
            artifact = make_artifact(self.new, Stamp(identity.updated_at))
            deleted = DeletedArtifact(artifact, self.deleted_at) if self.deleted_at else None
            newest = describe_deletion(deleted) if deleted else describe_registration(artifact)
            self.changes.setdefault(identity.version, newest)
        by_version = sorted(self.changes.values(), key=lambda change: -change.version)
        return ImportedHistory(tuple(by_version), deleted)


@dataclass(slots=True)
class _Importer:
    """Collects a batch of artifacts, and writes it when the next one begins."""

    store: Store
    on_conflict: OnConflict
    on_reject: Callable[[RejectedLine], None]
    summary: Summary
    clock: Clock
    _batch: list[_Entry] = field(default_factory=list)
    _batch_bytes: int = 0
    _is_line_rejected: bool = False
    """A line after the last artifact was rejected; what follows may be changes of it."""

    def add(self, number: int, text: bytes) -> None:
        """Import a line, at the latest with the next `flush`."""
        try:
            parsed = parse_line(text, self.clock())
            if isinstance(parsed, Change):
                self._add_change(parsed)
            else:
                self._add_artifact(_to_entry(number, text, parsed))
        except UnreadableLineError as error:
            self._is_line_rejected = True
            self._reject(number, text, "UNREADABLE", str(error))
        except InvalidInputError as error:
            self._is_line_rejected = True
            self._reject_error(number, text, error.errors[0])
        else:
            self._batch_bytes += len(text)

    def _add_artifact(self, entry: _Entry) -> None:
        if len(self._batch) >= _BATCH or self._batch_bytes >= _BATCH_BYTES:
            self.flush()
        self._batch.append(entry)
        self._is_line_rejected = False
        if len(self._batch) >= _BATCH and entry.new.identity is None:
            self.flush()  # no changes can follow

    def _add_change(self, change: Change) -> None:
        identity = self._batch[-1].new.identity if self._batch else None
        if identity and identity.id == change.artifact_id:
            self._batch[-1].add(change)
        elif not self._is_line_rejected:
            raise invalid_field("artifactId", "must be the id of the artifact before it")

    def flush(self) -> None:
        """Write the batch.

        Raises:
            StoreUnavailableError: if the store fails; what it wrote is counted.
        """
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        for _, group in groupby(batch, key=_get_kind):
            entries = list(group)
            results = self._write(entries)
            for entry, result in zip(entries, results, strict=True):
                self._count(entry, result)
            if failures := [r for r in results if isinstance(r, StoreUnavailableError)]:
                raise failures[0]

    def _write(
        self, entries: Sequence[_Entry]
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        if not entries[0].has_history:
            return self.store.register([entry.new for entry in entries], self.on_conflict)
        histories = [(entry.new, entry.to_history()) for entry in entries]
        return self.store.import_history(histories, self.on_conflict)

    def _count(
        self, entry: _Entry, result: Written | WriteError | StoreUnavailableError
    ) -> None:
        if isinstance(result, WriteError):
            self._reject_error(entry.number, entry.text, result)
        elif isinstance(result, Written):
            self.summary.registered += result.outcome is WriteOutcome.CREATED
            self.summary.updated += result.outcome is WriteOutcome.UPDATED
            self.summary.unchanged += result.outcome is WriteOutcome.UNCHANGED

    def _reject_error(self, number: int, text: bytes, error: WriteError) -> None:
        self._reject(number, text, error.code.value, error.message, error.field[1:])

    def _reject(
        self, number: int, text: bytes, reason: str, message: str, path: tuple[str, ...] = ()
    ) -> None:
        self.summary.rejected[reason] += 1
        line = text.decode(errors="backslashreplace")
        self.on_reject(RejectedLine(number, reason, path, message, line))


def _get_kind(entry: _Entry) -> tuple[bool, bool]:
    """Return what entries must share to be written in one call."""
    return entry.has_history, entry.deleted_at is not None


def _to_entry(number: int, text: bytes, parsed: NewArtifact | DeletedLine) -> _Entry:
    if isinstance(parsed, DeletedLine):
        return _Entry(number, text, parsed.new, parsed.at)
    return _Entry(number, text, parsed, None)
