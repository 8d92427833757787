"""What holds, and what cannot, while indexes lag."""

from itertools import chain, repeat

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from storage.store import ReverseLinkQuery
from tests.history.lag import Lag, at_random
from tests.storage.contract.churn import Churn
from tests.storage.contract.walking import (
    assert_models_seen,
    assert_seen,
    settle,
    settle_models,
)
from tests.storage.samples import (
    CREATED,
    CREATED_BACK,
    DATASET,
    EVERY_TYPE,
    MODEL,
    ORDERS,
    bert,
    by_id,
    by_name,
    by_url,
    delete,
    draft,
    ids,
    listing,
    rating,
    read_reverse_links,
    register,
    register_one,
    squad,
    update,
    walk,
)


def test_models_that_unlinked_or_went_are_not_listed_though_the_index_shows_them(
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    unlinked, gone, stays = register(
        dynamo, *(draft(MODEL, name, by_name(DATASET, "squad")) for name in "abc")
    )
    Lag(dynamo, repeat(2))

    update(dynamo, unlinked, datasets=(by_name(DATASET, "glue"),))
    delete(dynamo, gone)

    assert _models(dynamo, target) == [stays.id]


def test_a_model_that_links_in_another_way_is_listed_once_throughout(
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    lag = Lag(dynamo, repeat(1))

    for reference in by_url(DATASET, target.url), by_id(DATASET, target.id):
        update(dynamo, model, datasets=(reference,))
        assert _models(dynamo, target) == [model.id]
    update(dynamo, model, datasets=(by_url(DATASET, target.url), by_id(DATASET, target.id)))
    lag.catch_up()
    assert read_reverse_links(dynamo, target) == [model.id]


def test_a_model_that_has_just_linked_is_missing_until_the_index_shows_it(
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    first = register_one(dynamo, draft(MODEL, "first", by_name(DATASET, "squad")))
    lag = Lag(dynamo, repeat(1))

    second = register_one(dynamo, draft(MODEL, "second", by_name(DATASET, "squad")))

    assert _models(dynamo, target) == [first.id]
    assert [dynamo.resolve([r.target])[r.target] for r in second.references] == [target]
    lag.catch_up()
    assert _models(dynamo, target) == [first.id, second.id]


def test_models_follow_a_name_to_its_new_owner_however_late_the_index_is(
    dynamo: DynamoStore,
) -> None:
    first, second = (register_one(dynamo, squad(url=f"https://x.org/{n}")) for n in "ab")
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    Lag(dynamo, repeat(50))

    first = update(dynamo, first, name="glue")

    assert _models(dynamo, first) == []
    assert _models(dynamo, second) == [model.id]


def test_a_page_of_models_is_full_behind_entries_that_are_stale(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    models = register(
        dynamo, *(draft(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(9))
    )
    Lag(dynamo, repeat(6))
    for model in models[:6]:
        delete(dynamo, model)

    (page,) = dynamo.read_reverse_links([ReverseLinkQuery(target, 2)])

    assert [entry.artifact.id for entry in page.entries] == ids(models[6:8])
    assert page.has_next


def test_pages_by_creation_show_what_is_there_as_it_is(dynamo: DynamoStore) -> None:
    *gone, changed, same = register(dynamo, *(draft(MODEL, f"m{n}") for n in range(9)))
    Lag(dynamo, repeat(9))

    for model in gone:
        delete(dynamo, model)
    changed = update(dynamo, changed, name="z", rating=rating(1))
    register_one(dynamo, draft(MODEL, "new"))

    assert walk(dynamo, listing(MODEL, order=CREATED), first=1) == [changed, same]
    assert walk(dynamo, listing(MODEL, order=CREATED_BACK), first=2) == [same, changed]


def test_a_page_by_name_is_as_old_as_its_index(dynamo: DynamoStore) -> None:
    first, second, third = register(dynamo, *(draft(MODEL, name) for name in "abc"))
    lag = Lag(dynamo, repeat(4))

    delete(dynamo, first)
    changed = update(dynamo, second, name="z", rating=rating(1))

    assert walk(dynamo, listing(MODEL), first=1) == [first, second, third]
    lag.catch_up()
    assert walk(dynamo, listing(MODEL), first=1) == [third, changed]


def test_reset_deletes_what_the_index_shows_late(dynamo: DynamoStore) -> None:
    Lag(dynamo, chain(repeat(2, len(EVERY_TYPE)), repeat(0)))
    register(dynamo, squad())
    register(dynamo, bert(by_name(DATASET, "squad")))

    assert sum(dynamo.reset()) == 2

    assert list(dynamo.client.scan()) == []


def test_reset_leaves_nothing_torn_of_what_the_index_hides(dynamo: DynamoStore) -> None:
    lag = Lag(dynamo, at_random(0), scattered=True)
    for at in range(10):
        register_one(dynamo, draft(DATASET, "squad", url=f"https://example.org/{at}"))
        register_one(dynamo, draft(MODEL, f"m{at}", by_name(DATASET, "squad")))

    deleted = sum(dynamo.reset())

    assert list(dynamo.check()) == []
    left = list(dynamo.scan())
    assert deleted + len(left) == 20
    lag.catch_up()
    assert sum(dynamo.reset()) == len(left)
    assert list(dynamo.client.scan()) == []


def _models(store: DynamoStore, artifact: Artifact) -> list[str]:
    """What a page of models lists; its index is behind, and so is what counts by it."""
    (page,) = store.read_reverse_links([ReverseLinkQuery(artifact, 100)])
    return [entry.artifact.id for entry in page.entries]


def test_walks_meet_what_was_there_before_the_lag_once_in_order(dynamo: DynamoStore) -> None:
    settled = settle(dynamo, 12)
    target, models = settle_models(dynamo)
    Lag(dynamo, at_random(0), scattered=True)
    churn = Churn(dynamo, 0, [], [r for m in models for r in m.references])

    for order in ORDERS:
        assert_seen(dynamo, listing(order=order), [*settled, target, *models], [3], churn.act)
    assert_models_seen(dynamo, target, models, [2], churn.act)
