"""Transient failures of calls are retried; all others become errors, never empty results."""

import time

import pytest

from storage.artifacts.writes import OnConflict
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreRefusedError, StoreUnavailableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Window
from tests.storage.dynamodb.recorded_calls import (
    Answer,
    error_answer,
    record_calls,
    replace_answers,
)
from tests.storage.samples import DATASET, bert, by_name, listing, squad
from tests.storage.store_calls import delete, read_all, read_reverse_links, register_one, update


def cancelled_answer(*codes: str) -> Answer:
    reasons = [{"Code": code} for code in codes]
    return error_answer("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    "answer",
    [
        cancelled_answer("TransactionConflict", "None", "None"),
        cancelled_answer("ThrottlingError", "None", "None"),
        error_answer("TransactionInProgressException"),
        error_answer("ThrottlingException"),
        error_answer("ProvisionedThroughputExceededException"),
        error_answer("InternalServerError", 500),
        error_answer("ServiceUnavailable", 503),
    ],
    ids=["conflict", "throttled_in", "in_progress", "throttled", "exceeded", "500", "503"],
)
def test_a_transaction_is_retried_after_a_transient_failure(
    moto: DynamoStore, answer: Answer
) -> None:
    with replace_answers(moto, "TransactWriteItems", answer, answer) as unused:
        target = register_one(moto, squad())
    assert unused == []
    with replace_answers(moto, "TransactWriteItems", answer) as unused:
        after = update(moto, target, name="glue")
    assert unused == []
    with replace_answers(moto, "TransactWriteItems", answer) as unused:
        delete(moto, after)
    assert unused == []

    assert after.version == 2
    assert read_all(moto, listing()) == []
    assert list(moto.check()) == []


def test_a_retried_transaction_has_the_same_token_and_actions(moto: DynamoStore) -> None:
    with (
        record_calls(moto) as calls,
        replace_answers(moto, "TransactWriteItems", error_answer("InternalServerError", 500)),
    ):
        register_one(moto, squad())

    sent = [parameters for name, parameters in calls if name == "TransactWriteItems"]
    assert len(sent) == 2
    assert sent[0]["ClientRequestToken"] == sent[1]["ClientRequestToken"]
    assert sent[0]["TransactItems"] == sent[1]["TransactItems"]


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query"])
def test_a_read_is_retried_after_a_transient_failure(moto: DynamoStore, operation: str) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))
    target = register_one(moto, squad())

    throttled = error_answer("ThrottlingException")

    with replace_answers(moto, operation, throttled, throttled) as unused:
        assert read_reverse_links(moto, target) == [model.id]
    assert unused == []


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
def test_a_permanent_failure_is_an_error_with_its_code(moto: DynamoStore, code: str) -> None:
    target = register_one(moto, squad())
    assert read_all(moto, listing()) == [target]

    for operation, call in (
        ("BatchGetItem", lambda: moto.get([target.id])),
        ("BatchGetItem", lambda: moto.resolve([by_name(DATASET, "squad").target])),
        ("BatchGetItem", lambda: moto.register([bert()], OnConflict.REJECT)),
        ("BatchGetItem", lambda: moto.delete(target.id, None)),
        ("BatchGetItem", lambda: moto.page(listing(), Window(10))),
        ("BatchGetItem", lambda: moto.count(listing())),
        ("Query", lambda: moto.read_reverse_links([ReverseLinkQuery(target, 5)])),
        ("Scan", lambda: sum(moto.reset())),
        ("TransactWriteItems", lambda: moto.register([bert()], OnConflict.REJECT)),
        ("TransactWriteItems", lambda: moto.update(target.id, None, {"name": "x"})),
    ):
        with (
            replace_answers(moto, operation, *[error_answer(code)] * 100),
            pytest.raises(StoreRefusedError) as failure,
        ):
            call()
        assert str(failure.value).startswith(f"DynamoDB answered {code}: ")
    assert read_all(moto, listing()) == [target]


def test_every_call_fails_within_seconds_when_the_endpoint_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    store = DynamoStore("artifacts_metadata", "us-east-2")
    start = time.monotonic()

    for call in (
        lambda: store.get(["a"]),
        lambda: store.resolve([by_name(DATASET, "squad").target]),
        lambda: store.page(listing(), Window(10)),
        lambda: store.register([bert()], OnConflict.REJECT),
        store.ping,
        store.ensure,
    ):
        with pytest.raises(StoreUnavailableError):
            call()

    store.close()
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "answer", [(200, {}), error_answer("InternalServerError", 500)], ids=["empty", "500"]
)
def test_a_feed_without_a_readable_description_of_its_table_is_an_error(
    moto: DynamoStore, answer: Answer
) -> None:
    register_one(moto, squad())

    # boto3 repeats a call that failed.
    with (
        replace_answers(moto, "DescribeTable", *[answer] * 10),
        pytest.raises(StoreUnavailableError),
    ):
        moto.feed_cursor()

    assert moto.read_feed(None, 1).changes[0].version == 1


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query"])
def test_a_table_or_index_that_is_denied_is_not_available(
    moto: DynamoStore, caplog: pytest.LogCaptureFixture, operation: str
) -> None:
    moto.ping()
    answer = error_answer("AccessDeniedException", message="not authorized: by_reference")
    with (
        replace_answers(moto, operation, answer),
        pytest.raises(StoreRefusedError, match="not authorized: by_reference"),
    ):
        moto.ping()

    assert "not authorized: by_reference" in caplog.text
