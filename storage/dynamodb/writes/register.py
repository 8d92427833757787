"""Registers artifacts: read, plan and execute, and try again what was in conflict."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
from storage.dynamodb.items.codec import decode
from storage.dynamodb.reads.artifacts import owners
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.writes.execute import execute
from storage.dynamodb.writes.transitions import Transition
from storage.dynamodb.writes.update import (
    resolved_target_keys,
    update_once,
    with_name_since,
    with_resolved_targets,
)
from storage.errors import StoreUnavailableError

Outcome = Registered | WriteError


def register(
    client: DynamoClient, new: Sequence[NewArtifact], on_conflict: OnConflict
) -> list[Outcome | StoreUnavailableError]:
    """Register artifacts, many in a transaction; those in conflict are tried again."""
    outcomes: dict[int, Outcome] = {}
    tries = backoff()
    try:
        while left := {at: each for at, each in enumerate(new) if at not in outcomes}:
            next(tries)
            # update() keeps what was yielded before a failure.
            outcomes.update(_register_once(client, _first_of_each_url(left), on_conflict))
    except StoreUnavailableError as error:
        if not outcomes:
            raise
        return [outcomes.get(at, error) for at in range(len(new))]
    return [outcomes[at] for at in range(len(new))]


def _register_once(
    client: DynamoClient, new: Mapping[int, NewArtifact], on_conflict: OnConflict
) -> Iterator[tuple[int, Outcome]]:
    artifacts = {at: make_artifact(each) for at, each in new.items()}
    items = client.get_items(_keys_to_read(artifacts.values(), new.values()))
    for at, outcome in _url_conflicts(client, new, items, on_conflict):
        del artifacts[at]
        yield at, outcome
    for at, artifact in tuple(artifacts.items()):
        if artifact.id in items:
            del artifacts[at]
            yield at, id_taken_error(artifact.id)
        else:
            artifacts[at] = with_name_since(with_resolved_targets(artifact, items), items)
    transitions = {at: Transition(item=None, after=each) for at, each in artifacts.items()}
    for at in execute(client, transitions, items):
        yield at, Registered(artifact=artifacts[at], created=True)


def _keys_to_read(artifacts: Iterable[Artifact], new: Iterable[NewArtifact]) -> Iterator[str]:
    """Return the keys of all items that decide what becomes of new artifacts."""
    for artifact in artifacts:
        yield from Transition(item=None, after=artifact).uniqueness_keys
        yield from resolved_target_keys(artifact.references)
    for each in new:
        if each.identity:
            yield each.identity.id


def _url_conflicts(
    client: DynamoClient,
    new: Mapping[int, NewArtifact],
    items: Mapping[str, Item],
    on_conflict: OnConflict,
) -> Iterator[tuple[int, Outcome]]:
    """Yield the outcomes of those whose url is taken by an artifact that still has it."""
    by_url = {at: Target(each.type, LookupField.URL, each.url) for at, each in new.items()}
    url_owners = owners(items, by_url.values())
    owner_items = client.get_items(owner.id for owner in url_owners.values())
    for at, target in by_url.items():
        item = owner_items.get(url_owners[target].id) if target in url_owners else None
        if item and (outcome := _resolve_conflict(client, new[at], item, on_conflict)):
            yield at, outcome


def _resolve_conflict(
    client: DynamoClient, new: NewArtifact, item: Item, on_conflict: OnConflict
) -> Outcome | None:
    artifact = decode(item)
    if artifact.url != new.url:
        return None
    if on_conflict is OnConflict.REJECT:
        return url_taken_error(artifact)
    if is_restored(artifact, new):
        return Registered(artifact=artifact, created=False)
    outcome = update_once(client, item, new.changes)
    if isinstance(outcome, Artifact):
        return Registered(artifact=outcome, created=False)
    return outcome


def _first_of_each_url(new: Mapping[int, NewArtifact]) -> dict[int, NewArtifact]:
    first: dict[tuple[ArtifactType, str], int] = {}
    for at, each in new.items():
        first.setdefault((each.type, each.url), at)
    return {at: new[at] for at in first.values()}
