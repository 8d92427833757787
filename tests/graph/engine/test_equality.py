"""The engine answers random documents exactly as graphql-core does."""

import asyncio
import json
from typing import Any

import pytest
from graphql import ExecutionResult, Executor, execute, parse
from hypothesis import HealthCheck, given
from hypothesis import settings as configure
from hypothesis import strategies as st

from graph.engine.arguments import CoercedArguments
from graph.engine.budget import Unlimited
from graph.engine.execute import Engine
from graph.engine.plan import plan_operation
from tests.graph.engine.random_documents import (
    SDL,
    Wrap,
    create_schema,
    defer,
    documents,
    keep,
    wait,
)

SCHEMA = create_schema(SDL)
ALL_NULLABLE = create_schema(SDL.replace("!", ""))
"""The same, where no error hides another."""
SEEDS = st.integers(0, 2**32)
NULL_ERROR = "Cannot return null for non-nullable field"


async def run(document: str, seed: int, wrap: Wrap) -> ExecutionResult:
    parsed = parse(document)
    built = Executor.build(SCHEMA, parsed)
    assert isinstance(built, Executor)
    plan = plan_operation(SCHEMA, parsed, built.operation, built.variable_values)
    return await Engine(SCHEMA).execute(
        plan, CoercedArguments(built.variable_values), context=(seed, wrap), budget=Unlimited()
    )


def run_reference(document: str, seed: int, schema: Any = SCHEMA) -> ExecutionResult:
    result = execute(schema, parse(document), context_value=(seed, keep))
    assert isinstance(result, ExecutionResult)
    return result


def format_errors(result: ExecutionResult) -> list[str]:
    return [json.dumps(error.formatted) for error in result.errors or ()]


@configure(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), SEEDS)
def test_values_that_are_there(document: str, seed: int) -> None:
    result = asyncio.run(run(document, seed, keep))
    reference = run_reference(document, seed)
    assert json.dumps(result.data) == json.dumps(reference.data)
    assert format_errors(result) == format_errors(reference)


@configure(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), SEEDS)
def test_deferred_values(document: str, seed: int) -> None:
    result = asyncio.run(run(document, seed, defer))
    reference = run_reference(document, seed)
    assert json.dumps(result.data) == json.dumps(reference.data)
    assert format_errors(result) == format_errors(reference)


@pytest.mark.filterwarnings(  # those in a list whose own task is cancelled
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
@configure(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), SEEDS)
def test_awaitables_give_the_same_data_and_a_part_of_the_errors(
    document: str, seed: int
) -> None:
    result = asyncio.run(run(document, seed, wait))
    reference = run_reference(document, seed)
    assert json.dumps(result.data) == json.dumps(reference.data)
    possible = format_errors(run_reference(document, seed, ALL_NULLABLE))
    for error in format_errors(result):
        assert error in possible or NULL_ERROR in error
