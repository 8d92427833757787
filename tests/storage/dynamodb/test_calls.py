"""The exact DynamoDB calls of each write."""

import pytest

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.recorded_calls import (
    action_counts,
    key_counts,
    operations,
    record_calls,
    transactions,
)
from tests.storage.samples import (
    CODE,
    CREATED,
    DATASET,
    MODEL,
    bert,
    by_name,
    by_url,
    listing,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    links,
    read_all,
    read_reverse_links,
    register,
    register_one,
    update,
)

LOG_KEYS = 2
"""The newest segment of a shard of the log and the one after it."""


def find_log(store: DynamoStore) -> None:
    """Make the store look for the newest segments of the log, as it does once."""
    register_one(store, new_artifact(CODE, "first"))


def test_registering_takes_one_read_one_query_and_one_transaction(moto: DynamoStore) -> None:
    find_log(moto)

    with record_calls(moto) as calls:
        register_one(moto, bert(by_name(DATASET, "squad"), by_url(CODE, "https://x.org/c")))

    assert operations(calls) == ["BatchGetItem", "Query", "TransactWriteItems"]
    assert key_counts(calls) == [4 + LOG_KEYS]
    assert action_counts(calls) == [6]


def test_new_references_take_one_more_read_for_the_versions_of_their_targets(
    moto: DynamoStore,
) -> None:
    register_one(moto, squad())

    with record_calls(moto) as calls:
        register_one(moto, bert(by_name(DATASET, "squad")))

    assert operations(calls) == ["BatchGetItem"] * 2 + ["Query", "TransactWriteItems"]
    assert key_counts(calls) == [3 + LOG_KEYS, 1]


def test_an_update_without_effect_takes_one_read(moto: DynamoStore) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))

    with record_calls(moto) as calls:
        moto.update(model.id, None, {"name": "bert"})

    assert operations(calls) == ["BatchGetItem"]


@pytest.mark.parametrize("models", [1, 50])
def test_writing_a_dataset_costs_the_same_for_any_number_of_models_that_refer_to_it(
    moto: DynamoStore, models: int
) -> None:
    register(
        moto, *(new_artifact(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(models))
    )

    with record_calls(moto) as registering:
        target = register_one(moto, squad())
    with record_calls(moto) as renaming:
        renamed = update(moto, target, name="glue")
    with record_calls(moto) as deleting:
        delete(moto, renamed)

    assert operations(registering) == ["BatchGetItem", "Query", "TransactWriteItems"]
    assert (key_counts(registering), action_counts(registering)) == ([2 + LOG_KEYS], [4])
    assert operations(renaming) == ["BatchGetItem"] * 2 + ["Query", "TransactWriteItems"]
    assert (key_counts(renaming), action_counts(renaming)) == ([1 + LOG_KEYS, 3], [4])
    assert operations(deleting) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (key_counts(deleting), action_counts(deleting)) == ([1 + LOG_KEYS, 2], [5])


@pytest.mark.parametrize("namesakes", [2, 60])
def test_deleting_the_owner_of_a_name_costs_the_same_for_any_number_of_namesakes(
    moto: DynamoStore, namesakes: int
) -> None:
    owner, next_owner, *_ = register(
        moto, *(squad(url=f"https://x.org/{n}") for n in range(namesakes))
    )

    with record_calls(moto) as calls:
        delete(moto, owner)

    assert operations(calls) == ["BatchGetItem"] * 3 + ["Query", "TransactWriteItems"]
    assert action_counts(calls) == [6]
    assert sum(key_counts(calls)) <= 3 + LOG_KEYS + 25
    assert find_by_name(moto, DATASET, "squad") == next_owner


@pytest.mark.parametrize("namesakes", [1, 60])
def test_writing_a_namesake_costs_the_same_for_any_number_of_namesakes(
    moto: DynamoStore, namesakes: int
) -> None:
    register(moto, *(squad(url=f"https://x.org/{n}") for n in range(namesakes)))

    with record_calls(moto) as registering:
        last = register_one(moto, squad(url="https://x.org/last"))
    with record_calls(moto) as deleting:
        delete(moto, last)

    assert operations(registering) == ["BatchGetItem"] * 2 + ["TransactWriteItems"]
    assert action_counts(registering) == [4]
    assert operations(deleting) == ["BatchGetItem"] * 3 + ["TransactWriteItems"]
    assert action_counts(deleting) == [5]


def test_rating_a_model_writes_the_model_and_the_change(moto: DynamoStore) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))

    with record_calls(moto) as calls:
        update(moto, model, rating=rating(1))

    assert operations(calls) == ["BatchGetItem"] * 2 + ["TransactWriteItems"]
    assert action_counts(calls) == [2]


def test_registrations_share_transactions(moto: DynamoStore) -> None:
    with record_calls(moto) as calls:
        register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(100)))

    assert action_counts(calls) == [96, 96, 96, 96, 16]


def test_registrations_of_namesakes_share_transactions_and_keep_their_order(
    moto: DynamoStore,
) -> None:
    with record_calls(moto) as calls:
        pairs = register(
            moto,
            *(new_artifact(DATASET, f"d{n // 2}", url=f"https://x.org/{n}") for n in range(40)),
        )

    assert action_counts(calls) == [98, 42]
    assert [find_by_name(moto, DATASET, f"d{n}") for n in range(20)] == pairs[::2]


def test_a_reset_shares_transactions_even_among_namesakes(moto: DynamoStore) -> None:
    register(
        moto,
        *(new_artifact(DATASET, f"d{n % 50}", url=f"https://x.org/{n}") for n in range(100)),
    )

    with record_calls(moto) as calls:
        assert sum(moto.reset()) == 100

    assert max(action_counts(calls)) > 90
    assert len(transactions(calls)) <= 10


def test_only_a_reset_a_build_and_a_scan_of_all_artifacts_use_scan(moto: DynamoStore) -> None:
    assert read_all(moto, listing()) == []
    with record_calls(moto) as calls:
        target = register_one(moto, squad())
        model = register_one(moto, bert(by_name(DATASET, "squad")))
        links(moto, model)
        read_reverse_links(moto, target)
        read_all(moto, listing(order=CREATED, name_contains="b"))
        moto.count(listing(name_contains="b"))
        update(moto, target, name="glue", url="https://x.org/1")
        delete(moto, model)
        moto.restore(model.id)
        moto.read_feed(None, 10)
        moto.ping()
    assert "Scan" not in operations(calls)

    with record_calls(moto) as calls:
        list(moto.scan())
    assert operations(calls) == ["BatchGetItem", "Scan"]


def test_reads_by_key_are_strongly_consistent(moto: DynamoStore) -> None:
    with record_calls(moto) as calls:
        model = register_one(moto, bert(by_name(DATASET, "squad")))
        links(moto, model)
        delete(moto, model)

    reads = [parameters for name, parameters in calls if name == "BatchGetItem"]
    assert all(
        table["ConsistentRead"] is True
        for parameters in reads
        for table in parameters["RequestItems"].values()
    )
