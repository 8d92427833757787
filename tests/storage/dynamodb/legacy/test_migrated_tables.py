"""Every item of a migrated table is as expected, also after interruptions and other writes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from threading import Lock
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from storage.dynamodb.schema.attributes import INDEXES, LEGACY
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import create_legacy_table, migrate
from tests.storage.dynamodb.legacy.legacy_table import generate_items, put_items, read_items
from tests.storage.dynamodb.legacy.legacy_writer import LegacyWriter
from tests.storage.dynamodb.legacy.migration_rules import expected_references, find_differences
from tests.storage.dynamodb.recorded_calls import (
    Upstream,
    before_send,
    operations,
    record_calls,
)
from tests.storage.engines import DYNAMO_ENGINES, table


class KilledError(Exception):
    """Stands for the end of the process."""


@contextmanager
def kill_at_call(
    store: DynamoStore, number: int, *operations: str, after: bool = False
) -> Iterator[None]:
    """Raise KilledError at the n-th call of these operations and at all later ones.

    The call is not sent; with `after`, it is sent and its answer is lost.
    """
    numbers, upstream, lock = count(1), Upstream(store.client), Lock()

    def count_and_kill(request: AWSPreparedRequest, **_: object) -> None:
        if not upstream.is_asked:
            with lock:
                if next(numbers) >= number:
                    if after:
                        upstream.answer(request)
                    raise KilledError

    with ExitStack() as stack:
        for operation in operations:
            stack.enter_context(before_send(store, f"dynamodb.{operation}", count_and_kill))
        yield


def migrate_and_compare(store: DynamoStore, size: int) -> None:
    """Migrate a table with so many artifacts, and compare each item with the expected one."""
    create_legacy_table(store)
    put_items(store, generate_items(size))
    before = read_items(store)

    planned = migrate(store, dry_run=True)
    assert read_items(store) == before
    result = migrate(store)

    assert find_differences(store, before) == []
    assert (result.indexes, result.migrated, result.left) == (planned.indexes, size, 0)
    assert planned.migrated == size
    assert result.undecided == planned.undecided
    assert len(result.undecided) > 0
    after = read_items(store)
    with record_calls(store) as calls:
        again = migrate(store)
    assert set(operations(calls)) == {"BatchGetItem", "Scan"}
    assert (again.indexes, again.migrated, again.repaired, again.left) == ([], 0, 0, 0)
    assert read_items(store) == after
    assert list(store.check()) == list(result.undecided)


def test_every_item_is_as_expected_and_a_second_run_writes_nothing(dynamo: DynamoStore) -> None:
    migrate_and_compare(dynamo, 100)


@pytest.mark.slow
@pytest.mark.parametrize("dynamo", DYNAMO_ENGINES[-1:], indirect=True)
def test_every_item_of_a_large_table_is_as_expected(dynamo: DynamoStore) -> None:
    migrate_and_compare(dynamo, 10_000)


@pytest.mark.parametrize(
    ("number", "after"), [(3, False), (2, True)], ids=["before the third", "after the second"]
)
def test_a_migration_that_is_killed_at_every_write_can_be_run_again(
    dynamo: DynamoStore, number: int, *, after: bool
) -> None:
    # The first call takes the lease.
    create_legacy_table(dynamo)
    put_items(dynamo, generate_items(60))
    before = read_items(dynamo)
    kills = 0

    while True:
        try:
            with kill_at_call(dynamo, number, "UpdateTable", "TransactWriteItems", after=after):
                migrate(dynamo)
        except KilledError:
            kills += 1
        else:
            break

    assert kills > len(INDEXES)
    assert find_differences(dynamo, before) == []


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_migration_that_is_killed_while_it_reads_can_be_run_again(
    moto: DynamoStore, number: int
) -> None:
    create_legacy_table(moto)
    put_items(moto, generate_items(40))
    before = read_items(moto)

    with kill_at_call(moto, number, "Scan"), pytest.raises(KilledError):
        migrate(moto)
    migrate(moto)

    assert find_differences(moto, before) == []


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))]
)
def test_writes_of_the_earlier_backend_meanwhile_are_kept_and_migrated(
    dynamo: DynamoStore, seed: int
) -> None:
    writer = LegacyWriter(dynamo, list(generate_items(20, seed)), seed)
    writer.create_table(dynamo)

    with before_send(dynamo, "dynamodb.TransactWriteItems", writer.write_next):
        migrate(dynamo)
    for _ in range(5):
        writer.write_next()
    result = migrate(dynamo)

    assert len(writer.writes) > 8
    assert list(dynamo.check()) == list(result.undecided)
    with table() as not_migrated:
        writer.create_table(not_migrated)
        for write in writer.writes:
            write(not_migrated)
        expected = read_items(not_migrated)
    assert select_legacy(read_items(dynamo)) == select_legacy(expected)
    assert {
        artifact.id: [
            [r.kind.value, r.lookup_field.value, r.value] for r in artifact.references
        ]
        for artifact in dynamo.scan()
    } == {id_: expected_references(item) for id_, item in expected.items()}


def select_legacy(items: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that the earlier backend writes, of the items of artifacts."""
    return {
        id_: {name: item[name] for name in LEGACY if name in item}
        for id_, item in items.items()
        if "artifact" in item
    }
