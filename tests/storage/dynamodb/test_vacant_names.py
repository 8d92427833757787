"""Names without an owner, or whose owner is gone: the next lookup finds who has them."""

from typing import Any

import pytest

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.recorded_calls import before_send, operations, record_calls
from tests.storage.dynamodb.table_items import delete_item, item, set_attributes
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, bert, by_name, new_artifact, squad
from tests.storage.store_calls import find_by_name, links, read_reverse_links, register_one

NAME = "name#dataset#squad"
HEALTHY = ["BatchGetItem", "BatchGetItem"]
"""A lookup by name reads the name's item, and then the owner."""


def _namesakes(store: DynamoStore, count: int) -> list[Artifact]:
    urls = (f"https://example.org/{n}" for n in range(count))
    return [register_one(store, squad(url=url)) for url in urls]


def _owner(store: DynamoStore) -> str:
    text: str = item(store, NAME)["owner"]["S"]
    return text.partition("#")[2]


def test_a_name_whose_owner_is_gone_goes_to_the_next(dynamo: DynamoStore) -> None:
    first, second, _ = _namesakes(dynamo, 3)
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    delete_item(dynamo, first.id)

    assert find_by_name(dynamo, DATASET, "squad") == second
    assert _owner(dynamo) == second.id
    assert links(dynamo, model) == [second.id]
    assert read_reverse_links(dynamo, second) == [model.id]


def test_a_reference_finds_the_next_owner_itself(dynamo: DynamoStore) -> None:
    first, second = _namesakes(dynamo, 2)
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    delete_item(dynamo, first.id)

    assert links(dynamo, model) == [second.id]


@pytest.mark.parametrize("owner", [None, {"L": []}, {"S": ""}, {"S": "#"}, {"S": "x#y"}])
def test_a_name_without_an_owner_goes_to_the_first_that_has_it(
    dynamo: DynamoStore, owner: Any
) -> None:
    first, *_ = _namesakes(dynamo, 3)
    set_attributes(dynamo, NAME, owner=owner)

    assert find_by_name(dynamo, DATASET, "squad") == first
    assert _owner(dynamo) == first.id


def test_an_owner_that_has_another_name_loses_the_old_one(dynamo: DynamoStore) -> None:
    first, second = _namesakes(dynamo, 2)
    other = item(dynamo, register_one(dynamo, new_artifact(DATASET, "glue")).id)
    renamed = {name: other[name] for name in ("artifact", "bears")}
    set_attributes(dynamo, first.id, **renamed)

    assert find_by_name(dynamo, DATASET, "squad") == second
    assert _owner(dynamo) == second.id


def test_looking_up_a_healed_name_costs_no_more_than_any_other(dynamo: DynamoStore) -> None:
    first, second = _namesakes(dynamo, 2)
    delete_item(dynamo, first.id)
    find_by_name(dynamo, DATASET, "squad")

    with record_calls(dynamo) as calls:
        assert find_by_name(dynamo, DATASET, "squad") == second

    assert operations(calls) == HEALTHY


def test_a_name_that_nobody_has_any_more_resolves_to_nothing(dynamo: DynamoStore) -> None:
    (only,) = _namesakes(dynamo, 1)
    delete_item(dynamo, only.id)

    with record_calls(dynamo) as calls:
        assert find_by_name(dynamo, DATASET, "squad") is None

    assert len(calls) <= 5
    assert find_by_name(dynamo, DATASET, "nobody") is None


def test_many_names_without_owners_are_looked_up_together(dynamo: DynamoStore) -> None:
    names = [f"d{n}" for n in range(30)]
    made = [register_one(dynamo, new_artifact(DATASET, name)) for name in names]
    for name in names:
        set_attributes(dynamo, f"name#dataset#{name}", owner=None)
    targets = [by_name(DATASET, name).target for name in names]

    with record_calls(dynamo) as calls:
        found = dynamo.resolve(targets)

    assert [found[target] for target in targets] == made
    assert len([call for call in calls if call[0] == "BatchGetItem"]) == 2
    assert dynamo.resolve(targets) == found


def test_an_artifact_that_leaves_while_it_becomes_the_owner_does_not(
    dynamo: DynamoStore,
) -> None:
    first, second, third = _namesakes(dynamo, 3)
    delete_item(dynamo, first.id)
    left: list[str] = []

    def leave(**_: object) -> None:
        if not left:
            left.append(second.id)
            delete_item(dynamo, second.id)

    with before_send(dynamo, "dynamodb.TransactWriteItems", leave):
        assert find_by_name(dynamo, DATASET, "squad") == third

    assert left == [second.id]
    assert _owner(dynamo) == first.id
    assert find_by_name(dynamo, DATASET, "squad") == third
    assert _owner(dynamo) == third.id


def test_a_server_that_may_not_write_resolves_such_names_all_the_same(
    dynamo: DynamoStore,
) -> None:
    first, second = _namesakes(dynamo, 2)
    delete_item(dynamo, first.id)
    set_attributes(dynamo, "meta#schema", min_writer={"N": "99"})
    fenced = DynamoStore(dynamo.name, REGION)
    fenced.ensure()

    assert find_by_name(fenced, DATASET, "squad") == second
    assert _owner(dynamo) == first.id
    fenced.close()
