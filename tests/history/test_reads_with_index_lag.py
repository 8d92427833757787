"""Guarantees of reads, and their limits, while indexes lag."""

from itertools import chain, repeat

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from storage.reverse_links import ReverseLinkQuery
from tests.history.index_lag import IndexLag, random_lags
from tests.storage.contract.churn import Churn
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.contract.walking import (
    assert_models_seen,
    assert_seen,
    settle,
    settle_models,
)
from tests.storage.samples import (
    ALL_TYPES,
    DATASET,
    MODEL,
    ORDERS,
    bert,
    by_id,
    by_name,
    by_url,
    ids,
    listing,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import (
    delete,
    read_all,
    read_reverse_links,
    register,
    register_one,
    update,
)


def test_unlinked_and_deleted_models_in_the_index_are_not_listed(
    clock: ManualClock,
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    unlinked, deleted, linked = register(
        dynamo, *(new_artifact(MODEL, name, by_name(DATASET, "squad")) for name in "abc")
    )
    IndexLag(dynamo, clock, repeat(2))

    update(dynamo, unlinked, datasets=(by_name(DATASET, "glue"),))
    delete(dynamo, deleted)

    assert _list_models(dynamo, target) == [linked.id]


def test_a_model_that_changes_its_reference_is_always_listed_once(
    clock: ManualClock,
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    lag = IndexLag(dynamo, clock, repeat(1))

    for reference in by_url(DATASET, target.url), by_id(DATASET, target.id):
        update(dynamo, model, datasets=(reference,))
        assert _list_models(dynamo, target) == [model.id]
    update(dynamo, model, datasets=(by_url(DATASET, target.url), by_id(DATASET, target.id)))
    lag.catch_up()
    assert read_reverse_links(dynamo, target) == [model.id]


def test_a_new_model_is_not_listed_until_the_index_has_it(
    clock: ManualClock,
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    first = register_one(dynamo, new_artifact(MODEL, "first", by_name(DATASET, "squad")))
    lag = IndexLag(dynamo, clock, repeat(1))

    second = register_one(dynamo, new_artifact(MODEL, "second", by_name(DATASET, "squad")))

    assert _list_models(dynamo, target) == [first.id]
    assert [dynamo.resolve([r.target])[r.target] for r in second.references] == [target]
    lag.catch_up()
    assert _list_models(dynamo, target) == [first.id, second.id]


def test_models_follow_a_name_to_its_new_owner_without_the_index(
    clock: ManualClock,
    dynamo: DynamoStore,
) -> None:
    first, second = (register_one(dynamo, squad(url=f"https://x.org/{n}")) for n in "ab")
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    IndexLag(dynamo, clock, repeat(50))

    first = update(dynamo, first, name="glue")

    assert _list_models(dynamo, first) == []
    assert _list_models(dynamo, second) == [model.id]


def test_a_page_of_models_is_filled_after_old_entries(
    clock: ManualClock, dynamo: DynamoStore
) -> None:
    target = register_one(dynamo, squad())
    models = register(
        dynamo, *(new_artifact(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(9))
    )
    IndexLag(dynamo, clock, repeat(6))
    for model in models[:6]:
        delete(dynamo, model)

    (page,) = dynamo.read_reverse_links([ReverseLinkQuery(target, 2)])

    assert [entry.artifact.id for entry in page.entries] == ids(models[6:8])
    assert page.has_next


def test_listings_show_all_writes_at_once(clock: ManualClock, dynamo: DynamoStore) -> None:
    *deleted, changed, same = register(
        dynamo, *(new_artifact(MODEL, f"m{n}") for n in range(9))
    )
    IndexLag(dynamo, clock, repeat(50))

    for model in deleted:
        delete(dynamo, model)
    changed = update(dynamo, changed, name="z", rating=rating(1))
    new = register_one(dynamo, new_artifact(MODEL, "new"))

    # The copy is built only now, from an index that shows the table as it was before.
    assert read_all(dynamo, listing(MODEL), first=1) == [same, new, changed]
    newest = register_one(dynamo, new_artifact(MODEL, "newest"))
    assert read_all(dynamo, listing(MODEL), first=2) == [same, new, newest, changed]


def test_reset_deletes_artifacts_that_the_index_shows_late(
    clock: ManualClock, dynamo: DynamoStore
) -> None:
    IndexLag(dynamo, clock, chain(repeat(2, len(ALL_TYPES)), repeat(0)))
    register(dynamo, squad())
    register(dynamo, bert(by_name(DATASET, "squad")))

    assert sum(dynamo.reset()) == 2

    assert [item["artifact_id"] for item in dynamo.client.scan()] == [{"S": "meta#schema"}]


def test_reset_leaves_artifacts_that_the_index_hides_complete(
    clock: ManualClock, dynamo: DynamoStore
) -> None:
    lag = IndexLag(dynamo, clock, random_lags(0), per_item=True)
    for n in range(10):
        register_one(dynamo, new_artifact(DATASET, "squad", url=f"https://example.org/{n}"))
        register_one(dynamo, new_artifact(MODEL, f"m{n}", by_name(DATASET, "squad")))

    deleted = sum(dynamo.reset())

    assert list(dynamo.check()) == []
    remaining = list(dynamo.scan())
    assert deleted + len(remaining) == 20
    lag.catch_up()
    assert sum(dynamo.reset()) == len(remaining)
    assert [item["artifact_id"] for item in dynamo.client.scan()] == [{"S": "meta#schema"}]


def _list_models(store: DynamoStore, artifact: Artifact) -> list[str]:
    """Return the ids of a page of models, without a count: that uses the lagging index, too."""
    (page,) = store.read_reverse_links([ReverseLinkQuery(artifact, 100)])
    return [entry.artifact.id for entry in page.entries]


def test_pages_return_artifacts_from_before_the_lag_once_in_order(
    clock: ManualClock, dynamo: DynamoStore
) -> None:
    artifacts = settle(dynamo, 12)
    target, models = settle_models(dynamo)
    IndexLag(dynamo, clock, random_lags(0), per_item=True)
    churn = Churn(dynamo, 0, [], [r for m in models for r in m.references])

    for order in ORDERS:
        assert_seen(dynamo, listing(order=order), [*artifacts, target, *models], [3], churn.act)
    assert_models_seen(dynamo, target, models, [2], churn.act)
