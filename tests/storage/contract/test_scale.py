"""Costs, in calls, items and steps, that do not grow with the number of artifacts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from storage.artifacts.records import Artifact, LookupField, Target
from storage.reverse_links import ReverseLinkQuery
from tests.storage.contract.costs import Cost, Steps, cost
from tests.storage.contract.crowds import make_crowds, resize
from tests.storage.crowd import Crowd, another, answers
from tests.storage.engines import ENGINES
from tests.storage.samples import CODE, MODEL, UNKNOWN_ID, ids
from tests.storage.store_calls import (
    delete,
    find_by_name,
    read_reverse_links,
    register_one,
    update,
)

pytestmark = pytest.mark.slow
SCALED = [engine for engine in ENGINES if engine != "moto"]  # it reads whole tables
SIZES = 9_999, 10_000, 10_001
"""Numbers of models up to which, and above which, they are counted."""


@pytest.fixture(scope="module", autouse=True)
def steps() -> Iterator[Steps]:
    with pytest.MonkeyPatch.context() as patch:
        yield Steps(patch)


@pytest.fixture(scope="module", params=SCALED)
def crowds(
    request: pytest.FixtureRequest,
    hundred_thousand: tuple[Path, list[Artifact]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Crowd]]:
    """Stores of three sizes, which are consistent when the tests end."""
    folder: Path = tmp_path_factory.mktemp("crowds")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        made = make_crowds(request.param, folder, hundred_thousand, stack)
        yield made
        for each in made:
            assert list(each.store.check()) == []


@pytest.fixture
def same(crowds: list[Crowd], steps: Steps) -> Callable[..., Cost]:
    """Return the cost of an act, which must be the same in each crowd of at least some size.

    Writes on DynamoDB may need two more calls, for the segment of the log that they draw.
    """

    def same(
        act: Callable[[Crowd], object], at_least: int = 10, *, is_write: bool = False
    ) -> Cost:
        costs = {
            len(crowd.models): cost(crowd.store, steps, partial(act, crowd))
            for crowd in crowds
            if len(crowd.models) >= at_least
        }
        steps_made = [cost.steps for cost in costs.values()]
        if is_write and not steps_made[0]:
            calls = [cost.calls for cost in costs.values()]
            assert len({cost.index_items for cost in costs.values()}) == 1, costs
            assert max(calls) - min(calls) <= 2, costs
            assert max(calls) <= 8, costs
        else:
            assert len(set(costs.values())) == 1, costs
        assert max(steps_made) - min(steps_made) <= 2, costs
        return costs.popitem()[1]

    return same


def test_writing_a_dataset_costs_the_same_with_any_number_of_models(
    crowds: list[Crowd], same: Callable[..., Cost]
) -> None:
    datasets: dict[Crowd, Artifact] = {}

    def register(crowd: Crowd) -> None:
        datasets[crowd] = register_one(crowd.store, answers())

    def rename(crowd: Crowd) -> None:
        datasets[crowd] = update(crowd.store, datasets[crowd], name="glue")

    registering = same(register, is_write=True)
    for crowd in crowds:
        assert read_reverse_links(crowd.store, datasets[crowd]) == ids(crowd.models)
    renaming = same(rename, is_write=True)
    for crowd in crowds:
        assert read_reverse_links(crowd.store, datasets[crowd]) == []
    deleting = same(lambda crowd: delete(crowd.store, datasets[crowd]), is_write=True)

    assert [cost.index_items for cost in (registering, renaming, deleting)] == [0, 0, 0]


def test_a_page_of_models_costs_the_same_with_any_number_of_models(
    crowds: list[Crowd], same: Callable[..., Cost]
) -> None:
    datasets = {crowd: register_one(crowd.store, answers()) for crowd in crowds}
    pages = {}

    def read(crowd: Crowd, after: str | None) -> None:
        query = ReverseLinkQuery(datasets[crowd], 4, after)
        (pages[crowd],) = crowd.store.read_reverse_links([query])

    # No page is the last one: that takes a few steps less.
    for start in (0, 4):
        page = same(
            lambda crowd, at=start: read(crowd, ids(crowd.models)[at - 1] if at else None)
        )

        for crowd in crowds:
            found = [entry.artifact for entry in pages[crowd].entries]
            assert found == crowd.models[start : start + 4]
            assert pages[crowd].has_next
        assert page.index_items in (0, 5)
    for crowd in crowds:
        delete(crowd.store, datasets[crowd])


def test_registering_a_namesake_costs_the_same_with_any_number_of_namesakes(
    same: Callable[..., Cost],
) -> None:
    models: dict[Crowd, Artifact] = {}

    def register(crowd: Crowd) -> None:
        models[crowd] = register_one(crowd.store, another("https://example.org/more"))

    registering = same(register, is_write=True)
    deleting = same(lambda crowd: delete(crowd.store, models[crowd]), is_write=True)

    assert registering.index_items == deleting.index_items == 0


@pytest.mark.parametrize("leave", ["delete", "rename"])
def test_succession_costs_the_same_with_any_number_of_namesakes(
    crowds: list[Crowd], same: Callable[..., Cost], leave: str
) -> None:
    owners = {crowd: crowd.models.pop(0) for crowd in crowds}

    def give_up(crowd: Crowd) -> None:
        if leave == "delete":
            delete(crowd.store, owners[crowd])
        else:
            update(crowd.store, owners[crowd], name="ernie")

    for crowd in crowds:
        assert find_by_name(crowd.store, MODEL, "bert") == owners[crowd]
    leaving = same(give_up, at_least=99, is_write=True)
    give_up(crowds[0])

    for crowd in crowds:
        assert find_by_name(crowd.store, MODEL, "bert") == crowd.models[0]
    assert leaving.index_items in (0, 25)
    for crowd in crowds:
        if leave == "rename":
            delete(crowd.store, owners[crowd])
        crowd.models.append(register_one(crowd.store, another(owners[crowd].url)))


def test_a_lookup_costs_the_same_with_any_number_of_artifacts(
    crowds: list[Crowd], same: Callable[..., Cost]
) -> None:
    last = {crowd: crowd.code[-1] for crowd in crowds}
    found: dict[Crowd, object] = {}

    def look_up(crowd: Crowd, by: LookupField, value: Callable[[Artifact], str]) -> None:
        target = Target(CODE, by, value(last[crowd]))
        found[crowd] = crowd.store.resolve([target]).get(target)

    for by, value in (
        (LookupField.NAME, lambda artifact: artifact.name),
        (LookupField.URL, lambda artifact: artifact.url),
        (LookupField.ID, lambda artifact: artifact.id),
    ):
        hit = same(partial(look_up, by=by, value=value))
        assert found == last
        miss = same(partial(look_up, by=by, value=lambda _: UNKNOWN_ID))
        assert found == dict.fromkeys(crowds)
        assert hit.index_items == miss.index_items == 0
        assert (hit.calls, miss.calls) in ((1, 1), (1 if by is LookupField.ID else 2, 1))


def test_the_count_of_models_is_exact_or_null_and_its_cost_is_bounded(
    crowds: list[Crowd], steps: Steps
) -> None:
    crowd = crowds[-1]
    target = register_one(crowd.store, answers())
    counts: list[int | None] = []
    costs = []
    for size in SIZES:
        resize(crowd, size)
        counting = lambda: counts.extend(crowd.store.count_reverse_links([target]))  # noqa: E731
        costs.append(cost(crowd.store, steps, counting))
    delete(crowd.store, target)

    assert counts == [*SIZES[:2], None]
    assert [cost.index_items for cost in costs] in ([0, 0, 0], list(SIZES))
    assert costs[2].steps <= 1.05 * costs[1].steps
