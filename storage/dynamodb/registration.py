"""Registers drafts: read what is there, plan, commit, and again those in others' way."""

from collections.abc import Iterator, Mapping, Sequence

from storage.changes import drafted, id_taken, is_restored, url_taken
from storage.dynamodb.client import DynamoClient
from storage.dynamodb.codec import Item, decode
from storage.dynamodb.commit import commit
from storage.dynamodb.plans import Step, owner_items
from storage.dynamodb.reads import owners
from storage.dynamodb.retries import attempts
from storage.dynamodb.writes import hint_items, hinted, joined, update_once
from storage.errors import StoreUnavailableError
from storage.records import (
    Artifact,
    ArtifactType,
    By,
    Draft,
    OnConflict,
    Registered,
    Rejection,
    Target,
)

Outcome = Registered | Rejection


def register(
    client: DynamoClient, drafts: Sequence[Draft], on_conflict: OnConflict
) -> list[Outcome | StoreUnavailableError]:
    """Register drafts, many in a transaction, and again those that were in others' way."""
    outcomes: dict[int, Outcome] = {}
    tries = attempts()
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
    client: DynamoClient, drafts: Mapping[int, Draft], on_conflict: OnConflict
) -> Iterator[tuple[int, Outcome]]:
    made = {at: drafted(draft) for at, draft in drafts.items()}
    steps = {at: Step(before=None, after=artifact) for at, artifact in made.items()}
    wanted = [key for step in steps.values() for key in owner_items(step)]
    asked = (reference for artifact in made.values() for reference in artifact.references)
    kept = [draft.identity.id for draft in drafts.values() if draft.identity]
    items = client.get_items([*wanted, *hint_items(asked), *kept])
    for at, outcome in _conflicts(client, drafts, items, on_conflict):
        del made[at]
        yield at, outcome
    for at, artifact in tuple(made.items()):
        if artifact.id in items:
            del made[at]
            yield at, id_taken(artifact.id)
        else:
            made[at] = joined(hinted(artifact, items), items)
    new = tuple(made)
    steps = {at: Step(before=None, after=made[at]) for at in new}
    for at in commit(client, steps, items):
        yield at, Registered(artifact=made[at], created=True)


def _conflicts(
    client: DynamoClient,
    drafts: Mapping[int, Draft],
    items: Mapping[str, Item],
    on_conflict: OnConflict,
) -> Iterator[tuple[int, Outcome]]:
    """What becomes of the drafts whose url is taken; not of those whose owner has just left."""
    by_url = {at: Target(draft.type, By.URL, draft.url) for at, draft in drafts.items()}
    taken = owners(items, by_url.values())
    there = client.get_items(owner.id for owner in taken.values())
    for at, target in by_url.items():
        item = there.get(taken[target].id) if target in taken else None
        if item and (outcome := _conflict(client, drafts[at], item, on_conflict)):
            yield at, outcome


def _conflict(
    client: DynamoClient, draft: Draft, item: Item, on_conflict: OnConflict
) -> Outcome | None:
    artifact = decode(item)
    if artifact.url != draft.url:
        return None
    if on_conflict is OnConflict.REJECT:
        return url_taken(artifact)
    if is_restored(artifact, draft):
        return Registered(artifact=artifact, created=False)
    outcome = update_once(client, item, draft.changes)
    if isinstance(outcome, Artifact):
        return Registered(artifact=outcome, created=False)
    return outcome


def _first_of_each_url(drafts: Mapping[int, Draft]) -> dict[int, Draft]:
    first: dict[tuple[ArtifactType, str], int] = {}
    for at, draft in drafts.items():
        first.setdefault((draft.type, draft.url), at)
    return {at: drafts[at] for at in first.values()}
