"""The checker finds what it is for: each of these bugs is planted and must be seen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from storage.artifacts import write_rules
from storage.artifacts.records import Artifact
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.reads import artifacts as reads
from storage.dynamodb.store import DynamoStore
from storage.dynamodb.writes import plans, rewriting
from storage.dynamodb.writes import update as writes
from storage.dynamodb.writes.conditions import only_if
from storage.search.paging import Page
from tests.history.checker import contradictions
from tests.history.mix import run_clients
from tests.storage.engines import ENGINES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("dynamodb-local" not in ENGINES, reason="races need a real store"),
]

Patch = pytest.MonkeyPatch


def _nothing(*_: Any) -> Iterator[Any]:
    return iter(())


def version_is_not_checked(patch: Patch) -> None:
    patch.setattr(
        rewriting,
        "unchanged",
        lambda _: (
            only_if("attribute_exists(#k)", {}, {"#k": "artifact_id"})
            | {"ExpressionAttributeValues": {}}
        ),
    )


def url_is_taken_without_asking(patch: Patch) -> None:
    def take(key: str, _step: object, artifact: Artifact, _item: object) -> Iterator[Any]:
        yield {"Put": {"Item": {"artifact_id": {"S": key}, "owner": {"S": artifact.id}}}}

    patch.setattr(plans, "_take_url", take)


def url_is_not_registered(patch: Patch) -> None:
    patch.setattr(plans, "_url_actions", _nothing)


def references_are_not_indexed(patch: Patch) -> None:
    patch.setattr(plans, "_reference_actions", _nothing)


def owner_leaves_its_name_behind(patch: Patch) -> None:
    patch.setattr(plans, "_leave", _nothing)


def name_is_not_joined(patch: Patch) -> None:
    patch.setattr(plans, "_name_actions", _nothing)


def bearers_are_not_counted(patch: Patch) -> None:
    join = plans.join

    def forget(key: str, *places: str) -> Any:
        action = join(key, *places)
        update = action["Update"]
        update["ExpressionAttributeValues"][":count"] = {"N": "2"}
        return action

    patch.setattr(plans, "join", forget)


def update_drops_the_rating(patch: Patch) -> None:
    changed = write_rules.apply_patch
    patch.setattr(
        writes, "apply_patch", lambda a, c: replace(changed(a, c), rating=c.get("rating"))
    )


def rename_keeps_the_time(patch: Patch) -> None:
    changed = write_rules.apply_patch
    patch.setattr(
        writes, "apply_patch", lambda a, c: replace(changed(a, c), named_at=a.named_at)
    )


def hint_is_trusted(patch: Patch) -> None:
    patch.setattr(reads, "_is", lambda artifact, target, _: artifact.type is target.type)


def refused_transaction_is_acknowledged(patch: Patch) -> None:
    transact = DynamoClient.transact
    patch.setattr(DynamoClient, "transact", lambda s, a: transact(s, a) or True)


def unprocessed_keys_are_dropped(patch: Patch) -> None:
    get_items = DynamoClient.get_items

    def some(client: DynamoClient, ids: Any, attributes: Any = ()) -> dict[str, Any]:
        found = get_items(client, ids, attributes)
        return dict(list(found.items())[:20])

    patch.setattr(DynamoClient, "get_items", some)


def cursor_skips_one(patch: Patch) -> None:
    page = DynamoStore.page

    def skipping(store: DynamoStore, *arguments: Any) -> Page[Any]:
        made = page(store, *arguments)
        return replace(made, entries=made.entries[:-1]) if made.has_next else made

    patch.setattr(DynamoStore, "page", skipping)


def deletion_is_only_acknowledged(patch: Patch) -> None:
    patch.setattr(
        writes, "delete_once", lambda _, items: [i["artifact_id"]["S"] for i in items]
    )


BUGS: list[Callable[[Patch], None]] = [
    version_is_not_checked,
    url_is_taken_without_asking,
    url_is_not_registered,
    references_are_not_indexed,
    owner_leaves_its_name_behind,
    name_is_not_joined,
    bearers_are_not_counted,
    update_drops_the_rating,
    rename_keeps_the_time,
    hint_is_trusted,
    refused_transaction_is_acknowledged,
    unprocessed_keys_are_dropped,
    cursor_skips_one,
    deletion_is_only_acknowledged,
]


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_checker_sees_a_planted_bug(plant: Callable[[Patch], None], monkeypatch: Patch) -> None:
    store = DynamoStore(f"planted_{uuid4().hex}", "us-east-2")
    store.create()
    plant(monkeypatch)

    assert any(found_in_mixes(store, 50))
    store.close()


def found_in_mixes(store: DynamoStore, mixes: int) -> Iterator[bool]:
    """Whether the checker objects, after each mix: what races in one may not in another."""
    history: list[dict[str, Any]] = []
    for seed in range(mixes):
        history += run_clients(store, seed, operations=60)
        yield next(contradictions(store, history), None) is not None
