"""A visit to the explorer in headless Chromium, which can reach only this machine."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Response

playwright = pytest.importorskip(
    "playwright.sync_api", reason="drives Chromium: pip install -e '.[dev]'"
)
playwright.expect.set_options(timeout=60_000)  # other tests may keep all cores busy
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"


class Visit:
    """A page, with the errors and requests that it caused.

    The browser reports whatever the Content-Security-Policy blocks as an error.
    """

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

    def open(self, port: int, width: int = 1280, height: int = 800) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"http://127.0.0.1:{port}/graphql")

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

    def run_query(self, operation: str, selection: str) -> dict[str, Any]:
        """Write a query with a new operation name into the editor, and execute it."""
        editor = self.page.locator(".graphiql-query-editor .CodeMirror")
        query = f"query {operation} {selection}"
        editor.evaluate("(editor, query) => editor.CodeMirror.setValue(query)", query)
        content: dict[str, Any] = self._execute(operation).json()
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


@contextmanager
def launching() -> Iterator["Browser"]:
    """Yield a browser."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium on the PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[LOOPBACK_ONLY])
        yield browser
        browser.close()
