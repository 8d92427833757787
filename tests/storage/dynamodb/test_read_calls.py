"""The exact DynamoDB calls of reads of many artifacts with their links."""

from storage.artifacts.records import Artifact, Target
from storage.dynamodb.store import DynamoStore
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Window
from storage.usage import StoreUsage, current_usage
from tests.storage.dynamodb.recorded_calls import (
    key_counts,
    operations,
    record_calls,
)
from tests.storage.samples import MODEL, listing
from tests.storage.store_calls import read_page, register_hundred_linked


def test_a_page_of_models_with_links_takes_two_round_trips(moto: DynamoStore) -> None:
    """The first one polls the log; if nothing changed, the page is read from the copy."""
    register_hundred_linked(moto)
    read_page(moto, listing(), Window(1))
    usage = StoreUsage()
    token = current_usage.set(usage)

    with record_calls(moto) as calls:
        page = moto.page(listing(MODEL), Window(100))
        targets = [r.target for e in page.entries for r in e.artifact.references]
        resolved = moto.resolve(targets)

    current_usage.reset(token)
    assert len(resolved) == 200
    assert operations(calls) == ["BatchGetItem"] * 3
    assert key_counts(calls)[1:] == [100, 100]
    assert (usage.calls, usage.round_trips) == (3, 2)


def test_links_without_earlier_results_take_one_more_round_trip(moto: DynamoStore) -> None:
    register_hundred_linked(moto)
    read_page(moto, listing(), Window(1))
    usage = StoreUsage()
    token = current_usage.set(usage)

    with record_calls(moto) as calls:
        page = moto.page(listing(MODEL), Window(100))
        targets = [r.target for e in page.entries for r in e.artifact.references]
        resolved = moto.resolve([Target(t.type, t.lookup_field, t.value) for t in targets])

    current_usage.reset(token)
    assert len(resolved) == 200
    assert operations(calls) == ["BatchGetItem"] * 5
    assert key_counts(calls)[1:] == [100] * 4
    assert (usage.calls, usage.round_trips) == (5, 3)


def test_reverse_links_of_many_artifacts_take_three_round_trips(moto: DynamoStore) -> None:
    models = register_hundred_linked(moto)
    targets = [r.target for m in models[:10] for r in m.references]
    resolved = moto.resolve(targets).values()
    artifacts = [artifact for artifact in resolved if isinstance(artifact, Artifact)]
    usage = StoreUsage()
    token = current_usage.set(usage)

    with record_calls(moto) as calls:
        pages = moto.read_reverse_links(
            [ReverseLinkQuery(artifact, 5) for artifact in artifacts]
        )

    current_usage.reset(token)
    assert [len(page.entries) for page in pages] == [1] * 20
    assert operations(calls) == ["BatchGetItem"] * 2 + ["Query"] * 60
    assert usage.round_trips == 3
