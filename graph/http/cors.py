"""Cross-origin resource sharing: lets websites of other origins call the API from browsers."""

from collections.abc import Collection

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from graph.http import csrf
from graph.http.middleware import VERSION_HEADER

_METHODS = ("GET", "HEAD", "POST")
_REQUEST_HEADERS = (
    "authorization",
    "last-event-id",
    "x-explain",
    "x-request-id",
    csrf.HEADER,
)
"""Besides those that Starlette always allows, such as `accept` and `content-type`."""
_RESPONSE_HEADERS = (
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
    VERSION_HEADER,
)
_PREFLIGHT_SECONDS = 7_200
"""The time for which browsers keep the answer to a preflight: as long as Chromium allows."""


def add_cors(app: FastAPI, origins: Collection[str]) -> None:
    """Allow some origins, or all with `*`, to send requests and to read the responses.

    Browsers send no credentials of their own, such as cookies, with these requests.
    """
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            allow_private_network=True,  # these origins are trusted, wherever they come from
            expose_headers=_RESPONSE_HEADERS,
            max_age=_PREFLIGHT_SECONDS,
        )
