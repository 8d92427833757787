"""The origins of websites that may call the API from the browsers of their visitors."""

from collections.abc import Collection

from pydantic_core import Url, ValidationError

ANY = "*"
"""Stands for every origin."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origins(text: str) -> tuple[str, ...]:
    """Return the origins of a list that is separated by commas.

    Raises:
        ValueError: One is not written as browsers write it, or `*` is not the only one.
    """
    origins = tuple(origin for part in text.split(",") if (origin := part.strip()))
    if ANY in origins and len(origins) > 1:
        raise ValueError("* stands for every origin; leave out the others")
    for origin in origins:
        if origin != ANY:
            _check_origin(origin)
    return origins


def is_allowed(origin: str | None, allowed: Collection[str]) -> bool:
    """Return whether the `Origin` header of a request is one of those that are allowed."""
    return origin is not None and (ANY in allowed or origin in allowed)


def _check_origin(text: str) -> None:
    """Compare an origin with what browsers send, letter by letter, as they do."""
    try:
        url = Url(text)
    except ValidationError:
        url = None
    if url is None or not url.host or ANY in url.host:
        raise ValueError(
            f"{text!r} is not an origin; use scheme, host and port, such as"
            " https://catalogue.example.org or http://localhost:5173"
        )
    is_default_port = url.port in (None, _DEFAULT_PORTS.get(url.scheme))
    origin = f"{url.scheme}://{url.host}{'' if is_default_port else f':{url.port}'}"
    if text != origin:
        raise ValueError(f"{text!r} is not an origin; use {origin}")
