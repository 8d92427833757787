"""The checker detects each of these bugs, which are patched into the store."""

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
from storage.dynamodb.writes import transitions
from storage.dynamodb.writes import update as writes
from storage.dynamodb.writes.item_updates import only_if
from storage.search.paging import Page
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients
from tests.storage.engines import ENGINES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "dynamodb-local" not in ENGINES, reason="concurrent writes need DynamoDB Local"
    ),
]

Patch = pytest.MonkeyPatch


def _nothing(*_: Any) -> Iterator[Any]:
    return iter(())


def version_is_not_checked(patch: Patch) -> None:
    patch.setattr(
        transitions,
        "only_if_unchanged",
        lambda _: (
            only_if("attribute_exists(#k)", {}, {"#k": "artifact_id"})
            | {"ExpressionAttributeValues": {}}
        ),
    )


def url_is_written_without_condition(patch: Patch) -> None:
    def take(key: str, artifact: Artifact, _item: object) -> Iterator[Any]:
        yield {"Put": {"Item": {"artifact_id": {"S": key}, "owner": {"S": artifact.id}}}}

    patch.setattr(transitions, "_take_url", take)


def url_is_not_registered(patch: Patch) -> None:
    patch.setattr(transitions, "_url_actions", _nothing)


def references_are_not_indexed(patch: Patch) -> None:
    patch.setattr(transitions, "_reference_actions", _nothing)


def name_is_not_released(patch: Patch) -> None:
    patch.setattr(transitions, "_leave_name", _nothing)


def name_is_not_registered(patch: Patch) -> None:
    patch.setattr(transitions, "_name_actions", _nothing)


def namesakes_are_not_counted(patch: Patch) -> None:
    join = transitions.join_name

    def forget(key: str, *places: str) -> Any:
        action = join(key, *places)
        update = action["Update"]
        update["ExpressionAttributeValues"][":count"] = {"N": "2"}
        return action

    patch.setattr(transitions, "join_name", forget)


def update_removes_the_rating(patch: Patch) -> None:
    changed = write_rules.apply_patch
    patch.setattr(
        writes, "apply_patch", lambda a, c: replace(changed(a, c), rating=c.get("rating"))
    )


def rename_keeps_the_name_time(patch: Patch) -> None:
    changed = write_rules.apply_patch
    patch.setattr(
        writes, "apply_patch", lambda a, c: replace(changed(a, c), named_at=a.named_at)
    )


def resolved_target_is_not_verified(patch: Patch) -> None:
    patch.setattr(reads, "_is_match", lambda artifact, target, _: artifact.type is target.type)


def cancelled_transaction_is_acknowledged(patch: Patch) -> None:
    transact = DynamoClient.transact
    patch.setattr(DynamoClient, "transact", lambda s, a: transact(s, a) or True)


def unprocessed_keys_are_ignored(patch: Patch) -> None:
    get_items = DynamoClient.get_items

    def some(client: DynamoClient, ids: Any, attributes: Any = ()) -> dict[str, Any]:
        found = get_items(client, ids, attributes)
        return dict(list(found.items())[:20])

    patch.setattr(DynamoClient, "get_items", some)


def cursor_skips_an_entry(patch: Patch) -> None:
    page = DynamoStore.page

    def skipping(store: DynamoStore, *arguments: Any) -> Page[Any]:
        made = page(store, *arguments)
        return replace(made, entries=made.entries[:-1]) if made.has_next else made

    patch.setattr(DynamoStore, "page", skipping)


def deletion_is_acknowledged_only(patch: Patch) -> None:
    patch.setattr(
        writes, "delete_once", lambda _, items: [i["artifact_id"]["S"] for i in items]
    )


BUGS: list[Callable[[Patch], None]] = [
    version_is_not_checked,
    url_is_written_without_condition,
    url_is_not_registered,
    references_are_not_indexed,
    name_is_not_released,
    name_is_not_registered,
    namesakes_are_not_counted,
    update_removes_the_rating,
    rename_keeps_the_name_time,
    resolved_target_is_not_verified,
    cancelled_transaction_is_acknowledged,
    unprocessed_keys_are_ignored,
    cursor_skips_an_entry,
    deletion_is_acknowledged_only,
]


@pytest.mark.parametrize("add_bug", BUGS, ids=lambda add_bug: add_bug.__name__)
def test_a_bug_is_detected(add_bug: Callable[[Patch], None], monkeypatch: Patch) -> None:
    store = DynamoStore(f"bugs_{uuid4().hex}", "us-east-2")
    store.create()
    add_bug(monkeypatch)

    assert any(check_runs(store, 50))
    store.close()


def check_runs(store: DynamoStore, runs: int) -> Iterator[bool]:
    """Yield after each run of clients if the checker found anything; not every run does."""
    history: list[dict[str, Any]] = []
    for seed in range(runs):
        history += run_clients(store, seed, operations=60)
        yield next(find_contradictions(store, history), None) is not None
