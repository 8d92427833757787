"""The items that a table must have after its migration, derived without the product's code."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256

import orjson

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.formats.schema_items import CURRENT
from tests.storage.dynamodb.legacy.legacy_backend import LINKED, Item, string_value
from tests.storage.dynamodb.legacy.legacy_table import read_items

_ADDED_ATTRIBUTES = frozenset({
    "version", "content_version", "created_at", "updated_at", "named_key", "bears",
    "references",
})  # fmt: skip


def expected_items(before: Mapping[str, Item]) -> Iterator[tuple[str, Item]]:
    """Yield the key and the attributes of each item that a migrated table must have.

    Of artifacts, these are the attributes that depend on the old items alone.
    """
    url_owners: dict[str, str] = {}
    name_places: dict[str, list[str]] = defaultdict(list)
    for id_ in sorted(before, key=lambda id_: (len(id_), id_)):
        item = before[id_]
        artifact_type = item["artifact_type"]["S"]
        url_owners.setdefault(f"url#{artifact_type}#{item['url']['S']}", id_)
        name = orjson.loads(item["artifact"]["S"])["metadata"]["name"].strip().casefold()
        added: Item = {"version": {"N": "1"}, "content_version": {"N": "1"}}
        name_key = f"name#{artifact_type}#{name}"
        added["bears"] = string_value(name_key)
        if name:
            time = f"1970-01-01T00:00:00.{len(name_places[name_key]):06}Z"
            name_places[name_key].append(f"{time}#{id_}")
            added["named_key"] = string_value(f"{time}#{id_}")
        references = expected_references(item)
        if references:
            added["references"] = string_value(orjson.dumps(references).decode())
        yield id_, {**item, **added}
        yield from _reference_items(id_, references)
    for key, owner in url_owners.items():
        yield key, {"owner": string_value(owner)}
    for key, places in name_places.items():
        last_since = places[-1].partition("#")[0]
        yield key, {"owner": string_value(places[0]), "last_since": string_value(last_since)}
    yield "meta#schema", CURRENT


def expected_references(item: Item) -> list[list[str]]:
    """Return the kind, lookup field and value of each reference of a migrated artifact.

    A link with a name becomes a reference by name, otherwise one by id or else by url.
    """
    if item["artifact_type"] != string_value("model"):
        return []
    references = []
    for linked_type in LINKED:
        for field in ("name", "id", "url"):
            value = item.get(f"{linked_type.value}_{field}", string_value(""))["S"]
            if value:
                references.append([linked_type.value, field, value])
                break
    return references


def find_differences(store: DynamoStore, before: Mapping[str, Item]) -> list[str]:
    """Describe each item that is not as expected after the migration of the old items."""
    after, expected = read_items(store), dict(expected_items(before))
    differences = [f"{key} is missing" for key in expected.keys() - after.keys()]
    differences += [f"{key} is unexpected" for key in after.keys() - expected.keys()]
    for key in after.keys() & expected.keys():
        item, right = after[key], {"artifact_id": string_value(key), **expected[key]}
        extra = item.keys() - right.keys() - _ADDED_ATTRIBUTES
        if extra or any(item.get(name) != value for name, value in right.items()):
            differences.append(f"{key} is {item}, not {right}")
    return differences


def _reference_items(model_id: str, references: list[list[str]]) -> Iterator[tuple[str, Item]]:
    for kind, field, value in references:
        normalized = value.strip().casefold() if field == "name" else value
        target = f"to#{kind}#{field}#{normalized}"
        key = f"reference#{model_id}#{sha256(target.encode()).hexdigest()}"
        yield key, {"reference": string_value(target), "model_id": string_value(model_id)}
