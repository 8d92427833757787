"""Executes transitions, as many in one transaction as fit, each one whole or not at all."""

from collections.abc import Iterator, Mapping

from storage.dynamodb.client.client import MAX_ACTIONS, DynamoClient
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.writes.item_updates import Action
from storage.dynamodb.writes.succession import find_successors
from storage.dynamodb.writes.transitions import Transition, WriteContext, to_actions


def execute(
    client: DynamoClient, transitions: Mapping[int, Transition], items: Mapping[str, Item]
) -> Iterator[int]:
    """Execute transitions and yield the numbers of those that took effect.

    `items` are the uniqueness items that the transitions change, as they were read.
    """
    successors = find_successors(client, transitions.values(), items)
    context = WriteContext(items=items, successors=successors)
    actions = {at: to_actions(transition, context) for at, transition in transitions.items()}
    plans = {at: plan for at, plan in actions.items() if plan is not None}
    for group in group_plans(plans):
        if client.transact([action for at in group for action in plans[at]]):
            yield from group


def group_plans(plans: Mapping[int, list[Action]]) -> list[list[int]]:
    """Divide plans into transactions, so that no two of one transaction touch the same item.

    Of two that do, the earlier one goes into an earlier transaction: namesakes keep their
    order. 100 actions stay below the 4 MB of a transaction, for inputs are bounded.
    """
    groups: list[list[int]] = []
    keys_of_groups: list[set[str]] = []
    for at, actions in plans.items():
        keys = {_key(action) for action in actions}
        conflicts = (n for n, others in enumerate(keys_of_groups) if others & keys)
        candidates = range(max(conflicts, default=-1) + 1, len(groups))
        fitting = (n for n in candidates if len(keys_of_groups[n]) + len(keys) <= MAX_ACTIONS)
        if (group := next(fitting, None)) is None:
            group = len(groups)
            groups.append([])
            keys_of_groups.append(set())
        groups[group].append(at)
        keys_of_groups[group] |= keys
    return groups


def _key(action: Action) -> str:
    ((operation, parameters),) = action.items()
    holder = parameters["Item"] if operation == "Put" else parameters["Key"]
    return str(holder[KEY]["S"])
