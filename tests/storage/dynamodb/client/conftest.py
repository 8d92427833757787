"""Clients of a fake DynamoDB on loopback."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from storage.dynamodb.client import telemetry
from storage.dynamodb.client.client import DynamoClient
from tests.storage.dynamodb.client.fake_dynamo import TABLE, FakeDynamo, dynamo

_PROXIES = "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"
_TLS = "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"


class Connect(Protocol):
    def __call__(self, url: str | None = None, **options: Any) -> DynamoClient: ...


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {*_PROXIES, *map(str.lower, _PROXIES), *_TLS}
    for name in [
        *names,
        *(
            name
            for name in os.environ  # noqa: TID251 - to be cleared
            if name.startswith("AWS_")
        ),
    ]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "access-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key")


@pytest.fixture
def fake() -> Iterator[FakeDynamo]:
    with dynamo() as started:
        yield started


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Opens clients; without an address, of AWS."""
    opened: list[DynamoClient] = []

    def open_client(url: str | None = None, **options: Any) -> DynamoClient:
        if url:
            monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        opened.append(DynamoClient(TABLE, "us-east-2", **options))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Collect the spans of calls. A provider for the whole process could not be removed."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("storage.dynamodb"))
    return exporter
