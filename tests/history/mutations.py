"""Every mutation of the API, as a write that can be made time and again and must succeed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.graph.clients import RATING, Client, code, dataset, model

URL = "https://example.org/"
BUILT_FROM: dict[str, Any] = {
    "datasets": [{"name": "the same"}, {"url": f"{URL}dataset"}],
    "codes": [{"name": "the same"}],
    "baseModels": [{"name": "the same"}],
}


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry, what confirms its reset, and the ids of what is there from the beginning."""

    client: Client
    name: str
    ids: dict[str, str]

    async def change(self, mutation: str, /, **variables: object) -> dict[str, Any]:
        """What a mutation answers that was not refused."""
        data = await self.client.data(f"mutation {mutation}", **variables)
        ((_, payload),) = data.items()
        assert payload.pop("userErrors") == []
        return dict(payload)


Mutate = Callable[[Registry, int], Awaitable[None]]
"""Makes a write for the nth time and sees that it was a success."""


def registering(of: str) -> Mutate:
    mutation = f"""($input: Register{of}Input!) {{
      register{of}(input: $input) {{ {of.lower()} {{ name version }} userErrors {{ code }} }}
    }}"""

    async def register(registry: Registry, n: int) -> None:
        linked = BUILT_FROM if of == "Model" else {}
        given = {"url": f"{URL}{n}", "name": "the same", **linked}
        done = await registry.change(mutation, input=given)
        assert done == {of.lower(): {"name": "the same", "version": 1}}

    return register


def updating(of: str) -> Mutate:
    mutation = f"""($id: ID!, $input: Update{of}Input!, $version: Int!) {{
      update{of}(id: $id, input: $input, expectedVersion: $version) {{
        {of.lower()} {{ name url version }} userErrors {{ code }}
      }}
    }}"""

    async def update(registry: Registry, n: int) -> None:
        given = {"name": ("the same", "another")[n % 2], "url": f"{URL}{n}"}
        linked = {"datasets": BUILT_FROM["datasets"][n % 2 :]} if of == "Model" else {}
        done = await registry.change(
            mutation, id=registry.ids[of], input={**given, **linked}, version=n + 1
        )
        assert done == {of.lower(): {**given, "version": n + 2}}

    return update


async def rating(registry: Registry, n: int) -> None:
    mutation = """($id: ID!, $rating: ModelRatingInput!) {
      rateModel(id: $id, rating: $rating) {
        model { version rating { netScore } } userErrors { code }
      }
    }"""
    given = {**RATING, "netScore": n / 1_000}
    done = await registry.change(mutation, id=registry.ids["Model"], rating=given)
    assert done == {"model": {"version": n + 2, "rating": {"netScore": n / 1_000}}}


async def registering_several(registry: Registry, n: int) -> None:
    ids = await registry.client.register(
        model(f"{URL}{n}/1", name="the same", **BUILT_FROM),
        model(f"{URL}{n}/2", name="the same", **BUILT_FROM),
        dataset(f"{URL}{n}/1", name="the same"),
        code(f"{URL}{n}/3"),
    )
    assert len(set(ids)) == 4


async def deleting(registry: Registry, n: int) -> None:
    (id_,) = await registry.client.register(dataset(f"{URL}{n}", name="the same"))
    mutation = "($id: ID!) { deleteArtifact(id: $id) { deletedId userErrors { code } } }"
    assert await registry.change(mutation, id=id_) == {"deletedId": id_}
    left = await registry.client.data("query ($id: ID!) { node(id: $id) { id } }", id=id_)
    assert left == {"node": None}


async def resetting(registry: Registry, n: int) -> None:
    urls = [f"{URL}{n}/1", f"{URL}{n}/2"]
    await registry.client.register(*(dataset(url, name="the same") for url in urls))
    mutation = "($name: String!) { reset(confirm: $name) { deletedCount userErrors { code } } }"
    done = await registry.change(mutation, name=registry.name)
    assert done == {"deletedCount": 2 if n else 5}


MUTATIONS: dict[str, tuple[Mutate, int, int]] = {
    "registerModel": (registering("Model"), 1, 1),
    "registerDataset": (registering("Dataset"), 1, 1),
    "registerCode": (registering("Code"), 1, 1),
    "registerArtifacts": (registering_several, 4, 2),
    "updateModel": (updating("Model"), 0, 1),
    "updateDataset": (updating("Dataset"), 0, 1),
    "updateCode": (updating("Code"), 0, 1),
    "rateModel": (rating, 0, 1),
    "deleteArtifact": (deleting, 0, 2),
    "reset": (resetting, 0, 3),
}
"""What makes each write, how many artifacts more are there then, and after how many
transactions at least."""
