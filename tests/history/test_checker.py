"""The checker detects each of these bugs, which are patched into the store."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from storage.artifacts import write_rules
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed import segments
from storage.dynamodb.reads import resolution
from storage.dynamodb.store import DynamoStore
from storage.dynamodb.writes import execute, names, plan, planner
from storage.dynamodb.writes import update as updates
from storage.dynamodb.writes.item_updates import only_if
from storage.search.pages import Page
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


def _item_key(action: Any) -> str:
    ((_, parameters),) = action.items()
    return str((parameters.get("Item") or parameters["Key"])["artifact_id"]["S"])


def version_is_not_checked(patch: Patch) -> None:
    patch.setattr(
        plan,
        "only_if_unchanged",
        lambda _: (
            only_if("attribute_exists(#k)", {}, {"#k": "artifact_id"})
            | {"ExpressionAttributeValues": {}}
        ),
    )


def url_is_written_without_condition(patch: Patch) -> None:
    def take(self: plan.Plan, _view: object) -> Iterator[Any]:
        if self.new and self.new.url:
            yield {
                "Put": {"Item": {"artifact_id": {"S": self.new.url}, "owner": {"S": self.id}}}
            }

    patch.setattr(plan.Plan, "_url_actions", take)


def url_is_not_registered(patch: Patch) -> None:
    patch.setattr(plan.Plan, "_url_actions", _nothing)


def references_are_not_indexed(patch: Patch) -> None:
    patch.setattr(plan.Plan, "_reference_actions", _nothing)


def change_is_not_stored(patch: Patch) -> None:
    actions = plan.Plan.actions

    def without(self: plan.Plan, *arguments: Any) -> list[Any]:
        made = actions(self, *arguments)
        return [a for a in made if not _item_key(a).startswith("change#")]

    patch.setattr(plan.Plan, "actions", without)


def change_is_not_logged(patch: Patch) -> None:
    patch.setattr(segments.LogAppender, "actions", lambda *_: [])


def log_entry_replaces_others(patch: Patch) -> None:
    append = segments.LogAppender._append

    def replacing(self: segments.LogAppender, encoded: Any) -> Any:
        action = append(self, encoded)
        (name,) = action["Update"]["ExpressionAttributeValues"].keys() - {":full"}
        action["Update"]["UpdateExpression"] = f"SET entries = {name}"
        return action

    patch.setattr(segments.LogAppender, "_append", replacing)


def deletion_forgets_the_version(patch: Patch) -> None:
    patch.setattr(updates, "advance", lambda artifact, _stamp: artifact)


def name_is_not_released(patch: Patch) -> None:
    def staying(plans: Any) -> Any:
        return [c for c in names.name_changes(plans) if not c.leaving]

    patch.setattr(execute, "name_changes", staying)


def name_is_not_registered(patch: Patch) -> None:
    patch.setattr(execute, "name_changes", lambda _: [])


def joiner_is_not_placed_last(patch: Patch) -> None:
    patch.setattr(planner, "place_after_last", lambda artifact, _: artifact)
    patch.setattr(names, "_next_last_since", lambda *_: None)


def update_removes_the_rating(patch: Patch) -> None:
    changed = write_rules.apply_patch
    patch.setattr(
        planner, "apply_patch", lambda a, c, s: replace(changed(a, c, s), rating=None)
    )


def rename_keeps_the_name_time(patch: Patch) -> None:
    changed = write_rules.apply_patch
    patch.setattr(
        planner, "apply_patch", lambda a, c, s: replace(changed(a, c, s), named_at=a.named_at)
    )


def resolved_target_is_not_verified(patch: Patch) -> None:
    patch.setattr(
        resolution, "_is_match", lambda artifact, target, _: artifact.type is target.type
    )


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
    patch.setattr(updates, "_execute", lambda *_: True)


BUGS: list[Callable[[Patch], None]] = [
    version_is_not_checked,
    url_is_written_without_condition,
    url_is_not_registered,
    references_are_not_indexed,
    change_is_not_stored,
    change_is_not_logged,
    log_entry_replaces_others,
    deletion_forgets_the_version,
    name_is_not_released,
    name_is_not_registered,
    joiner_is_not_placed_last,
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
