"""Updates and deletes artifacts: read, plan and execute in one transaction, or try again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from storage.artifacts.ids import is_id
from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    LookupField,
    Reference,
    WriteError,
)
from storage.artifacts.write_rules import (
    apply_patch,
    check_reference_limit,
    check_writable,
    place_after_owner,
    url_taken_error,
)
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.items.codec import decode, decode_resolved
from storage.dynamodb.reads.artifacts import get, owners
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import uniqueness_key, url_key
from storage.dynamodb.writes.execute import execute
from storage.dynamodb.writes.transitions import Transition, name_item_key

_REFERENCES = frozenset({"datasets", "codes", "base_models"})


def update(
    client: DynamoClient,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    changes: ArtifactPatch,
    expected_version: int | None,
) -> Artifact | WriteError:
    """Change the fields that are given; what others changed meanwhile is kept."""
    for _ in backoff():
        item = _read(client, id)
        current = check_writable(decode(item) if item else None, id, type, expected_version)
        if isinstance(current, WriteError):
            return current
        assert item is not None  # noqa: S101 - writable() accepted it
        if outcome := update_once(client, item, changes):
            return outcome
    raise AssertionError  # backoff() ends by raising


def delete(
    client: DynamoClient,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Artifact | WriteError:
    """Delete an artifact with its url, its name and its references."""
    for _ in backoff():
        item = _read(client, id)
        current = check_writable(decode(item) if item else None, id, type, expected_version)
        if isinstance(current, WriteError):
            return current
        if list(delete_once(client, [item] if item else [])):
            return current
    raise AssertionError  # backoff() ends by raising


def update_once(
    client: DynamoClient, item: Item, changes: ArtifactPatch
) -> Artifact | WriteError | None:
    """Return the artifact's next version; None if another write came first."""
    before = decode(item)
    after = apply_patch(before, changes)
    if error := check_reference_limit(before, after):
        return error
    transition = Transition(item=item, after=after)
    new_references = after.references if changes.keys() & _REFERENCES else ()
    keys = [*transition.uniqueness_keys, *resolved_target_keys(new_references)]
    items = client.get_items(keys)
    if error := _url_conflict(client, before, after, items):
        return error
    if new_references:
        after = with_resolved_targets(after, items)
    if before.named_at != after.named_at:
        after = with_name_since(after, items)
    transition = Transition(item=item, after=after)
    return after if list(execute(client, {0: transition}, items)) else None


def delete_once(client: DynamoClient, items: Sequence[Item]) -> Iterator[str]:
    """Delete the artifacts of these items and yield the ids of those that are deleted."""
    transitions = {at: Transition(item=item, after=None) for at, item in enumerate(items)}
    keys = (key for each in transitions.values() for key in each.uniqueness_keys)
    uniqueness_items = client.get_items(keys)
    return (items[at][KEY]["S"] for at in execute(client, transitions, uniqueness_items))


def resolved_target_keys(references: Iterable[Reference]) -> Iterator[str]:
    """Return the keys of the uniqueness items that tell what references resolve to."""
    return (
        uniqueness_key(r.target) for r in references if r.lookup_field is not LookupField.ID
    )


def with_resolved_targets(artifact: Artifact, items: Mapping[str, Item]) -> Artifact:
    """Return the artifact with its references noting what they resolve to now."""
    known = owners(
        items, (r.target for r in artifact.references if r.lookup_field is not LookupField.ID)
    )
    references = tuple(replace(r, resolved=known.get(r.target)) for r in artifact.references)
    return replace(artifact, references=references)


def with_name_since(artifact: Artifact, items: Mapping[str, Item]) -> Artifact:
    """Return the artifact with a time of taking its name that is later than the owner's."""
    item = items.get(name_item_key(artifact) or "")
    if item is None:
        return artifact
    return place_after_owner(artifact, decode_resolved(item["owner"]["S"]).named_at)


def _read(client: DynamoClient, id: str) -> Item | None:  # noqa: A002 - the registry's own word
    return client.get_items([id]).get(id) if is_id(id) else None


def _url_conflict(
    client: DynamoClient, before: Artifact, after: Artifact, items: Mapping[str, Item]
) -> WriteError | None:
    if before.url == after.url or url_key(after) not in items:
        return None
    owner_id = items[url_key(after)]["owner"]["S"]
    owner = get(client, [owner_id], FULL_PROJECTION).get(owner_id)
    return url_taken_error(owner) if owner and owner.url == after.url else None
