"""The rules for urls of inputs: what is refused, and with which message."""

import pytest

from storage.artifacts.inputs import parse_new_artifact, parse_url
from storage.artifacts.writes import InvalidInputError, WriteErrorCode
from tests.storage.artifacts.input_errors import URL, errors_of
from tests.storage.samples import DATASET, MODEL

INVALID = WriteErrorCode.INVALID


@pytest.mark.parametrize(
    "url",
    [
        "",
        "squad",
        "/squad",
        "//example.org/squad",
        "https://",
        "https:///squad",
        "mailto:a@example.org",
        "https://example.org/a b",
        "https://example.org/\n",
        " https://example.org/",
        "https://example.org/\x00",
        "http://[::1",
        "https://example.org/" + "u" * 1_981,
        "https://example.org/" + "é" * 991,
        "https://example.org/\ud800",
    ],
    ids=lambda url: ascii(url[:30]) + str(len(url)),
)
def test_an_invalid_url_is_an_error(url: str) -> None:
    assert errors_of(DATASET, {"url": url}) == [(INVALID, "url")]
    assert errors_of(DATASET, {"url": URL, "downloadUrl": url}) == [(INVALID, "downloadUrl")]
    with pytest.raises(InvalidInputError) as caught:
        parse_url(url)
    assert caught.value.errors[0].field == ("input", "url")


NO_HOST = "must be an absolute url with a scheme and a host"
SCRIPT = "must not have the scheme {}, which can run scripts"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("javascript://example.org/%0aalert(1)", SCRIPT.format("javascript")),
        ("JavaScript:alert(1)", SCRIPT.format("javascript")),
        ("\x01 java\tscript\n:alert(1)", SCRIPT.format("javascript")),
        ("vbscript://example.org/x", SCRIPT.format("vbscript")),
        ("data:text/html,x", SCRIPT.format("data")),
        ("data://text/html,x", SCRIPT.format("data")),
        ("https://user:secret@example.org/", "must not contain a password"),
        ("ssh://:secret@example.org/", "must not contain a password"),
        ("https://example.org\\@example.com/", "must not contain a backslash"),
        ("https://example.org:65536/", "must be a valid url: it has an invalid port number"),
        ("https://example.org:http/", "must be a valid url: it has an invalid port number"),
        ("https://1.2.3.256/", "must be a valid url: it has an invalid IPv4 address"),
        ("https://[1::2::3]/", NO_HOST),
        (
            "git@github.com:acme/trainer.git",
            f"{NO_HOST}, such as https://github.com/acme/trainer.git",
        ),
        (
            "www.kaggle.com/datasets/a/b?x={1}",
            f"{NO_HOST}, such as https://www.kaggle.com/datasets/a/b?x={{1}}",
        ),
        ("git@ssh.dev.azure.com:v3/a", NO_HOST),
        ("C:\\models\\x", NO_HOST),
        ("https://%/", "must be a valid url: it has an invalid international domain name"),
        ("https://a<b/", "must be a valid url: it has an invalid international domain name"),
        ("s3://a|b/c", "must be a valid url: it has an invalid domain character"),
    ],
    ids=ascii,
)
def test_a_url_that_is_not_safe_or_not_valid_is_an_error(url: str, message: str) -> None:
    for fields in ({"url": url}, {"url": URL, "downloadUrl": url}):
        with pytest.raises(InvalidInputError) as caught:
            parse_new_artifact(DATASET, fields)
        assert str(caught.value) == message
    for kind in ("datasets", "codes", "baseModels"):
        assert errors_of(MODEL, {"url": URL, kind: [{"url": url}]}) == [
            (INVALID, f"{kind}.0.url")
        ]


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "ssh://git@example.org/x.git",
        "git+https://example.org:8443/x",
        "https://EXAMPLE.org./x#y",
        "s3://bucket/key",
        "https://example.org/" + "u" * 1_980,
        "https://example.org/é" * 1,
        "http://[::1]:80/x",
        "https://例え.jp/x",
    ],
    ids=lambda url: ascii(url[:30]),
)
def test_a_valid_url_is_accepted(url: str) -> None:
    assert parse_new_artifact(DATASET, {"url": url, "name": "x"}).url == url
    assert parse_url(url) == url
