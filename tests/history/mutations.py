"""A repeatable, successful call of every mutation of the API."""

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
    """A registry with its name, which confirms a reset, and the ids of its first artifacts."""

    client: Client
    name: str
    ids: dict[str, str]

    async def run(self, mutation: str, /, **variables: object) -> dict[str, Any]:
        """Run a mutation that must succeed; return its payload without `userErrors`."""
        data = await self.client.data(f"mutation {mutation}", **variables)
        ((_, payload),) = data.items()
        assert payload.pop("userErrors") == []
        return dict(payload)


Mutate = Callable[[Registry, int], Awaitable[None]]
"""Makes a write for the nth time and checks that it succeeded."""


def make_register(type_name: str) -> Mutate:
    mutation = f"""($input: Register{type_name}Input!) {{
      register{type_name}(input: $input) {{
        {type_name.lower()} {{ name version }} userErrors {{ code }}
      }}
    }}"""

    async def register(registry: Registry, n: int) -> None:
        links = BUILT_FROM if type_name == "Model" else {}
        fields = {"url": f"{URL}{n}", "name": "the same", **links}
        payload = await registry.run(mutation, input=fields)
        assert payload == {type_name.lower(): {"name": "the same", "version": 1}}

    return register


def make_update(type_name: str) -> Mutate:
    mutation = f"""($id: ID!, $input: Update{type_name}Input!, $version: Int!) {{
      update{type_name}(id: $id, input: $input, expectedVersion: $version) {{
        {type_name.lower()} {{ name url version }} userErrors {{ code }}
      }}
    }}"""

    async def update(registry: Registry, n: int) -> None:
        fields = {"name": ("the same", "another")[n % 2], "url": f"{URL}{n}"}
        links = {"datasets": BUILT_FROM["datasets"][n % 2 :]} if type_name == "Model" else {}
        payload = await registry.run(
            mutation, id=registry.ids[type_name], input={**fields, **links}, version=n + 1
        )
        assert payload == {type_name.lower(): {**fields, "version": n + 2}}

    return update


async def rate_model(registry: Registry, n: int) -> None:
    mutation = """($id: ID!, $rating: ModelRatingInput!) {
      rateModel(id: $id, rating: $rating) {
        model { version rating { netScore } } userErrors { code }
      }
    }"""
    fields = {**RATING, "netScore": n / 1_000}
    payload = await registry.run(mutation, id=registry.ids["Model"], rating=fields)
    assert payload == {"model": {"version": n + 2, "rating": {"netScore": n / 1_000}}}


async def register_several(registry: Registry, n: int) -> None:
    ids = await registry.client.register(
        model(f"{URL}{n}/1", name="the same", **BUILT_FROM),
        model(f"{URL}{n}/2", name="the same", **BUILT_FROM),
        dataset(f"{URL}{n}/1", name="the same"),
        code(f"{URL}{n}/3"),
    )
    assert len(set(ids)) == 4


async def delete_artifact(registry: Registry, n: int) -> None:
    (id_,) = await registry.client.register(dataset(f"{URL}{n}", name="the same"))
    mutation = "($id: ID!) { deleteArtifact(id: $id) { deletedId userErrors { code } } }"
    assert await registry.run(mutation, id=id_) == {"deletedId": id_}
    after = await registry.client.data("query ($id: ID!) { node(id: $id) { id } }", id=id_)
    assert after == {"node": None}


async def restore_artifact(registry: Registry, n: int) -> None:
    (id_,) = await registry.client.register(dataset(f"{URL}{n}", name="the same"))
    await registry.run("($id: ID!) { deleteArtifact(id: $id) { userErrors { code } } }", id=id_)
    mutation = """($id: ID!) {
      restoreArtifact(id: $id) { artifact { id name version } userErrors { code } }
    }"""
    restored = {"id": id_, "name": "the same", "version": 3}
    assert await registry.run(mutation, id=id_) == {"artifact": restored}


async def reset_registry(registry: Registry, n: int) -> None:
    urls = [f"{URL}{n}/1", f"{URL}{n}/2"]
    await registry.client.register(*(dataset(url, name="the same") for url in urls))
    mutation = "($name: String!) { reset(confirm: $name) { deletedCount userErrors { code } } }"
    payload = await registry.run(mutation, name=registry.name)
    assert payload == {"deletedCount": 2 if n else 5}


MUTATIONS: dict[str, tuple[Mutate, int, int]] = {
    "registerModel": (make_register("Model"), 1, 1),
    "registerDataset": (make_register("Dataset"), 1, 1),
    "registerCode": (make_register("Code"), 1, 1),
    "registerArtifacts": (register_several, 4, 1),
    "updateModel": (make_update("Model"), 0, 1),
    "updateDataset": (make_update("Dataset"), 0, 1),
    "updateCode": (make_update("Code"), 0, 1),
    "rateModel": (rate_model, 0, 1),
    "deleteArtifact": (delete_artifact, 0, 2),
    "restoreArtifact": (restore_artifact, 1, 3),
    "reset": (reset_registry, 0, 3),
}
"""For each mutation: its function, the number of artifacts that it adds, and the least number
of transactions that it takes."""
