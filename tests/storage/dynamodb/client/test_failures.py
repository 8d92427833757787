"""What DynamoDB may answer besides the right thing, and that it is never taken for it."""

import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from storage.artifacts.records import OnConflict
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreRefusedError, StoreUnavailableError
from storage.store import ReverseLinkQuery
from tests.storage.dynamodb.recorded_calls import (
    Answer,
    answering,
    changing,
    emptying,
    failing,
    recorded,
    shortening,
)
from tests.storage.samples import (
    CREATED,
    DATASET,
    MODEL,
    a_hundred_linked,
    bert,
    by_name,
    delete,
    draft,
    ids,
    listing,
    read_reverse_links,
    register,
    register_one,
    squad,
    update,
    walk,
)


def _reorder(parsed: dict[str, Any]) -> None:
    for items in parsed.get("Responses", {}).values():
        items.reverse()


def _leave_some(parsed: dict[str, Any]) -> None:
    """Of more than one item, the second half comes another time."""
    for of, items in parsed.get("Responses", {}).items():
        if len(items) > 1:
            half = len(items) // 2
            left = [{"artifact_id": item["artifact_id"]} for item in items[half:]]
            del items[half:]
            parsed.setdefault("UnprocessedKeys", {})[of] = {"Keys": left}


@pytest.mark.parametrize("change", [_reorder, _leave_some], ids=["reordered", "unprocessed"])
def test_answers_of_a_batch_may_be_in_any_order_or_late(
    moto: DynamoStore,
    change: Callable[[dict[str, Any]], None],
) -> None:
    models = a_hundred_linked(moto)
    plain = moto.resolve([r.target for m in models for r in m.references])

    with changing(moto, "BatchGetItem", change):
        found = moto.resolve([r.target for m in models for r in m.references])
        got = moto.get(ids(models))

    assert found == plain
    assert got == {model.id: model for model in models}


def test_unprocessed_for_ever_is_an_error_not_an_absence(moto: DynamoStore) -> None:
    target = register_one(moto, squad())

    def leave_all(parsed: dict[str, Any]) -> None:
        for of, items in list(parsed["Responses"].items()):
            left = [{"artifact_id": item["artifact_id"]} for item in items]
            parsed["Responses"][of] = []
            parsed["UnprocessedKeys"] = {of: {"Keys": left}}

    with changing(moto, "BatchGetItem", leave_all), pytest.raises(StoreUnavailableError):
        moto.get([target.id])


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_pages_of_a_query_may_be_short_or_empty_with_more_behind(
    moto: DynamoStore, most: int
) -> None:
    target = register_one(moto, squad())
    everyone = register(
        moto, *(draft(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(5))
    )
    plain = walk(moto, listing(), first=3)

    with shortening(moto, most), emptying(moto):
        assert walk(moto, listing(), first=3) == plain
        assert walk(moto, listing(MODEL, order=CREATED), first=2) == everyone
        assert read_reverse_links(moto, target, first=2) == sorted(ids(everyone))
        assert moto.count(listing()) == 6


def _cancelled(*codes: str) -> Answer:
    reasons = [{"Code": code} for code in codes]
    return failing("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    "answer",
    [
        _cancelled("TransactionConflict", "None", "None"),
        _cancelled("ThrottlingError", "None", "None"),
        failing("TransactionInProgressException"),
        failing("ThrottlingException"),
        failing("ProvisionedThroughputExceededException"),
        failing("InternalServerError", 500),
        failing("ServiceUnavailable", 503),
    ],
    ids=["conflict", "throttled_in", "in_progress", "throttled", "exceeded", "500", "503"],
)
def test_passing_refusal_of_a_transaction_is_tried_again(
    moto: DynamoStore,
    answer: Answer,
) -> None:
    with answering(moto, "TransactWriteItems", answer, answer) as left:
        target = register_one(moto, squad())
    assert left == []
    with answering(moto, "TransactWriteItems", answer) as left:
        after = update(moto, target, name="glue")
    assert left == []
    with answering(moto, "TransactWriteItems", answer) as left:
        delete(moto, after)
    assert left == []

    assert after.version == 2
    assert walk(moto, listing()) == []
    assert list(moto.check()) == []


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query"])
def test_passing_failure_of_a_read_is_tried_again(moto: DynamoStore, operation: str) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))
    target = register_one(moto, squad())

    throttled = failing("ThrottlingException")

    with answering(moto, operation, throttled, throttled) as left:
        assert read_reverse_links(moto, target) == [model.id]
    assert left == []


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",
        "ExpiredTokenException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
        "ValidationException",
    ],
)
def test_failure_that_does_not_pass_is_an_error_at_once(moto: DynamoStore, code: str) -> None:
    target = register_one(moto, squad())

    for operation, ask in (
        ("BatchGetItem", lambda: moto.get([target.id])),
        ("BatchGetItem", lambda: moto.resolve([by_name(DATASET, "squad").target])),
        ("BatchGetItem", lambda: moto.register([bert()], OnConflict.REJECT)),
        ("BatchGetItem", lambda: moto.delete(target.id, None)),
        ("Query", lambda: moto.page(listing(), 10)),
        ("Query", lambda: moto.count(listing())),
        ("Query", lambda: moto.read_reverse_links([ReverseLinkQuery(target, 5)])),
        ("Query", lambda: sum(moto.reset())),
        ("TransactWriteItems", lambda: moto.register([bert()], OnConflict.REJECT)),
        ("TransactWriteItems", lambda: moto.update(target.id, None, {"name": "x"})),
    ):
        with (
            answering(moto, operation, *[failing(code)] * 100),
            pytest.raises(StoreRefusedError) as failed,
        ):
            ask()
        assert str(failed.value) == f"DynamoDB answered {code}"
    assert walk(moto, listing()) == [target]


def test_endpoint_that_is_down_fails_fast_and_is_never_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    store = DynamoStore("artifacts_metadata", "us-east-2")
    began = time.monotonic()

    for ask in (
        lambda: store.get(["a"]),
        lambda: store.resolve([by_name(DATASET, "squad").target]),
        lambda: store.page(listing(), 10),
        lambda: store.register([bert()], OnConflict.REJECT),
        store.ping,
        store.ensure,
    ):
        with pytest.raises(StoreUnavailableError):
            ask()

    store.close()
    assert time.monotonic() - began < 20


def test_token_of_a_transaction_is_the_same_when_it_is_sent_again(moto: DynamoStore) -> None:
    with (
        recorded(moto) as made,
        answering(moto, "TransactWriteItems", failing("InternalServerError", 500)),
    ):
        register_one(moto, squad())

    sent = [params for name, params in made if name == "TransactWriteItems"]
    assert len(sent) == 2
    assert sent[0]["ClientRequestToken"] == sent[1]["ClientRequestToken"]
    assert sent[0]["TransactItems"] == sent[1]["TransactItems"]


def test_cancelled_transaction_leaves_no_trace_in_moto(moto: DynamoStore) -> None:
    """What the other tests build on: moto's way back, as this suite makes it cheap."""
    target = register_one(moto, squad(url="https://x.org/1"))
    register_one(moto, squad(url="https://x.org/2"))
    before = deepcopy(list(moto.client.scan()))
    key = {"artifact_id": {"S": "name#dataset#squad"}}
    count = {
        "Update": {
            "Key": key,
            "UpdateExpression": "ADD bearers :one SET extra = :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    put = {"Put": {"Item": {"artifact_id": {"S": "new"}}}}
    gone = {"Delete": {"Key": {"artifact_id": {"S": target.id}}}}
    made = {
        "Update": {
            "Key": {"artifact_id": {"S": "made"}},
            "UpdateExpression": "ADD bearers :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    refused = {
        "ConditionCheck": {
            "Key": {"artifact_id": {"S": "missing"}},
            "ConditionExpression": "attribute_exists(artifact_id)",
        }
    }

    assert not moto.client.transact([count, put, gone, made, refused])
    assert list(moto.client.scan()) == before

    assert moto.client.transact([count, put, made])
    assert moto.client.get_items(["name#dataset#squad"])["name#dataset#squad"]["bearers"] == {
        "N": "3"
    }
