"""Lineages as Mermaid flowcharts, in which any name is shown as text."""

import pytest

from tests.graph.clients import Client, code, dataset, model
from tests.graph.schema.lineages import register_layers

pytestmark = pytest.mark.anyio

MERMAID = """
query ($id: ID!, $depth: Int) {
  artifact(id: $id) { lineage(direction: UPSTREAM, depth: $depth, first: 1000) { mermaid } }
}
"""


async def draw(client: Client, id_: str, depth: int = 1) -> str | None:
    """Return the flowchart of what is upstream of an artifact."""
    data = await client.data(MERMAID, id=id_, depth=depth)
    text: str | None = data["artifact"]["lineage"]["mermaid"]
    return text


async def test_a_flowchart_has_all_artifacts_and_links(client: Client) -> None:
    *_, bert = await client.register(
        dataset("https://example.org/1", name="books"),
        code(name="trainer"),
        model("https://example.org/2", name="google/base-v1.5"),
        model(
            name="bert",
            datasets=[{"name": "books", "role": "TRAINED_ON"}, {"name": "missing"}],
            codes=[{"name": "trainer"}],
            baseModels=[{"name": "google/base-v1.5", "role": "FINE_TUNED"}, {"name": "bert"}],
        ),
    )

    assert await draw(client, bert) == (
        "flowchart LR\n"
        '    n0["bert"]\n'
        '    n1[("books")]\n'
        '    n2[["trainer"]]\n'
        '    n3["google/base-v1.5"]\n'
        '    n1 -->|"trained on"| n0\n'
        '    n2 -->|"code"| n0\n'
        '    n3 -->|"fine tuned"| n0\n'
        '    n0 -->|"base model"| n0\n'
        "    style n0 stroke-width:4px\n"
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (
            '"]; click n0 "javascript:x"',
            "#34;#93;#59;#32;click#32;n0#32;#34;javascript#58;x#34;",
        ),
        ("<img src=x>", "#60;img#32;src#61;x#62;"),
        ("`a` *b* _c_", "#96;a#96;#32;#42;b#42;#32;#95;c#95;"),
        ("a\nb\\nc", "a#10;b#92;nc"),
        ("&lt; #35;", "#38;lt#59;#32;#35;35#59;"),
        ("end", "end"),
        ("direction TB", "direction#32;TB"),
        ("1. item", "1#46;#32;item"),
        ("www.example.org", "www#46;example.org"),
        ("a--b..c//d", "a#45;#45;b#46;#46;c#47;#47;d"),
        ("模型 é", "模型#32;é"),
        ("\ufb02\xb0\xb035\xb6\xdf", "\ufb02#8288;#176;#176;35#182;#8288;\xdf"),
    ],
)
async def test_what_has_a_meaning_in_labels_is_escaped(
    client: Client, name: str, label: str
) -> None:
    (id_,) = await client.register(model(name=name))

    text = await draw(client, id_)

    assert text == f'flowchart LR\n    n0["{label}"]\n    style n0 stroke-width:4px\n'


async def test_more_than_500_edges_are_not_drawn(client: Client) -> None:
    layers = await register_layers(client, 2, 25)
    tops = [
        model(f"https://example.org/t{n}", baseModels=[{"id": id_} for id_ in layers[1]][:size])
        for n, size in enumerate([1, 4])
    ]
    one, four = await client.register(*tops)

    edges = (await draw(client, one, depth=2) or "").count("-->")
    assert edges == 26
    # Four models with 25 references each, and four links to them.
    assert (await draw(client, four, depth=2) or "").count("-->") == 104
    (full,) = await client.register(
        model("https://example.org/full", baseModels=[{"id": id_} for id_ in layers[1][:19]])
    )
    assert (await draw(client, full, depth=2) or "").count("-->") == 494
    (over,) = await client.register(
        model("https://example.org/over", baseModels=[{"id": id_} for id_ in layers[1][:20]])
    )
    assert await draw(client, over, depth=2) is None
