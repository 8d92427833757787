"""The custom scalars DateTime and URL."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Url = NewType("Url", str)


def _parse_url(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("URL must be a string.")
    return value


def _to_iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A date and time in UTC, in the format of ISO 8601, such as "
        "`2025-01-31T12:00:00.123456Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_to_iso,
        parse_value=datetime.fromisoformat,
    ),
    Url: strawberry.scalar(
        name="URL",
        description="An absolute URL with a scheme and a host, of at most 2,000 bytes. It is "
        "stored and compared exactly as given.",
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=str,
        parse_value=_parse_url,
    ),
}
