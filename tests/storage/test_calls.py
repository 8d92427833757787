"""What a DynamoDB store asks of its table, call by call, and what it makes of bad answers."""

import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from storage.meter import Meter, current_meter
from storage.records import Artifact, OnConflict, Target
from storage.store import ModelsOf
from tests.storage.calls import (
    Answer,
    actions,
    answering,
    changing,
    emptying,
    failing,
    keys,
    losing,
    operations,
    recorded,
    shortening,
)
from tests.storage.engines import LOCAL, table
from tests.storage.samples import (
    CODE,
    CREATED,
    DATASET,
    MODEL,
    bert,
    by_name,
    by_url,
    delete,
    draft,
    ids,
    links,
    listing,
    models_of,
    named,
    rating,
    register,
    register_one,
    squad,
    update,
    url_of,
    walk,
)


def _hundred(store: DynamoStore) -> list[Artifact]:
    register(store, *(draft(DATASET, f"d{n}") for n in range(100)))
    register(store, *(draft(CODE, f"c{n}") for n in range(100)))
    return register(
        store,
        *(
            draft(
                MODEL, f"m{n}", by_name(DATASET, f"d{n}"), by_url(CODE, url_of(CODE, f"c{n}"))
            )
            for n in range(100)
        ),
    )


def test_page_of_a_hundred_models_with_their_links(moto: DynamoStore) -> None:
    _hundred(moto)
    meter = Meter()
    token = current_meter.set(meter)

    with recorded(moto) as made:
        page = moto.page(listing(MODEL), 100)
        targets = [r.target for e in page.entries for r in e.artifact.references]
        found = moto.resolve(targets)

    current_meter.reset(token)
    assert len(found) == 200
    assert operations(made) == ["BatchGetItem", "BatchGetItem", "Query"]
    assert keys(made) == [100, 100]
    assert (meter.calls, meter.round_trips) == (3, 2)


def test_page_of_a_hundred_models_whose_links_nobody_hinted_at(moto: DynamoStore) -> None:
    _hundred(moto)
    meter = Meter()
    token = current_meter.set(meter)

    with recorded(moto) as made:
        page = moto.page(listing(MODEL), 100)
        targets = [r.target for e in page.entries for r in e.artifact.references]
        found = moto.resolve([Target(t.type, t.by, t.value) for t in targets])

    current_meter.reset(token)
    assert len(found) == 200
    assert operations(made) == ["BatchGetItem"] * 4 + ["Query"]
    assert keys(made) == [100] * 4
    assert (meter.calls, meter.round_trips) == (5, 3)


def test_registration_is_one_read_and_one_transaction(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        register_one(moto, bert(by_name(DATASET, "squad"), by_url(CODE, "https://x.org/c")))

    assert operations(made) == ["BatchGetItem", "TransactWriteItems"]
    assert keys(made) == [4]
    assert actions(made) == [5]


@pytest.mark.parametrize("waiting", [1, 50])
def test_dataset_costs_the_same_however_many_models_wait_for_it(
    moto: DynamoStore, waiting: int
) -> None:
    register(moto, *(draft(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(waiting)))

    with recorded(moto) as registering:
        target = register_one(moto, squad())
    with recorded(moto) as renaming:
        renamed = update(moto, target, name="glue")
    with recorded(moto) as deleting:
        delete(moto, renamed)

    assert operations(registering) == ["BatchGetItem", "TransactWriteItems"]
    assert (keys(registering), actions(registering)) == ([2], [3])
    assert operations(renaming) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (keys(renaming), actions(renaming)) == ([1, 2], [3])
    assert operations(deleting) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (keys(deleting), actions(deleting)) == ([1, 2], [3])


@pytest.mark.parametrize("namesakes", [2, 60])
def test_owner_hands_over_at_a_cost_that_does_not_grow_with_namesakes(
    moto: DynamoStore, namesakes: int
) -> None:
    owner, heir, *_ = register(
        moto, *(squad(url=f"https://x.org/{n}") for n in range(namesakes))
    )

    with recorded(moto) as made:
        delete(moto, owner)

    assert operations(made) == ["BatchGetItem"] * 3 + ["Query", "TransactWriteItems"]
    assert actions(made) == [4]
    assert sum(keys(made)) <= 3 + 25
    assert named(moto, DATASET, "squad") == heir


@pytest.mark.parametrize("namesakes", [1, 60])
def test_one_more_namesake_costs_the_same(moto: DynamoStore, namesakes: int) -> None:
    register(moto, *(squad(url=f"https://x.org/{n}") for n in range(namesakes)))

    with recorded(moto) as registering:
        last = register_one(moto, squad(url="https://x.org/last"))
    with recorded(moto) as deleting:
        delete(moto, last)

    assert operations(registering) == ["BatchGetItem", "TransactWriteItems"]
    assert actions(registering) == [3]
    assert operations(deleting) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert actions(deleting) == [3]


def test_rating_is_one_action_after_one_read(moto: DynamoStore) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))

    with recorded(moto) as made:
        update(moto, model, rating=rating(1))

    assert operations(made) == ["BatchGetItem", "TransactWriteItems"]
    assert actions(made) == [1]


def test_hundred_registrations_share_transactions(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        register(moto, *(draft(DATASET, f"d{n}") for n in range(100)))

    assert operations(made) == ["BatchGetItem"] * 2 + ["TransactWriteItems"] * 4
    assert sorted(actions(made)) == [3, 99, 99, 99]


def test_page_of_models_of_many_artifacts_is_asked_in_one_wave(moto: DynamoStore) -> None:
    models = _hundred(moto)
    datasets = list(
        moto.resolve([r.target for m in models[:10] for r in m.references]).values()
    )
    meter = Meter()
    token = current_meter.set(meter)

    with recorded(moto) as made:
        pages = moto.models_of([ModelsOf(artifact, 5) for artifact in datasets])

    current_meter.reset(token)
    assert [len(page.entries) for page in pages] == [1] * 20
    assert operations(made) == ["BatchGetItem"] * 2 + ["Query"] * 60
    assert meter.round_trips == 3


def test_nothing_but_scan_scans(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        target = register_one(moto, squad())
        model = register_one(moto, bert(by_name(DATASET, "squad")))
        links(moto, model)
        models_of(moto, target)
        walk(moto, listing(order=CREATED, contains="b"))
        moto.count(listing(contains="b"))
        update(moto, target, name="glue", url="https://x.org/1")
        delete(moto, model)
        moto.ping()
        moto.reset()
    assert "Scan" not in operations(made)

    with recorded(moto) as made:
        list(moto.scan())
    assert operations(made) == ["Scan"]


def _reorder(parsed: dict[str, Any]) -> None:
    for items in parsed.get("Responses", {}).values():
        items.reverse()


def _leave_some(parsed: dict[str, Any]) -> None:
    """Of more than one item, the second half comes another time."""
    for of, items in parsed.get("Responses", {}).items():
        if len(items) > 1:
            half = len(items) // 2
            left = [{"artifact_id": item["artifact_id"]} for item in items[half:]]
            del items[half:]
            parsed.setdefault("UnprocessedKeys", {})[of] = {"Keys": left}


@pytest.mark.parametrize("change", [_reorder, _leave_some], ids=["reordered", "unprocessed"])
def test_answers_of_a_batch_may_be_in_any_order_or_late(
    moto: DynamoStore,
    change: Callable[[dict[str, Any]], None],
) -> None:
    models = _hundred(moto)
    plain = moto.resolve([r.target for m in models for r in m.references])

    with changing(moto, "BatchGetItem", change):
        found = moto.resolve([r.target for m in models for r in m.references])
        got = moto.get(ids(models))

    assert found == plain
    assert got == {model.id: model for model in models}


def test_unprocessed_for_ever_is_an_error_not_an_absence(moto: DynamoStore) -> None:
    target = register_one(moto, squad())

    def leave_all(parsed: dict[str, Any]) -> None:
        for of, items in list(parsed["Responses"].items()):
            left = [{"artifact_id": item["artifact_id"]} for item in items]
            parsed["Responses"][of] = []
            parsed["UnprocessedKeys"] = {of: {"Keys": left}}

    with changing(moto, "BatchGetItem", leave_all), pytest.raises(StoreUnavailableError):
        moto.get([target.id])


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_pages_of_a_query_may_be_short_or_empty_with_more_behind(
    moto: DynamoStore, most: int
) -> None:
    target = register_one(moto, squad())
    everyone = register(
        moto, *(draft(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(5))
    )
    plain = walk(moto, listing(), first=3)

    with shortening(moto, most), emptying(moto):
        assert walk(moto, listing(), first=3) == plain
        assert walk(moto, listing(MODEL, order=CREATED), first=2) == everyone
        assert models_of(moto, target, first=2) == sorted(ids(everyone))
        assert moto.count(listing()) == 6


def _cancelled(*codes: str) -> Answer:
    reasons = [{"Code": code} for code in codes]
    return failing("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    "answer",
    [
        _cancelled("TransactionConflict", "None", "None"),
        _cancelled("ThrottlingError", "None", "None"),
        failing("TransactionInProgressException"),
        failing("ThrottlingException"),
        failing("ProvisionedThroughputExceededException"),
        failing("InternalServerError", 500),
        failing("ServiceUnavailable", 503),
    ],
    ids=["conflict", "throttled_in", "in_progress", "throttled", "exceeded", "500", "503"],
)
def test_passing_refusal_of_a_transaction_is_tried_again(
    moto: DynamoStore,
    answer: Answer,
) -> None:
    with answering(moto, "TransactWriteItems", answer, answer) as left:
        target = register_one(moto, squad())
    assert left == []
    with answering(moto, "TransactWriteItems", answer) as left:
        after = update(moto, target, name="glue")
    assert left == []
    with answering(moto, "TransactWriteItems", answer) as left:
        delete(moto, after)
    assert left == []

    assert after.version == 2
    assert walk(moto, listing()) == []
    assert list(moto.check()) == []


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query"])
def test_passing_failure_of_a_read_is_tried_again(moto: DynamoStore, operation: str) -> None:
    model = register_one(moto, bert(by_name(DATASET, "squad")))
    target = register_one(moto, squad())

    throttled = failing("ThrottlingException")

    with answering(moto, operation, throttled, throttled) as left:
        assert models_of(moto, target) == [model.id]
    assert left == []


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"]
)
def test_failure_that_does_not_pass_is_an_error_at_once(moto: DynamoStore, code: str) -> None:
    target = register_one(moto, squad())

    for operation, ask in (
        ("BatchGetItem", lambda: moto.get([target.id])),
        ("BatchGetItem", lambda: moto.resolve([by_name(DATASET, "squad").target])),
        ("BatchGetItem", lambda: moto.register([bert()], OnConflict.REJECT)),
        ("BatchGetItem", lambda: moto.delete(target.id, None)),
        ("Query", lambda: moto.page(listing(), 10)),
        ("Query", lambda: moto.count(listing())),
        ("Query", lambda: moto.models_of([ModelsOf(target, 5)])),
        ("Query", moto.reset),
        ("TransactWriteItems", lambda: moto.register([bert()], OnConflict.REJECT)),
        ("TransactWriteItems", lambda: moto.update(target.id, None, {"name": "x"})),
    ):
        with (
            answering(moto, operation, *[failing(code)] * 100),
            pytest.raises(StoreUnavailableError) as failed,
        ):
            ask()
        assert "secret" not in str(failed.value)
    assert walk(moto, listing()) == [target]


def test_endpoint_that_is_down_fails_fast_and_is_never_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    store = DynamoStore("artifacts_metadata", "us-east-2")
    began = time.monotonic()

    for ask in (
        lambda: store.get(["a"]),
        lambda: store.resolve([by_name(DATASET, "squad").target]),
        lambda: store.page(listing(), 10),
        lambda: store.register([bert()], OnConflict.REJECT),
        store.ping,
        store.ensure,
    ):
        with pytest.raises(StoreUnavailableError):
            ask()

    store.close()
    assert time.monotonic() - began < 20


def test_token_of_a_transaction_is_the_same_when_it_is_sent_again(moto: DynamoStore) -> None:
    with (
        answering(moto, "TransactWriteItems", failing("InternalServerError", 500)),
        recorded(moto) as made,
    ):
        register_one(moto, squad())

    sent = [params for name, params in made if name == "TransactWriteItems"]
    assert len(sent) == 2
    assert sent[0]["ClientRequestToken"] == sent[1]["ClientRequestToken"]
    assert sent[0]["TransactItems"] == sent[1]["TransactItems"]


@pytest.mark.skipif(LOCAL is None, reason="moto ignores the token of a transaction")
@pytest.mark.parametrize("times", [1, 2])
def test_write_whose_answer_was_lost_takes_effect_once(times: int) -> None:
    with table() as store:
        with losing(store, "TransactWriteItems", times):
            target = register_one(store, squad())
            namesake = register_one(store, squad(url="https://x.org/2"))
        with losing(store, "TransactWriteItems", times):
            after = update(store, target, name="glue")
        with losing(store, "TransactWriteItems", times):
            delete(store, after)

        assert after.version == 2
        assert walk(store, listing()) == [namesake]
        assert list(store.check()) == []


def test_every_key_that_is_read_is_read_consistently(moto: DynamoStore) -> None:
    with recorded(moto) as made:
        model = register_one(moto, bert(by_name(DATASET, "squad")))
        links(moto, model)
        delete(moto, model)

    reads = [params for name, params in made if name == "BatchGetItem"]
    assert all(
        of["ConsistentRead"] is True for each in reads for of in each["RequestItems"].values()
    )


def test_cancelled_transaction_leaves_no_trace_in_moto(moto: DynamoStore) -> None:
    """What the other tests build on: moto's way back, as this suite makes it cheap."""
    target = register_one(moto, squad(url="https://x.org/1"))
    register_one(moto, squad(url="https://x.org/2"))
    before = deepcopy(list(moto.client.scan()))
    key = {"artifact_id": {"S": "name#dataset#squad"}}
    count = {
        "Update": {
            "Key": key,
            "UpdateExpression": "ADD bearers :one SET extra = :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    put = {"Put": {"Item": {"artifact_id": {"S": "new"}}}}
    gone = {"Delete": {"Key": {"artifact_id": {"S": target.id}}}}
    made = {
        "Update": {
            "Key": {"artifact_id": {"S": "made"}},
            "UpdateExpression": "ADD bearers :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    refused = {
        "ConditionCheck": {
            "Key": {"artifact_id": {"S": "missing"}},
            "ConditionExpression": "attribute_exists(artifact_id)",
        }
    }

    assert not moto.client.transact([count, put, gone, made, refused])
    assert list(moto.client.scan()) == before

    assert moto.client.transact([count, put, made])
    assert moto.client.get_items(["name#dataset#squad"])["name#dataset#squad"]["bearers"] == {
        "N": "3"
    }
