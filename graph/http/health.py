"""Whether the server lives, and whether it can answer."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graph.loading.threads import StoreThreads
from storage.deadline import deadline
from storage.errors import StoreUnavailableError
from storage.store import Store


async def live(_: Request) -> Response:
    """Answer that the process runs, whatever the store does."""
    return JSONResponse({"status": "alive"})


class Readiness:
    """Answers whether the store answers within so many seconds."""

    def __init__(self, store: Store, threads: StoreThreads, seconds: float) -> None:
        self._store = store
        self._threads = threads
        self._seconds = seconds

    async def answer(self, _: Request) -> Response:
        """Answer 200 if requests can be served, and 503 if not."""
        try:
            with deadline(self._seconds):
                await self._threads.run(self._store.ping)
        except StoreUnavailableError:
            return JSONResponse({"status": "the store does not answer"}, 503)
        return JSONResponse({"status": "ready"})
