"""The health endpoints: `/livez` for the process, `/readyz` for the process and its store."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graph.loading.threads import StoreThreads
from storage.deadline import deadline
from storage.errors import StoreUnavailableError
from storage.store import Store


async def check_liveness(_: Request) -> Response:
    """Answer 200, even if the store does not answer."""
    return JSONResponse({"status": "alive"})


class ReadinessCheck:
    """Checks that the store answers within a number of seconds."""

    def __init__(self, store: Store, threads: StoreThreads, seconds: float) -> None:
        self._store = store
        self._threads = threads
        self._seconds = seconds

    async def check_readiness(self, _: Request) -> Response:
        """Answer 200 if the server can handle requests, and 503 if not."""
        try:
            with deadline(self._seconds):
                await self._threads.run(self._store.ping)
        except StoreUnavailableError:
            return JSONResponse({"status": "the store does not answer"}, 503)
        return JSONResponse({"status": "ready"})
