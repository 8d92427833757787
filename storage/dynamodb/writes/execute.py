"""Makes planned steps, many in one transaction, each as a whole or not at all."""

from collections.abc import Iterator, Mapping

from storage.dynamodb.client.client import MAX_ACTIONS, DynamoClient
from storage.dynamodb.items.codec import Item
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.plans import Action, Step, WriteContext, plan
from storage.dynamodb.writes.succession import successors


def commit(
    client: DynamoClient, steps: Mapping[int, Step], items: Mapping[str, Item]
) -> Iterator[int]:
    """Make the steps, many in one transaction, and tell as they do which took effect."""
    around = WriteContext(items=items, successors=successors(client, steps.values(), items))
    planned = {at: plan(step, around) for at, step in steps.items()}
    plans = {at: actions for at, actions in planned.items() if actions is not None}
    for group in grouped(plans):
        if client.transact([action for at in group for action in plans[at]]):
            yield from group


def grouped(plans: Mapping[int, list[Action]]) -> list[list[int]]:
    """Which plans go into one transaction: no two touch the same item.

    Of two that do, the earlier goes into an earlier transaction: namesakes keep their order.
    100 actions stay below the 4 MB of a transaction: what may be long is bounded by input.
    """
    groups: list[list[int]] = []
    touched: list[set[str]] = []
    for at, actions in plans.items():
        keys = {_touched(action) for action in actions}
        behind = max((n for n, those in enumerate(touched) if those & keys), default=-1)
        rooms = range(behind + 1, len(groups))
        found = (n for n in rooms if len(touched[n]) + len(keys) <= MAX_ACTIONS)
        if (group := next(found, None)) is None:
            group = len(groups)
            groups.append([])
            touched.append(set())
        groups[group].append(at)
        touched[group] |= keys
    return groups


def _touched(action: Action) -> str:
    ((of, what),) = action.items()
    return str((what["Item"] if of == "Put" else what["Key"])[KEY]["S"])
