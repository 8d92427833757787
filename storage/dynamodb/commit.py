"""Makes planned steps, many in one transaction, each as a whole or not at all."""

from collections.abc import Iterator, Mapping

from storage.dynamodb.client import MAX_ACTIONS, DynamoClient
from storage.dynamodb.codec import Item
from storage.dynamodb.heirs import heirs
from storage.dynamodb.plans import Action, Step, Surroundings, plan
from storage.dynamodb.table import KEY


def commit(
    client: DynamoClient, steps: Mapping[int, Step], items: Mapping[str, Item]
) -> Iterator[int]:
    """Make the steps, many in one transaction, and tell as they do which took effect."""
    around = Surroundings(items=items, heirs=heirs(client, steps.values(), items))
    planned = {at: plan(step, around) for at, step in steps.items()}
    plans = {at: actions for at, actions in planned.items() if actions is not None}
    for group in _groups(plans):
        if client.transact([action for at in group for action in plans[at]]):
            yield from group


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
