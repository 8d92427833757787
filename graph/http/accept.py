"""Content negotiation: what the `Accept` and `Accept-Encoding` headers of a request allow."""

from collections.abc import Mapping
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.requests import Request

from graph.errors import Code, RequestError

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
_MAX_LIST = 1_000
"""The characters of a list in a header. Those of browsers and of other clients have 200."""


def choose_media_type(request: Request) -> str:
    """Return the media type of the response to a GraphQL request.

    Clients get `application/graphql-response+json` only if they know it or rule out the other,
    and events only if they prefer them to JSON.

    Raises:
        RequestError: They accept none of these.
    """
    accepted = _parse_accept(request)
    types = [GRAPHQL_JSON, JSON] if GRAPHQL_JSON in accepted else [JSON, GRAPHQL_JSON]
    if EVENT_STREAM in accepted:
        types.append(EVENT_STREAM)
    best = max(types, key=lambda media_type: _find_quality(accepted, media_type))
    if not _find_quality(accepted, best):
        message = f"The Accept header must allow {GRAPHQL_JSON}, {JSON} or {EVENT_STREAM}."
        raise RequestError(Code.BAD_USER_INPUT, message, status=406)
    return best


def accepts_events(request: Request) -> bool:
    """Return whether the client names server-sent events."""
    return _parse_accept(request).get(EVENT_STREAM, 0.0) > 0


def prefers_html(request: Request) -> bool:
    """Return whether the client names HTML, as browsers do, and does not prefer JSON to it."""
    accepted = _parse_accept(request)
    quality = accepted.get(HTML, 0.0)
    return 0 < quality >= max(accepted.get(JSON, 0.0), accepted.get(GRAPHQL_JSON, 0.0))


def read_list(headers: Headers, name: str) -> list[str]:
    """Return the items of a list in a header; none if it is missing or too long."""
    return _read(headers, name).split(",")


def read_qualities(headers: Headers, name: str) -> Mapping[str, float]:
    """Return the quality of each value in a header, from 0, which is not acceptable, to 1."""
    return _parse_qualities(_read(headers, name))


def _read(headers: Headers, name: str) -> str:
    text = ",".join(headers.getlist(name))
    return text if len(text) <= _MAX_LIST else ""


@lru_cache(maxsize=256)
def _parse_qualities(text: str) -> Mapping[str, float]:
    qualities: dict[str, float] = {}
    for item in text.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name:
            qualities[name] = min(map(_read_quality, parameters), default=1.0)
    return qualities


def _parse_accept(request: Request) -> Mapping[str, float]:
    return read_qualities(request.headers, "accept") or {"*/*": 1.0}


def _find_quality(accepted: Mapping[str, float], media_type: str) -> float:
    """Return the quality of a media type: that of the most specific range that has it."""
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((accepted[each] for each in ranges if each in accepted), 0.0)


def _read_quality(parameter: str) -> float:
    """Return the quality that a parameter gives; others, and malformed ones, give none."""
    name, _, value = parameter.partition("=")
    try:
        return min(max(0.0, float(value)), 1.0) if name.strip() == "q" else 1.0
    except ValueError:
        return 1.0
