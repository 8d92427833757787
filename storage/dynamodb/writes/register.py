"""Registers artifacts: read, plan and execute, and try again what was in conflict."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from storage.artifacts.changes import Change, ChangeKind, describe_change
from storage.artifacts.records import Artifact, LookupField, Reference, Target
from storage.artifacts.url_prefixes import check_new_url
from storage.artifacts.write_errors import id_taken_error, url_taken_error
from storage.artifacts.write_limits import check_new
from storage.artifacts.write_rules import is_restored, make_artifact
from storage.artifacts.writes import NewArtifact, OnConflict, WriteError, WriteOutcome, Written
from storage.dynamodb.items.changes import decode_deleted_version
from storage.dynamodb.schema.attributes import KEY
from storage.dynamodb.schema.keys import deleted_key, name_item_key, uniqueness_key
from storage.dynamodb.writes.attempts import Attempt, WriteContext, attempts
from storage.dynamodb.writes.execute import execute, fits
from storage.dynamodb.writes.plan import Plan
from storage.dynamodb.writes.planner import Planner
from storage.errors import StoreUnavailableError

Outcome = Written | WriteError


def register(
    context: WriteContext,
    new: Sequence[NewArtifact],
    on_conflict: OnConflict,
    newest: Sequence[Change | None] = (),
) -> list[Outcome | StoreUnavailableError]:
    """Register artifacts, many in a transaction; those in conflict are tried again.

    `newest` are the changes that made the given versions of imported artifacts.
    """
    outcomes: dict[int, Outcome] = {}
    imported = dict(enumerate(newest))
    try:
        for attempt in attempts(context):
            left = {at: each for at, each in enumerate(new) if at not in outcomes}
            # update() keeps what was yielded before a failure.
            outcomes.update(_register_once(attempt, left, imported, on_conflict))
            if len(outcomes) == len(new):
                break
    except StoreUnavailableError as error:
        if not outcomes:
            raise
        return [outcomes.get(at, error) for at in range(len(new))]
    return [outcomes[at] for at in range(len(new))]


def _register_once(
    attempt: Attempt,
    new: Mapping[int, NewArtifact],
    imported: Mapping[int, Change | None],
    on_conflict: OnConflict,
) -> Iterator[tuple[int, Outcome]]:
    batch = Batch(attempt, on_conflict)
    batch.read(new.values())
    for at, each in new.items():
        if outcome := batch.plan(at, each, imported.get(at)):
            yield at, outcome
    for transaction in execute(attempt, batch.planner.plans):
        for plan in transaction.plans:
            yield from plan.outcomes.items()


class Batch:
    """The registrations of one attempt; later ones see those before them."""

    def __init__(self, attempt: Attempt, on_conflict: OnConflict) -> None:
        self.planner = Planner(attempt)
        self._attempt = attempt
        self._view = attempt.view
        self._on_conflict = on_conflict
        self._put_off: set[str] = set()
        """Urls of artifacts whose plans are full: the rest waits for the next attempt."""

    def read(self, new: Iterable[NewArtifact]) -> None:
        """Read all items that decide what becomes of new artifacts."""
        new = list(new)
        made = [make_artifact(each, self._attempt.stamp) for each in new]
        given = [each.identity.id for each in new if each.identity]
        keys = [*given, *map(deleted_key, given), *self._attempt.log.keys]
        self.planner.read(made, _references(new), keys)
        owners = [self._url_owner(each) for each in new]
        self.planner.read(owner for owner in owners if isinstance(owner, Artifact))
        names = [name_item_key(a) for a, owner in zip(made, owners, strict=True) if not owner]
        unowned = (key for key in names if key and not self._view.owner_place(key))
        self._view.load_bearers(unowned)

    def plan(self, at: int, new: NewArtifact, imported: Change | None) -> Outcome | None:
        """Plan a registration; returns the outcome if that depends on no other write."""
        if error := check_new_url(self._attempt.stamp.attribution, new.url):
            return error
        key = _url_key(new)
        if key in self._put_off:
            return None
        plan = self.planner.with_url(key) or self._existing(new, key)
        if isinstance(plan, WriteError):
            return plan
        if plan is None:
            return self._register(at, new, imported)
        outcome = self._resolve_conflict(plan, new)
        if outcome is None:
            self._put_off.add(key)
        elif not plan.changes:
            return outcome
        else:
            plan.outcomes[at] = outcome
        return None

    def _existing(self, new: NewArtifact, key: str) -> Plan | WriteError | None:
        item = self._view.owner_of_url(new.type, new.url, key)
        if item is None:
            return None
        owner = self._view.artifact(item[KEY]["S"])
        if not isinstance(owner, Artifact):
            return self.planner.taken_error(item, new.type)
        plan = Plan(id=owner.id, item=item, before=owner, after=owner)
        self.planner.add(plan)
        return plan

    def _url_owner(self, new: NewArtifact) -> object:
        item = self._view.owner_of_url(new.type, new.url, _url_key(new))
        return item and self._view.artifact(item[KEY]["S"])

    def _register(self, at: int, new: NewArtifact, imported: Change | None) -> Outcome | None:
        identity = new.identity
        deleted = self._view[deleted_key(identity.id)] if identity else None
        artifact = self._make(new, decode_deleted_version(deleted))
        if other := self.planner.with_id(artifact.id):
            other.outcomes[at] = id_taken_error(artifact.id)
            return None if other.changes else other.outcomes[at]
        is_taken = identity is not None and self._view[identity.id] is not None
        if error := id_taken_error(artifact.id) if is_taken else check_new(artifact):
            return error
        plan = Plan(id=artifact.id, item=None, deleted=deleted, has_given_id=bool(identity))
        after = self.planner.take_name(artifact)
        if identity is None:  # exported references say what they resolved to, if to anything
            after = self.planner.stamp_references(plan, after)
        if imported is None or imported.version != after.version:
            imported = self._describe(after)
        plan.after, plan.changes = after, [imported]
        plan.outcomes[at] = Written(artifact=after, outcome=WriteOutcome.CREATED)
        self.planner.add(plan)
        return None

    def _make(self, new: NewArtifact, deleted_version: int) -> Artifact:
        return make_artifact(new, self._attempt.stamp, deleted_version)

    def _describe(self, artifact: Artifact) -> Change:
        attribution = self._attempt.stamp.attribution
        return describe_change(None, artifact, attribution, ChangeKind.REGISTERED)

    def _resolve_conflict(self, plan: Plan, new: NewArtifact) -> Outcome | None:
        """Return what becomes of a registration whose url is taken; None to put it off."""
        owner = plan.after
        assert owner is not None  # noqa: S101 - it has the url
        if self._on_conflict is OnConflict.REJECT:
            return url_taken_error(owner)
        if is_restored(owner, new):
            return Written(artifact=owner, outcome=WriteOutcome.UNCHANGED)
        is_first = not plan.changes
        changes = list(plan.changes)
        outcome = self.planner.update(plan, new.changes)
        if is_first or isinstance(outcome, WriteError) or fits(self._attempt, plan):
            return outcome
        plan.after, plan.changes = owner, changes
        return None


def _url_key(new: NewArtifact) -> str:
    return uniqueness_key(Target(new.type, LookupField.URL, new.url))


def _references(new: Iterable[NewArtifact]) -> Iterator[Reference]:
    for each in new:
        fields = each.changes
        yield from fields.get("datasets") or ()
        yield from fields.get("codes") or ()
        yield from fields.get("base_models") or ()
