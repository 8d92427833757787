"""Attempts, deadlines, retries, log lines and spans of data calls."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from storage.deadline import deadline
from storage.dynamodb.client.http import Timeouts
from storage.errors import StoreRefusedError, StoreUnavailableError
from tests.storage.dynamodb.client.conftest import Connect
from tests.storage.dynamodb.client.fake_dynamo import (
    REQUEST_ID,
    TABLE,
    FakeDynamo,
    Request,
    Response,
    error,
    success,
)

BATCH = "BatchGetItem", {"RequestItems": {TABLE: {"Keys": [{"artifact_id": {"S": "a"}}]}}}
PUT = [{"Put": {"Item": {"artifact_id": {"S": "secret-content"}}}}]
_ITEM = {"artifact_id": {"S": "x" * 1_000_000}}
MEGABYTE = json.dumps({"Responses": {TABLE: [_ITEM]}}).encode()
THROTTLED = error("ThrottlingException", "Rate of requests exceeds the allowed throughput.")


def test_slow_body_is_read_to_its_end(fake: FakeDynamo, connect: Connect) -> None:
    """1 MB in five times the read timeout, as over 3 Mbit/s with 0.5 s."""
    fake.first = [lambda _: Response(MEGABYTE, pause_seconds=0.01)]
    client = connect(fake.url, timeouts=Timeouts(1.0, 0.2))

    began = time.monotonic()
    (answer,) = client.send_all([BATCH])

    assert time.monotonic() - began > 0.5
    assert len(answer["Responses"][TABLE][0]["artifact_id"]["S"]) == 1_000_000
    assert len(fake.requests) == 1


def test_stalled_body_is_given_up_and_sent_again(fake: FakeDynamo, connect: Connect) -> None:
    fake.first = [lambda _: Response(MEGABYTE, stall_after=50)]
    client = connect(fake.url, timeouts=Timeouts(1.0, 0.2))

    began = time.monotonic()
    client.send_all([BATCH])

    assert 0.2 < time.monotonic() - began < 1.5
    assert len(fake.requests) == 2


def test_deadline_bounds_a_body_that_keeps_coming(fake: FakeDynamo, connect: Connect) -> None:
    fake.handler = lambda _: Response(MEGABYTE, pause_seconds=0.05)
    client = connect(fake.url)

    began = time.monotonic()
    with deadline(0.6), pytest.raises(StoreUnavailableError):
        client.send_all([BATCH])

    assert 0.5 < time.monotonic() - began < 1.2


@pytest.mark.parametrize("count", [1, 3])
def test_deadline_bounds_the_wait_for_an_answer(
    count: int, fake: FakeDynamo, connect: Connect
) -> None:
    hung = Event()

    def hang(request: Request) -> Response:
        hung.wait(3)
        return success(request)

    fake.handler = hang
    client = connect(fake.url)
    began = time.monotonic()
    with deadline(0.6), pytest.raises(StoreUnavailableError):
        client.send_all([BATCH] * count)
    hung.set()

    assert time.monotonic() - began < 1.2


def test_calls_that_are_sent_together_are_under_way_together(
    fake: FakeDynamo, connect: Connect
) -> None:
    everyone = Barrier(16, timeout=5)

    def meet(request: Request) -> Response:
        everyone.wait()
        return success(request)

    fake.handler = meet
    ids = [str(number) for number in range(1_550)]
    assert list(connect(fake.url).get_items(ids)) == ids


def test_answer_that_does_not_match_its_checksum_is_read_again(
    fake: FakeDynamo, connect: Connect
) -> None:
    fake.first = [lambda r: Response(success(r).body, checksum=1)]
    assert list(connect(fake.url).get_items(["a"])) == ["a"]
    assert len(fake.requests) == 2


def test_each_failed_attempt_is_one_log_line_with_aws_words(
    fake: FakeDynamo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    fake.first = [THROTTLED, error("InternalServerError", "Internal failure", 500)]
    assert connect(fake.url).transact(PUT)

    first, second = caplog.messages
    begin, end = "DynamoDB TransactWriteItems failed in attempt", f"(request id {REQUEST_ID})"
    why = "ThrottlingException: Rate of requests exceeds the allowed throughput."
    assert first == f"{begin} 1: {why} {end}"
    assert second == f"{begin} 2: InternalServerError: Internal failure {end}"
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert "secret-content" not in caplog.text


def test_refusal_is_not_retried_and_logged_once(
    fake: FakeDynamo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    fake.handler = error("AccessDeniedException", "User is not authorized to perform it")
    with pytest.raises(StoreRefusedError) as refusal:
        connect(fake.url).get_items(["a"])
    assert str(refusal.value) == (
        "DynamoDB answered AccessDeniedException: User is not authorized to perform it "
        f"(request id {REQUEST_ID})"
    )
    (line,) = caplog.messages
    assert "User is not authorized to perform it" in line
    assert REQUEST_ID in line


@pytest.mark.parametrize("status", [407, 403, 404])
def test_error_page_of_a_proxy_is_a_refusal(
    status: int, fake: FakeDynamo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    fake.handler = lambda _: Response(b"<html>Not from here</html>", status)
    with pytest.raises(StoreRefusedError):
        connect(fake.url).get_items(["a"])
    assert "Not from here" in caplog.text


def test_lost_transaction_is_sent_again_with_its_token(
    fake: FakeDynamo, connect: Connect
) -> None:
    conflict = error("TransactionInProgressException", "in progress")
    fake.first = [error("InternalServerError", "lost", 500), conflict]
    assert connect(fake.url).transact(PUT)
    tokens = [request.parameters["ClientRequestToken"] for request in fake.requests]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


def test_condition_that_does_not_hold_is_a_result_and_not_logged(
    fake: FakeDynamo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]
    body = {"__type": "x#TransactionCanceledException", "CancellationReasons": reasons}
    fake.handler = lambda _: Response(json.dumps(body).encode(), 400)
    assert not connect(fake.url).transact(PUT)
    assert len(fake.requests) == 1
    assert caplog.messages == []


def test_only_the_calls_that_failed_are_sent_again(fake: FakeDynamo, connect: Connect) -> None:
    fake.first = [THROTTLED]
    connect(fake.url).get_items([str(number) for number in range(150)])
    sizes = [len(r.parameters["RequestItems"][TABLE]["Keys"]) for r in fake.requests]
    assert len(sizes) == 3
    assert sorted(sizes)[1:] in ([50, 100], [100, 100])


def _fail_many(call: Callable[[], object], count: int) -> None:
    def attempt(_: int) -> None:
        with pytest.raises(StoreUnavailableError):
            call()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(attempt, range(count)))


def test_token_bucket_stops_a_storm_of_retries(fake: FakeDynamo, connect: Connect) -> None:
    fake.handler = error("InternalServerError", "down", 500)
    client = connect(fake.url)

    _fail_many(lambda: client.send_all([BATCH]), 40)
    retries = len(fake.requests) - 40
    with pytest.raises(StoreUnavailableError):
        client.send_all([BATCH])

    assert retries == 100  # instead of 200: 500 tokens, 5 per retry
    assert len(fake.requests) == 141


def test_successes_refill_the_token_bucket(fake: FakeDynamo, connect: Connect) -> None:
    fake.handler = error("InternalServerError", "down", 500)
    client = connect(fake.url)
    _fail_many(lambda: client.send_all([BATCH]), 40)

    fake.handler = success
    for _ in range(5):
        client.send_all([BATCH])
    fake.first = [THROTTLED]
    client.send_all([BATCH])


def test_span_per_call_follows_the_semantic_conventions(
    fake: FakeDynamo, connect: Connect, spans: InMemorySpanExporter
) -> None:
    fake.first = [THROTTLED]
    connect(fake.url).get_items([str(number) for number in range(150)])

    first, second = spans.get_finished_spans()
    assert first.name == second.name == "DynamoDB.BatchGetItem"
    assert first.kind is SpanKind.CLIENT
    assert first.status.status_code is StatusCode.UNSET
    assert dict(first.attributes or {}) == {
        "db.system.name": "aws.dynamodb",
        "db.operation.name": "BatchGetItem",
        "db.collection.name": TABLE,
        "aws.dynamodb.table_names": (TABLE,),
        "aws.request_id": REQUEST_ID,
    }


def test_span_of_a_failed_call_has_its_error(
    fake: FakeDynamo, connect: Connect, spans: InMemorySpanExporter
) -> None:
    fake.handler = error("ValidationException", "The provided key is wrong")
    with pytest.raises(StoreRefusedError):
        connect(fake.url).pages([{"IndexName": "by_name"}])
    (span,) = spans.get_finished_spans()
    attributes = span.attributes or {}
    assert (span.name, span.status.status_code) == ("DynamoDB.Query", StatusCode.ERROR)
    assert attributes["error.type"] == "ValidationException"
    assert attributes["aws.request_id"] == REQUEST_ID


def test_closed_client_can_be_used_again(fake: FakeDynamo, connect: Connect) -> None:
    client = connect(fake.url)
    client.close()
    assert len(client.get_items([str(number) for number in range(150)])) == 150
