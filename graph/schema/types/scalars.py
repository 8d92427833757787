"""The custom scalars DateTime, URL and JSON."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Url = NewType("Url", str)
Json = NewType("Json", object)

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)

_OFFSET_LENGTH = len("+00:00")
_KEPT_TIMES = 4_096
"""Times whose text is kept: to make it takes ten times as long as to look it up."""


def _parse_url(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("URL must be a string.")
    return value


@lru_cache(maxsize=_KEPT_TIMES)
def _to_iso(value: datetime) -> str:
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds')[:-_OFFSET_LENGTH]}Z"


def _parse_time(value: object) -> datetime:
    """Return the time of a text of RFC 3339, of which `fromisoformat` accepts more forms."""
    try:
        if isinstance(value, str) and _RFC_3339.fullmatch(value):
            return datetime.fromisoformat(value.upper())
    except ValueError:  # there is no such day or time
        pass
    raise GraphQLError(
        "DateTime must be a date and time of RFC 3339, such as `2025-01-31T12:00:00.123Z`."
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A date and time of RFC 3339, in UTC and with exactly three fraction "
        "digits, such as `2025-01-31T12:00:00.123Z`. Times are kept in milliseconds.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_to_iso,
        parse_value=_parse_time,
    ),
    Url: strawberry.scalar(
        name="URL",
        description="An absolute URL with a scheme and a host, of at most 2,000 bytes, valid "
        "by the WHATWG URL standard. It is stored and compared exactly as given. In inputs it "
        "must not contain a password or a backslash, nor have a scheme that can run scripts "
        "(`javascript`, `vbscript`, `data`); artifacts of earlier releases may have such URLs.",
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=str,
        parse_value=_parse_url,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value: a string, a number, a boolean, null, a list or an object.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
