"""The custom scalars DateTime, URL and JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Url = NewType("Url", str)
Json = NewType("Json", object)


def _parse_url(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("URL must be a string.")
    return value


def _to_iso(value: datetime) -> str:
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


def _parse_time(value: object) -> datetime:
    time = datetime.fromisoformat(value) if isinstance(value, str) else None
    if time is None or time.tzinfo is None:
        raise GraphQLError("DateTime must be a string with a time zone offset.")
    return time


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
        description="An absolute URL with a scheme and a host, of at most 2,000 bytes. It is "
        "stored and compared exactly as given.",
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
