"""A pytest plugin that lets graphql-core's own tests of execution run on this engine.

`execute` and `execute_sync` are replaced before the test modules import them.
"""

from collections.abc import Awaitable, Coroutine, Generator
from types import coroutine
from typing import Any, cast

import graphql
import graphql.execution
import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLSchema

from graph.engine.arguments import CoercedArguments
from graph.engine.budget import Unlimited
from graph.engine.execute import Engine
from graph.engine.plan import plan_operation

_NO_OPTION = "the engine has no such option"
_NO_FRAGMENT_ARGUMENTS = "fragments with arguments are an experiment of graphql-core's parser"
_READS_ALL = "an iterable is read before its items are completed, and not after it failed"
_WAITS = "the engine is a coroutine function: it waits for the tasks that it started"
_EXPERIMENT = "the schema has no @defer and @stream"
_TIMING = "asserts the order in time; the engine's errors are in the order of fields"
EXCLUDED = {
    "uses_a_custom_field_resolver": _NO_OPTION,
    "uses_a_custom_type_resolver": _NO_OPTION,
    "can_customize_detection_of_async_iterables": _NO_OPTION,
    "schemas_including_experimental_defer": _EXPERIMENT,
    "schemas_including_experimental_stream": _EXPERIMENT,
    "handles_sync_errors_combined_with_async_ones": _WAITS,
    "handles_sync_errors_combined_with_async_ones_in_async_context": _WAITS,
    "handles_sync_errors_with_later_pending_awaitables": _WAITS,
    "drains_the_iterator_when_next_throws": _READS_ALL,
    "handles_iterator_errors_with_later_pending_awaitables": _READS_ALL,
    "handles_mixture_of_sync_and_async_errors_in_async_iterables": _READS_ALL,
    "calls_aclose_when_non_null_list_item_errors": _READS_ALL,
    "allows_custom_scalars_with_embedded_fragment_variables": _NO_FRAGMENT_ARGUMENTS,
    "allows_custom_scalars_with_embedded_nested_fragment_variables": _NO_FRAGMENT_ARGUMENTS,
    "describe_nulls_a_complex_tree_of_nullable_fields_each::throws": _TIMING,
    "nullable_and_non_nullable_root_fields_throw_nested_errors": _TIMING,
    "slower_nullable_after_non_nullable_root_field": _TIMING,
    "nullable_and_non_nullable_nested_fields_throw_nested_errors": _TIMING,
    "slower_nullable_after_non_nullable_nested_field": _TIMING,
    "describe_using_fragment_arguments": _NO_FRAGMENT_ARGUMENTS,
}
"""Tests that do not apply to this engine, by a part of their names, and why."""


def execute(  # noqa: PLR0917 - graphql-core's own signature
    schema: GraphQLSchema,
    document: DocumentNode,
    root_value: Any = None,
    context_value: Any = None,
    variable_values: dict[str, Any] | None = None,
    operation_name: str | None = None,
    **options: Any,
) -> ExecutionResult | Awaitable[ExecutionResult]:
    """Execute a document with the engine; return an awaitable only if something is awaited."""
    hide = options.pop("hide_suggestions", False)
    options.pop("is_awaitable", None)
    max_errors = options.pop("max_coercion_errors", 50)
    if options:
        pytest.fail(f"{_NO_OPTION}: {options}")
    built = graphql.Executor.build(
        schema,
        document,
        raw_variable_values=variable_values,
        operation_name=operation_name,
        hide_suggestions=hide,
        max_coercion_errors=max_errors,
    )
    if isinstance(built, list):
        return ExecutionResult(None, built)
    plan = plan_operation(schema, document, built.operation, built.variable_values)
    running = Engine(schema).execute(
        plan,
        CoercedArguments(built.variable_values),
        context=context_value,
        root=root_value,
        budget=Unlimited(),
    )
    return _start(running)


def execute_sync(*args: Any, **kwargs: Any) -> ExecutionResult:
    """Execute a document whose resolvers must not wait."""
    result = execute(*args, **kwargs)
    if isinstance(result, ExecutionResult):
        return result
    result.close()  # type: ignore[attr-defined]
    raise RuntimeError("GraphQL execution failed to complete synchronously.")


def _start(
    running: Coroutine[Any, Any, ExecutionResult],
) -> ExecutionResult | Awaitable[ExecutionResult]:
    try:
        waits_for = running.send(None)
    except StopIteration as finished:
        result: ExecutionResult = finished.value
        return result
    return _wait(_go_on(running, waits_for))


async def _wait(result: Awaitable[ExecutionResult]) -> ExecutionResult:
    return await result


@coroutine
def _go_on(
    running: Coroutine[Any, Any, ExecutionResult], waits_for: Any
) -> Generator[Any, Any, ExecutionResult]:
    while True:
        try:
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001 - a cancellation too
                waits_for = running.throw(error)
            else:
                waits_for = running.send(sent)
        except StopIteration as finished:
            return cast(ExecutionResult, finished.value)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name, reason in EXCLUDED.items():
            if f"{name}::" in f"{item.nodeid}::":
                item.add_marker(pytest.mark.skip(reason=reason))


graphql.execution.execute = execute  # type: ignore[assignment]
graphql.execution.execute_sync = execute_sync
