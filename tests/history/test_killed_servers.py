"""Servers that are killed at any moment: what they acknowledged is there, and all is whole."""

import io
import json
import random
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest

from storage.errors import StoreUnavailableError
from storage.opening import open_store
from storage.settings import StoreSettings
from tests.graph.server_process import await_ready, free_port, starting
from tests.history.checker import Told, contradictions
from tests.history.client import Client
from tests.history.over_http import HttpRegistry

KILLS = 25
CLIENTS = 4
REQUESTS, SECONDS = 30, 0.03
"""After fewer requests than that a server is killed, and within this time from the last on."""
_ENDLESS = 100_000


class GoneError(Exception):
    """Nobody listens any more."""


class MortalRegistry(HttpRegistry):
    """A server that is killed, by a timer, which the request after so many others starts."""

    def __init__(self, url: str, requests: int, timer: Timer) -> None:
        super().__init__(url)
        self._asked = count()
        self._requests = requests
        self._timer = timer

    def _send(self, mutation: str, **variables: object) -> dict[str, Any]:
        try:
            if next(self._asked) == self._requests:
                self._timer.start()
            return super()._send(mutation, **variables)
        except httpx.ConnectError:
            raise GoneError from None
        except httpx.TransportError as error:
            raise StoreUnavailableError(str(error)) from None


@pytest.mark.slow
@pytest.mark.serial
def test_a_server_that_is_killed_has_kept_what_it_acknowledged(
    settings: StoreSettings, environment: dict[str, str], tmp_path: Path
) -> None:
    draw = random.Random(1)  # noqa: S311 - no secret
    history: list[Told] = []
    with closing(open_store(settings)) as store:
        for kill in range(KILLS):
            with starting(tmp_path) as start:
                port = free_port()
                server = start("--port", str(port), log=tmp_path / "log", **environment)
                await_ready(port)
                timer = Timer(draw.uniform(0, SECONDS), server.kill)
                url = f"http://127.0.0.1:{port}"
                with closing(MortalRegistry(url, draw.randrange(REQUESTS), timer)) as registry:
                    history += told_until_killed(registry, seed=100 * kill)

            assert list(contradictions(store, history)) == [], f"after kill {kill}"
    answers = [told["answer"] for told in history]
    assert sum(answer not in ("unknown", "refused") for answer in answers) > 5 * KILLS
    # So many were under way when the server was killed.
    assert answers.count("unknown") > KILLS


def told_until_killed(registry: MortalRegistry, seed: int) -> list[Told]:
    """What clients of a server were told while it lived."""
    logs = [io.StringIO() for _ in range(CLIENTS)]
    shared: deque[str] = deque(maxlen=24)
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients = [Client(registry, seed + n, log, shared) for n, log in enumerate(logs)]
        list(threads.map(run_until_killed, clients))
    return [json.loads(line) for log in logs for line in log.getvalue().splitlines()]


def run_until_killed(client: Client) -> None:
    with suppress(GoneError):
        client.run(_ENDLESS)
