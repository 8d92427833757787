"""Resolves targets to artifacts: what references and names mean now."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Generic

from storage.artifacts.ids import is_id
from storage.artifacts.names import normalise
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import LookupField, PartialArtifact, ResolvedTarget, Target
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.reads.artifacts import decode_or_error, owners
from storage.dynamodb.reads.bearers import Bearers, find_bearers, install_first
from storage.dynamodb.schema.attributes import Item, attributes_to_read
from storage.dynamodb.schema.keys import uniqueness_key
from storage.errors import StoreUnavailableError, UndecodableError

_MAX_ROUNDS = 10
"""Each round but the first two means that an artifact was renamed or deleted meanwhile."""
_MAX_INSTALLED = 10
"""The most names that one call gives to their first bearers, each in a transaction."""


def resolve(
    client: DynamoClient,
    targets: Iterable[Target],
    projection: Projection[AnyArtifact],
    require_writable: Callable[[], None] = lambda: None,
) -> dict[Target, AnyArtifact | UndecodableError]:
    """Return the artifacts that the targets resolve to now.

    What a target resolved to before, or its uniqueness item, proposes an artifact; the
    artifact decides. If it is deleted or renamed meanwhile, the owner is looked up again. A
    name that is vacant, or whose owner is gone, is given to the first artifact that has it,
    unless `require_writable` raises that nothing may be written.
    """
    resolution = _Resolution(client, projection, require_writable)
    resolution.propose(targets)
    for _ in range(_MAX_ROUNDS):
        if resolution.proposed or resolution.unknown:
            resolution.read()
        elif resolution.ownerless:
            resolution.fill_vacancies()
        else:
            return resolution.resolved
    raise StoreUnavailableError("names change their owners too fast to be resolved")


class _Resolution(Generic[AnyArtifact]):
    """Targets that are resolved, and what has to be read for the others."""

    def __init__(
        self,
        client: DynamoClient,
        projection: Projection[AnyArtifact],
        require_writable: Callable[[], None],
    ) -> None:
        self.resolved: dict[Target, AnyArtifact | UndecodableError] = {}
        self.proposed: dict[Target, ResolvedTarget] = {}
        self.unknown: list[Target] = []
        """Targets whose uniqueness items are read next."""
        self.ownerless: dict[Target, Item] = {}
        """Names that have no owner, or one that is gone, with their uniqueness items."""
        self._rejected: dict[Target, ResolvedTarget] = {}
        self._errors: dict[Target, UndecodableError] = {}
        """Of rejected proposals, those whose artifact cannot be decoded."""
        self._changed: set[Target] = set()
        """Names that got no owner because something changed meanwhile; the next lookup's."""
        self._client = client
        self._projection = projection
        self._require_writable = require_writable
        attributes = attributes_to_read(projection)
        self._attributes = (*attributes, "owner") if attributes else ()

    def propose(self, targets: Iterable[Target]) -> None:
        """Take the proposals that need no lookup, and note the targets that need one."""
        for target in targets:
            if target.lookup_field is LookupField.ID:
                if is_id(target.value):
                    self.proposed[target] = ResolvedTarget(target.value)
            elif target.resolved is not None and is_id(target.resolved.id):
                self.proposed[target] = target.resolved
            elif target.value:
                self.unknown.append(target)

    def read(self) -> None:
        """Read what is proposed and what is unknown, and decide what is read next."""
        keys = [owner.id for owner in self.proposed.values()]
        keys += [uniqueness_key(target) for target in self.unknown]
        items = self._client.get_items(keys, self._attributes)
        found = owners(items, self.unknown)
        rejected = self._decide(items)
        self.proposed = {t: owner for t, owner in found.items() if not self._is_dead(t, owner)}
        for target in self.unknown:
            if target not in self.proposed:
                self._note_ownerless(target, items, has_owner=target in found)
        self._rejected, self.unknown = rejected, list(rejected)

    def fill_vacancies(self) -> None:
        """Resolve names without an owner to their first bearers, and make these the owners."""
        keys = {target: uniqueness_key(target) for target in self.ownerless}
        bearers = find_bearers(self._client, keys.values(), self._projection)
        ownerless, self.ownerless = self.ownerless, {}
        for at, (target, item) in enumerate(ownerless.items()):
            if keys[target] not in bearers:
                continue
            is_skipped = target in self._changed or at >= _MAX_INSTALLED
            if is_skipped or self._install(item, bearers[keys[target]]):
                self.resolved[target] = bearers[keys[target]].first
            else:
                self._changed.add(target)
                self.unknown.append(target)

    def _install(self, item: Item, bearers: Bearers[AnyArtifact]) -> bool:
        """Return whether the first bearer is the owner, or nothing may be written."""
        with suppress(StoreUnavailableError):
            self._require_writable()
            return install_first(self._client, item, bearers)
        return True

    def _decide(self, items: Mapping[str, Item]) -> dict[Target, ResolvedTarget]:
        """Resolve the targets whose proposals are right, and return the wrong proposals."""
        ids = {owner.id for owner in self.proposed.values()} & items.keys()
        artifacts = {id_: decode_or_error(items[id_], self._projection) for id_ in ids}
        rejected: dict[Target, ResolvedTarget] = {}
        for target, owner in self.proposed.items():
            artifact = artifacts.get(owner.id)
            by_id = target.lookup_field is LookupField.ID
            if isinstance(artifact, UndecodableError):
                (self.resolved if by_id else self._errors)[target] = artifact
            elif artifact and _is_match(artifact, target, owner):
                self.resolved[target] = artifact
            if target not in self.resolved and not by_id:
                rejected[target] = owner
        return rejected

    def _is_dead(self, target: Target, owner: ResolvedTarget) -> bool:
        """Return whether a proposal was rejected in the round before."""
        rejected = self._rejected.get(target)
        return rejected is not None and (rejected.id, rejected.named_at) == (
            owner.id,
            owner.named_at,
        )

    def _note_ownerless(
        self, target: Target, items: Mapping[str, Item], *, has_owner: bool
    ) -> None:
        item = items.get(uniqueness_key(target))
        if has_owner and (error := self._errors.get(target)):
            self.resolved[target] = error
        elif item and target.lookup_field is LookupField.NAME:
            self.ownerless[target] = item


def _is_match(artifact: PartialArtifact, target: Target, proposal: ResolvedTarget) -> bool:
    if artifact.type is not target.type:
        return False
    if target.lookup_field is LookupField.NAME:
        has_name = normalise(artifact.name) == target.value
        return has_name and artifact.named_at == proposal.named_at
    return target.lookup_field is LookupField.ID or artifact.url == target.value
