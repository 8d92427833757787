"""Limits what callers may write to artifacts whose urls are below some prefixes."""

import re
from collections.abc import Iterable
from string import ascii_letters, digits
from urllib.parse import unquote, urlsplit

from pydantic_core import PydanticCustomError, Url, ValidationError

from storage.artifacts.changes import Attribution
from storage.artifacts.records import Artifact
from storage.artifacts.urls import check_url
from storage.artifacts.writes import ArtifactPatch, WriteError, WriteErrorCode

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
"""Programs leave some of them out, so that `.%09.` may become `..`."""
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")
"""Characters that mean the same whether they are percent-encoded or not (RFC 3986)."""
_MOST_ENCODINGS = 3
"""The most times a path may be percent-encoded; beyond, nothing is known about it."""


def parse_prefix(text: str) -> str:
    """Return a prefix in the form in which urls are compared with it.

    Raises:
        ValueError: It is not a url, or has a part that prefixes do not have.
    """
    try:
        check_url(text)
    except PydanticCustomError as error:
        raise ValueError(f"{text!r} {error.message()}") from None
    parts = urlsplit(text)
    prefix = _normalise(text)
    if prefix is None or parts.username is not None or "?" in text or "#" in text:
        raise ValueError(
            f"{text!r} must have no user name, query, fragment, control characters or segments "
            "such as '..'"
        )
    return prefix


def has_prefix(url: str, prefixes: Iterable[str]) -> bool:
    """Return whether a url is one of the prefixes, or below it.

    Only whole segments of a path count: `https://example.org/acme` is not the prefix of
    `https://example.org/acme-evil`. Nothing is the prefix of a url with segments such as `..`.
    """
    normalised = _normalise(url)
    if normalised is None:
        return False
    return any(
        normalised == prefix or normalised.startswith(prefix.removesuffix("/") + "/")
        for prefix in prefixes
    )


def check_new_url(attribution: Attribution, url: str) -> WriteError | None:
    """Return an error if the caller must not write artifacts with a url of an input."""
    return _check(attribution, url, "input", "url")


def check_present_url(attribution: Attribution, artifact: Artifact | None) -> WriteError | None:
    """Return an error if the caller must not write an artifact; None is an unreadable one."""
    return _check(attribution, artifact.url if artifact else None, "id")


def check_both_urls(
    attribution: Attribution, artifact: Artifact, patch: ArtifactPatch
) -> WriteError | None:
    """Return an error if the caller must not write an artifact, or not with its new url."""
    error = check_present_url(attribution, artifact)
    if error or "url" not in patch:
        return error
    return check_new_url(attribution, patch["url"])


def _check(attribution: Attribution, url: str | None, *field: str) -> WriteError | None:
    prefixes = attribution.url_prefixes
    if prefixes is None or (url is not None and has_prefix(url, prefixes)):
        return None
    return WriteError(
        code=WriteErrorCode.FORBIDDEN,
        message=f"The token may only write artifacts with urls below {', '.join(prefixes)}.",
        field=field,
    )


def _normalise(url: str) -> str | None:
    """Return a url in the one form that all equivalent ones have, without query and fragment.

    None if programs could disagree about which path it has.
    """
    try:
        text = re.split("[?#]", str(Url(url)), maxsplit=1)[0]
        path = re.split("[?#]", urlsplit(url).path, maxsplit=1)[0]
    except (ValidationError, ValueError):
        return None
    if _CONTROL.search(url) or _is_ambiguous(path):
        return None
    return _ESCAPE.sub(_decode_unreserved, text)


def _decode_unreserved(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _is_ambiguous(path: str) -> bool:
    """Return whether a path, however often it is decoded, has dot segments or controls."""
    for _ in range(_MOST_ENCODINGS):
        segments = re.split(r"[/\\]", path)
        if any(segment.partition(";")[0] in (".", "..") for segment in segments):
            return True
        decoded = unquote(path)
        if decoded == path:
            return False
        if _CONTROL.search(decoded):
            return True
        path = decoded
    return True
