"""The earlier backend's storage: the items it puts, and what it changes of them afterwards."""

from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import Any

import orjson

from storage.artifacts.records import ArtifactType
from storage.dynamodb.legacy.migrate import Migration
from storage.dynamodb.legacy.migrate import migrate as migrate_table
from storage.dynamodb.store import DynamoStore
from tests.storage.samples import CODE, DATASET, MODEL, scores

Item = dict[str, Any]
LINKED = DATASET, CODE
_MINUTES = count(1)


def text(value: str) -> Item:
    return {"S": value}


def as_map(of: Mapping[str, object]) -> Item:
    def attribute(value: object) -> Item:
        if isinstance(value, dict):
            return as_map(value)
        return {"N": str(value)} if isinstance(value, float | int) else {"S": value}

    return {"M": {name: attribute(value) for name, value in of.items()}}


def item(of: ArtifactType, id_: str, name: str, **more: Any) -> Item:
    """The item of an artifact; `more` are attributes beside those that every item has."""
    url = more.pop("url", f"https://example.org/{of.value}/{id_}")
    data = more.pop("data", {"download_url": f"{url}.zip"})
    document = {
        "metadata": {"name": name, "id": id_, "type": of.value},
        "data": {"url": url, **data},
    }
    return {
        "artifact_id": text(id_),
        "artifact_type": text(of.value),
        "artifact": text(orjson.dumps(document).decode()),
        "url": text(url),
        "name_normalized": text(name.strip().lower()),
        **more,
    }


def put(store: DynamoStore, of: ArtifactType, id_: str, name: str, **more: Any) -> None:
    """Put an artifact, in place of what has its id."""
    store.client.control.put_item(TableName=store.name, Item=item(of, id_, name, **more))


def save(store: DynamoStore, of: ArtifactType, id_: str, name: str, **more: Any) -> None:
    """Register an artifact, or put another in its place, and link by name what is there.

    A model keeps its rating and links; a dataset or code is linked to every model that asked
    for its name, each with a write of its own.
    """
    if of is MODEL:
        before = _items(store).get(id_, {})
        kept = ("rating", "dataset_", "code_")
        more = {**{k: v for k, v in before.items() if k.startswith(kept)}, **more}
        for kind in LINKED:
            more |= _found(store, kind, more.get(f"{kind.value}_name", text(""))["S"])
    put(store, of, id_, name, **more)
    for model_id, model in _items(store).items() if of in LINKED else ():
        if (asked := model.get(f"{of.value}_name")) and _plain(asked["S"]) == _plain(name):
            link(store, model_id, of, id=id_, url=_items(store)[id_]["url"]["S"])


def link(store: DynamoStore, model_id: str, of: ArtifactType, **to: str) -> None:
    """Set the id, name or url of a model's dataset or code."""
    change = ", ".join(f"{of.value}_{by} = :{by}" for by in to)
    _update(store, model_id, f"SET {change}", {f":{by}": text(to[by]) for by in to})


def rate(store: DynamoStore, model_id: str, net: float) -> None:
    """Save a model's rating, as a map."""
    _update(store, model_id, "SET rating = :r", {":r": as_map(scores(net))})


def delete(store: DynamoStore, id_: str) -> None:
    """Unlink the models that an artifact is linked to, and delete it."""
    for model_id, model in _items(store).items():
        for kind in LINKED:
            if model.get(f"{kind.value}_id") == text(id_):
                _update(store, model_id, f"REMOVE {kind.value}_id, {kind.value}_url")
    store.client.control.delete_item(TableName=store.name, Key={"artifact_id": text(id_)})


def bare_table(store: DynamoStore) -> None:
    """Put the earlier table, without any index, in place of the store's."""
    store.client.control.delete_table(TableName=store.name)
    store.client.control.create_table(
        TableName=store.name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "artifact_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "artifact_id", "KeyType": "HASH"}],
    )


def migrate(store: DynamoStore, *, dry_run: bool = False, early: bool = False) -> Migration:
    """Migrate the table to the present format."""
    # Each run begins a minute after the last one: a lease that was left then has ended.
    clock = partial(next, count(60 * next(_MINUTES)))
    return migrate_table(
        store.client,
        lambda _stage, _done, _total: None,
        clock=clock,
        dry_run=dry_run,
        early=early,
    )


def _plain(name: str) -> str:
    return name.strip().lower()


def _items(store: DynamoStore) -> dict[str, Item]:
    """It scans for everything, and has no idea of the items that are none of its own."""
    return {i["artifact_id"]["S"]: dict(i) for i in store.client.scan() if "artifact" in i}


def _found(store: DynamoStore, of: ArtifactType, name: str) -> Item:
    for id_, there in _items(store).items():
        if there["artifact_type"] == text(of.value) and there["name_normalized"] == text(
            _plain(name)
        ):
            return {f"{of.value}_id": text(id_), f"{of.value}_url": there["url"]}
    return {}


def _update(
    store: DynamoStore, id_: str, change: str, values: Mapping[str, Any] | None = None
) -> None:
    parameters: Any = {"ExpressionAttributeValues": values} if values else {}
    store.client.control.update_item(
        TableName=store.name,
        Key={"artifact_id": text(id_)},
        UpdateExpression=change,
        **parameters,
    )
