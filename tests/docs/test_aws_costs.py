"""Measures the documented units of operations, and computes the example bill from them."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from storage.artifacts.records import LookupField, Target
from storage.dynamodb.store import DynamoStore
from storage.search.pages import Window
from tests.deploy.template import Stack
from tests.docs.blocks import read_table
from tests.storage.dynamodb.read_units import measure_read_units
from tests.storage.dynamodb.write_units import measure_units
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_name,
    by_url,
    listing,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import delete, register_one, update

PAGE = "docs/aws.md"
HOURS = 730
SECONDS = 3_600 * HOURS


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def read_costs() -> dict[str, list[Decimal]]:
    """Read the tables of the page: the numbers of each row."""
    return {
        name: [Decimal(n.replace(",", "")) for n in re.findall(r"\d[\d,.]*", " ".join(cells))]
        for name, cells in read_table(PAGE, "Costs").items()
    }


COSTS = read_costs()


def make_actions(store: DynamoStore) -> dict[str, Callable[[], object]]:
    """Return each documented operation, in the order in which it can be executed."""
    target = register_one(store, squad())
    references = by_name(DATASET, "squad"), by_url(CODE, "https://x.org/c")
    model = register_one(store, new_artifact(MODEL, "gpt"))
    store.reindex(ignore_progress)  # otherwise the first listing does it, in the background

    def look_up(field: LookupField, value: str) -> object:
        return store.resolve([Target(DATASET, field, value)])

    return {
        "register a dataset": lambda: register_one(store, new_artifact(DATASET, "glue")),
        "register a model with two references": lambda: register_one(
            store, new_artifact(MODEL, "bert", *references)
        ),
        "update an artifact": lambda: update(store, target, license="mit"),
        "rate a model with all scores": lambda: update(store, model, rating=rating()),
        "delete a dataset": lambda: delete(store, target),
        "look up an artifact by id": lambda: store.get([target.id]),
        "look up an artifact by name or URL, or follow a reference": lambda: look_up(
            LookupField.NAME, "glue"
        ),
        "look for new changes before a listing": lambda: store.page(listing(), Window(100)),
    }


def test_the_documented_units_are_those_that_operations_take(moto: DynamoStore) -> None:
    measured: dict[str, list[Decimal]] = {}
    for name, action in make_actions(moto).items():
        moto.page(listing(), Window(1))  # so that the search index has all changes
        with measure_units(moto) as writes, measure_read_units(moto) as reads:
            action()
        measured[name] = [Decimal(str(reads[0])), Decimal(sum(writes.values()))]

    assert measured == {name: COSTS[name] for name in measured}
    assert COSTS["a page of a listing after that"] == [0, 0]


def test_the_bill_follows_from_the_units_and_prices() -> None:
    bill = {name: cells for name, cells in COSTS.items() if len(cells) == 3}
    (total,) = COSTS["total"]

    for name, (quantity, price, cost) in bill.items():
        assert cost == (quantity * price).quantize(Decimal("0.01"), ROUND_HALF_UP), name
    assert total == sum(cost for _, _, cost in bill.values())
    reads, writes = COSTS["register a model with two references"]
    followed, _ = COSTS["look up an artifact by name or URL, or follow a reference"]
    lookup, _ = COSTS["look up an artifact by id"]
    poll, _ = COSTS["look for new changes before a listing"]
    total_reads = 30_000 * reads + 1_000_000 * (lookup + 2 * followed) + 2 * SECONDS * poll
    assert bill["million write units"][0] == 30_000 * writes / 1_000_000
    assert bill["million read units"][0] == round(total_reads / 1_000_000, 1)
    assert bill["metrics that alarms watch"][0] == count_alarm_metrics()


def count_alarm_metrics() -> int:
    stack = Stack(AlarmTopic="arn", MetricsNamespace="Registry")
    resources = stack.template["Resources"].items()
    alarms = [
        stack.properties(name)
        for name, resource in resources
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
    return sum(
        sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1
        for alarm in alarms
    )
