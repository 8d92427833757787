"""A whole table of the earlier backend, item by item: at once, killed, and while it is used."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from random import Random
from threading import Lock
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from storage.dynamodb.schema.attributes import INDEXES, LEGACY
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy import legacy_backend as earlier
from tests.storage.dynamodb.legacy.legacy_backend import migrate
from tests.storage.dynamodb.legacy.legacy_table import (
    differences,
    earlier_items,
    everything,
    fill,
    linked_references,
)
from tests.storage.dynamodb.recorded_calls import Upstream, before_send, operations, recorded
from tests.storage.engines import DYNAMO_ENGINES, table
from tests.storage.samples import CODE, DATASET, MODEL


class KilledError(Exception):
    """Stands for the end of the process."""


@contextmanager
def killed_at(store: DynamoStore, call: int, *of: str, after: bool = False) -> Iterator[None]:
    """Die at so many calls of some operations: before that takes effect, or just after."""
    calls, upstream, lock = count(1), Upstream(store.client), Lock()

    def die(request: AWSPreparedRequest, **_: object) -> None:
        if not upstream.is_asked:
            with lock:
                if next(calls) >= call:
                    if after:
                        upstream.answer(request)
                    raise KilledError

    with ExitStack() as stack:
        for operation in of:
            stack.enter_context(before_send(store, f"dynamodb.{operation}", die))
        yield


def migrate_and_compare(store: DynamoStore, items: int) -> None:
    earlier.bare_table(store)
    fill(store, earlier_items(items))
    before = everything(store)

    told = migrate(store, dry_run=True)
    assert everything(store) == before
    done = migrate(store)

    assert differences(store, before) == []
    assert (done.indexes, done.migrated, done.left) == (told.indexes, items, 0)
    assert told.migrated == items
    assert done.undecided == told.undecided
    assert len(done.undecided) > 0
    after = everything(store)
    with recorded(store) as made:
        again = migrate(store)
    assert set(operations(made)) == {"BatchGetItem", "Scan"}
    assert (again.indexes, again.migrated, again.repaired, again.left) == ([], 0, 0, 0)
    assert everything(store) == after
    assert list(store.check()) == list(done.undecided)


def test_every_item_is_what_the_rules_make_of_it_and_a_second_run_writes_nothing(
    dynamo: DynamoStore,
) -> None:
    migrate_and_compare(dynamo, 100)


@pytest.mark.slow
@pytest.mark.parametrize("dynamo", DYNAMO_ENGINES[-1:], indirect=True)
def test_so_is_a_table_of_ten_thousand(dynamo: DynamoStore) -> None:
    migrate_and_compare(dynamo, 10_000)


@pytest.mark.parametrize(
    ("call", "after"), [(3, False), (2, True)], ids=["before the third", "after the second"]
)
def test_one_that_is_killed_at_every_write_is_simply_run_again(
    dynamo: DynamoStore, call: int, *, after: bool
) -> None:
    # The first call takes the lease.
    earlier.bare_table(dynamo)
    fill(dynamo, earlier_items(60))
    before = everything(dynamo)
    kills = 0

    while True:
        try:
            with killed_at(dynamo, call, "UpdateTable", "TransactWriteItems", after=after):
                migrate(dynamo)
        except KilledError:
            kills += 1
        else:
            break

    assert kills > len(INDEXES)
    assert differences(dynamo, before) == []


@pytest.mark.parametrize("call", [1, 3, 5])
def test_one_that_is_killed_while_it_reads_has_done_nothing_wrong(
    moto: DynamoStore, call: int
) -> None:
    earlier.bare_table(moto)
    fill(moto, earlier_items(40))
    before = everything(moto)

    with killed_at(moto, call, "Scan"), pytest.raises(KilledError):
        migrate(moto)
    migrate(moto)

    assert differences(moto, before) == []


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))]
)
def test_what_the_earlier_backend_writes_meanwhile_is_kept_and_caught_up_with(
    dynamo: DynamoStore, seed: int
) -> None:
    story = Story(dynamo, list(earlier_items(20, seed)), seed)
    story.begin(dynamo)

    with before_send(dynamo, "dynamodb.TransactWriteItems", story.go_on):
        migrate(dynamo)
    for _ in range(5):
        story.go_on()
    done = migrate(dynamo)

    assert len(story.writes) > 8
    assert list(dynamo.check()) == list(done.undecided)
    with table() as alone:
        story.begin(alone)
        for write in story.writes:
            write(alone)
        right = everything(alone)
    assert told(everything(dynamo)) == told(right)
    assert {
        a.id: [[r.kind.value, r.lookup_field.value, r.value] for r in a.references]
        for a in dynamo.scan()
    } == {id_: linked_references(item) for id_, item in right.items()}


class Story:
    """What the earlier backend writes to a table, one after the other."""

    def __init__(self, store: DynamoStore, items: Sequence[earlier.Item], seed: int) -> None:
        self.writes: list[Callable[[DynamoStore], None]] = []
        self._store = store
        self._items = items
        self._random = Random(seed)  # noqa: S311 - the same story every time
        self._lock = Lock()

    def begin(self, store: DynamoStore) -> None:
        """Let a table be as it is at first."""
        earlier.bare_table(store)
        fill(store, iter(self._items))

    def go_on(self, **_: object) -> None:
        """Write something."""
        with self._lock:
            write = self._next()
            write(self._store)
            self.writes.append(write)

    def _next(self) -> Callable[[DynamoStore], None]:
        """Register, register anew, link, rate or delete something that is there."""
        there = {id_: i for id_, i in everything(self._store).items() if "artifact" in i}
        models = [
            id_ for id_, i in there.items() if i["artifact_type"] == earlier.text("model")
        ]
        choose, number = self._random.choice, self._random.randrange
        model, anyone = choose(sorted(models)), choose(sorted(there))
        of, kind, name = choose((MODEL, DATASET, CODE)), choose((DATASET, CODE)), number(16)
        named = {f"{kind.value}_name": earlier.text(f"name {number(16)}")}
        more = named if of is MODEL else {}
        new = f"new-{len(self.writes)}"
        return choose(
            (
                lambda store: earlier.save(store, of, new, f"Name {name}", **more),
                lambda store: earlier.save(store, MODEL, model, f"Name {name}", **named),
                lambda store: earlier.link(store, model, kind, name=f"NAME {name}"),
                lambda store: earlier.rate(store, model, name / 16),
                lambda store: earlier.delete(store, anyone),
            )
        )


def told(items: dict[str, Any]) -> dict[str, Any]:
    """What the earlier backend sees: its own items, and of these its own attributes."""
    return {
        id_: {name: item[name] for name in LEGACY if name in item}
        for id_, item in items.items()
        if "artifact" in item
    }
