"""OpenTelemetry spans: their attributes, and their export."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.graph.clients import Client, dataset, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import Start, await_ready, free_port

QUERY = "query Mine { models { nodes { name dataset { name } } } }"


@pytest.mark.anyio
async def test_a_recorded_span_has_the_figures_of_the_request(
    http: httpx.AsyncClient, client: Client
) -> None:
    await client.register(dataset(name="a"), model(datasets=[{"name": "a"}]))
    with TracerProvider().get_tracer("tests").start_as_current_span("request") as span:
        answer = await http.post(
            "/graphql", json={"query": QUERY}, headers={"x-explain": "store"}
        )

    store = answer.json()["extensions"]["store"]
    attributes = getattr(span, "attributes", {})
    assert {name: attributes[f"registry.store.{name}"] for name in store if store[name]} == {
        name: value for name, value in store.items() if value
    }
    assert attributes["graphql.operation.name"] == "Mine"
    assert attributes["graphql.operation.type"] == "query"
    assert attributes["registry.request.id"] == answer.headers["x-request-id"]
    assert attributes["registry.request.cost"] > 0


@pytest.mark.anyio
async def test_a_recorded_span_names_the_caller(recorded: RecordingStore) -> None:
    token, entry = create_token("ci", Role.READ)
    async with serving(recorded, Settings(auth_tokens=(entry,))) as http:
        with TracerProvider().get_tracer("tests").start_as_current_span("request") as span:
            headers = {"authorization": f"Bearer {token}"}
            await http.post("/graphql", json={"query": QUERY}, headers=headers)

    attributes = getattr(span, "attributes", {})
    assert attributes["registry.caller"] == "ci"
    assert token not in str(attributes)


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize("path", ["/graphql", "/elsewhere"])
async def test_a_span_never_holds_the_query_string(
    http: httpx.AsyncClient, method: str, path: str
) -> None:
    with TracerProvider().get_tracer("tests").start_as_current_span("request") as span:
        span.set_attribute("url.query", "variables=secret")
        await http.request(method, path, params={"variables": "secret"})

    assert getattr(span, "attributes", {})["url.query"] == "***"


@pytest.mark.slow
def test_traces_are_exported_to_the_endpoint_of_the_otel_variables(start: Start) -> None:
    port = free_port()
    with collector() as (endpoint, exported):
        server = start(
            "--port", str(port), OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_SERVICE_NAME="mine"
        )
        await_ready(port)
        query = 'query Mine { artifactExists(url: "https://a.example/?secret", type: CODE) }'
        answer = httpx.get(f"http://127.0.0.1:{port}/graphql", params={"query": query})
        server.terminate()
        server.communicate(timeout=20)

    assert answer.json()["data"] == {"artifactExists": False}
    assert set(exported) == {"/v1/traces", "/v1/metrics"}
    (request,) = exported["/v1/traces"]
    (resource,) = ExportTraceServiceRequest.FromString(request).resource_spans
    (span,) = (span for scope in resource.scope_spans for span in scope.spans)
    attributes = {a.key: a.value for a in span.attributes}
    assert span.name == "GET /graphql"
    assert attributes["graphql.operation.name"].string_value == "Mine"
    assert attributes["registry.store.calls"].int_value == 1
    assert attributes["registry.request.id"].string_value == answer.headers["x-request-id"]
    assert b"secret" not in request


@contextmanager
def collector() -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """An OpenTelemetry collector: its address, and the bodies that were sent to each path."""
    exported: dict[str, list[bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            exported.setdefault(self.path, []).append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", exported
        finally:
            server.shutdown()
            thread.join()
