"""Browsing on the catalogue page, in headless Chromium on another origin than the API."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.clients.conftest import Registry
from tests.clients.page_server import PAGE
from tests.graph.graphiql.visit import Visit, playwright
from tests.graph.server_process import send

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.slow
expect = playwright.expect
WHISPER = ["distil-whisper/distil-large-v3", "openai/whisper-large-v3"]
DISTILBERT = "distilbert/distilbert-base-uncased"
SCORES = """{ models(orderBy: { field: NET_SCORE, direction: DESC }, filter: { rated: true }) {
  nodes { name rating { netScore } } } }"""


def find_id(registry: Registry, name: str) -> str:
    query = "query ($name: String!) { model(by: { name: $name }) { id } }"
    return str(send(registry.port, query, name=name)["model"]["id"])  # type: ignore[index]


def read_names(page: "Page") -> list[str]:
    return page.locator("#models h2").all_inner_texts()


def test_the_page_is_short_and_knows_no_html_from_the_registry() -> None:
    files = {path.name: path.read_text() for path in PAGE.iterdir()}

    assert sum(len(text.splitlines()) for text in files.values()) < 400
    assert [
        name for name, text in files.items() if re.search(r"innerHTML|outerHTML", text)
    ] == []


def test_search_while_typing_sends_one_request_and_drops_late_answers(
    visit: Visit, registry: Registry
) -> None:
    page = registry.open_page(visit)
    expect(page.locator("#count")).to_have_text("17 models")
    held: list[Route] = []
    page.route("**/graphql", lambda route: hold(route, held))
    visit.requests.clear()
    search = page.get_by_role("searchbox", name="Search models")

    with page.expect_request(lambda request: '"bert"' in (request.post_data or "")):
        search.press_sequentially("bert", delay=20)
    with page.expect_event("requestfailed", lambda request: request == held[0].request):
        search.fill("whisper")
    held[0].fulfill(json={"data": {"models": None}})

    expect(page.locator("#models h2")).to_have_text(WHISPER)
    expect(page.locator("#count")).to_have_text("2 models")
    assert len(held) == 1
    assert len([url for url in visit.requests if url.endswith("/graphql")]) == 2
    assert visit.errors == []


def hold(route: "Route", held: "list[Route]") -> None:
    """Let a search for "bert" wait."""
    if '"bert"' in (route.request.post_data or ""):
        held.append(route)
    else:
        route.continue_()


def test_filters_show_how_many_models_match(visit: Visit, registry: Registry) -> None:
    page = registry.open_page(visit)
    expect(page.get_by_label("english14")).to_be_visible()
    expect(page.get_by_label("mit7")).to_be_visible()

    page.get_by_label("distillation4").check()
    page.get_by_label("mit2").focus()
    page.keyboard.press("Space")

    expect(page.locator("#count")).to_have_text("2 models")
    assert read_names(page) == [
        "distil-whisper/distil-large-v3",
        "microsoft/MiniLM-L12-H384-uncased",
    ]
    expect(page.get_by_label("mit2")).to_be_focused()
    expect(page.get_by_label("apache-2.02")).not_to_be_checked()
    page.get_by_label("rated only0").check()
    expect(page.locator("#count")).to_have_text("0 models")
    expect(page.get_by_label("distillation0")).to_be_checked()
    assert visit.errors == []


def test_models_are_sorted_by_score(visit: Visit, registry: Registry) -> None:
    page = registry.open_page(visit)
    nodes = send(registry.port, SCORES)["models"]["nodes"]  # type: ignore[index]

    page.get_by_label("Sort by").select_option("Score")

    scores = [f"{node['rating']['netScore']:.2f}" for node in nodes]
    expect(page.locator("#models .score")).to_have_text(scores + ["not rated"] * 13)
    assert read_names(page)[: len(nodes)] == [node["name"] for node in nodes]


def test_the_page_of_a_model_shows_its_rating_links_history_and_lineage(
    visit: Visit, registry: Registry
) -> None:
    page = registry.open_page(visit)
    page.get_by_role("link", name=DISTILBERT, exact=True).click()

    def section(name: str) -> "list[str]":
        return page.get_by_role("region", name=name, exact=True).inner_text().splitlines()[1:]

    expect(page.locator("#artifact")).to_be_focused()
    assert section("Built from") == [
        "dataset: bookcorpus",
        "dataset: wikipedia",
        "code: huggingface/transformers",
        "base model: google-bert/bert-base-uncased",
    ]
    assert section("Derived models") == [
        f"{DISTILBERT}-finetuned-sst-2-english",
        f"{DISTILBERT}-distilled-squad",
    ]
    assert section("Rating")[:3] == ["net score", "0.81", "ramp up time"]
    assert section("History")[0].startswith("registered as version 1 by anonymous, ")
    drawing = page.get_by_role("group", name="Drawing of the lineage")
    expect(drawing.locator(".edge")).to_have_count(11)
    expect(drawing.get_by_role("link")).to_have_count(8)
    drawing.get_by_role("link", name="dataset wikipedia").press("Enter")
    expect(page.locator("#artifact h2")).to_have_text("dataset wikipedia")
    assert section("Models") == [
        "google-bert/bert-base-uncased",
        DISTILBERT,
        "FacebookAI/roberta-base",
    ]
    page.go_back()
    expect(page.locator("#artifact h2")).to_have_text(f"model {DISTILBERT}")
    assert visit.errors == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_phones_and_desktops(
    visit: Visit, registry: Registry, width: int
) -> None:
    visit.page.set_viewport_size({"width": width, "height": 844})
    page = registry.open_page(visit)
    expect(page.locator("#models li")).to_have_count(17)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.goto(f"{registry.origin}/#{find_id(registry, DISTILBERT)}")
    expect(page.locator(".drawing")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Register a model").click()
    box = page.get_by_role("dialog").bounding_box()

    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert visit.errors == []
