"""The explorer in headless Chromium, which can reach only this machine."""

import shutil
from pathlib import Path

import pytest

from tests.graph.graphiql.visit import Visit, playwright
from tests.graph.server_process import ROOT, Start, await_ready, free_port, send

pytestmark = pytest.mark.slow

expect = playwright.expect


def test_the_examples_work_without_internet_access(visit: Visit, port: int) -> None:
    visit.open(port)

    models = visit.run("ModelsWithLinks", '"deepset/roberta-base-squad2"')
    dataset_models = visit.run("ModelsOfDataset", '"totalCount": 3')
    lineage = visit.run("LineageOfModel", '"upstreamDistance": 1')
    registered = visit.run("RegisterAndRate", '"distilbert/distilroberta-base"')
    search = visit.run("Search", '"https://huggingface.co/FacebookAI/roberta-base"')

    assert len(models["models"]["nodes"]) == 17
    assert len(dataset_models["dataset"]["models"]["nodes"]) == 3
    assert {n["upstreamDistance"] for n in lineage["model"]["lineage"]["nodes"]} == {1, 2}
    assert registered["registerModel"]["model"]["rating"] == {"netScore": 0.77}
    assert len(search["artifacts"]["nodes"]) == 3
    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}


def test_a_subscription_shows_changes_as_they_are_made(visit: Visit, port: int) -> None:
    visit.open(port)
    visit.page.get_by_label("New tab").click()
    editor = visit.page.locator(".graphiql-query-editor .CodeMirror")
    query = "subscription { changes { changes { kind name } } }"
    editor.evaluate("(element, query) => element.CodeMirror.setValue(query)", query)
    visit.page.get_by_label("Execute query").click()
    result = visit.page.locator(".result-window .CodeMirror")
    expect(result).to_contain_text('"changes": []')

    url = "https://example.org/live"
    send(port, f'mutation {{ registerCode(input: {{ url: "{url}" }}) {{ outcome }} }}')

    expect(result).to_contain_text('"name": "live"')
    visit.page.get_by_label("Stop query").click()
    assert visit.errors == []


def test_the_documentation_and_the_dialogs_open(visit: Visit, port: int) -> None:
    visit.open(port)

    visit.page.get_by_label("Show Documentation Explorer").click()
    visit.page.get_by_role("link", name="Query").click()
    expect(visit.page.get_by_text("The root type of all queries.")).to_be_visible()
    visit.page.get_by_label("Open settings dialog").click()
    expect(visit.page.get_by_role("dialog")).to_contain_text("Theme")
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)

    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_page_fits_a_phone_and_a_desktop(
    visit: Visit, port: int, width: int, height: int
) -> None:
    visit.open(port, width, height)
    visit.run("ModelsOfDataset", '"totalCount": 3')

    assert visit.page.title() == "Artifact registry"
    expect(visit.page.locator(".graphiql-logo")).to_contain_text("Artifact registry")
    parts = [".graphiql-query-editor .CodeMirror", ".result-window", ".graphiql-sidebar"]
    for part in [*parts, ".graphiql-execute-button", ".graphiql-logo"]:
        box = visit.page.locator(part).bounding_box()
        assert box is not None
        assert min(box["x"], box["y"]) >= 0, part
        assert box["x"] + box["width"] <= width, part
        assert box["y"] + box["height"] <= height, part
        assert box["width"] * box["height"] >= 40 * 40 or part == ".graphiql-logo", part
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    assert visit.errors == []


def test_the_page_links_to_the_documentation(visit: Visit, port: int) -> None:
    visit.open(port, 390, 844)

    link = visit.page.get_by_role("link", name="Documentation")
    visit.page.goto(str(link.evaluate("link => link.href")))

    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Using the API")
    for page in sorted(path.name for path in (ROOT / "docs").glob("*.md")):
        visit.page.locator(f"nav a[href='{page}']").click()
        expect(visit.page.locator("nav + main > h1")).to_be_visible()
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 390
        links = "anchors => anchors.map(anchor => anchor.getAttribute('href'))"
        for href in visit.page.locator("main a[href^='#']").evaluate_all(links):
            assert visit.page.locator(href).count() == 1
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

    visit.open(port)

    text = visit.page.locator("main")
    expect(text).to_contain_text("npm install --prefix graph/graphiql")
    link = text.get_by_role("link", name="load GraphiQL from cdn.jsdelivr.net")
    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}
    link.click()
    expect(visit.page.locator("#explorer")).to_have_text(
        "GraphiQL could not be loaded from the CDN."
    )
    assert visit.hosts() == {f"127.0.0.1:{port}", "cdn.jsdelivr.net"}
