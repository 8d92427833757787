"""The health endpoints: `/livez` for the process, `/readyz` for the process and its store."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graph.loading.threads import StoreThreads
from storage.deadline import deadline
from storage.errors import StoreUnavailableError
from storage.search.state import SearchState
from storage.store import Store


async def check_liveness(_: Request) -> Response:
    """Answer 200, even if the store does not answer."""
    return JSONResponse({"status": "alive"})


class ReadinessCheck:
    """Checks that the store answers within a number of seconds.

    The state of the search index is reported, also to `observe`, but decides nothing: a server
    whose index is being built answers everything except listings.
    """

    def __init__(
        self,
        store: Store,
        threads: StoreThreads,
        seconds: float,
        observe: Callable[[SearchState], None],
    ) -> None:
        self._store = store
        self._threads = threads
        self._seconds = seconds
        self._observe = observe

    async def check_readiness(self, _: Request) -> Response:
        """Answer 200 if the server can handle requests, and 503 if not."""
        state = self._store.search_state()
        self._observe(state)
        status, code = "ready", 200
        try:
            with deadline(self._seconds):
                await self._threads.run(self._store.ping)
        except StoreUnavailableError:
            status, code = "the store does not answer", 503
        return JSONResponse({"status": status, "searchIndex": _format_state(state)}, code)


def _format_state(state: SearchState) -> dict[str, Any]:
    """Format the state: progress from 0 to 1 while it is being built, age in seconds."""
    return {
        "ready": state.is_ready,
        "progress": state.progress,
        "age": round(state.age, 3),
        "size": state.size,
    }
