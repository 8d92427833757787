"""The health endpoints: `/livez` for the process, `/readyz` for the process and its store."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graph.http.draining import Draining
from graph.loading.threads import StoreThreads
from storage.deadline import deadline
from storage.errors import StoreUnavailableError
from storage.search.state import SearchState
from storage.store import Store
from storage.version import VERSION

_log = logging.getLogger(__name__)
_FRESH_SECONDS = 1.0
"""The time for which a result is used again: everybody may ask, so asking must be cheap."""


async def check_liveness(_: Request) -> Response:
    """Answer 200, even if the store does not answer."""
    return JSONResponse({"status": "alive", "version": VERSION})


class _Result(NamedTuple):
    status: str
    code: int
    state: SearchState


class ReadinessCheck:
    """Checks that the store answers within a number of seconds, at most once a second.

    The state of the search index is reported, also to `observe`, but decides nothing: a server
    whose index is being built answers everything except listings.
    """

    def __init__(
        self,
        store: Store,
        threads: StoreThreads,
        seconds: float,
        observe: Callable[[SearchState], None],
        draining: Draining,
    ) -> None:
        self._store = store
        self._threads = threads
        self._seconds = seconds
        self._observe = observe
        self._draining = draining
        self._lock = asyncio.Lock()
        self._checked_at = -math.inf
        self._result = _Result("not checked", 503, SearchState(is_ready=False))

    async def check_readiness(self, _: Request) -> Response:
        """Answer 200 if the server can handle requests, and 503 if not."""
        async with self._lock:
            if time.monotonic() - self._checked_at >= _FRESH_SECONDS:
                self._result = await self._check()
                self._checked_at = time.monotonic()
        status, code, state = self._result
        if self._draining.is_stopping:
            status, code = "stopping", 503
        return JSONResponse({"status": status, "searchIndex": _format_state(state)}, code)

    async def _check(self) -> _Result:
        state = self._store.search_state()
        self._observe(state)
        try:
            with deadline(self._seconds):
                await self._threads.run(self._store.ping)
        except StoreUnavailableError:
            status = "the store does not answer"
            _log.warning(status)
            return _Result(status, 503, state)
        return _Result("ready", 200, state)


def _format_state(state: SearchState) -> dict[str, Any]:
    """Format the state: progress from 0 to 1 while it is being built, age in seconds."""
    return {
        "ready": state.is_ready,
        "progress": state.progress,
        "age": round(state.age, 3),
        "size": state.size,
    }
