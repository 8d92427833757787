"""The explorer's drawing of the lineages in an answer, in headless Chromium."""

import re
from typing import Any

import httpx
import pytest

from tests.graph.clients import REGISTER, dataset, model
from tests.graph.graphiql.visit import Visit, playwright

pytestmark = pytest.mark.slow

expect = playwright.expect
EDGES = "edges { upstreamId downstreamId kind role }"
GRAPH = f"{{ nodes {{ artifact {{ id type name url }} }} {EDGES} complete }}"
HOSTILE = "<img src=x onerror=alert(1)> \u202e{{x}} &amp; ${x}"
URL = "https://example.org"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_one_click_draws_the_lineage_of_a_model(
    visit: Visit, port: int, width: int, height: int
) -> None:
    visit.open(port, width, height)
    lineage = visit.run("LineageOfModel", '"upstreamDistance": 1')["model"]["lineage"]

    open_view(visit)

    assert list_artifacts(visit) == [
        "MODEL (start) distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        *(f"{n['artifact']['type']} {n['artifact']['name']}" for n in lineage["nodes"]),
    ]
    assert sorted(visit.page.locator(".lineage-link text").all_text_contents()) == sorted(
        (edge["role"] or edge["kind"]).lower().replace("_", " ") for edge in lineage["edges"]
    )
    assert len(lineage["edges"]) == 10
    expect(status(visit)).to_have_text("8 artifacts, 10 links.")
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    assert visit.errors == []
    assert visit.hosts() == {f"127.0.0.1:{port}"}


def test_an_artifact_shows_its_details_and_opens_a_query(visit: Visit, port: int) -> None:
    visit.open(port, 390, 844)
    nodes = visit.run("LineageOfModel", '"upstreamDistance": 1')["model"]["lineage"]["nodes"]
    sst2 = nodes[0]["artifact"]
    open_view(visit)

    visit.page.get_by_role("button", name="DATASET sst2").click()
    details = visit.page.get_by_label("Selected artifact")
    assert details.locator("dd").all_inner_texts() == ["DATASET", sst2["id"], sst2["url"]]
    expect(details.get_by_role("link")).to_have_attribute("href", sst2["url"])
    details.get_by_role("button", name="Query this artifact").click()
    answer = visit.run("Artifact", '"artifact"')

    assert answer["artifact"]["id"] == sst2["id"]
    open_view(visit)
    assert list_artifacts(visit)[0] == "DATASET (start) sst2"
    assert visit.errors == []


def test_names_are_shown_as_text(visit: Visit, port: int) -> None:
    (hostile,) = register(port, model(f"{URL}/hostile", name=HOSTILE))
    visit.page.on("dialog", lambda dialog: visit.errors.append(dialog.message))
    visit.open(port)

    visit.run_query(
        "Hostile",
        f'{{ artifact(id: "{hostile}") {{ name lineage(direction: BOTH) {GRAPH} }} }}',
    )
    open_view(visit)

    artifact = visit.page.locator(".lineage-artifact")
    assert artifact.locator(".name").text_content() == HOSTILE
    assert artifact.get_attribute("title") == HOSTILE
    assert visit.page.locator(".lineage img").count() == 0
    expect(status(visit)).to_have_text("1 artifact, 0 links. No other artifact was found.")
    assert visit.errors == []


def test_the_view_tells_what_is_missing(visit: Visit, port: int) -> None:
    lineage = "lineage(direction: UPSTREAM, depth: 2"
    cases = {
        f"id {lineage}, first: 2) {GRAPH}": (
            "3 artifacts, 2 links. Incomplete: artifacts within the depth were left out."
        ),
        f"name {lineage}) {{ root {{ id }} {EDGES} }}": "5 artifacts, 4 links.",
        f"name {lineage}) {{ nodes {{ artifact {{ name }} }} {EDGES} }}": (
            "5 artifacts, 0 links. To see all links, select the id of each artifact."
        ),
        f"{lineage}) {{ __typename nodes {{ artifact {{ __typename }} }} }}": (
            f"5 artifacts, 0 links. To see the links, select {EDGES}."
        ),
    }
    visit.open(port)

    for number, (selection, shown) in enumerate(cases.items()):
        distilgpt2 = f'{{ model(by: {{ name: "distilbert/distilgpt2" }}) {{ {selection} }} }}'
        visit.run_query(f"Case{number}", distilgpt2)
        if number == 0:
            open_view(visit)

        expect(status(visit)).to_have_text(shown)
        assert len(list_artifacts(visit)) == int(shown[0])
    assert visit.errors == []


def test_links_in_cycles_are_drawn(visit: Visit, port: int) -> None:
    urls = [f"{URL}/cycle/{n}" for n in range(2)]
    bases = [{"url": url} for url in urls]
    first, _ = register(port, *(model(url, baseModels=bases) for url in urls))
    visit.open(port)

    visit.run_query(
        "Q", f'{{ artifact(id: "{first}") {{ id lineage(direction: BOTH) {GRAPH} }} }}'
    )
    open_view(visit)

    expect(status(visit)).to_have_text("2 artifacts, 4 links.")
    drawing = visit.page.locator(".lineage-canvas > svg").bounding_box()
    assert drawing is not None
    for link in visit.page.locator(".lineage-link path").all():
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= drawing["x"]
        assert box["x"] + box["width"] <= drawing["x"] + drawing["width"]
        assert box["y"] + box["height"] <= drawing["y"] + drawing["height"]
    assert visit.errors == []


def test_each_lineage_of_an_answer_can_be_chosen(visit: Visit, port: int) -> None:
    visit.open(port)
    lineage = f"name lineage(direction: UPSTREAM) {GRAPH}"
    models = visit.run_query("Q", f"{{ models(first: 3) {{ nodes {{ {lineage} }} }} }}")[
        "models"
    ]
    open_view(visit)

    choice = visit.page.get_by_label("Lineage in the answer")
    roots = []
    for option in choice.get_by_role("option").all_inner_texts():
        choice.select_option(option)
        expect(visit.page.locator(".lineage-artifact.root")).to_have_count(1)
        roots.append(visit.page.locator(".lineage-artifact.root .name").inner_text())

    assert roots == [node["name"] for node in models["nodes"]]


def test_answers_without_a_lineage_are_not_drawn(visit: Visit, port: int) -> None:
    base, derived = register(
        port,
        model(f"{URL}/paths/1"),
        model(f"{URL}/paths/2", baseModels=[{"url": f"{URL}/paths/1"}]),
    )
    visit.open(port)

    answer = visit.run_query(
        "Q",
        f"""{{
          models {{ nodes {{ id }} edges {{ cursor }} pageInfo {{ hasNextPage }} }}
          lineagePaths(from: "{base}", to: "{derived}") {{ paths {{ {EDGES} }} complete }}
        }}""",
    )
    visit.page.get_by_label("Show Lineage").click()

    assert len(answer["lineagePaths"]["paths"]) == 1
    expect(visit.page.get_by_label("Lineage", exact=True)).to_contain_text(
        "The answer in this tab holds no lineage."
    )
    expect(visit.page.get_by_role("button", name="Draw the lineage")).to_have_count(0)
    assert visit.errors == []


def test_hundreds_of_artifacts_are_drawn(visit: Visit, port: int) -> None:
    (base,) = register(port, model(f"{URL}/base"))
    for start in range(0, 500, 100):
        numbers = range(start, start + 100)
        register(port, *(model(f"{URL}/{n}", baseModels=[{"id": base}]) for n in numbers))
    visit.open(port)

    downstream = f"lineage(direction: DOWNSTREAM, first: 500) {GRAPH}"
    visit.run_query("Q", f'{{ artifact(id: "{base}") {{ id {downstream} }} }}')
    open_view(visit)
    visit.page.get_by_role("button", name="Zoom in").click()
    visit.page.locator(".lineage-artifact").last.click()

    expect(status(visit)).to_have_text("501 artifacts, 500 links.")
    assert len(list_artifacts(visit)) == 501
    expect(visit.page.get_by_label("Selected artifact").locator("dd").first).to_have_text(
        "MODEL"
    )
    assert visit.errors == []


def test_more_than_1000_links_are_not_drawn(visit: Visit, port: int) -> None:
    ids = register(port, *(dataset(f"{URL}/d{n}") for n in range(90)))
    references = [{"id": id_} for id_ in ids]
    models = register(port, *(model(f"{URL}/m{n}", datasets=references) for n in range(12)))
    (root,) = register(port, model(f"{URL}/r", baseModels=[{"id": id_} for id_ in models]))
    visit.open(port)

    upstream = f"lineage(direction: UPSTREAM, depth: 2, first: 500) {GRAPH}"
    visit.run_query("Q", f'{{ artifact(id: "{root}") {{ id {upstream} }} }}')
    visit.page.get_by_role("button", name="Draw the lineage").click()

    expect(status(visit)).to_have_text(
        "More than 1,000 links are too many to draw. Ask for fewer with first, depth or kinds."
    )
    assert list_artifacts(visit) == []


def register(port: int, *inputs: dict[str, Any]) -> list[str]:
    """Register artifacts and return their ids."""
    content = {"query": REGISTER, "variables": {"inputs": inputs}}
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=content, timeout=30).json()
    return [
        result["artifact"]["id"] for result in answer["data"]["registerArtifacts"]["results"]
    ]


def open_view(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Draw the lineage").click()
    expect(visit.page.locator(".lineage-artifact.root")).to_be_visible()


def status(visit: Visit) -> Any:
    return visit.page.locator(".lineage").get_by_role("status")


def list_artifacts(visit: Visit) -> list[str]:
    texts = visit.page.locator(".lineage-artifact").all_inner_texts()
    return [re.sub(r"\s+", " ", text) for text in texts]
