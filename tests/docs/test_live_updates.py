"""Runs the examples of live updates in docs/api.md, with curl and in headless Chromium."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.docs.blocks import Placeholders, read_blocks
from tests.graph.graphiql.visit import CHROMIUM, LOOPBACK_ONLY
from tests.graph.server_process import Start, await_ready, free_port, send, starting

pytestmark = pytest.mark.slow

playwright = pytest.importorskip(
    "playwright.sync_api", reason="drives Chromium: pip install -e '.[dev]'"
)
BLOCKS = read_blocks("docs/api.md")
REGISTER = """
mutation ($url: URL!, $name: String!) {
  registerCode(input: { url: $url, name: $name }) { outcome }
}
"""
FIRST_EVENT = "await new Promise((resolve) => source.addEventListener('next', resolve))"


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with starting(tmp_path_factory.mktemp("server")) as start:
        yield start


@pytest.fixture
def port(start: Start) -> int:
    port = free_port()
    start("--port", str(port), "--sample")
    await_ready(port)
    return port


def register(port: int, name: str) -> None:
    send(port, REGISTER, url=f"https://example.org/{name}", name=name)


@pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl")
def test_curl_shows_the_first_event(port: int) -> None:
    ((command, shown),) = [
        (block.text, following.text)
        for block, following in pairwise(BLOCKS)
        if block.label == following.label == "stream"
    ]
    with subprocess.Popen(  # noqa: S603 - our own documentation
        ["/bin/bash", "-c", command.replace("127.0.0.1:8000", f"127.0.0.1:{port}")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)][2:5]
        os.killpg(process.pid, signal.SIGKILL)

    actual, documented = (
        [line.split(": ", 1) for line in each]
        for each in ("".join(lines).splitlines(), shown.strip().splitlines())
    )
    assert [name for name, _ in actual] == [name for name, _ in documented]
    contents = [json.loads(each[2][1]) for each in (documented, actual)]
    assert list(Placeholders().find_differences(*contents)) == []


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
def test_a_browser_resumes_after_a_restart_without_loss(start: Start) -> None:
    (example,) = [block.text for block in BLOCKS if "new EventSource" in block.text]
    port, logged = free_port(), list[str]()
    server = start("--port", str(port))
    await_ready(port)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[LOOPBACK_ONLY])
        page = browser.new_page()
        page.route("**/blank", lambda route: route.fulfill(body="", content_type="text/html"))
        page.goto(f"http://127.0.0.1:{port}/blank")
        page.on("console", lambda m: logged.append(m.text) if m.type == "log" else None)
        page.evaluate(f"async () => {{ {example}; {FIRST_EVENT} }}")
        with page.expect_console_message():
            register(port, "first")
        server.kill()
        server.communicate()
        start("--port", str(port))
        await_ready(port)
        with page.expect_console_message(lambda m: m.text == "REGISTERED second"):
            register(port, "second")
        browser.close()

    assert logged == ["REGISTERED first", "REGISTERED second"]
