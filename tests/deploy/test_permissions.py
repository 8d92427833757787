"""The roles of the template grant exactly the actions that the server and the commands use."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from storage.artifacts.records import ArtifactType
from storage.change_queries import HistoryQuery
from storage.dynamodb.schema.attributes import INDEXES
from storage.dynamodb.store import DynamoStore
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Window
from storage.transfer.export import export_lines
from tests.deploy.template import Stack
from tests.storage.dynamodb.formats.schema_items import empty_table
from tests.storage.dynamodb.legacy.legacy_backend import (
    create_legacy_table,
    migrate,
    put_artifact,
)
from tests.storage.samples import (
    DATASET,
    MODEL,
    ORDERS,
    bert,
    by_name,
    by_url,
    listing,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import delete, register, register_one, restore, update

Grants = set[tuple[str, str]]
"""Pairs of an action and its resource: the table, or the name of an index."""
TABLE = "arn:aws:dynamodb:us-east-2:111122223333:table/registry-artifacts"


def test_the_server_has_exactly_the_permissions_it_needs(moto: DynamoStore) -> None:
    empty_table(moto)  # as in a new stack

    with record_actions(moto) as used:
        moto.ensure()
        write_everything(moto)
        read_everything(moto)
        moto.ping()
        assert sum(moto.reset()) > 0

    assert used == read_grants("TaskRole")


def test_the_commands_have_exactly_the_permissions_they_need(moto: DynamoStore) -> None:
    create_legacy_table(moto)
    put_artifact(moto, ArtifactType.MODEL, "1", "bert")

    with record_actions(moto) as used:
        migrate(moto)
        moto.ensure()
        write_everything(moto)
        moto.set_retention(timedelta(days=90), ignore_progress)
        assert list(export_lines(moto))
        assert list(moto.check()) == []
        read_everything(moto)

    assert used == read_grants("CommandsRole")


def read_grants(role: str) -> Grants:
    """Return the actions that a role grants on the table and its indexes."""
    resources = {TABLE: "table", **{f"{TABLE}/index/{name}": name for name in INDEXES}}
    (policy,) = Stack().properties(role)["Policies"]
    return {
        (action.removeprefix("dynamodb:"), resources[statement["Resource"]])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


@contextmanager
def record_actions(store: DynamoStore) -> Iterator[Grants]:
    """Record the actions that the calls in the block need."""
    used: Grants = set()

    def record(request: AWSPreparedRequest, **_: object) -> None:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).split(".")[1]
        body: Any = request.body
        parameters = json.loads(body)
        if operation == "TransactWriteItems":
            kinds = {kind for action in parameters["TransactItems"] for kind in action}
            used.update((f"{kind}Item", "table") for kind in kinds)
        else:
            used.add((operation, parameters.get("IndexName", "table")))

    events = store.client.control.meta.events
    events.register_first("before-send.dynamodb", record)
    try:
        yield used
    finally:
        events.unregister("before-send.dynamodb", record)


def write_everything(store: DynamoStore) -> None:
    """Use every write, with new owners for a name and a url."""
    first, second, model = register(
        store,
        squad(url="https://example.org/first"),
        squad(url="https://example.org/second"),
        bert(by_name(DATASET, "squad")),
    )
    update(store, first, name="stanford", url="https://example.org/third")
    update(store, second, name="stanford")
    update(store, model, rating=rating(), references=(by_url(DATASET, second.url),))
    delete(store, first)
    delete(store, model)
    restore(store, model.id)
    register_one(store, new_artifact(MODEL, "m", by_name(DATASET, "stanford")))


def read_everything(store: DynamoStore) -> None:
    """Use every read, on listings and on each artifact."""
    store.reindex(ignore_progress)  # otherwise the first listing does it, in the background
    for order in ORDERS:
        page = store.page(listing(order=order), Window(100))
        assert store.count(listing(order=order)) == len(page.entries)
    artifacts = [entry.artifact for entry in page.entries]
    store.get([artifact.id for artifact in artifacts])
    store.resolve([r.target for artifact in artifacts for r in artifact.references])
    store.read_reverse_links([ReverseLinkQuery(artifact, 10) for artifact in artifacts])
    store.count_reverse_links(artifacts)
    store.read_history([HistoryQuery(each.id, each.version, 10) for each in artifacts])
    store.read_feed(None, 10)
    store.feed_cursor()
    store.read_recent_changes(None, 10)


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""
