"""A killed server has stored everything that it acknowledged, and nothing in part."""

import io
import json
import random
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from threading import Timer

import httpx
import pytest

from storage.artifacts.writes import Deleted, WriteError
from storage.errors import StoreUnavailableError
from storage.opening import open_store
from storage.settings import StoreSettings
from tests.graph.server_process import await_ready, free_port, starting
from tests.history.checker import Entry, find_contradictions
from tests.history.http_registry import HttpRegistry
from tests.history.random_client import RandomClient

KILLS = 25
CLIENTS = 4
REQUESTS, SECONDS = 30, 0.03
"""A server is killed within some time after a random number of requests; these are maxima."""
_ENDLESS = 100_000


class ServerKilledError(Exception):
    """The server no longer listens."""


class KillingRegistry(HttpRegistry):
    """Starts the timer that kills the server before the request with a given number."""

    def __init__(self, url: str, requests: int, timer: Timer) -> None:
        super().__init__(url)
        self._counter = count()
        self._timer_start = requests
        self._timer = timer

    def delete(self, id: str, type: None) -> Deleted | WriteError:  # noqa: A002 - the store's own
        """Delete an artifact; if its change cannot be read any more, the outcome is unknown."""
        try:
            return super().delete(id, type)
        except ServerKilledError:
            raise StoreUnavailableError("the server was killed") from None

    def _post(self, query: str, **variables: object) -> httpx.Response:
        try:
            if next(self._counter) == self._timer_start:
                self._timer.start()
            return super()._post(query, **variables)
        except httpx.ConnectError:
            raise ServerKilledError from None
        except httpx.TransportError as error:
            raise StoreUnavailableError(str(error)) from None


@pytest.mark.slow
@pytest.mark.serial
def test_a_killed_server_has_stored_acknowledged_writes(
    settings: StoreSettings, environment: dict[str, str], tmp_path: Path
) -> None:
    draw = random.Random(1)  # noqa: S311 - no secret
    history: list[Entry] = []
    with closing(open_store(settings)) as store:
        for kill in range(KILLS):
            with starting(tmp_path) as start:
                port = free_port()
                server = start("--port", str(port), log=tmp_path / "log", **environment)
                await_ready(port)
                timer = Timer(draw.uniform(0, SECONDS), server.kill)
                url = f"http://127.0.0.1:{port}"
                with closing(KillingRegistry(url, draw.randrange(REQUESTS), timer)) as registry:
                    history += run_clients_until_killed(registry, seed=100 * kill)

            assert list(find_contradictions(store, history)) == [], f"after kill {kill}"
    answers = [entry["answer"] for entry in history]
    assert sum(answer not in ("unknown", "refused") for answer in answers) > 5 * KILLS
    # More than one request on average was in progress when a server was killed.
    assert answers.count("unknown") > KILLS


def run_clients_until_killed(registry: KillingRegistry, seed: int) -> list[Entry]:
    """Run clients until the server is killed; return their history."""
    logs = [io.StringIO() for _ in range(CLIENTS)]
    recent_ids: deque[str] = deque(maxlen=24)
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients = [
            RandomClient(registry, seed + n, log, recent_ids) for n, log in enumerate(logs)
        ]
        list(threads.map(run_until_killed, clients))
    return [json.loads(line) for log in logs for line in log.getvalue().splitlines()]


def run_until_killed(client: RandomClient) -> None:
    with suppress(ServerKilledError):
        client.run(_ENDLESS)
