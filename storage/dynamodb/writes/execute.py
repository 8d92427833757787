"""Executes plans, as many in one transaction as fit, each one whole or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from storage.dynamodb.client.client import MAX_ACTIONS
from storage.dynamodb.feed.segments import LogEntry
from storage.dynamodb.items.codec import encode
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.writes.attempts import Attempt
from storage.dynamodb.writes.item_updates import Action
from storage.dynamodb.writes.names import NameResult, change_name, name_changes, needs_bearers
from storage.dynamodb.writes.plan import Plan, check_as_read

MAX_BYTES = 3_000_000
"""Bytes of the actions of one transaction; DynamoDB's limit, 4 MB, counts other bytes, too."""


_URL_CHECKS = 1
_NAME_ACTIONS = 3
_LOG_ACTIONS = 3
_MAX_DRAWS = 10


@dataclass(frozen=True, slots=True)
class Transaction:
    """The actions of several plans together."""

    plans: Sequence[Plan]
    actions: Sequence[Action]
    entries: Sequence[LogEntry]
    names: Mapping[str, NameResult]
    """The change of each name, by the key of its item."""


def execute(attempt: Attempt, plans: Sequence[Plan]) -> Iterator[Transaction]:
    """Execute plans in their order and yield the transactions that took effect.

    After a conflict, plans are left that touch the same names or refer to the same artifacts.
    """
    waiting = list(plans)
    _read_names(attempt, waiting)
    attempt.log.settle(attempt.view)
    while waiting:
        transaction = _next_transaction(attempt, waiting)
        del waiting[: len(transaction.plans)]
        if attempt.client.transact(transaction.actions):
            _record(attempt, transaction)
            yield transaction
        else:
            waiting = _without_conflicts(transaction.plans, waiting)
            _draw_log(attempt)


def _draw_log(attempt: Attempt) -> None:
    attempt.draw_log()
    attempt.view.forget(attempt.log.keys)
    attempt.log.settle(attempt.view)


def _record(attempt: Attempt, transaction: Transaction) -> None:
    """Note what the plans that follow have to know of a transaction."""
    attempt.log.record(transaction.entries)
    for key, name in transaction.names.items():
        attempt.view.note(key, name.item)
    for plan in transaction.plans:
        attempt.view.note(plan.id, encode(plan.after) if plan.after else None)


def fits(attempt: Attempt, plan: Plan) -> bool:
    """Return whether a plan fits into a transaction, in any state of its names and the log."""
    own = plan.actions(attempt.view, attempt.state.retention)
    others = _URL_CHECKS + _LOG_ACTIONS + _NAME_ACTIONS * len(name_changes([plan]))
    return len(own) + others <= MAX_ACTIONS and _size(own) <= MAX_BYTES


def _read_names(attempt: Attempt, plans: Sequence[Plan]) -> None:
    view = attempt.view
    changes = name_changes(plans)
    view.load(change.key for change in changes)
    view.load_owners(change.key for change in changes)
    view.load_bearers(each.key for each in changes if needs_bearers(each, view))


def _next_transaction(attempt: Attempt, plans: Sequence[Plan]) -> Transaction:
    for _ in range(_MAX_DRAWS):
        transaction = _fill_transaction(attempt, plans)
        if len(transaction.actions) <= MAX_ACTIONS:
            break
        # It would begin a segment of the log; another shard may need none.
        _draw_log(attempt)
    return transaction


def _fill_transaction(attempt: Attempt, plans: Sequence[Plan]) -> Transaction:
    """Return the transaction of as many plans as fit, and at least of one."""
    most = max(1, MAX_ACTIONS >> attempt.number)
    own: list[Sequence[Action]] = []
    size = 0
    filled = None
    for count, plan in enumerate(plans[:most], 1):
        own.append(plan.actions(attempt.view, attempt.state.retention))
        size += _size(own[-1])
        longer = _to_transaction(attempt, plans[:count], own)
        if filled and (len(longer.actions) > MAX_ACTIONS or size > MAX_BYTES):
            break
        filled = longer
    assert filled is not None  # noqa: S101 - there are plans
    return filled


def _to_transaction(
    attempt: Attempt, plans: Sequence[Plan], own: Iterable[Sequence[Action]]
) -> Transaction:
    """Return the transaction of plans, given the actions for their own items."""
    view = attempt.view
    names = {change.key: change_name(change, view) for change in name_changes(plans)}
    actions = [*chain(*own), *(name.action for name in names.values() if name.action)]
    keys = {_key(action) for action in actions}
    checked = [id_ for plan in plans for id_ in plan.dead_url_owners(view)]
    checked += [id_ for name in names.values() for id_ in name.checked]
    unwritten = [id_ for id_ in dict.fromkeys(checked) if id_ not in keys]
    actions += [check_as_read(id_, view[id_]) for id_ in unwritten]
    entries = [
        LogEntry(change.artifact_id, change.version, max(change.at, attempt.stamp.at))
        for plan in plans
        for change in plan.changes
    ]
    if entries:
        actions += attempt.log.actions(entries)
    return Transaction(plans, actions, entries, names)


def _size(actions: Sequence[Action]) -> int:
    return sum(len(orjson.dumps(action)) for action in actions)


def _without_conflicts(failed: Sequence[Plan], waiting: Sequence[Plan]) -> list[Plan]:
    """Return the plans that do not depend on those that failed, nor on each other's failure."""
    blocked = {key for plan in failed for key in (plan.id, *plan.uniqueness_keys)}
    left: list[Plan] = []
    for plan in waiting:
        if blocked & (plan.uniqueness_keys | plan.needs):
            blocked |= {plan.id, *plan.uniqueness_keys}
        else:
            left.append(plan)
    return left


def _key(action: Action) -> str:
    ((operation, parameters),) = action.items()
    holder: Item = parameters["Item"] if operation == "Put" else parameters["Key"]
    return str(holder[KEY]["S"])
