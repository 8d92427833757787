"""A server with the sample data, the catalogue page on another origin, and a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.page_server import serving_page
from tests.graph.clients import REGISTER
from tests.graph.graphiql.visit import Visit, launching, playwright
from tests.graph.server_process import Start, await_ready, free_port, send, starting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@dataclass
class Registry:
    """A server whose API the page calls, and the page's origin."""

    start: Start
    port: int
    origin: str
    folder: Path

    def run(self, port: int | None = None, **settings: str) -> Popen[str]:
        """Start a server on the same file; without a port, on the one that the page calls."""
        port = port or self.port
        settings = {"CORS_ORIGINS": self.origin, **settings}
        log = self.folder / f"{port}.log"
        process = self.start("--port", str(port), "--sample", log=log, **settings)
        await_ready(port)
        return process

    def register(self, *inputs: dict[str, Any]) -> list[str]:
        answer: dict[str, Any] = send(self.port, REGISTER, inputs=list(inputs))
        return [result["artifact"]["id"] for result in answer["registerArtifacts"]["results"]]

    def open_page(self, visit: Visit, fragment: str = "") -> "Page":
        """Open the page, and wait until it follows the changes."""
        visit.page.goto(f"{self.origin}/{fragment}")
        playwright.expect(visit.page.locator("#live")).to_have_text("Live")
        return visit.page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launching() as browser:
        yield browser


@pytest.fixture
def visit(browser: "Browser") -> Iterator[Visit]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        yield Visit(context.new_page())


@contextmanager
def preparing_registry(folder: Path) -> Iterator[Registry]:
    port = free_port()
    with starting(folder) as start, serving_page(f"http://127.0.0.1:{port}") as origin:
        yield Registry(start, port, origin, folder)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with preparing_registry(tmp_path_factory.mktemp("catalogue")) as registry:
        registry.run()
        yield registry


@pytest.fixture
def stopped_registry(tmp_path: Path) -> Iterator[Registry]:
    """Yield a registry whose server the test starts."""
    with preparing_registry(tmp_path) as registry:
        yield registry
