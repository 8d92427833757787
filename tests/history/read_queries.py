"""Queries of linked artifacts, and a comparison of an answer with the right one."""

from collections.abc import Iterator
from typing import Any

from tests.graph.clients import BERT, TRAINER, Client, code, dataset, model

READS = [
    """{
      models(first: 50) {
        totalCount
        nodes { name dataset { models(first: 5) { totalCount } } derivedModels { totalCount } }
      }
    }""",
    "{ artifacts(first: 3) { nodes { name } pageInfo { hasNextPage } } }",
    f'{{ artifactExists(type: MODEL, url: "{BERT}/1") }}',
    '{ model(by: { name: "bert 7" }) { references { targetName state artifact { name } } } }',
    (
        '{ model(by: { name: "bert 3" })'
        " { lineage(direction: UPSTREAM, depth: 3) { nodes { upstreamDistance } } } }"
    ),
]
Path = tuple[str | int, ...]


async def register_linked_models(client: Client) -> None:
    """Register twenty models with a dataset, code and a base model."""
    links = {"datasets": [{"name": "books"}], "codes": [{"url": TRAINER}]}
    base = {"baseModels": [{"name": "bert 0"}]}
    models = [model(f"{BERT}/{n}", name=f"bert {n}", **links, **base) for n in range(20)]
    await client.register(dataset(name="books"), code(), *models)


def find_wrong_values(answer: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """Yield a message for each value that differs, unless it is null by STORE_UNAVAILABLE."""
    errors = answer.get("errors", [])
    for error in errors:
        if error["extensions"] != {"code": "STORE_UNAVAILABLE"}:
            yield f"the error {error}"
    failed_paths = [tuple(error["path"]) for error in errors]
    yield from _compare(answer["data"], expected, (), failed_paths)


def _compare(actual: Any, expected: Any, path: Path, failed_paths: list[Path]) -> Iterator[str]:
    # The error of a field that must not be null makes its parent null.
    if actual is None and any(failed[: len(path)] == path for failed in failed_paths):
        return
    if (
        isinstance(actual, dict)
        and isinstance(expected, dict)
        and actual.keys() == expected.keys()
    ):
        parts = [(name, actual[name], expected[name]) for name in expected]
    elif (
        isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected)
    ):
        parts = list(zip(range(len(expected)), actual, expected, strict=True))
    else:
        if actual != expected:
            yield f"{actual} at {path} is not {expected}"
        return
    for key, part, expected_part in parts:
        yield from _compare(part, expected_part, (*path, key), failed_paths)
