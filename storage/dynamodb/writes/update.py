"""Updates, deletes and restores artifacts: read, plan and execute, or try again."""

from storage.artifacts.changes import Change, ChangeKind, describe_change
from storage.artifacts.ids import is_id
from storage.artifacts.records import Artifact, ArtifactType, PartialArtifact
from storage.artifacts.reference_stamps import new_references
from storage.artifacts.url_prefixes import check_both_urls, check_present_url
from storage.artifacts.write_errors import (
    check_writable,
    not_deleted_error,
    not_found_error,
    not_restorable_error,
)
from storage.artifacts.write_limits import check_version
from storage.artifacts.write_rules import advance, apply_patch, restore_deleted
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    WriteError,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.change_queries import DeletedArtifact
from storage.dynamodb.feed.log_state import decode_log_state
from storage.dynamodb.items.changes import decode_deleted
from storage.dynamodb.items.codec import name_since
from storage.dynamodb.items.values import DECODING_ERRORS, decode_version
from storage.dynamodb.reads.newest_version import find_newest_version
from storage.dynamodb.schema.keys import SCHEMA_KEY, change_key, deleted_key, name_item_key
from storage.dynamodb.writes.attempts import Attempt, WriteContext, attempts
from storage.dynamodb.writes.execute import execute
from storage.dynamodb.writes.names import NameChange, change_name, needs_bearers
from storage.dynamodb.writes.plan import Plan, decode_type
from storage.dynamodb.writes.planner import Planner
from storage.dynamodb.writes.table_view import TableView
from storage.errors import UndecodableError


def update(
    context: WriteContext,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    changes: ArtifactPatch,
    expected_version: int | None,
) -> Written | WriteError:
    """Change the fields that are given; what others changed meanwhile is kept.

    Raises:
        UndecodableError: if the stored artifact cannot be decoded.
    """
    if not is_id(id):
        return not_found_error(id)
    for attempt in attempts(context):
        attempt.view.load([id, *attempt.log.keys])
        stored = attempt.view.artifact(id)
        if isinstance(stored, UndecodableError):
            raise stored
        if stored and (error := check_both_urls(context.attribution, stored, changes)):
            return error
        artifact = check_writable(stored, id, type, expected_version)
        if isinstance(artifact, WriteError):
            return artifact
        if outcome := _update_once(attempt, artifact, changes):
            return outcome
    raise AssertionError  # attempts() ends by raising


def _update_once(
    attempt: Attempt, artifact: Artifact, changes: ArtifactPatch
) -> Written | WriteError | None:
    """Update an artifact, whose item was read; None if another write came first."""
    after = apply_patch(artifact, changes, attempt.stamp)
    if after is artifact:
        return Written(artifact=artifact, outcome=WriteOutcome.UNCHANGED)
    planner, item = Planner(attempt), attempt.view[artifact.id]
    planner.read([artifact, after], new_references(artifact, after))
    plan = Plan(id=artifact.id, item=item, before=artifact, after=artifact)
    outcome = planner.update(plan, changes)
    if isinstance(outcome, WriteError) or _execute(attempt, plan):
        return outcome
    return None


def delete(
    context: WriteContext,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Deleted | WriteError:
    """Delete an artifact with its url, its name and its references; it may be unreadable."""
    if not is_id(id):
        return not_found_error(id)
    for attempt in attempts(context):
        attempt.view.load([id, *attempt.log.keys])
        stored = attempt.view.artifact(id)
        before = stored if isinstance(stored, Artifact) else None
        if stored and (error := check_present_url(context.attribution, before)):
            return error
        if error := _check_deletable(attempt.view, id, type, expected_version):
            return error
        plan = plan_deletion(attempt, id)
        successor = find_successor(attempt.view, plan.before) if plan.before else None
        if _execute(attempt, plan):
            return Deleted(id=id, artifact=plan.before, successor=successor)
    raise AssertionError  # attempts() ends by raising


def plan_deletion(attempt: Attempt, id: str) -> Plan:  # noqa: A002 - the registry's own word
    """Return the plan that deletes an artifact, whose item was read."""
    item, artifact = attempt.view[id], attempt.view.artifact(id)
    before = artifact if isinstance(artifact, Artifact) else None
    plan = Plan(id=id, item=item, before=before)
    if before:
        deletion = advance(before, attempt.stamp)
        attribution = attempt.stamp.attribution
        plan.changes = [describe_change(before, deletion, attribution, ChangeKind.DELETED)]
    else:
        plan.changes = [_unreadable_deletion(attempt, id)]
    attempt.view.load(plan.uniqueness_keys)
    return plan


def restore(context: WriteContext, id: str) -> Written | WriteError:  # noqa: A002 - the registry's own word
    """Restore a deleted artifact, which takes its name anew."""
    if not is_id(id):
        return not_deleted_error(id)
    for attempt in attempts(context):
        # The retention may have been changed a moment ago.
        attempt.view.load([id, deleted_key(id), SCHEMA_KEY, *attempt.log.keys])
        plan = _plan_restoration(attempt, id)
        if isinstance(plan, WriteError):
            return plan
        if _execute(attempt, plan):
            assert plan.after is not None  # noqa: S101 - it is restored
            return Written(artifact=plan.after, outcome=WriteOutcome.CREATED)
    raise AssertionError  # attempts() ends by raising


def find_successor(view: TableView, artifact: PartialArtifact) -> Artifact | None:
    """Return the namesake that takes over the name if the artifact is deleted."""
    key = name_item_key(artifact)
    if key is None:
        return None
    view.load([key])
    view.load_owners([key])
    place = name_since(artifact)
    if view.owner_place(key) != place:
        return None
    change = NameChange(key, leaving=[place])
    if needs_bearers(change, view):
        view.load_bearers([key])
    return _bearer(view, key, change_name(change, view).owner)


def _execute(attempt: Attempt, plan: Plan) -> bool:
    """Execute a plan; False if another write came first."""
    return next(execute(attempt, [plan]), None) is not None


def _check_deletable(
    view: TableView,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> WriteError | None:
    artifact, item = view.artifact(id), view[id]
    if item is None or not isinstance(artifact, UndecodableError):
        artifact = artifact if isinstance(artifact, Artifact) else None
        checked = check_writable(artifact, id, type, expected_version)
        return checked if isinstance(checked, WriteError) else None
    found = decode_type(item)
    if type is not None and found is not None and found is not type:
        return WriteError(
            code=WriteErrorCode.WRONG_TYPE,
            message=f"Artifact {id} is a {found.value}, not a {type.value}.",
            field=("id",),
        )
    if expected_version is not None and _version(view, id) != expected_version:
        return WriteError(
            code=WriteErrorCode.VERSION_CONFLICT,
            message=f"Expected version {expected_version}, found another that cannot be read.",
            field=("expectedVersion",),
        )
    return None


def _unreadable_deletion(attempt: Attempt, id: str) -> Change:  # noqa: A002 - the registry's own word
    """Return the change that deletes what cannot be decoded, with what can be found out."""
    version = _version(attempt.view, id) or find_newest_version(attempt.client, id)
    attempt.view.load([change_key(id, version)])
    newest = attempt.view[change_key(id, version)] or {}
    attribution = attempt.stamp.attribution
    return Change(
        artifact_id=id,
        type=decode_type(attempt.view[id] or {}) or decode_type(newest) or ArtifactType.MODEL,
        name=newest.get("name", {}).get("S", ""),
        version=version + 1,
        kind=ChangeKind.DELETED,
        at=attempt.stamp.at,
        by=attribution.by,
        request_id=attribution.request_id,
    )


def _version(view: TableView, id: str) -> int | None:  # noqa: A002 - the registry's own word
    try:
        return decode_version(view[id] or {})
    except DECODING_ERRORS:
        return None


def _plan_restoration(attempt: Attempt, id: str) -> Plan | WriteError:  # noqa: A002 - the registry's own word
    view, stamp = attempt.view, attempt.stamp
    deleted = _find_deleted(attempt, id)
    if isinstance(deleted, WriteError):
        return deleted
    item, planner = view[deleted_key(id)] or {}, Planner(attempt)
    after = restore_deleted(deleted.artifact, deleted.deleted_at, stamp)
    planner.read([after])
    error = check_present_url(stamp.attribution, after) or check_version(after)
    if error := error or planner.url_error(after, "id"):
        return error
    if (key := name_item_key(after)) and not view.owner_place(key):
        view.load_bearers([key])
    plan = Plan(id=id, item=None, deleted=item, content=item["content"]["M"], has_given_id=True)
    plan.after = planner.take_name(after)
    plan.changes = [describe_change(None, plan.after, stamp.attribution, ChangeKind.RESTORED)]
    return plan


def _find_deleted(attempt: Attempt, id: str) -> DeletedArtifact | WriteError:  # noqa: A002 - the registry's own word
    """Return a deleted artifact, or the error that it cannot be restored."""
    view = attempt.view
    item = view[deleted_key(id)]
    if item is None or view[id] is not None:
        return not_deleted_error(id)
    try:
        deleted = decode_deleted(item)
    except UndecodableError:
        return not_restorable_error(id)
    retention = decode_log_state(view[SCHEMA_KEY]).retention
    if retention and deleted.deleted_at + retention < attempt.stamp.at:
        return not_deleted_error(id)
    return deleted


def _bearer(view: TableView, key: str, place: str | None) -> Artifact | None:
    return next((each for each in view.bearers(key) if name_since(each) == place), None)
