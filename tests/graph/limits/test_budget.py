"""The budget of a request, by itself and as it ends requests."""

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from graph.errors import Code
from graph.limits.budget import BudgetExceededError, Budgets, RequestBudget
from graph.settings import Settings
from tests.graph.clients import Client, model, serving
from tests.graph.recording_store import RecordingStore

AFTER = " ".join(f"a{n}: after" for n in range(10))
UPDATE = """mutation ($id: ID!, $input: UpdateModelInput!) {
  updateModel(id: $id, input: $input) { outcome }
}"""
HISTORY = UPDATE.replace(
    "outcome", f"outcome model {{ history(first: 20) {{ nodes {{ fields {{ {AFTER} }} }} }} }}"
)
SETTINGS = Settings(max_query_cost=1_000, request_seconds=10)


def create(seconds: float = 10) -> RequestBudget:
    return Budgets(SETTINGS).create(seconds)


@pytest.mark.parametrize(
    ("spend", "maximum", "text"),
    [
        (lambda budget, n: budget.add_fields(n, 0), 2_000, "answers more than 2,000 fields"),
        (
            lambda budget, n: budget.add_values(1, n),
            200_000,
            "answers more than 200,000 bytes",
        ),
        (
            lambda budget, n: budget.add_fields(1, n - 4),
            200_000,
            "answers more than 200,000 bytes",
        ),
        (lambda budget, n: budget.check_answer(n), 200_000, "answers more than 200,000 bytes"),
        (lambda budget, n: budget.add_errors(n), 1_000, "answers more than 1,000 errors"),
        (lambda budget, n: budget.add_reads(n), 1_000, "reads more than 1,000 keys"),
        (lambda budget, n: budget.add_items(n, 0), 1_000, "reads more than 1,000 artifacts"),
        (
            lambda budget, n: budget.add_items(1, n),
            1_000_000,
            "reads more than 1,000,000 bytes",
        ),
    ],
    ids=["fields", "values", "keys", "answer", "errors", "reads", "artifacts", "read bytes"],
)
def test_each_kind_of_work_has_a_maximum_that_follows_from_that_of_the_price(
    spend: Callable[[RequestBudget, int], None], maximum: int, text: str
) -> None:
    spend(create(), maximum)

    with pytest.raises(BudgetExceededError) as raised:
        spend(create(), maximum + 1)

    assert raised.value.code is Code.QUERY_TOO_COMPLEX
    assert raised.value.message == (
        f"The request {text}, which is the maximum: select fewer fields, or ask for smaller "
        "pages."
    )


def test_work_adds_up_and_a_call_of_the_store_without_keys_counts_as_one() -> None:
    budget = create()
    for _ in range(500):
        budget.add_reads(0)
    budget.add_reads(500)

    with pytest.raises(BudgetExceededError, match="1,000 keys"):
        budget.add_reads(0)


@pytest.mark.anyio
async def test_others_run_when_the_event_loop_was_held_for_long() -> None:
    budget = create()
    turns: list[str] = []
    other = asyncio.create_task(note(turns))

    await budget.pause()
    assert turns == []
    hold_event_loop(0.03)
    await budget.pause()

    assert turns == ["other"]
    await other


@pytest.mark.anyio
async def test_requests_that_hold_the_event_loop_share_its_turns() -> None:
    budgets = Budgets(SETTINGS)
    order: list[str] = []

    async def work(name: str) -> None:
        budget = budgets.create(10)
        await budget.pause()
        for _ in range(3):
            hold_event_loop(0.03)
            await budget.pause()
            order.append(name)

    async def check_health() -> None:
        while True:
            if order and order[-1] != "health":
                order.append("health")
            await asyncio.sleep(0)

    health = asyncio.create_task(check_health())
    await asyncio.gather(work("a"), work("b"), work("c"))
    health.cancel()

    works = [name for name in order if name != "health"]
    assert sorted(works) == sorted("abc" * 3)
    assert all("health" in pair for pair in pairwise(order)), order


@pytest.mark.anyio
async def test_the_deadline_holds_while_waiting_and_while_working_unless_it_is_removed() -> (
    None
):
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    with pytest.raises(BudgetExceededError) as waiting:
        await create(0.01).wait(never)
    with pytest.raises(BudgetExceededError) as working:
        await create(-1).pause()

    for raised in (waiting, working):
        assert raised.value.code is Code.DEADLINE_EXCEEDED
        assert raised.value.message == "The request was not answered within 10 s."
        assert raised.value.status == 504
    assert not never.cancelled()
    budget = create(-1)
    budget.remove_deadline()
    await budget.pause()


@pytest.mark.anyio
async def test_a_query_that_reads_more_than_it_may_ends_with_an_error_alone(
    recorded: RecordingStore,
) -> None:
    settings = Settings(max_query_cost=250)
    inputs = [model(f"https://example.org/{n}", description="x" * 4_000) for n in range(15)]
    query = "{ models(first: 15) { nodes { description } } }"

    async with serving(recorded, Settings()) as other, serving(recorded, settings) as http:
        await Client(other).register(*inputs)
        answer = await http.post("/graphql", json={"query": query})

    content = answer.json()
    assert content["extensions"]["cost"]["requested"] <= 250
    assert "data" not in content
    assert [error["extensions"]["code"] for error in content["errors"]] == ["QUERY_TOO_COMPLEX"]
    assert "answers more than 50,000 bytes" in content["errors"][0]["message"]


@pytest.mark.anyio
async def test_a_mutation_that_exceeds_its_budget_still_tells_what_it_wrote(
    recorded: RecordingStore,
) -> None:
    mutation = (
        "mutation ($input: RegisterModelInput!) { registerModel(input: $input)"
        " { outcome model { description } userErrors { code } } }"
    )
    input_ = {
        "url": "https://example.org/m",
        "description": "x" * 4_000,
        "datasets": [{"name": "d"}],
    }

    async with serving(recorded, Settings(max_query_cost=400)) as http:
        many = "{" + " ".join(f"a{n}: description" for n in range(25)) + " dataset { id } }"
        answer = await http.post(
            "/graphql",
            json={
                "query": mutation.replace("{ description }", many),
                "variables": {"input": input_},
            },
        )

    content = answer.json()
    assert content["data"]["registerModel"]["outcome"] == "CREATED"
    assert content["data"]["registerModel"]["userErrors"] == []
    described = [content["data"]["registerModel"]["model"][f"a{n}"] for n in range(25)]
    assert described == [input_["description"]] * 20 + [None] * 5
    paths = [error["path"][2:] for error in content["errors"]]
    assert paths == [*([f"a{n}"] for n in range(20, 25)), ["dataset"]]
    codes = {error["extensions"]["code"] for error in content["errors"]}
    assert codes == {"QUERY_TOO_COMPLEX"}
    assert recorded.calls.count(("register", 1)) == 1


@pytest.mark.anyio
async def test_below_the_payload_of_such_a_mutation_everything_that_may_be_null_is(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(max_query_cost=3_200)) as http:
        client = Client(http)
        (id_,) = await client.register(model("https://example.org/m"))
        for size in range(20):
            input_ = {"description": f"{size:02}" * 2_000}
            await client.data(UPDATE, id=id_, input=input_)
        answer = await http.post(
            "/graphql",
            json={"query": HISTORY, "variables": {"id": id_, "input": {"name": "changed"}}},
        )

    written = answer.json()["data"]["updateModel"]
    assert written["outcome"] == "UPDATED"
    assert len(answer.content) < 200 * 3_000 + 100_000
    errors = answer.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"QUERY_TOO_COMPLEX"}


def hold_event_loop(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


async def note(turns: list[str]) -> None:
    turns.append("other")
