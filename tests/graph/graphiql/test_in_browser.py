"""The explorer in headless Chromium, which can reach only this machine."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import graph.graphiql
from tests.graph.server_process import ROOT, Start, await_ready, free_port

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Response

pytestmark = pytest.mark.slow

playwright = pytest.importorskip(
    "playwright.sync_api", reason="drives Chromium: pip install -e '.[dev]'"
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
MODULES = Path(graph.graphiql.__file__).parent / "node_modules"
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"

needs_graphiql = pytest.mark.skipif(
    not MODULES.is_dir(), reason="shows GraphiQL: npm install --prefix graph/graphiql"
)


class Visit:
    """A page, with the errors and requests that it caused."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._record_error)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def _record_error(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def hosts(self) -> set[str]:
        return {url.split("/")[2] for url in self.requests if not url.startswith("data:")}

    def run(self, tab: str, shown: str) -> dict[str, Any]:
        """Execute the example in a tab; return its data once the page shows it."""
        self.page.get_by_role("tab", name=tab).click()
        answer = self._execute(tab)
        result = self.page.locator(".result-window .CodeMirror")
        playwright.expect(result).to_contain_text(shown)
        text = result.evaluate("editor => editor.CodeMirror.getValue()")
        content: dict[str, Any] = json.loads(text)
        assert content == answer.json()
        assert "errors" not in content
        data: dict[str, Any] = content["data"]
        return data

    def _execute(self, operation: str) -> "Response":
        """Press the button until this operation is sent.

        GraphiQL takes a tenth of a second after a change of tabs to select its operation.
        """
        for _ in range(50):
            with self.page.expect_response("**/graphql") as answer:
                self.page.get_by_label("Execute query").click()
            sent = answer.value.request.post_data_json
            if sent and sent["operationName"] == operation:
                return answer.value
        pytest.fail(f"{operation} was not sent")


@pytest.fixture
def visit() -> Iterator[Visit]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium on the PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[LOOPBACK_ONLY])
        yield Visit(browser.new_page(viewport={"width": 1280, "height": 720}))
        browser.close()


@pytest.fixture
def port(start: Start) -> int:
    """The port of a server with the sample data."""
    port = free_port()
    start("--port", str(port), "--sample")
    await_ready(port)
    return port


@needs_graphiql
def test_the_examples_work_without_internet_access(visit: Visit, port: int) -> None:
    visit.page.goto(f"http://127.0.0.1:{port}/graphql")

    models = visit.run("ModelsWithLinks", '"deepset/roberta-base-squad2"')
    dataset_models = visit.run("ModelsOfDataset", '"totalCount": 3')
    lineage = visit.run("Lineage", '"upstreamDistance": 1')
    registered = visit.run("RegisterAndRate", '"distilbert/distilroberta-base"')
    search = visit.run("Search", '"https://huggingface.co/FacebookAI/roberta-base"')

    assert len(models["models"]["nodes"]) == 17
    assert len(dataset_models["dataset"]["models"]["nodes"]) == 3
    assert {n["upstreamDistance"] for n in lineage["model"]["lineage"]["nodes"]} == {1, 2}
    assert registered["registerModel"]["model"]["rating"] == {"netScore": 0.77}
    assert len(search["artifacts"]["nodes"]) == 3
    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}


@needs_graphiql
def test_the_documentation_and_the_dialogs_open(visit: Visit, port: int) -> None:
    visit.page.goto(f"http://127.0.0.1:{port}/graphql")

    visit.page.get_by_label("Show Documentation Explorer").click()
    visit.page.get_by_role("link", name="Query").click()
    playwright.expect(visit.page.get_by_text("The root type of all queries.")).to_be_visible()
    visit.page.get_by_label("Open settings dialog").click()
    playwright.expect(visit.page.get_by_role("dialog")).to_contain_text("Theme")
    visit.page.keyboard.press("Escape")
    playwright.expect(visit.page.get_by_role("dialog")).to_have_count(0)

    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}


def test_without_graphiql_the_page_says_how_to_install_it(
    visit: Visit, start: Start, tmp_path: Path
) -> None:
    for package in ("graph", "storage"):
        ignore = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / package, tmp_path / "bare" / package, ignore=ignore)
    port = free_port()
    start("--port", str(port), PYTHONPATH=str(tmp_path / "bare"))
    await_ready(port)

    visit.page.goto(f"http://127.0.0.1:{port}/graphql")

    text = visit.page.locator("main")
    playwright.expect(text).to_contain_text("npm install --prefix graph/graphiql")
    link = text.get_by_role("link", name="load GraphiQL from cdn.jsdelivr.net")
    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}
    link.click()
    playwright.expect(visit.page.locator("#explorer")).to_have_text(
        "GraphiQL could not be loaded from the CDN."
    )
    assert visit.hosts() == {f"127.0.0.1:{port}", "cdn.jsdelivr.net"}
