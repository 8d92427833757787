"""The urls that are below a prefix, and those that only look as if they were."""

import pytest

from storage.artifacts.url_prefixes import has_prefix, parse_prefix

ACME = "https://huggingface.co/acme/"


@pytest.mark.parametrize("prefix", [ACME, "HTTPS://HuggingFace.CO:443/%61cme/"])
@pytest.mark.parametrize(
    "url",
    [
        "https://huggingface.co/acme/bert",
        "https://huggingface.co/acme/",
        "HTTPS://HUGGINGFACE.co:443/acme/bert",
        "https://huggingface.co/%61cm%65/bert",
        "https://huggingface.co/acme/bert..v2/...",
        "https://huggingface.co/acme/100%25",
        "https://huggingface.co/acme/bert?x=../..#/../..",
    ],
)
def test_urls_below_a_prefix_are_told_by_their_normalised_form(prefix: str, url: str) -> None:
    assert has_prefix(url, [parse_prefix("https://example.org"), parse_prefix(prefix)])


@pytest.mark.parametrize("prefix", [ACME, "https://huggingface.co/acme"])
@pytest.mark.parametrize(
    "url",
    [
        "https://huggingface.co/acme-evil/bert",
        "https://huggingface.co/acmeevil",
        "https://huggingface.co/Acme/bert",
        "https://huggingface.co/evil?/acme/bert",
        "https://huggingface.co/evil#/acme/bert",
        "https://huggingface.co//acme/bert",
        "https://huggingface.co/acme/../evil/bert",
        "https://huggingface.co/acme/%2e%2e/evil/bert",
        "https://huggingface.co/acme/.%2E/evil/bert",
        "https://huggingface.co/acme/..%2fevil/bert",
        "https://huggingface.co/acme/%252e%252e/evil/bert",
        "https://huggingface.co/acme/%25252525252e%2e/evil/bert",
        "https://huggingface.co/acme/..;x/evil/bert",
        "https://huggingface.co/acme/..%5cevil",
        "https://huggingface.co/acme/..\\evil",
        "https://huggingface.co/acme%2fevil/bert",
        "https://huggingface.co/acme%00/bert",
        "https://huggingface.co/acme/.%09./evil/bert",
        "https://huggingface.co/acme/.%250a./evil/bert",
        "https://huggingface.co/acme/bert%7F",
        "https://huggingface.co/acme/.\t./evil/bert",
        "\x01https://huggingface.co/acme/bert",
        "https://huggingface.co.evil.org/acme/bert",
        "https://huggingface.co@evil.org/acme/bert",
        "https://evil.org\\@huggingface.co/acme/bert",
        "https://user@huggingface.co/acme/bert",
        "https://huggingface.co:8443/acme/bert",
        "https://huggingface.co./acme/bert",
        "http://huggingface.co/acme/bert",
        "https://evil.org/https://huggingface.co/acme/bert",
        "https://[/acme",
        "huggingface.co/acme/bert",
        "",
    ],
)
def test_other_urls_are_below_none(prefix: str, url: str) -> None:
    assert not has_prefix(url, [parse_prefix(prefix)])


def test_a_prefix_without_a_slash_at_its_end_is_a_url_itself() -> None:
    url = "https://huggingface.co/acme"

    assert has_prefix(url, [parse_prefix(url)])
    assert not has_prefix(url, [parse_prefix(ACME)])


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("https://example.org/x", "https://example.org"),
        ("s3://bucket/x", "s3://bucket"),
        ("https://münchen.de/ä/x", "https://xn--mnchen-3ya.de/%C3%A4"),
    ],
)
def test_a_whole_host_can_be_a_prefix(url: str, prefix: str) -> None:
    assert has_prefix(url, [parse_prefix(prefix)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme",
        "https://%/",
        "https://a/?x",
        "https://a/#x",
        "https://u@a/",
        "https://a/../b",
        "https://a/.%09./b",
        "https://a/b%00",
    ],
)
def test_a_prefix_is_a_url_without_user_query_and_fragment(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_prefix(text)
