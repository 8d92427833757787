"""Register, update and delete: read, plan, commit in one transaction, and again if refused."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from storage.changes import (
    changed,
    drafted,
    id_taken,
    is_restored,
    joining,
    too_many_changes,
    url_taken,
    writable,
)
from storage.dynamodb.client import MAX_ACTIONS, DynamoClient
from storage.dynamodb.codec import Item, decode, decode_hint, is_adopted
from storage.dynamodb.heirs import heirs
from storage.dynamodb.keys import owner_key, url_key
from storage.dynamodb.plans import (
    Action,
    Step,
    Surroundings,
    bearing_key,
    owner_items,
    plan,
)
from storage.dynamodb.reads import get, owners
from storage.dynamodb.retries import attempts
from storage.dynamodb.table import KEY
from storage.ids import is_id
from storage.records import (
    Artifact,
    ArtifactType,
    By,
    Changes,
    Draft,
    OnConflict,
    Reference,
    Registered,
    Rejection,
    Target,
)

Outcome = Registered | Rejection
_REFERENCES = frozenset({"datasets", "codes", "base_models"})


def register(
    client: DynamoClient, drafts: Sequence[Draft], on_conflict: OnConflict
) -> list[Outcome]:
    """Register drafts, many in a transaction, and again those that were in others' way."""
    outcomes: dict[int, Outcome] = {}
    if not drafts:
        return []
    for _ in attempts():
        left = {at: draft for at, draft in enumerate(drafts) if at not in outcomes}
        outcomes |= _register_once(client, _first_of_each_url(left), on_conflict)
        if len(outcomes) == len(drafts):
            return [outcomes[at] for at in range(len(drafts))]
    raise AssertionError  # attempts() ends by raising


def update(
    client: DynamoClient,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    changes: Changes,
    expected_version: int | None,
) -> Artifact | Rejection:
    """Change the fields that are given; what another changed meanwhile is kept."""
    for _ in attempts():
        item = _item(client, id)
        found = writable(decode(item) if item else None, id, type, expected_version)
        if isinstance(found, Rejection):
            return found
        assert item is not None  # noqa: S101 - it was found
        if outcome := _update_once(client, item, changes):
            return outcome
    raise AssertionError  # attempts() ends by raising


def delete(
    client: DynamoClient,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Artifact | Rejection:
    """Delete an artifact with its url, its name and its references."""
    for _ in attempts():
        item = _item(client, id)
        found = writable(decode(item) if item else None, id, type, expected_version)
        if isinstance(found, Rejection):
            return found
        if _delete_once(client, [item] if item else []):
            return found
    raise AssertionError  # attempts() ends by raising


def delete_all(client: DynamoClient, ids: Iterable[str]) -> int:
    """Delete those of the artifacts that are still there and return how many that were."""
    left, count = list(ids), 0
    for _ in attempts():
        items = client.get_items(left)
        done = _delete_once(client, list(items.values()))
        count += len(done)
        left = [id_ for id_ in items if id_ not in done]
        if not left:
            return count
    raise AssertionError  # attempts() ends by raising


def adopt(client: DynamoClient, ids: Sequence[str]) -> None:
    """Register the url, name and references of artifacts that the earlier backend wrote.

    Each gets what is still free, in the order of `ids`; nothing else about it changes.
    """
    left = list(ids)
    for _ in attempts():
        there = client.get_items(left)
        items = [there[id_] for id_ in left if id_ in there and not is_adopted(there[id_])]
        made = [decode(item) for item in items]
        steps = [Step(before=i, after=a) for i, a in zip(items, made, strict=True)]
        around = client.get_items(key for step in steps for key in owner_items(step))
        joined = [
            replace(s, after=_joining(a, around)) for s, a in zip(steps, made, strict=True)
        ]
        done = _commit(client, joined, around)
        left = [artifact.id for artifact, ok in zip(made, done, strict=True) if not ok]
        if not left:
            return


def _update_once(
    client: DynamoClient, item: Item, changes: Changes
) -> Artifact | Rejection | None:
    """The next version; None where somebody was faster."""
    before = decode(item)
    after = changed(before, changes)
    if refused := too_many_changes(before, after):
        return refused
    asked = after.references if changes.keys() & _REFERENCES else ()
    keys = owner_items(Step(before=item, after=after))
    items = client.get_items([*keys, *_hint_items(asked)])
    if before.url != after.url and url_key(after) in items:
        for owner in get(client, [items[url_key(after)]["owner"]["S"]]).values():
            if owner.url == after.url:
                return url_taken(owner)
    if asked:
        after = _hinted(after, items)
    if before.named_at != after.named_at or not is_adopted(item):
        after = _joining(after, items)
    return after if _commit(client, [Step(before=item, after=after)], items)[0] else None


def _register_once(
    client: DynamoClient, drafts: Mapping[int, Draft], on_conflict: OnConflict
) -> dict[int, Outcome]:
    made = {at: drafted(draft) for at, draft in drafts.items()}
    steps = {at: Step(before=None, after=artifact) for at, artifact in made.items()}
    wanted = [key for step in steps.values() for key in owner_items(step)]
    asked = (reference for artifact in made.values() for reference in artifact.references)
    kept = [draft.identity.id for draft in drafts.values() if draft.identity]
    items = client.get_items([*wanted, *_hint_items(asked), *kept])
    outcomes = _conflicts(client, drafts, items, on_conflict)
    free = [at for at in made if at not in outcomes]
    for at in free:
        if made[at].id in items:
            outcomes[at] = id_taken(made[at].id)
        else:
            made[at] = _joining(_hinted(made[at], items), items)
    new = [at for at in free if at not in outcomes]
    done = _commit(client, [Step(before=None, after=made[at]) for at in new], items)
    for at, took_effect in zip(new, done, strict=True):
        if took_effect:
            outcomes[at] = Registered(artifact=made[at], created=True)
    return outcomes


def _conflicts(
    client: DynamoClient,
    drafts: Mapping[int, Draft],
    items: Mapping[str, Item],
    on_conflict: OnConflict,
) -> dict[int, Outcome]:
    """What becomes of the drafts whose url is taken; not of those whose owner has just left."""
    by_url = {at: Target(draft.type, By.URL, draft.url) for at, draft in drafts.items()}
    taken = owners(items, by_url.values())
    there = client.get_items(owner.id for owner in taken.values())
    outcomes: dict[int, Outcome] = {}
    for at, target in by_url.items():
        item = there.get(taken[target].id) if target in taken else None
        if item and (outcome := _conflict(client, drafts[at], item, on_conflict)):
            outcomes[at] = outcome
    return outcomes


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
    outcome = _update_once(client, item, draft.changes)
    if isinstance(outcome, Artifact):
        return Registered(artifact=outcome, created=False)
    return outcome


def _delete_once(client: DynamoClient, items: Sequence[Item]) -> set[str]:
    """Delete the artifacts of these items; the ids of those that are gone."""
    steps = [Step(before=item, after=None) for item in items]
    around = client.get_items(key for step in steps for key in owner_items(step))
    done = _commit(client, steps, around)
    return {item[KEY]["S"] for item, gone in zip(items, done, strict=True) if gone}


def _commit(
    client: DynamoClient, steps: Sequence[Step], items: Mapping[str, Item]
) -> list[bool]:
    """Which steps took effect: each does as a whole or not at all, many in one transaction."""
    around = Surroundings(items=items, heirs=heirs(client, steps, items))
    plans = {at: actions for at, step in enumerate(steps) if (actions := plan(step, around))}
    done = [False] * len(steps)
    for group in _groups(plans):
        if client.transact([action for at in group for action in plans[at]]):
            for at in group:
                done[at] = True
    return done


def _groups(plans: Mapping[int, list[Action]]) -> Iterator[list[int]]:
    """Which plans go into one transaction, in their order: no two touch the same item.

    100 actions stay below the 4 MB of a transaction: what may be long is bounded by input.
    """
    group: list[int] = []
    touched: set[str] = set()
    for at, actions in plans.items():
        keys = {_touched(action) for action in actions}
        if group and (keys & touched or len(keys) + len(touched) > MAX_ACTIONS):
            yield group
            group, touched = [], set()
        group.append(at)
        touched |= keys
    if group:
        yield group


def _touched(action: Action) -> str:
    ((of, what),) = action.items()
    return str((what["Item"] if of == "Put" else what["Key"])[KEY]["S"])


def _first_of_each_url(drafts: Mapping[int, Draft]) -> dict[int, Draft]:
    first: dict[tuple[ArtifactType, str], int] = {}
    for at, draft in drafts.items():
        first.setdefault((draft.type, draft.url), at)
    return {at: drafts[at] for at in first.values()}


def _item(client: DynamoClient, id: str) -> Item | None:  # noqa: A002 - the registry's own word
    return client.get_items([id]).get(id) if is_id(id) else None


def _hint_items(references: Iterable[Reference]) -> Iterator[str]:
    return (owner_key(r.target) for r in references if r.by is not By.ID)


def _hinted(artifact: Artifact, items: Mapping[str, Item]) -> Artifact:
    """The artifact with its references telling whom they resolve to now."""
    known = owners(items, (r.target for r in artifact.references if r.by is not By.ID))
    references = tuple(replace(r, hint=known.get(r.target)) for r in artifact.references)
    return replace(artifact, references=references)


def _joining(artifact: Artifact, items: Mapping[str, Item]) -> Artifact:
    item = items.get(bearing_key(artifact) or "")
    return joining(artifact, decode_hint(item["owner"]["S"]).named_at if item else None)
