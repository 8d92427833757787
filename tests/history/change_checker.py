"""Checks that the changes of a store agree with its artifacts and with its clients' history."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from storage.artifacts.changes import Change, ChangeKind, input_fields
from storage.artifacts.records import Artifact
from storage.change_queries import FeedPage, HistoryQuery
from storage.errors import CursorExpiredError
from storage.store import Store

_KIND_OF_OPERATION = {
    "register": {ChangeKind.REGISTERED},
    "update": {ChangeKind.UPDATED, ChangeKind.RATED},
    "delete": {ChangeKind.DELETED},
    "restore": {ChangeKind.RESTORED},
}
_PAGE = 97


def read_feed(store: Store, after: str | None = None) -> tuple[list[Change], str]:
    """Return all changes after a cursor, and the cursor after them."""
    changes: list[Change] = []
    while True:
        page = store.read_feed(after, _PAGE)
        changes += page.changes
        after = page.cursor
        if not page.has_more:
            return changes, after


def find_change_contradictions(
    store: Store, artifacts: Mapping[str, Artifact], entries: Iterable[dict[str, Any]]
) -> Iterator[str]:
    """Yield a message for each way in which changes contradict artifacts or answers."""
    try:
        feed, _ = read_feed(store)
    except CursorExpiredError:
        yield "the feed cannot be read from its beginning"
        return
    by_artifact: dict[str, list[Change]] = defaultdict(list)
    for change in feed:
        by_artifact[change.artifact_id].append(change)
    for id_ in artifacts.keys() | by_artifact.keys():
        yield from _check_artifact(id_, by_artifact[id_], artifacts.get(id_))
    yield from _check_answers(by_artifact, entries)
    yield from _check_recent_changes(store, feed)
    yield from _check_histories(store, artifacts, by_artifact)


def _check_artifact(
    id_: str, changes: list[Change], artifact: Artifact | None
) -> Iterator[str]:
    versions = [change.version for change in changes]
    if versions != list(range(1, len(versions) + 1)):
        yield f"the feed has the versions {versions} of {id_}"
        return
    if any(before.at >= after.at for before, after in pairwise(changes)):
        yield f"the times of the changes of {id_} do not increase"
    fields: dict[str, Any] = {}
    for change in changes:
        yield from _apply(change, fields)
    current = {name: value for name, value in fields.items() if value is not None}
    if current != (input_fields(artifact) if artifact else {}):
        yield f"the changes of {id_} do not lead to what is stored"
    if artifact is not None and artifact.version != len(versions):
        yield f"{id_} is at version {artifact.version} and has {len(versions)} changes"
    if artifact is None and changes[-1].kind is not ChangeKind.DELETED:
        yield f"{id_} does not exist, but its last change is {changes[-1].kind.name}"


def _apply(change: Change, fields: dict[str, Any]) -> Iterator[str]:
    """Apply a change to the fields; yield a message for each that was another before."""
    for each in change.fields:
        if fields.get(each.field) != each.before:
            yield f"{change.artifact_id} had another {each.field} before {change.version}"
        fields[each.field] = each.after


def _check_answers(
    changes: Mapping[str, list[Change]], entries: Iterable[dict[str, Any]]
) -> Iterator[str]:
    kinds = {(c.artifact_id, c.version): c.kind for each in changes.values() for c in each}
    for entry in entries:
        expected = _KIND_OF_OPERATION.get(entry["operation"])
        if expected is None or not isinstance(entry["answer"], dict):
            continue
        version = entry["answer"]["version"] + (entry["operation"] == "delete")
        if kinds.get((entry["id"], version)) not in expected:
            yield f"the {entry['operation']} of {entry['id']} to version {version} is no change"


def _check_recent_changes(store: Store, feed: list[Change]) -> Iterator[str]:
    recent: list[Change] = []
    before: str | None = None
    while True:
        page: FeedPage = store.read_recent_changes(before, _PAGE)
        recent += page.changes
        before = page.cursor
        if not page.has_more:
            break
    if Counter(map(_key, recent)) != Counter(map(_key, feed)):
        yield "the recent changes differ from the feed"


def _check_histories(
    store: Store, artifacts: Mapping[str, Artifact], changes: Mapping[str, list[Change]]
) -> Iterator[str]:
    queries = [HistoryQuery(a.id, a.version, a.version) for a in artifacts.values()]
    for query, page in zip(queries, store.read_history(queries), strict=True):
        if list(page.changes) != changes[query.artifact_id][::-1] or page.has_next:
            yield f"the history of {query.artifact_id} differs from the feed"


def _key(change: Change) -> tuple[str, int]:
    return change.artifact_id, change.version
