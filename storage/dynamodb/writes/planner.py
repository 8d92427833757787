"""Plans writes in memory, over what was read: each sees the ones planned before it."""

from collections.abc import Iterable
from datetime import datetime

from storage.artifacts.changes import describe_change
from storage.artifacts.ids import is_id
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ResolvedTarget,
    Target,
)
from storage.artifacts.reference_stamps import new_references, stamp_references
from storage.artifacts.write_errors import url_taken_error
from storage.artifacts.write_limits import check_update
from storage.artifacts.write_rules import (
    apply_patch,
    change_kind,
    place_after_last,
)
from storage.artifacts.writes import (
    ArtifactPatch,
    WriteError,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.dynamodb.items.uniqueness import decode_last_since
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import name_item_key, uniqueness_key, url_key
from storage.dynamodb.writes.attempts import Attempt
from storage.dynamodb.writes.plan import Plan


class Planner:
    """The plans of one attempt, in the order in which they are to be executed."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.view = attempt.view
        self._plans: dict[str, Plan] = {}
        self._by_url: dict[str, Plan] = {}
        self._owners: dict[str, Artifact] = {}
        self._last_since: dict[str, datetime] = {}

    @property
    def plans(self) -> list[Plan]:
        """All plans that change something."""
        return [plan for plan in self._plans.values() if plan.changes]

    def add(self, plan: Plan) -> None:
        """Add a plan, or note what became of it."""
        self._plans[plan.id] = plan
        if plan.after:
            self._by_url[url_key(plan.after)] = plan

    def with_id(self, id: str) -> Plan | None:  # noqa: A002 - the registry's own word
        """Return the plan for an artifact."""
        return self._plans.get(id)

    def with_url(self, key: str) -> Plan | None:
        """Return the plan for the artifact that has a url."""
        return self._by_url.get(key)

    def read(
        self,
        artifacts: Iterable[Artifact],
        references: Iterable[Reference] = (),
        keys: Iterable[str] = (),
    ) -> None:
        """Read the urls and names of artifacts, the targets of references, and their owners.

        `keys` are those of other items to read.
        """
        targets = [r.target for r in references if r.resolved is None and _can_resolve(r)]
        sides = [key for a in artifacts for key in (url_key(a), name_item_key(a)) if key]
        self.view.load([*keys, *sides, *map(target_key, targets)])
        looked_up = [t for t in targets if t.lookup_field is not LookupField.ID]
        self.view.load_owners([*sides, *map(target_key, looked_up)])
        names = (target_key(t) for t in targets if t.lookup_field is LookupField.NAME)
        vacant = (key for key in names if self.view[key] and not self.view.owner_place(key))
        self.view.load_bearers(vacant)

    def update(self, plan: Plan, patch: ArtifactPatch) -> Written | WriteError:
        """Add a patch to the plan of an artifact, whose item and owners were read."""
        before = plan.after
        assert before is not None  # noqa: S101 - deletions are not updated
        after = apply_patch(before, patch, self.attempt.stamp)
        if after is before:
            return Written(artifact=before, outcome=WriteOutcome.UNCHANGED)
        if error := check_update(before, after) or self._url_conflict(before, after):
            return error
        if after.named_at != before.named_at:
            after = self.take_name(after)
        after = self.stamp_references(plan, after)
        attribution = self.attempt.stamp.attribution
        change = describe_change(before, after, attribution, change_kind(before, after))
        plan.after = after
        plan.changes.append(change)
        self.add(plan)
        return Written(artifact=after, outcome=WriteOutcome.UPDATED)

    def take_name(self, artifact: Artifact) -> Artifact:
        """Return the artifact with a place after all that have or had its name."""
        key = name_item_key(artifact)
        if key is None:
            return artifact
        times = [each.named_at for each in self.view.bearers(key)]
        times += [time for time in (decode_last_since(self.view[key]),) if time]
        times += [self._last_since[key]] if key in self._last_since else []
        artifact = place_after_last(artifact, max(times, default=None))
        self._last_since[key] = artifact.named_at
        if self.view[key] is None and not self.view.bearers(key):
            self._owners.setdefault(key, artifact)
        return artifact

    def stamp_references(self, plan: Plan, after: Artifact) -> Artifact:
        """Return the artifact with new references noting what they resolve to."""
        added = [
            r
            for r in new_references(plan.after, after)
            if r.resolved is None and _can_resolve(r)
        ]
        found = {r.target: t for r in added if (t := self._resolve(plan, r.target))}
        return stamp_references(after, added, found)

    def _resolve(self, plan: Plan, target: Target) -> ResolvedTarget | None:
        artifact = self._find(target)
        if artifact and artifact.id == plan.id:
            # A model that refers to itself: what counts is what it was before this write.
            artifact = plan.after
        if artifact is None or artifact.type is not target.type:
            return None
        planned = self._plans.get(artifact.id)
        if planned and planned.after and planned.changes and planned is not plan:
            artifact = planned.after
            plan.needs.add(planned.id)
        by_name = target.lookup_field is LookupField.NAME
        if by_name and name_item_key(artifact) != target_key(target):
            return None
        named_at = artifact.named_at if by_name else None
        return ResolvedTarget(artifact.id, named_at, artifact.version)

    def _find(self, target: Target) -> Artifact | None:
        key = target_key(target)
        if target.lookup_field is LookupField.NAME:
            found = self._owners.get(key) or self.view.named(target)
        elif target.lookup_field is LookupField.URL:
            if planned := self._by_url.get(key):
                return planned.after
            item = self.view.owner_of_url(target.type, target.value, key)
            found = self.view.artifact(item[KEY]["S"]) if item else None
        else:
            planned = self._plans.get(key)
            found = planned.after if planned else self.view.artifact(key)
        return found if isinstance(found, Artifact) else None

    def _url_conflict(self, before: Artifact, after: Artifact) -> WriteError | None:
        if after.url == before.url:
            return None
        return self.url_error(after)

    def url_error(self, artifact: Artifact, *field: str) -> WriteError | None:
        """Return an error if another artifact has the artifact's url."""
        item = self.view.owner_of_url(artifact.type, artifact.url, url_key(artifact))
        if item is None or item[KEY]["S"] == artifact.id:
            return None
        return self.taken_error(item, artifact.type, *field)

    def taken_error(self, item: Item, type: ArtifactType, *field: str) -> WriteError:  # noqa: A002 - the registry's own word
        """Return the error that the artifact of an item has the url; it may be unreadable."""
        owner = self.view.artifact(item[KEY]["S"])
        if isinstance(owner, Artifact):
            return url_taken_error(owner, *field)
        return WriteError(
            code=WriteErrorCode.ALREADY_EXISTS,
            message=f"The {type.value} {item[KEY]['S']} already has this url.",
            field=field or ("input", "url"),
        )


def target_key(target: Target) -> str:
    """Return the key of the item that tells to what a target resolves."""
    return target.value if target.lookup_field is LookupField.ID else uniqueness_key(target)


def _can_resolve(reference: Reference) -> bool:
    target = reference.target
    return is_id(target.value) if target.lookup_field is LookupField.ID else bool(target.value)
