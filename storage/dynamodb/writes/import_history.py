"""Imports artifacts, live or deleted, with their histories."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import orjson

from storage.artifacts.changes import Change, ChangeKind, describe_change
from storage.artifacts.records import Artifact
from storage.artifacts.write_errors import id_taken_error
from storage.artifacts.writes import NewArtifact, OnConflict, WriteError, WriteOutcome, Written
from storage.change_queries import DeletedArtifact, ImportedHistory
from storage.dynamodb.client.client import MAX_ACTIONS
from storage.dynamodb.feed.segments import LogEntry
from storage.dynamodb.items.changes import (
    decode_deleted_version,
    encode_change,
    encode_deleted,
)
from storage.dynamodb.items.codec import encode
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import change_key, deleted_key
from storage.dynamodb.writes.attempts import Attempt, WriteContext, attempts
from storage.dynamodb.writes.execute import MAX_BYTES
from storage.dynamodb.writes.item_updates import Action, only_if_absent, only_if_equal
from storage.dynamodb.writes.register import register
from storage.errors import StoreUnavailableError

Outcome = Written | WriteError


def import_history(
    context: WriteContext,
    entries: Sequence[tuple[NewArtifact, ImportedHistory]],
    on_conflict: OnConflict,
) -> list[Outcome | StoreUnavailableError]:
    """Register exported artifacts with their histories, or what restoring them needs."""
    live = [at for at, (_, history) in enumerate(entries) if history.deleted is None]
    newest = [_newest(*entries[at]) for at in live]
    registered = register(context, [entries[at][0] for at in live], on_conflict, newest)
    results: dict[int, Outcome | StoreUnavailableError] = dict(
        zip(live, registered, strict=True)
    )
    older: list[Change] = []
    for at, (_, history) in enumerate(entries):
        if history.deleted is not None:
            results[at] = _import_deleted(context, history.deleted, history.changes)
        result = results[at]
        if isinstance(result, Written) and result.outcome is not WriteOutcome.UPDATED:
            older += _older_than(result.artifact, history.changes)
    _put_older(context, older)
    return [results[at] for at in range(len(entries))]


def _newest(new: NewArtifact, history: ImportedHistory) -> Change | None:
    version = new.identity.version if new.identity else 0
    return _find_version(history.changes, version)


def _older_than(artifact: Artifact, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes before an artifact's version; its url may be of another artifact."""
    for change in changes:
        if change.artifact_id == artifact.id and change.version < artifact.version:
            yield change


def _find_version(changes: Iterable[Change], version: int) -> Change | None:
    return next((change for change in changes if change.version == version), None)


def _import_deleted(
    context: WriteContext, deleted: DeletedArtifact, changes: Iterable[Change]
) -> Outcome:
    artifact = deleted.artifact
    newest = _find_version(changes, artifact.version)
    for attempt in attempts(context):
        view, key = attempt.view, deleted_key(artifact.id)
        view.load([artifact.id, key, *attempt.log.keys])
        if view[artifact.id] is not None:
            return id_taken_error(artifact.id)
        if decode_deleted_version(view[key]) >= artifact.version:
            return Written(artifact=artifact, outcome=WriteOutcome.UNCHANGED)
        attempt.log.settle(view)
        change = newest or _describe_deletion(deleted, attempt)
        if context.client.transact(_deletion_actions(attempt, deleted, change, view[key])):
            return Written(artifact=artifact, outcome=WriteOutcome.CREATED)
    raise AssertionError  # attempts() ends by raising


def _describe_deletion(deleted: DeletedArtifact, attempt: Attempt) -> Change:
    after = replace(deleted.artifact, updated_at=deleted.deleted_at)
    attribution = attempt.stamp.attribution
    return describe_change(deleted.artifact, after, attribution, ChangeKind.DELETED)


def _deletion_actions(
    attempt: Attempt, deleted: DeletedArtifact, change: Change, item: Item | None
) -> list[Action]:
    artifact, retention = deleted.artifact, attempt.state.retention
    entry = LogEntry(artifact.id, change.version, max(change.at, attempt.stamp.at))
    put = encode_deleted(
        artifact.id,
        version=artifact.version,
        at=deleted.deleted_at,
        content=encode(_as_it_was(artifact)),
        retention=retention,
    )
    condition = only_if_equal(item, "version", "at") if item else only_if_absent()
    return [
        {"ConditionCheck": {"Key": {KEY: {"S": artifact.id}}, **only_if_absent()}},
        {"Put": {"Item": put, **condition}},
        {"Put": {"Item": encode_change(change, retention)}},
        *attempt.log.actions([entry]),
    ]


def _as_it_was(artifact: Artifact) -> Artifact:
    """Return a deleted artifact, which has the version of its deletion, as it was before."""
    return replace(artifact, version=max(1, artifact.version - 1))


def _put_older(context: WriteContext, changes: Iterable[Change]) -> None:
    """Store those changes that are absent, without entries in the log."""
    left = {change_key(change.artifact_id, change.version): change for change in changes}
    for attempt in attempts(context):
        present = context.client.get_items(left, (KEY,))
        left = {key: change for key, change in left.items() if key not in present}
        groups = _group(left.values(), attempt.state.retention)
        if all(context.client.transact(group) for group in groups):
            return


def _group(changes: Iterable[Change], retention: timedelta | None) -> Iterator[list[Action]]:
    """Divide the actions that store changes into transactions."""
    group: list[Action] = []
    size = 0
    for change in changes:
        action = {"Put": {"Item": encode_change(change, retention), **only_if_absent()}}
        size += len(orjson.dumps(action))
        if group and (len(group) == MAX_ACTIONS or size > MAX_BYTES):
            yield group
            group, size = [], len(orjson.dumps(action))
        group.append(action)
    if group:
        yield group
