"""Changes on the catalogue page, in headless Chromium on another origin than the API."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.clients.conftest import Registry
from tests.graph.clients import REGISTER, dataset, model
from tests.graph.graphiql.visit import Visit, playwright
from tests.graph.server_process import free_port, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
expect = playwright.expect
HOSTILE = "<img src=x onerror=alert(1)> \u202e{{x}} &amp; ${x}"
URL = "https://example.org"
RENAME = """mutation ($id: ID!, $name: String!) {
  updateModel(id: $id, input: { name: $name }) { model { id } } }"""


def open_dialog(page: "Page", url: str, **values: str) -> None:
    page.get_by_role("button", name="Register a model").click()
    for label, value in {"URL": url, **values}.items():
        page.get_by_role("dialog").get_by_label(label, exact=True).fill(value)


def test_endless_scroll_reads_every_model_once(visit: Visit, registry: Registry) -> None:
    names = [f"scroll {n:02}" for n in range(70)]
    registry.register(*(model(f"{URL}/{name[-2:]}", name=name) for name in names))
    page = registry.open_page(visit)
    page.get_by_role("searchbox").fill("scroll")
    expect(page.locator("#count")).to_have_text("70 models")

    while page.locator("#more").is_visible():
        shown = page.locator("#models li").count()
        page.mouse.wheel(0, 20_000)
        expect(page.locator("#models li").nth(min(shown, 69))).to_be_attached()

    assert page.locator("#models h2").all_inner_texts() == names
    assert visit.errors == []


def test_registering_completes_names(visit: Visit, registry: Registry) -> None:
    page = registry.open_page(visit)
    open_dialog(page, f"{URL}/mine", Name=HOSTILE, Tags="a, b,", Dataset="squad_")
    expect(page.locator("#dataset-names option")).to_have_count(1)
    expect(page.locator("#dataset-names option")).to_have_attribute("value", "squad_v2")
    page.get_by_label("Dataset", exact=True).first.fill("squad_v2")
    page.get_by_label("Dataset", exact=True).nth(1).fill(HOSTILE)
    page.get_by_label("Base model", exact=True).fill("distilgpt")
    expect(page.locator("#model-names option")).to_have_attribute(
        "value", "distilbert/distilgpt2"
    )
    page.get_by_label("Base model", exact=True).first.fill("distilbert/distilgpt2")
    page.get_by_label("URL", exact=True).press("Enter")

    expect(page.locator("#artifact h2")).to_have_text(f"model {HOSTILE}")
    built_from = page.get_by_role("region", name="Built from")
    assert built_from.inner_text().splitlines()[1:] == [
        "dataset: squad_v2",
        f"dataset: {HOSTILE} unresolved",
        "base model: distilbert/distilgpt2",
    ]
    expect(page.locator("#artifact dl").first).to_contain_text("a, b")
    expect(page.locator("img")).to_have_count(0)
    assert visit.errors == []


def test_problems_are_shown_at_their_fields(visit: Visit, registry: Registry) -> None:
    registry.register(model(f"{URL}/taken", name="taken"))
    page = registry.open_page(visit)
    dialog = page.get_by_role("dialog")

    open_dialog(page, f"{URL}/taken", Dataset="*")
    dialog.get_by_role("button", name="Register").click()
    problems = page.locator("#registration-problem")
    expect(problems).to_contain_text("datasets: must not be '*', which is reserved")
    expect(page.get_by_label("Dataset", exact=True).first).to_be_focused()
    page.get_by_label("Dataset", exact=True).first.fill("")
    dialog.get_by_role("button", name="Register").click()
    expect(page.get_by_label("URL", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(problems).to_contain_text("url: ")
    page.get_by_label("URL", exact=True).fill("javascript:alert(1)")
    dialog.get_by_role("button", name="Register").click()
    expect(problems).to_contain_text("url: must not have the scheme javascript")
    page.get_by_label("URL", exact=True).fill(f"{URL}/taken")
    dialog.get_by_role("button", name="Register").click()
    problems.get_by_role("link", name="taken").click()
    expect(page.locator("#artifact h2")).to_have_text("model taken")
    expect(dialog).not_to_be_visible()


def test_changes_of_others_are_shown_at_once(visit: Visit, registry: Registry) -> None:
    (id_,) = registry.register(model(f"{URL}/live", name="zz live"))
    page = registry.open_page(visit)
    page.get_by_role("searchbox").fill("zz ")
    link = page.get_by_role("link", name="zz live")
    link.focus()

    send(registry.port, RENAME, id=id_, name="zz lively")
    expect(page.locator("#models h2")).to_have_text("zz lively")
    expect(page.get_by_role("link", name="zz lively")).to_be_focused()
    expect(page.get_by_role("status").first).to_be_visible()
    page.get_by_role("link", name="zz lively").press("Enter")
    send(registry.port, RENAME, id=id_, name="zz livelier")
    expect(page.locator("#artifact h2")).to_have_text("model zz livelier")
    registry.register(dataset(f"{URL}/d", name=HOSTILE))
    expect(page.locator("#notice")).to_have_text(f"registered: {HOSTILE}")
    assert visit.errors == []


def test_a_deletion_can_be_undone(visit: Visit, registry: Registry) -> None:
    (id_,) = registry.register(model(f"{URL}/gone", name=f"gone {HOSTILE}"))
    page = registry.open_page(visit, f"#{id_}")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#notice")).to_contain_text(f"Deleted gone {HOSTILE}")
    page.get_by_role("searchbox").fill("gone")
    expect(page.locator("#count")).to_have_text("0 models")

    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#artifact h2")).to_have_text(f"model gone {HOSTILE}")
    history = page.get_by_role("region", name="History")
    expect(history.locator("strong")).to_have_text(["restored", "deleted", "registered"])
    page.get_by_role("link", name="All models").click()
    expect(page.locator("#count")).to_have_text("1 model")
    assert visit.errors == []


def test_an_interruption_is_shown_and_loses_no_change(
    visit: Visit, stopped_registry: Registry
) -> None:
    registry, other = stopped_registry, free_port()
    server = registry.run()
    registry.run(other)
    page = registry.open_page(visit)
    page.get_by_role("searchbox").fill("meanwhile")
    expect(page.locator("#count")).to_have_text("0 models")

    server.kill()
    expect(page.locator("#live")).to_have_text("Reconnecting")
    page.get_by_role("searchbox").fill("meanwhile ")
    expect(page.locator("#errors")).to_contain_text("The registry cannot be reached.")
    page.get_by_role("button", name="Dismiss").click()
    send(other, REGISTER, inputs=[model(f"{URL}/meanwhile", name="meanwhile")])
    registry.run()

    expect(page.locator("#models h2")).to_have_text("meanwhile", timeout=30_000)
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#errors")).to_be_empty()


def test_a_rate_limit_says_when_to_try_again(visit: Visit, stopped_registry: Registry) -> None:
    stopped_registry.run(RATE_LIMIT="3/hour")
    page = stopped_registry.open_page(visit)
    expect(page.locator("#count")).to_have_text("17 models")
    page.get_by_role("searchbox").fill("whisper")
    expect(page.locator("#count")).to_have_text("2 models")

    page.get_by_role("searchbox").fill("bert")

    expect(page.locator("#errors")).to_have_text(re.compile(r"Try again in \d+ s\."))
    expect(page.locator("#count")).to_have_text("2 models")
