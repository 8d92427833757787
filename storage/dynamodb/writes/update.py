"""Update and delete: read, plan, commit in one transaction, and again if refused."""

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
from storage.dynamodb.items.codec import Item, decode, decode_resolved, is_backfilled
from storage.dynamodb.reads.artifacts import get, owners
from storage.dynamodb.schema.keys import uniqueness_key, url_key
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.execute import commit
from storage.dynamodb.writes.plans import (
    Step,
    name_item_key,
    uniqueness_keys,
)

_REFERENCES = frozenset({"datasets", "codes", "base_models"})


def update(
    client: DynamoClient,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    changes: ArtifactPatch,
    expected_version: int | None,
) -> Artifact | WriteError:
    """Change the fields that are given; what another changed meanwhile is kept."""
    for _ in backoff():
        item = _item(client, id)
        found = check_writable(decode(item) if item else None, id, type, expected_version)
        if isinstance(found, WriteError):
            return found
        assert item is not None  # noqa: S101 - it was found
        if outcome := update_once(client, item, changes):
            return outcome
    raise AssertionError  # attempts() ends by raising


def delete(
    client: DynamoClient,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Artifact | WriteError:
    """Delete an artifact with its url, its name and its references."""
    for _ in backoff():
        item = _item(client, id)
        found = check_writable(decode(item) if item else None, id, type, expected_version)
        if isinstance(found, WriteError):
            return found
        if list(delete_once(client, [item] if item else [])):
            return found
    raise AssertionError  # attempts() ends by raising


def update_once(
    client: DynamoClient, item: Item, changes: ArtifactPatch
) -> Artifact | WriteError | None:
    """The next version; None where somebody was faster."""
    before = decode(item)
    after = apply_patch(before, changes)
    if refused := check_reference_limit(before, after):
        return refused
    asked = after.references if changes.keys() & _REFERENCES else ()
    keys = uniqueness_keys(Step(before=item, after=after))
    items = client.get_items([*keys, *resolved_target_keys(asked)])
    if before.url != after.url and url_key(after) in items:
        owner_id = items[url_key(after)]["owner"]["S"]
        for owner in get(client, [owner_id], FULL_PROJECTION).values():
            if owner.url == after.url:
                return url_taken_error(owner)
    if asked:
        after = with_resolved_targets(after, items)
    if before.named_at != after.named_at or not is_backfilled(item):
        after = joined(after, items)
    step = Step(before=item, after=after)
    return after if list(commit(client, {0: step}, items)) else None


def delete_once(client: DynamoClient, items: Sequence[Item]) -> Iterator[str]:
    """Delete the artifacts of these items; the ids of those that are gone, as they go."""
    steps = {at: Step(before=item, after=None) for at, item in enumerate(items)}
    around = client.get_items(key for step in steps.values() for key in uniqueness_keys(step))
    return (items[at][KEY]["S"] for at in commit(client, steps, around))


def _item(client: DynamoClient, id: str) -> Item | None:  # noqa: A002 - the registry's own word
    return client.get_items([id]).get(id) if is_id(id) else None


def resolved_target_keys(references: Iterable[Reference]) -> Iterator[str]:
    """The ids of the owner items that say what references resolve to."""
    return (
        uniqueness_key(r.target) for r in references if r.lookup_field is not LookupField.ID
    )


def with_resolved_targets(artifact: Artifact, items: Mapping[str, Item]) -> Artifact:
    """The artifact with its references telling whom they resolve to now."""
    known = owners(
        items, (r.target for r in artifact.references if r.lookup_field is not LookupField.ID)
    )
    references = tuple(replace(r, resolved=known.get(r.target)) for r in artifact.references)
    return replace(artifact, references=references)


def joined(artifact: Artifact, items: Mapping[str, Item]) -> Artifact:
    """The artifact as it joins the bearers of its name, by the owner items that were read."""
    item = items.get(name_item_key(artifact) or "")
    if item is None:
        return artifact
    owner = decode_resolved(item["owner"]["S"])
    if owner.id == artifact.id and owner.named_at is not None:
        # The earlier backend has written over it, and knows nothing of `named_at`.
        return replace(artifact, named_at=owner.named_at)
    return place_after_owner(artifact, owner.named_at)
