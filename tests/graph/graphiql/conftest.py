"""A server with the sample data and a browser for each module, and a visit for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import graph.graphiql
from tests.graph.graphiql.visit import Visit, launching
from tests.graph.server_process import await_ready, free_port, starting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODULES = Path(graph.graphiql.__file__).parent / "node_modules"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launching() as browser:
        yield browser


@pytest.fixture
def visit(browser: "Browser") -> Iterator[Visit]:
    with browser.new_context() as context:
        yield Visit(context.new_page())


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if not MODULES.is_dir():
        pytest.skip("shows GraphiQL: npm install --prefix graph/graphiql")
    port = free_port()
    folder = tmp_path_factory.mktemp("explorer")
    with starting(folder) as start:
        start("--port", str(port), "--sample", log=folder / "log")
        await_ready(port)
        yield port
