"""What each question and each write asks of DynamoDB: exact calls."""

import pytest

from storage.artifacts.records import Target
from storage.dynamodb.store import DynamoStore
from storage.store import ReverseLinkQuery
from storage.usage import StoreUsage, current_usage
from tests.storage.dynamodb.recorded_calls import (
    actions,
    keys,
    operations,
    recorded,
)
from tests.storage.samples import (
    CODE,
    CREATED,
    DATASET,
    MODEL,
    a_hundred_linked,
    bert,
    by_name,
    by_url,
    delete,
    draft,
    links,
    listing,
    named,
    rating,
    read_reverse_links,
    register,
    register_one,
    squad,
    update,
    walk,
)


def test_page_of_a_hundred_models_with_their_links(moto: DynamoStore) -> None:
    a_hundred_linked(moto)
    meter = StoreUsage()
    token = current_usage.set(meter)

    with recorded(moto) as made:
        page = moto.page(listing(MODEL), 100)
        targets = [r.target for e in page.entries for r in e.artifact.references]
        found = moto.resolve(targets)

    current_usage.reset(token)
    assert len(found) == 200
    assert operations(made) == ["BatchGetItem", "BatchGetItem", "Query"]
    assert keys(made) == [100, 100]
    assert (meter.calls, meter.round_trips) == (3, 2)


def test_page_of_a_hundred_models_whose_links_nobody_hinted_at(moto: DynamoStore) -> None:
    a_hundred_linked(moto)
    meter = StoreUsage()
    token = current_usage.set(meter)

    with recorded(moto) as made:
        page = moto.page(listing(MODEL), 100)
        targets = [r.target for e in page.entries for r in e.artifact.references]
        found = moto.resolve([Target(t.type, t.lookup_field, t.value) for t in targets])

    current_usage.reset(token)
    assert len(found) == 200
    assert operations(made) == ["BatchGetItem"] * 4 + ["Query"]
    assert keys(made) == [100] * 4
    assert (meter.calls, meter.round_trips) == (5, 3)


def test_registration_is_one_read_and_one_transaction(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        register_one(moto, bert(by_name(DATASET, "squad"), by_url(CODE, "https://x.org/c")))

    assert operations(made) == ["BatchGetItem", "TransactWriteItems"]
    assert keys(made) == [4]
    assert actions(made) == [5]


@pytest.mark.parametrize("waiting", [1, 50])
def test_dataset_costs_the_same_however_many_models_wait_for_it(
    moto: DynamoStore, waiting: int
) -> None:
    register(moto, *(draft(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(waiting)))

    with recorded(moto) as registering:
        target = register_one(moto, squad())
    with recorded(moto) as renaming:
        renamed = update(moto, target, name="glue")
    with recorded(moto) as deleting:
        delete(moto, renamed)

    assert operations(registering) == ["BatchGetItem", "TransactWriteItems"]
    assert (keys(registering), actions(registering)) == ([2], [3])
    assert operations(renaming) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (keys(renaming), actions(renaming)) == ([1, 2], [3])
    assert operations(deleting) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (keys(deleting), actions(deleting)) == ([1, 2], [3])


@pytest.mark.parametrize("namesakes", [2, 60])
def test_owner_hands_over_at_a_cost_that_does_not_grow_with_namesakes(
    moto: DynamoStore, namesakes: int
) -> None:
    owner, heir, *_ = register(
        moto, *(squad(url=f"https://x.org/{n}") for n in range(namesakes))
    )

    with recorded(moto) as made:
        delete(moto, owner)

    assert operations(made) == ["BatchGetItem"] * 3 + ["Query", "TransactWriteItems"]
    assert actions(made) == [4]
    assert sum(keys(made)) <= 3 + 25
    assert named(moto, DATASET, "squad") == heir


@pytest.mark.parametrize("namesakes", [1, 60])
def test_one_more_namesake_costs_the_same(moto: DynamoStore, namesakes: int) -> None:
    register(moto, *(squad(url=f"https://x.org/{n}") for n in range(namesakes)))

    with recorded(moto) as registering:
        last = register_one(moto, squad(url="https://x.org/last"))
    with recorded(moto) as deleting:
        delete(moto, last)

    assert operations(registering) == ["BatchGetItem", "TransactWriteItems"]
    assert actions(registering) == [3]
    assert operations(deleting) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert actions(deleting) == [3]


def test_rating_is_one_action_after_one_read(moto: DynamoStore) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))

    with recorded(moto) as made:
        update(moto, model, rating=rating(1))

    assert operations(made) == ["BatchGetItem", "TransactWriteItems"]
    assert actions(made) == [1]


def test_hundred_registrations_share_transactions(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        register(moto, *(draft(DATASET, f"d{n}") for n in range(100)))

    assert operations(made) == ["BatchGetItem"] * 2 + ["TransactWriteItems"] * 4
    assert sorted(actions(made)) == [3, 99, 99, 99]


def test_registrations_of_namesakes_share_transactions_and_keep_their_order(
    moto: DynamoStore,
) -> None:
    with recorded(moto) as made:
        pairs = register(
            moto, *(draft(DATASET, f"d{n // 2}", url=f"https://x.org/{n}") for n in range(40))
        )

    assert actions(made) == [60, 60]
    assert [named(moto, DATASET, f"d{n}") for n in range(20)] == pairs[::2]


def test_reset_of_a_hundred_shares_transactions_even_among_namesakes(moto: DynamoStore) -> None:
    register(
        moto, *(draft(DATASET, f"d{n % 50}", url=f"https://x.org/{n}") for n in range(100))
    )

    with recorded(moto) as made:
        assert sum(moto.reset()) == 100

    assert sorted(actions(made)) == [51, 51, 99, 99]


def test_page_of_models_of_many_artifacts_is_asked_in_one_wave(moto: DynamoStore) -> None:
    models = a_hundred_linked(moto)
    datasets = list(
        moto.resolve([r.target for m in models[:10] for r in m.references]).values()
    )
    meter = StoreUsage()
    token = current_usage.set(meter)

    with recorded(moto) as made:
        pages = moto.read_reverse_links(
            [ReverseLinkQuery(artifact, 5) for artifact in datasets]
        )

    current_usage.reset(token)
    assert [len(page.entries) for page in pages] == [1] * 20
    assert operations(made) == ["BatchGetItem"] * 2 + ["Query"] * 60
    assert meter.round_trips == 3


def test_nothing_but_scan_scans(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        target = register_one(moto, squad())
        model = register_one(moto, bert(by_name(DATASET, "squad")))
        links(moto, model)
        read_reverse_links(moto, target)
        walk(moto, listing(order=CREATED, contains="b"))
        moto.count(listing(contains="b"))
        update(moto, target, name="glue", url="https://x.org/1")
        delete(moto, model)
        moto.ping()
        sum(moto.reset())
    assert "Scan" not in operations(made)

    with recorded(moto) as made:
        list(moto.scan())
    assert operations(made) == ["Scan"]


def test_every_key_that_is_read_is_read_consistently(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        model = register_one(moto, bert(by_name(DATASET, "squad")))
        links(moto, model)
        delete(moto, model)

    reads = [params for name, params in made if name == "BatchGetItem"]
    assert all(
        of["ConsistentRead"] is True for each in reads for of in each["RequestItems"].values()
    )
