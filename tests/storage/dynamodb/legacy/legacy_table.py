"""A table of the earlier backend, made by rules, and what its migration must make of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

import orjson

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import LINKED, Item, as_map, item, text
from tests.storage.samples import CODE, DATASET, MODEL, scores

_DAWN = "1970-01-01T00:00:00.000000Z"
_NEXT = "1970-01-01T00:00:00.000001Z"
_BATCH = 25
_OURS = frozenset({
    "version", "created_at", "updated_at", "created_shard", "created_key", "name_key",
    "named_key", "bears", "references",
})  # fmt: skip


def earlier_items(count: int, seed: int = 0) -> Iterator[Item]:
    """Half are models; namesakes, blank names, urls twice, ratings of all kinds, dead links."""
    random = Random(seed)  # noqa: S311 - the same table every time
    for at in range(count):
        of = random.choice((MODEL, MODEL, DATASET, CODE))
        id_ = str(UUID(int=random.getrandbits(128), version=4)) if at % 5 else str(at)
        name = random.choice((f"Name {at // 4}", f" NAME {at // 4} ", f"{of.value} {at}"))
        more: dict[str, Any] = {}
        if at % 97 == 0:
            name = random.choice(("", "  "))
        if at % 50 == 0:
            more["url"] = f"https://example.org/taken/{at // 200}"
        if at % 7 == 0:
            more["data"] = random.choice(({}, {"download_url": None}))
        if at % 11 == 0:
            more["other_program"] = {"L": [{"N": "1"}, {"B": "AP8="}]}
        if of is MODEL:
            more |= _model(random, at)
        yield item(of, id_, name, **more)


def _model(random: Random, at: int) -> Item:
    rated = orjson.dumps(scores(at % 100 / 100)).decode()
    ratings: tuple[Item, ...] = {}, {"rating": text(rated)}, {"rating": as_map(scores(0.5))}
    linked = dict(random.choice((*ratings, {"rating": {"NULL": True}})))
    for of in LINKED:
        wanted = {
            "name": random.choice(
                (f"NAME {at // 4 + 1}", f"{of.value} {at + 1}", "nobody", "")
            ),
            "id": random.choice((str(5 * (at // 5)), "nobody-at-all")),
            "url": f"https://example.org/{of.value}/{5 * (at // 5)}",
        }
        for by in random.choice((("name",), ("name", "id", "url"), ("id",), ("url",), ())):
            linked[f"{of.value}_{by}"] = text(wanted[by])
    return linked


def fill(store: DynamoStore, items: Iterator[Item]) -> None:
    """Put the items, 25 in a call, a few calls at once."""
    made = list(items)

    def write(at: int) -> None:
        puts: Any = [{"PutRequest": {"Item": each}} for each in made[at : at + _BATCH]]
        while puts:
            calls = [("BatchWriteItem", {"RequestItems": {store.name: puts}})]
            (answer,) = store.client.send_all(calls)
            puts = answer["UnprocessedItems"].get(store.name, [])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(0, len(made), _BATCH)))


def everything(store: DynamoStore) -> dict[str, Item]:
    """Every item of the table, by its key."""
    found = (dict(each) for each in store.client.scan(ConsistentRead=True, Limit=1_000))
    return {each["artifact_id"]["S"]: each for each in found}


def migrated(before: Mapping[str, Item]) -> Iterator[tuple[str, Item]]:
    """What there must be after a migration, derived by the rules and by none of our code.

    Of artifacts, the attributes that the rules alone tell; `joined` is a time.
    """
    in_order = sorted(before, key=lambda id_: (len(id_), id_))
    owners: dict[str, str] = {}
    bearers: dict[str, list[str]] = defaultdict(list)
    for id_ in in_order:
        each = before[id_]
        of = each["artifact_type"]["S"]
        owners.setdefault(f"url#{of}#{each['url']['S']}", id_)
        name = orjson.loads(each["artifact"]["S"])["metadata"]["name"].strip().casefold()
        ours: Item = {"version": {"N": "1"}}
        if name:
            key = f"name#{of}#{name}"
            ours["bears"] = text(key)
            ours["named_key"] = text(f"{_NEXT if bearers[key] else _DAWN}#{id_}")
            bearers[key].append(ours["named_key"]["S"])
        references = linked_references(each)
        if references:
            ours["references"] = text(orjson.dumps(references).decode())
        yield id_, {**each, **ours}
        for kind, by, value in references:
            plain = value.strip().casefold() if by == "name" else value
            target = f"to#{kind}#{by}#{plain}"
            entry = f"reference#{id_}#{sha256(target.encode()).hexdigest()}"
            yield entry, {"reference": text(target), "model_id": text(id_)}
    for key, owner in owners.items():
        yield key, {"owner": text(owner)}
    for key, places in bearers.items():
        yield key, {"owner": text(places[0]), "bearers": {"N": str(len(places))}}
    yield "meta#schema", {name: {"N": "2"} for name in ("format", "min_reader", "min_writer")}


def linked_references(item: Item) -> list[list[str]]:
    """Kind, `by` and value of what an item is linked to: by its name rather than id or url."""
    if item["artifact_type"] != text("model"):
        return []
    asked = ([(of.value, by) for by in ("name", "id", "url")] for of in LINKED)
    values = (
        [[*way, item.get("_".join(way), text(""))["S"]] for way in ways] for ways in asked
    )
    return [told[0] for ways in values if (told := [way for way in ways if way[2]])]


def differences(store: DynamoStore, before: Mapping[str, Item]) -> list[str]:
    """Which items are not as they must be after the migration of a table as it was before."""
    after, expected = everything(store), dict(migrated(before))
    wrong = [f"{key} is not there" for key in expected.keys() - after.keys()]
    wrong += [f"{key} is there" for key in after.keys() - expected.keys()]
    for key in after.keys() & expected.keys():
        found, right = after[key], {"artifact_id": text(key), **expected[key]}
        extra = found.keys() - right.keys() - {"joined", *(_OURS - right.keys())}
        if extra or any(found.get(name) != value for name, value in right.items()):
            wrong.append(f"{key} is {found}, not {right}")
    return wrong
