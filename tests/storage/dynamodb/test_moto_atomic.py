"""The patched moto rolls back cancelled transactions completely; other tests rely on it."""

from copy import deepcopy

from storage.dynamodb.store import DynamoStore
from tests.storage.samples import squad
from tests.storage.store_calls import register_one


def test_a_cancelled_transaction_changes_nothing(moto: DynamoStore) -> None:
    target = register_one(moto, squad(url="https://x.org/1"))
    register_one(moto, squad(url="https://x.org/2"))
    before = deepcopy(list(moto.client.scan()))
    update_name = {
        "Update": {
            "Key": {"artifact_id": {"S": "name#dataset#squad"}},
            "UpdateExpression": "ADD bearers :one SET extra = :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    put_item = {"Put": {"Item": {"artifact_id": {"S": "new"}}}}
    delete_artifact = {"Delete": {"Key": {"artifact_id": {"S": target.id}}}}
    create_by_update = {
        "Update": {
            "Key": {"artifact_id": {"S": "created"}},
            "UpdateExpression": "ADD bearers :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    failing_check = {
        "ConditionCheck": {
            "Key": {"artifact_id": {"S": "missing"}},
            "ConditionExpression": "attribute_exists(artifact_id)",
        }
    }

    assert not moto.client.transact(
        [update_name, put_item, delete_artifact, create_by_update, failing_check]
    )
    assert list(moto.client.scan()) == before

    assert moto.client.transact([update_name, put_item, create_by_update])
    assert moto.client.get_items(["name#dataset#squad"])["name#dataset#squad"]["bearers"] == {
        "N": "1"
    }
