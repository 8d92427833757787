"""Connections are kept open between calls, and replaced where they no longer work."""

import time

import pytest

from tests.storage.dynamodb.client.conftest import Connect
from tests.storage.dynamodb.client.fake_dynamo import FakeDynamo, Response, success

TWO_CALLS = [str(number) for number in range(150)]


def _ports(fake: FakeDynamo) -> set[int]:
    return {request.client_port for request in fake.requests}


def test_connections_are_used_again(fake: FakeDynamo, connect: Connect) -> None:
    client = connect(fake.url)
    for _ in range(3):
        client.get_items(TWO_CALLS)
    assert len(fake.requests) == 6
    assert len(_ports(fake)) == 2


def test_connection_is_used_again_after_an_empty_response(
    fake: FakeDynamo, connect: Connect
) -> None:
    fake.first = [success, lambda _: Response(b"", 503)]
    client = connect(fake.url)
    client.get_items(["a"])
    assert list(client.get_items(["b"])) == ["b"]
    assert len(fake.requests) == 3
    assert len(_ports(fake)) == 1


def test_connection_that_was_closed_while_idle_is_replaced(
    fake: FakeDynamo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    fake.first = [lambda request: Response(success(request).body, hangs_up=True)]
    client = connect(fake.url)
    client.get_items(["a"])
    time.sleep(0.1)
    assert list(client.get_items(["b"])) == ["b"]
    assert len(_ports(fake)) == 2
    assert caplog.messages == []
