"""Serves a store over HTTP from a thread of this process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from graph.app import build
from graph.settings import Settings
from storage.store import Store
from tests.history.http_registry import HttpRegistry


@contextmanager
def serve_in_thread(store: Store) -> Iterator[HttpRegistry]:
    """Serve a store from a thread of this process."""
    config = uvicorn.Config(build(store, Settings()), port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    registry = HttpRegistry(f"http://127.0.0.1:{port}")
    try:
        yield registry
    finally:
        registry.close()
        server.should_exit = True
        thread.join()
