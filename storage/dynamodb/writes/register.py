"""Registers drafts: read what is there, plan, commit, and again those in others' way."""

from collections.abc import Iterator, Mapping, Sequence

from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    NewArtifact,
    OnConflict,
    Registered,
    Target,
    WriteError,
)
from storage.artifacts.write_rules import (
    id_taken_error,
    is_restored,
    make_artifact,
    url_taken_error,
)
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.items.codec import Item, decode
from storage.dynamodb.reads.artifacts import owners
from storage.dynamodb.writes.execute import commit
from storage.dynamodb.writes.plans import Step, uniqueness_keys
from storage.dynamodb.writes.update import (
    joined,
    resolved_target_keys,
    update_once,
    with_resolved_targets,
)
from storage.errors import StoreUnavailableError

Outcome = Registered | WriteError


def register(
    client: DynamoClient, drafts: Sequence[NewArtifact], on_conflict: OnConflict
) -> list[Outcome | StoreUnavailableError]:
    """Register drafts, many in a transaction, and again those that were in others' way."""
    outcomes: dict[int, Outcome] = {}
    tries = backoff()
    try:
        while left := {at: draft for at, draft in enumerate(drafts) if at not in outcomes}:
            next(tries)
            # Keeps what was yielded before a failure.
            outcomes.update(_register_once(client, _first_of_each_url(left), on_conflict))
    except StoreUnavailableError as error:
        if not outcomes:
            raise
        return [outcomes.get(at, error) for at in range(len(drafts))]
    return [outcomes[at] for at in range(len(drafts))]


def _register_once(
    client: DynamoClient, drafts: Mapping[int, NewArtifact], on_conflict: OnConflict
) -> Iterator[tuple[int, Outcome]]:
    made = {at: make_artifact(draft) for at, draft in drafts.items()}
    steps = {at: Step(before=None, after=artifact) for at, artifact in made.items()}
    wanted = [key for step in steps.values() for key in uniqueness_keys(step)]
    asked = (reference for artifact in made.values() for reference in artifact.references)
    kept = [draft.identity.id for draft in drafts.values() if draft.identity]
    items = client.get_items([*wanted, *resolved_target_keys(asked), *kept])
    for at, outcome in _conflicts(client, drafts, items, on_conflict):
        del made[at]
        yield at, outcome
    for at, artifact in tuple(made.items()):
        if artifact.id in items:
            del made[at]
            yield at, id_taken_error(artifact.id)
        else:
            made[at] = joined(with_resolved_targets(artifact, items), items)
    new = tuple(made)
    steps = {at: Step(before=None, after=made[at]) for at in new}
    for at in commit(client, steps, items):
        yield at, Registered(artifact=made[at], created=True)


def _conflicts(
    client: DynamoClient,
    drafts: Mapping[int, NewArtifact],
    items: Mapping[str, Item],
    on_conflict: OnConflict,
) -> Iterator[tuple[int, Outcome]]:
    """What becomes of the drafts whose url is taken; not of those whose owner has just left."""
    by_url = {
        at: Target(draft.type, LookupField.URL, draft.url) for at, draft in drafts.items()
    }
    taken = owners(items, by_url.values())
    there = client.get_items(owner.id for owner in taken.values())
    for at, target in by_url.items():
        item = there.get(taken[target].id) if target in taken else None
        if item and (outcome := _conflict(client, drafts[at], item, on_conflict)):
            yield at, outcome


def _conflict(
    client: DynamoClient, draft: NewArtifact, item: Item, on_conflict: OnConflict
) -> Outcome | None:
    artifact = decode(item)
    if artifact.url != draft.url:
        return None
    if on_conflict is OnConflict.REJECT:
        return url_taken_error(artifact)
    if is_restored(artifact, draft):
        return Registered(artifact=artifact, created=False)
    outcome = update_once(client, item, draft.changes)
    if isinstance(outcome, Artifact):
        return Registered(artifact=outcome, created=False)
    return outcome


def _first_of_each_url(drafts: Mapping[int, NewArtifact]) -> dict[int, NewArtifact]:
    first: dict[tuple[ArtifactType, str], int] = {}
    for at, draft in drafts.items():
        first.setdefault((draft.type, draft.url), at)
    return {at: drafts[at] for at in first.values()}
