"""Writes independent units: as many in one transaction as fit, several at the same time."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson

from storage.dynamodb.client.client import MAX_ACTIONS, DynamoClient
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.writes.item_updates import Action
from storage.errors import StoreRefusedError, StoreUnavailableError

_MAX_BYTES = 2_500_000
"""The most bytes of the items of one transaction, as far as they are known."""
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """Actions that take effect together, and about as many bytes as their items have."""

    id: str
    """The identity of the unit among the others."""
    actions: Sequence[Action]
    size: int = 0

    @property
    def keys(self) -> set[str]:
        """The keys of the items that the actions touch."""
        return {next(iter(action.values()))["Key"][KEY]["S"] for action in self.actions}


@dataclass(slots=True)
class UnitResults:
    """The ids of the units that took effect, and the first error of the others."""

    ids: set[str]
    error: StoreUnavailableError | None = None


def write_all(
    client: DynamoClient, units: Iterable[Unit], *, is_grouped: bool = True
) -> UnitResults:
    """Write units, each whole or not at all, and return which of them took effect.

    Those of a transaction in which a condition does not hold are tried one by one.
    """
    groups = list(_group(units)) if is_grouped else [[each] for each in units]
    done = UnitResults(set())
    with ThreadPoolExecutor(_THREADS) as pool:
        futures = [(group, pool.submit(_transact, client, group)) for group in groups]
        failed: list[Unit] = []
        for group, future in futures:
            try:
                if future.result():
                    done.ids |= {each.id for each in group}
                elif len(group) > 1:
                    failed += group
            except StoreUnavailableError as error:
                done.error = done.error or error
    if failed and done.error is None:
        rest = write_all(client, failed, is_grouped=False)
        return UnitResults(done.ids | rest.ids, rest.error)
    return done


def item_size(item: Item) -> int:
    """Return about as many bytes as an item has."""
    return len(orjson.dumps(item))


def _transact(client: DynamoClient, group: Sequence[Unit]) -> bool:
    try:
        return client.transact([action for each in group for action in each.actions])
    except StoreRefusedError:
        # Together they may be too large, for the sizes are estimates.
        if len(group) == 1:
            raise
        return False


def _group(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    """Divide units into transactions that touch no item twice."""
    group: list[Unit] = []
    keys: set[str] = set()
    size = 0
    for each in units:
        is_full = len(keys) + len(each.keys) > MAX_ACTIONS or size + each.size > _MAX_BYTES
        if group and (is_full or keys & each.keys):
            yield group
            group, keys, size = [], set(), 0
        group.append(each)
        keys |= each.keys
        size += each.size
    if group:
        yield group
