"""Artifacts whose items cannot be read: each spoils only itself, and can be deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.artifacts.changes import ChangeKind
from storage.artifacts.projection import CORE_PROJECTION
from storage.artifacts.records import Artifact, Target
from storage.artifacts.writes import Deleted
from storage.dynamodb.store import DynamoStore
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.listing import Order
from storage.search.pages import Window
from tests.storage.dynamodb.table_items import SCHEMA, all_items, put_item, set_attributes
from tests.storage.samples import (
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
    squad,
)
from tests.storage.store_calls import read_all, register, register_one, update

Damage = Callable[[DynamoStore, str], None]


def tags_as_set(store: DynamoStore, id_: str) -> None:
    set_attributes(store, id_, tags={"SS": ["a", "b"]})


def version_as_text(store: DynamoStore, id_: str) -> None:
    set_attributes(store, id_, version={"S": "1"})


def references_as_nonsense(store: DynamoStore, id_: str) -> None:
    set_attributes(store, id_, references={"S": '[["dataset"]]'})


def other_program(store: DynamoStore, id_: str) -> None:
    put_item(store, id_, session={"S": "x"}, ttl={"N": "1"})


@pytest.fixture(params=[tags_as_set, version_as_text, references_as_nonsense, other_program])
def damage(request: pytest.FixtureRequest) -> Damage:
    chosen: Damage = request.param
    return chosen


def test_reads_by_id_have_an_error_in_place_of_the_item(
    dynamo: DynamoStore, damage: Damage
) -> None:
    good, bad = register(dynamo, squad(), new_artifact(DATASET, "glue"))
    damage(dynamo, bad.id)

    found = dynamo.get([good.id, bad.id])

    assert found[good.id] == good
    assert isinstance(found[bad.id], UndecodableError)
    assert bad.id in str(found[bad.id])


def test_targets_resolve_to_an_error_only_where_they_mean_the_item(
    dynamo: DynamoStore, damage: Damage
) -> None:
    good, bad = register(dynamo, squad(), new_artifact(DATASET, "glue"))
    references = [make(DATASET, value) for make, value in _means(bad)]
    model = register_one(dynamo, bert(*references, by_name(DATASET, "squad")))
    damage(dynamo, bad.id)
    stamped = [reference.target for reference in model.references]
    plain = [Target(each.type, each.lookup_field, each.value) for each in stamped]

    for targets in (stamped, plain):
        *broken, whole = (dynamo.resolve(targets)[target] for target in targets)
        assert whole == good
        assert [type(each) for each in broken] == [UndecodableError] * 3


def _means(artifact: Artifact) -> list[tuple[Any, str]]:
    return [(by_id, artifact.id), (by_url, artifact.url), (by_name, artifact.name)]


@pytest.mark.parametrize("order", ORDERS)
def test_listings_leave_the_items_out_and_their_pages_are_full(
    dynamo: DynamoStore, damage: Damage, order: Order
) -> None:
    made = register(dynamo, *(new_artifact(DATASET, f"d{n}") for n in range(7)))
    for at in (0, 2, 3, 6):
        damage(dynamo, made[at].id)
    wanted = listing(DATASET, order=order)

    page = dynamo.page(wanted, Window(2))

    assert len(page.entries) == 2
    assert sorted(ids(read_all(dynamo, wanted, 2))) == ids([made[1], made[4], made[5]])
    assert dynamo.count(wanted) == 3


def test_reverse_links_leave_the_models_out_and_their_pages_are_full(
    dynamo: DynamoStore, damage: Damage
) -> None:
    target = register_one(dynamo, squad())
    links = by_name(DATASET, "squad")
    models = register(dynamo, *(new_artifact(MODEL, f"m{n}", links) for n in range(3)))
    damage(dynamo, models[0].id)

    (page,) = dynamo.read_reverse_links([ReverseLinkQuery(target, 2)])

    assert [entry.artifact.id for entry in page.entries] == ids(models[1:])
    assert not page.has_next
    assert page.has_unreadable
    assert dynamo.count_reverse_links([target]) == [3]


def test_details_that_are_not_asked_for_do_not_matter(dynamo: DynamoStore) -> None:
    made = register_one(dynamo, squad())
    tags_as_set(dynamo, made.id)

    found = dynamo.get([made.id], CORE_PROJECTION)[made.id]

    assert not isinstance(found, UndecodableError)
    assert found.name == "squad"


def test_the_items_can_be_deleted_by_a_change(dynamo: DynamoStore, damage: Damage) -> None:
    good, bad = register(dynamo, squad(), new_artifact(DATASET, "glue"))
    for n in range(70):
        update(dynamo, bad, license=str(n))
    damage(dynamo, bad.id)
    cursor = dynamo.feed_cursor()

    deleted = dynamo.delete(bad.id, None)

    assert isinstance(deleted, Deleted)
    assert deleted.artifact is None
    assert dynamo.get([good.id, bad.id]) == {good.id: good}
    (change,) = dynamo.read_feed(cursor, 10).changes
    assert (change.artifact_id, change.type, change.name) == (bad.id, DATASET, "glue")
    assert change.kind is ChangeKind.DELETED
    assert change.version == 72


def test_a_reset_deletes_the_items_with_all_that_belongs_to_them(
    dynamo: DynamoStore, damage: Damage
) -> None:
    register_one(dynamo, squad())
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    damage(dynamo, model.id)

    assert sum(dynamo.reset()) == 2

    assert set(all_items(dynamo)) == {SCHEMA}
    register_one(dynamo, bert(by_name(DATASET, "squad")))
