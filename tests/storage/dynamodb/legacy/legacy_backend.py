"""A stand-in for the earlier backend: it writes items to a table just as that backend did."""

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
from tests.storage.tables import delete_table

Item = dict[str, Any]
LINKED = DATASET, CODE
"""The types that a model links to, one artifact of each at most."""
_MINUTES = count(1)


def string_value(text: str) -> Item:
    return {"S": text}


def map_value(mapping: Mapping[str, object]) -> Item:
    """Return a map of strings, numbers and further maps."""

    def to_value(value: object) -> Item:
        if isinstance(value, dict):
            return map_value(value)
        return {"N": str(value)} if isinstance(value, float | int) else {"S": value}

    return {"M": {name: to_value(value) for name, value in mapping.items()}}


def legacy_item(artifact_type: ArtifactType, id_: str, name: str, **more: Any) -> Item:
    """Return the item of an artifact.

    `more` are further attributes, except for `url` and `data`, which replace the url and add
    members to the document's data.
    """
    url = more.pop("url", f"https://example.org/{artifact_type.value}/{id_}")
    data = more.pop("data", {"download_url": f"{url}.zip"})
    document = {
        "metadata": {"name": name, "id": id_, "type": artifact_type.value},
        "data": {"url": url, **data},
    }
    return {
        "artifact_id": string_value(id_),
        "artifact_type": string_value(artifact_type.value),
        "artifact": string_value(orjson.dumps(document).decode()),
        "url": string_value(url),
        "name_normalized": string_value(_normalize(name)),
        **more,
    }


def put_artifact(
    store: DynamoStore, artifact_type: ArtifactType, id_: str, name: str, **more: Any
) -> None:
    """Put the item of an artifact, which replaces any item with its id."""
    item = legacy_item(artifact_type, id_, name, **more)
    store.client.control.put_item(TableName=store.name, Item=item)


def save_artifact(
    store: DynamoStore, artifact_type: ArtifactType, id_: str, name: str, **more: Any
) -> None:
    """Register or replace an artifact, and link it by name to artifacts that exist.

    A model keeps its rating and links. A dataset or code is linked to every model that names
    it, with one write per model.
    """
    if artifact_type is MODEL:
        previous = _read_artifacts(store).get(id_, {})
        prefixes = "rating", "dataset_", "code_"
        kept = {name: value for name, value in previous.items() if name.startswith(prefixes)}
        more = {**kept, **more}
        for linked_type in LINKED:
            linked_name = more.get(f"{linked_type.value}_name", string_value(""))["S"]
            more |= _find_link(store, linked_type, linked_name)
    put_artifact(store, artifact_type, id_, name, **more)
    if artifact_type in LINKED:
        _link_models_by_name(store, artifact_type, id_, name)


def link_model(
    store: DynamoStore, model_id: str, artifact_type: ArtifactType, **link: str
) -> None:
    """Set the id, name or url of a model's dataset or code."""
    changes = ", ".join(f"{artifact_type.value}_{field} = :{field}" for field in link)
    values = {f":{field}": string_value(value) for field, value in link.items()}
    _update(store, model_id, f"SET {changes}", values)


def rate_model(store: DynamoStore, model_id: str, net: float) -> None:
    """Set a model's rating, as a map."""
    _update(store, model_id, "SET rating = :r", {":r": map_value(scores(net))})


def delete_artifact(store: DynamoStore, id_: str) -> None:
    """Remove all links to an artifact, and delete it."""
    for model_id, model in _read_artifacts(store).items():
        for linked_type in LINKED:
            prefix = linked_type.value
            if model.get(f"{prefix}_id") == string_value(id_):
                _update(store, model_id, f"REMOVE {prefix}_id, {prefix}_url")
    key = {"artifact_id": string_value(id_)}
    store.client.control.delete_item(TableName=store.name, Key=key)


def create_legacy_table(store: DynamoStore, units: Mapping[str, int] | None = None) -> None:
    """Replace the store's table by an empty one of the earlier backend, without indexes.

    With `units` it is in provisioned mode, otherwise on demand.
    """
    delete_table(store.client.control, store.name)
    on_demand = {"BillingMode": "PAY_PER_REQUEST"}
    billing: Any = {"ProvisionedThroughput": units} if units else on_demand
    store.client.control.create_table(
        TableName=store.name,
        AttributeDefinitions=[{"AttributeName": "artifact_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "artifact_id", "KeyType": "HASH"}],
        **billing,
    )


def migrate(store: DynamoStore, *, dry_run: bool = False, early: bool = False) -> Migration:
    """Migrate the store's table to the current format."""
    # Each run starts a minute after the previous one, when a lease that it left has expired.
    clock = partial(next, count(60 * next(_MINUTES)))
    return migrate_table(
        store.client,
        lambda _stage, _done, _total: None,
        clock=clock,
        dry_run=dry_run,
        early=early,
    )


def _normalize(name: str) -> str:
    return name.strip().lower()


def _read_artifacts(store: DynamoStore) -> dict[str, Item]:
    """Return the items of artifacts by id; the earlier backend ignores all others."""
    items = (dict(item) for item in store.client.scan() if "artifact" in item)
    return {item["artifact_id"]["S"]: item for item in items}


def _find_link(store: DynamoStore, artifact_type: ArtifactType, name: str) -> Item:
    """Return the attributes that link a model to the artifact with a name, if there is one."""
    prefix = artifact_type.value
    wanted = string_value(prefix), string_value(_normalize(name))
    for id_, item in _read_artifacts(store).items():
        if (item["artifact_type"], item["name_normalized"]) == wanted:
            return {f"{prefix}_id": string_value(id_), f"{prefix}_url": item["url"]}
    return {}


def _link_models_by_name(
    store: DynamoStore, artifact_type: ArtifactType, id_: str, name: str
) -> None:
    attribute = f"{artifact_type.value}_name"
    for model_id, model in _read_artifacts(store).items():
        linked_name = model.get(attribute)
        if linked_name and _normalize(linked_name["S"]) == _normalize(name):
            url = _read_artifacts(store)[id_]["url"]["S"]
            link_model(store, model_id, artifact_type, id=id_, url=url)


def _update(
    store: DynamoStore, id_: str, expression: str, values: Mapping[str, Any] | None = None
) -> None:
    parameters: Any = {"ExpressionAttributeValues": values} if values else {}
    store.client.control.update_item(
        TableName=store.name,
        Key={"artifact_id": string_value(id_)},
        UpdateExpression=expression,
        **parameters,
    )
