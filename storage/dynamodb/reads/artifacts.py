"""Reads artifacts: by id, and by what references and names resolve to now."""

from collections.abc import Iterable, Mapping, Sequence

from storage.artifacts.ids import is_id
from storage.artifacts.names import normalise
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import (
    LookupField,
    PartialArtifact,
    ResolvedTarget,
    Target,
)
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import decode_projected, decode_resolved
from storage.dynamodb.schema.attributes import Item, attributes_to_read
from storage.dynamodb.schema.keys import uniqueness_key
from storage.errors import StoreUnavailableError

_Proposal = tuple[Target, ResolvedTarget]
_MAX_ROUNDS = 10
"""Each round but the first two means that an artifact was renamed or deleted meanwhile."""


def get(
    client: DynamoClient, ids: Iterable[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact]:
    """Return the artifacts with these ids; ids that no artifact has are left out."""
    artifact_ids = (id_ for id_ in ids if is_id(id_))
    items = client.get_items(artifact_ids, attributes_to_read(projection))
    return {id_: decode_projected(item, projection) for id_, item in items.items()}


def owners(
    items: Mapping[str, Item], targets: Iterable[Target]
) -> dict[Target, ResolvedTarget]:
    """Return the owners of urls and names, by the uniqueness items that were read."""
    read = ((target, items.get(uniqueness_key(target))) for target in targets)
    return {target: decode_resolved(item["owner"]["S"]) for target, item in read if item}


def resolve(
    client: DynamoClient, targets: Iterable[Target], projection: Projection[AnyArtifact]
) -> dict[Target, AnyArtifact]:
    """Return the artifacts that the targets resolve to now.

    What a target resolved to before, or its uniqueness item, proposes an artifact; the
    artifact decides. If it is deleted or renamed meanwhile, the owner is looked up again.
    """
    resolved: dict[Target, AnyArtifact] = {}
    proposed, unknown = _first_proposals(targets)
    rejected: dict[Target, ResolvedTarget] = {}
    attributes = attributes_to_read(projection)
    to_read = (*attributes, "owner") if attributes else ()
    for _ in range(_MAX_ROUNDS):
        if not proposed and not unknown:
            return resolved
        keys = [owner.id for _, owner in proposed] + [uniqueness_key(t) for t in unknown]
        items = client.get_items(keys, to_read)
        confirmed, wrong = _confirm(items, proposed, projection)
        resolved |= confirmed
        # A uniqueness item that outlived its artifact proposes the same again: leave it.
        proposed = [
            (target, owner)
            for target, owner in owners(items, unknown).items()
            if rejected.get(target) != owner
        ]
        rejected = {
            target: owner
            for target, owner in wrong
            if target not in resolved and target.lookup_field is not LookupField.ID
        }
        unknown = list(rejected)
    raise StoreUnavailableError("names change their owners too fast to be resolved")


def _first_proposals(targets: Iterable[Target]) -> tuple[list[_Proposal], list[Target]]:
    """Return the proposals that need no lookup, and the targets that need one."""
    proposed: list[_Proposal] = []
    unknown: list[Target] = []
    for target in targets:
        if target.lookup_field is LookupField.ID:
            if is_id(target.value):
                proposed.append((target, ResolvedTarget(target.value)))
        elif target.resolved is not None:
            proposed.append((target, target.resolved))
        elif target.value:
            unknown.append(target)
    return proposed, unknown


def _confirm(
    items: Mapping[str, Item],
    proposed: Sequence[_Proposal],
    projection: Projection[AnyArtifact],
) -> tuple[dict[Target, AnyArtifact], list[_Proposal]]:
    """Return the artifacts of the right proposals, and the wrong proposals."""
    ids = {owner.id for _, owner in proposed}
    artifacts = {id_: decode_projected(items[id_], projection) for id_ in ids if id_ in items}
    confirmed: dict[Target, AnyArtifact] = {}
    wrong: list[_Proposal] = []
    for target, owner in proposed:
        artifact = artifacts.get(owner.id)
        if artifact and _is_match(artifact, target, owner):
            confirmed[target] = artifact
        else:
            wrong.append((target, owner))
    return confirmed, wrong


def _is_match(artifact: PartialArtifact, target: Target, proposal: ResolvedTarget) -> bool:
    if artifact.type is not target.type:
        return False
    if target.lookup_field is LookupField.NAME:
        has_name = normalise(artifact.name) == target.value
        return has_name and artifact.named_at == proposal.named_at
    return target.lookup_field is LookupField.ID or artifact.url == target.value
