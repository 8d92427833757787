"""Data calls reach DynamoDB as boto3 would: proxies, certificates, endpoints."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config

from storage.errors import StoreRefusedError, StoreUnavailableError
from tests.storage.dynamodb.client.certificates import Authority, create_authority
from tests.storage.dynamodb.client.conftest import Connect
from tests.storage.dynamodb.client.fake_dynamo import FakeDynamo, dynamo
from tests.storage.dynamodb.client.forward_proxy import proxy

FOUND = {"a": {"artifact_id": {"S": "a"}}}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return create_authority(tmp_path_factory.mktemp("ca"), "server")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return create_authority(tmp_path_factory.mktemp("ca"), "stranger")


def test_plain_requests_go_through_http_proxy(
    fake: FakeDynamo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy() as forward:
        monkeypatch.setenv("HTTP_PROXY", forward.url)
        assert connect(fake.url).get_items(["a"]) == FOUND
    assert forward.requests == [f"POST {fake.url}/"]


def test_tls_requests_go_through_a_tunnel_of_https_proxy(
    authority: Authority, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dynamo(authority.server_context()) as secure, proxy() as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", tunnel.url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.ca))
        assert connect(secure.url).get_items(["a"]) == FOUND
    assert tunnel.requests == [f"CONNECT {secure.url.removeprefix('https://')}"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_credentials_of_a_proxy_are_sent_to_it(
    scheme: str, authority: Authority, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = authority.server_context() if scheme == "https" else None
    basic = f"Basic {b64encode(b'user:pass:word').decode()}"
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.ca))
    with dynamo(context) as target, proxy(basic) as guarded:
        address = guarded.url.replace("//", "//user:pass%3Aword@")
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", address)
        assert connect(target.url).get_items(["a"]) == FOUND
        assert "Proxy-Authorization" not in target.requests[0].headers
    assert len(guarded.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_can_have_a_certificate_of_its_own_authority(
    scheme: str,
    authority: Authority,
    stranger: Authority,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = authority.server_context() if scheme == "https" else None
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.ca))
    with dynamo(context) as target, proxy(context=stranger.server_context()) as secure:
        config = Config(
            proxies={scheme: secure.url},
            proxies_config={"proxy_ca_bundle": str(stranger.ca)},
        )
        assert connect(target.url, config=config).get_items(["a"]) == FOUND
    assert len(secure.requests) == 1


def test_log_tells_that_a_proxy_refuses_without_its_password(
    authority: Authority,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with dynamo(authority.server_context()) as secure, proxy("Basic other") as guarded:
        monkeypatch.setenv("HTTPS_PROXY", guarded.url.replace("//", "//user:hidden@"))
        with pytest.raises(StoreUnavailableError):
            connect(secure.url).get_items(["a"])
    assert "407" in caplog.messages[0]
    assert "hidden" not in caplog.text


def test_no_proxy_is_honoured(
    fake: FakeDynamo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy() as forward:
        monkeypatch.setenv("HTTP_PROXY", forward.url)
        monkeypatch.setenv("NO_PROXY", "example.org,127.0.0.1")
        assert connect(fake.url).get_items(["a"]) == FOUND
    assert forward.requests == []


@pytest.mark.parametrize("source", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "config"])
def test_private_authority_is_trusted_where_boto3_would(
    source: str,
    authority: Authority,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if source == "config":
        (tmp_path / "config").write_text(f"[default]\nca_bundle = {authority.ca}\n")
    else:
        monkeypatch.setenv(source, str(authority.ca))
    with dynamo(authority.server_context()) as secure:
        assert connect(secure.url).get_items(["a"]) == FOUND


@pytest.mark.parametrize("bundle", ["stranger", "missing", "certifi", "wrong_host"])
def test_wrong_authority_is_refused_at_once_and_named_in_the_log(
    *,
    bundle: str,
    authority: Authority,
    stranger: Authority,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other_host = create_authority(tmp_path, "other", "127.0.0.2")
    bundles = {"stranger": stranger.ca, "missing": tmp_path / "no", "wrong_host": other_host.ca}
    if bundle in bundles:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundles[bundle]))
    presented = other_host if bundle == "wrong_host" else authority
    with dynamo(presented.server_context()) as secure, pytest.raises(StoreRefusedError):
        connect(secure.url).get_items(["a"])

    told = {"missing": "No such file", "wrong_host": "'127.0.0.1' doesn't match '127.0.0.2'"}
    (line,) = [r.message for r in caplog.records if r.name.startswith("storage.")]
    assert told.get(bundle, "certificate verify failed") in line
    assert secure.requests == []


def test_client_certificate_is_presented(
    authority: Authority,
    stranger: Authority,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.ca))
    config = Config(client_cert=(str(stranger.certificate), str(stranger.key)))
    with dynamo(authority.server_context(clients=stranger)) as secure:
        assert connect(secure.url, config=config).get_items(["a"]) == FOUND
    subject = dict(pair[0] for pair in secure.requests[0].client_certificate["subject"])
    assert subject == {"commonName": "stranger"}


def test_missing_client_certificate_file_is_refused_at_once(
    authority: Authority, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config(client_cert=("/no/certificate.pem", "/no/key.pem"))
    with dynamo(authority.server_context()) as secure, pytest.raises(StoreRefusedError):
        connect(secure.url, config=config).get_items(["a"])
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("variable", "host"),
    [
        (None, "dynamodb.us-east-2.amazonaws.com"),
        ("AWS_USE_FIPS_ENDPOINT", "dynamodb-fips.us-east-2.amazonaws.com"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "dynamodb.us-east-2.api.aws"),
    ],
)
def test_fips_and_dual_stack_endpoints_are_chosen(
    variable: str | None, host: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv(variable, "true")
    client = connect()
    asked: list[str] = []

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        asked.append(request.url)
        raw: Any = _Raw(b'{"Responses": {"artifacts": [{"artifact_id": {"S": "a"}}]}}')
        return AWSResponse(request.url, 200, HTTPHeaders(), raw)

    events: Any = client.control.meta.events
    events.register_first("before-send.dynamodb.BatchGetItem", answer)
    assert client.get_items(["a"]) == FOUND
    assert asked == [f"https://{host}/"]


def test_requests_are_signed_and_say_who_sends_them(
    fake: FakeDynamo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    client = connect(fake.url, config=Config(user_agent_extra="registry/1.0"))
    client.get_items(["a"])

    headers = fake.requests[0].headers
    assert headers["User-Agent"].startswith("Boto3/")
    assert headers["User-Agent"].endswith("registry/1.0")
    assert headers["X-Amz-Security-Token"] == "token"
    assert (
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"
        in headers["Authorization"]
    )


def test_missing_credentials_are_refused_at_once(
    fake: FakeDynamo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StoreRefusedError):
        connect(fake.url).get_items(["a"])
    assert fake.requests == []


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        return [self._body]
