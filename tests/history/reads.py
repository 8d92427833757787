"""Reads of a registry in which everything is linked, and whether an answer to one is right."""

from collections.abc import Iterator
from typing import Any

from tests.graph.clients import BERT, TRAINER, Client, code, dataset, model

READS = [
    """{
      models(first: 100) {
        totalCount
        nodes { name dataset { models(first: 5) { totalCount } } derivedModels { totalCount } }
      }
    }""",
    "{ artifacts(first: 3) { nodes { name } pageInfo { hasNextPage } } }",
    f'{{ artifactExists(type: MODEL, url: "{BERT}/1") }}',
    '{ model(by: { name: "bert 7" }) { references { name artifact { name } } } }',
    '{ model(by: { name: "bert 3" }) { lineage(depth: 3) { nodes { distance } } } }',
]


async def register_some(client: Client) -> None:
    """Models that are linked in all ways."""
    linked = {"datasets": [{"name": "books"}], "codes": [{"url": TRAINER}]}
    base = {"baseModels": [{"name": "bert 0"}]}
    models = [model(f"{BERT}/{n}", name=f"bert {n}", **linked, **base) for n in range(20)]
    await client.register(dataset(name="books"), code(), *models)


def wrong(answer: dict[str, Any], right: dict[str, Any]) -> Iterator[str]:
    """Where an answer neither is right nor says that the store did not answer."""
    errors = answer.get("errors", [])
    for error in errors:
        if error["extensions"] != {"code": "STORE_UNAVAILABLE"}:
            yield f"the error {error}"
    failed = [tuple(error["path"]) for error in errors]
    yield from _wrong(answer["data"], right, (), failed)


def _wrong(
    found: Any, right: Any, path: tuple[str | int, ...], failed: list[tuple[str | int, ...]]
) -> Iterator[str]:
    # A field that must not be null hands its error on to what it is part of.
    if found is None and any(of[: len(path)] == path for of in failed):
        return
    if isinstance(found, dict) and isinstance(right, dict) and found.keys() == right.keys():
        parts = [(name, found[name], right[name]) for name in right]
    elif isinstance(found, list) and isinstance(right, list) and len(found) == len(right):
        parts = list(zip(range(len(right)), found, right, strict=True))
    else:
        if found != right:
            yield f"{found} at {path} is not {right}"
        return
    for at, part, right_part in parts:
        yield from _wrong(part, right_part, (*path, at), failed)
