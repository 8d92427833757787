"""The rules of urls in inputs, by the WHATWG URL standard, and how urls are compared."""

import re
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError, Url, ValidationError

from storage.artifacts.texts import check_text

MAX_URL_BYTES = 2_000
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")
_SCRIPT_SCHEME = re.compile(r"[\x00-\x20]*(javascript|vbscript|data):", re.IGNORECASE)
_IGNORED = re.compile(r"[\t\n\r]")
"""The characters that browsers leave out of a url, wherever they stand."""
_GIT_OVER_SSH = re.compile(
    r"(?:[\w.-]+@)?(?!ssh\.)([\w-]+(?:\.[\w-]+)+):(?!\d+/|/)([\w./~-]+)", re.ASCII
)
_NO_SCHEME = re.compile(r"([\w-]+(?:\.[\w-]+)+)((?::\d+)?/[^\s\\]*)", re.ASCII)
"""What people copy from `git remote` and from the address bar."""
_MAX_ADVICE_CHARACTERS = 200


def check_scheme(value: str) -> str:
    """Return the url unless a browser would run it; raise PydanticCustomError otherwise."""
    if match := _SCRIPT_SCHEME.match(_IGNORED.sub("", value)):
        raise PydanticCustomError(
            "url", f"must not have the scheme {match[1].lower()}, which can run scripts"
        )
    return value


def check_absolute(value: str) -> str:
    """Return the url if it has a scheme, a host and an allowed length.

    Artifacts of earlier releases have such urls, so they can be looked up by them.

    Raises:
        PydanticCustomError: It has not.
    """
    check_text(value)
    if _SPACE_OR_CONTROL.search(value):
        raise PydanticCustomError("url", "must not contain spaces, tabs or line breaks")
    try:
        parts = urlsplit(value)
        is_absolute = bool(parts.scheme and parts.hostname)
    except ValueError:
        is_absolute = False
    if not is_absolute:
        raise PydanticCustomError(
            "url", f"must be an absolute url with a scheme and a host{_advise(value)}"
        )
    if len(value.encode()) > MAX_URL_BYTES:
        raise PydanticCustomError("url", f"must have at most {MAX_URL_BYTES:,} bytes")
    return value


def _advise(value: str) -> str:
    """Return the url that is probably meant, after a comma; an empty text if none is."""
    if len(value) > _MAX_ADVICE_CHARACTERS:
        return ""
    if ssh := _GIT_OVER_SSH.fullmatch(value):
        return f", such as https://{ssh[1]}/{ssh[2]}"
    return f", such as https://{value}" if _NO_SCHEME.fullmatch(value) else ""


def check_url(value: str) -> str:
    """Return the url if a new artifact or reference may have it.

    Raises:
        PydanticCustomError: It is not absolute, not valid or not safe.
    """
    check_absolute(check_scheme(value))
    if "\\" in value:
        # Browsers read it as a slash and other programs do not: they would find another host.
        raise PydanticCustomError("url", "must not contain a backslash")
    try:
        url = Url(value)
    except ValidationError as error:
        reason = error.errors()[0]["ctx"]["error"]
        raise PydanticCustomError("url", f"must be a valid url: it has an {reason}") from None
    if url.password is not None:
        raise PydanticCustomError("url", "must not contain a password")
    return value
