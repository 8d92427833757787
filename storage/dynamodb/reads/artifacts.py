"""What references and names mean now, and which models link to an artifact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from storage.artifacts.ids import is_id
from storage.artifacts.names import normalise
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import (
    LookupField,
    PartialArtifact,
    ResolvedTarget,
    Target,
    require_read,
)
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import (
    UNKNOWN_TIME,
    Item,
    attributes,
    decode_projected,
    decode_resolved,
)
from storage.dynamodb.schema.keys import reference_key, uniqueness_key
from storage.dynamodb.schema.table import BY_REFERENCE
from storage.errors import StoreUnavailableError
from storage.search.paging import Entry, Page, cut_page
from storage.store import ReverseLinkQuery

_Proposal = tuple[Target, ResolvedTarget]
_REFERENCES = frozenset({"references"})
_ROUNDS = 10
"""Each but the first two means that somebody renamed or deleted meanwhile."""


def get(
    client: DynamoClient, ids: Iterable[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact]:
    """The artifacts that have these ids; other items are not to be had by id."""
    items = client.get_items((id_ for id_ in ids if is_id(id_)), attributes(projection))
    return {id_: decode_projected(item, projection) for id_, item in items.items()}


def owners(
    items: Mapping[str, Item], targets: Iterable[Target]
) -> dict[Target, ResolvedTarget]:
    """Who owns these urls and names, by the owner items that were read."""
    found = ((target, items.get(uniqueness_key(target))) for target in targets)
    return {target: decode_resolved(item["owner"]["S"]) for target, item in found if item}


def resolve(
    client: DynamoClient, targets: Iterable[Target], projection: Projection[AnyArtifact]
) -> dict[Target, AnyArtifact]:
    """What the targets are now.

    A hint, or the item that says who owns a url or name, proposes an artifact; the artifact
    decides. Where it is gone or renamed meanwhile, the owner is looked up again.
    """
    found: dict[Target, AnyArtifact] = {}
    proposed, unknown = _first_proposals(targets)
    refused: dict[Target, ResolvedTarget] = {}
    read = attributes(projection) and (*attributes(projection), "owner")
    for _ in range(_ROUNDS):
        if not proposed and not unknown:
            return found
        wanted = [resolved.id for _, resolved in proposed] + [
            uniqueness_key(t) for t in unknown
        ]
        items = client.get_items(wanted, read)
        settled, wrong = _settled(items, proposed, projection)
        found |= settled
        # Proposed again after it was wrong: an owner item that outlived its artifact.
        again = [
            (t, owner) for t, owner in owners(items, unknown).items() if refused.get(t) != owner
        ]
        refused = {
            t: h for t, h in wrong if t not in found and t.lookup_field is not LookupField.ID
        }
        proposed, unknown = again, list(refused)
    raise StoreUnavailableError("names change hands too fast to be resolved")


def read_reverse_links(
    client: DynamoClient,
    requests: Sequence[ReverseLinkQuery],
    projection: Projection[AnyArtifact],
) -> list[Page[AnyArtifact]]:
    """A page of models for each request.

    The index proposes models; each model's own references decide, so the index may lag.
    """
    found: list[list[Entry[AnyArtifact]]] = [[] for _ in requests]
    left = walks(client, requests)
    while left:
        for walk in left:
            walk.wanted = walk.request.first + 1 - len(found[walk.at])
        ids = _proposed_ids(client, left)
        wanted = (id_ for walk in left for id_ in ids[walk.at])
        models = get(client, wanted, projection.with_details(_REFERENCES))
        for walk in left:
            for id_ in ids[walk.at]:
                walk.after = id_
                if (model := models.get(id_)) and walk.links(model):
                    found[walk.at].append(Entry(id_, model))
        left = [
            w
            for w in left
            if len(ids[w.at]) == w.wanted and len(found[w.at]) <= w.request.first
        ]
    return [cut_page(f, r.first) for f, r in zip(found, requests, strict=True)]


@dataclass(slots=True)
class Walk:
    """A request on its way through the reverse index."""

    at: int
    request: ReverseLinkQuery
    targets: tuple[Target, ...]
    after: str | None
    wanted: int = 0

    def links(self, model: PartialArtifact) -> bool:
        """Whether one of the model's references means the request's artifact."""
        references = require_read(model.references)
        return any(reference.target in self.targets for reference in references)

    def queries(self) -> list[dict[str, object]]:
        """What to ask the reverse index, one for each way to mean the artifact."""
        return [_query(reference_key(target), self.after) for target in self.targets]


def walks(client: DynamoClient, requests: Sequence[ReverseLinkQuery]) -> list[Walk]:
    """The requests with all that a reference may say to mean their artifact now."""
    named = {at: _names(request.artifact) for at, request in enumerate(requests)}
    items = client.get_items(uniqueness_key(target) for of in named.values() for target in of)
    made = []
    for at, request in enumerate(requests):
        owned = owners(items, named[at])
        artifact = request.artifact
        targets = (t for t, owner in owned.items() if owner.id == artifact.id)
        by_id = Target(artifact.type, LookupField.ID, artifact.id)
        made.append(Walk(at, request, (by_id, *targets), request.after))
    return made


def _names(artifact: PartialArtifact) -> list[Target]:
    name = normalise(artifact.name)
    by_url = Target(artifact.type, LookupField.URL, artifact.url)
    return [by_url, Target(artifact.type, LookupField.NAME, name)] if name else [by_url]


def _proposed_ids(client: DynamoClient, walks: Sequence[Walk]) -> dict[int, list[str]]:
    """The next models of each walk, in order: at most as many as it wants."""
    limit = max(walk.wanted for walk in walks)
    queries = [(walk, query) for walk in walks for query in walk.queries()]
    pages = client.query([query for _, query in queries], limit)
    ids: dict[int, set[str]] = {walk.at: set() for walk in walks}
    for (walk, _), page in zip(queries, pages, strict=True):
        ids[walk.at].update(item["model_id"]["S"] for item in page)
    return {walk.at: sorted(ids[walk.at])[: walk.wanted] for walk in walks}


def _query(key: str, after: str | None) -> dict[str, object]:
    condition, values = "#k = :k", {":k": {"S": key}}
    if after is not None:
        condition, values = f"{condition} AND model_id > :a", {**values, ":a": {"S": after}}
    return {
        "IndexName": BY_REFERENCE,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#k": "reference"},
        "ExpressionAttributeValues": values,
    }


def _first_proposals(targets: Iterable[Target]) -> tuple[list[_Proposal], list[Target]]:
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


def _settled(
    items: Mapping[str, Item],
    proposed: Sequence[_Proposal],
    projection: Projection[AnyArtifact],
) -> tuple[dict[Target, AnyArtifact], list[_Proposal]]:
    """What the targets are whose proposals are right, and the proposals that are wrong."""
    ids = {resolved.id for _, resolved in proposed}
    artifacts = {id_: decode_projected(items[id_], projection) for id_ in ids if id_ in items}
    found: dict[Target, AnyArtifact] = {}
    wrong: list[_Proposal] = []
    for target, resolved in proposed:
        artifact = artifacts.get(resolved.id)
        if artifact and _is(artifact, target, resolved):
            found[target] = artifact
        else:
            wrong.append((target, resolved))
    return found, wrong


def _is(artifact: PartialArtifact, target: Target, proposal: ResolvedTarget) -> bool:
    if artifact.type is not target.type:
        return False
    if target.lookup_field is LookupField.NAME:
        # The earlier backend renames, and writes over `named_at`, without telling.
        known = artifact.named_at in (proposal.named_at, UNKNOWN_TIME)
        return known and normalise(artifact.name) == target.value
    return target.lookup_field is LookupField.ID or artifact.url == target.value
