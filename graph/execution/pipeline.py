"""Executes a request: parse, price, validate, run; whatever happens becomes an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
)

from graph.auth.authenticator import Principal
from graph.auth.required_roles import RequiredRoles
from graph.context import Context
from graph.errors import (
    Code,
    RequestError,
    format_document_error,
    format_execution_error,
    format_request_error,
    post_required,
)
from graph.execution.document_cache import DocumentCache
from graph.execution.validation import Validation
from graph.limits.price import Price, SchemaPrices
from graph.schema.build import core_schema
from graph.schema.deprecations import Deprecations
from graph.settings import Settings
from graph.telemetry.request_stats import RequestStats

_MAX_COERCION_ERRORS = 10


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What is to be executed."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    reads_only: bool = False
    """Whether it came in a way that must not change anything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to; without `data` it was refused before it ran."""

    content: dict[str, Any]
    deprecations: Sequence[Mapping[str, Any]] = ()


class Pipeline:
    """Executes requests of one schema."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self._schema = core_schema(schema)
        self._executor = schema.execution_context_class
        self._settings = settings
        self._requirements = RequiredRoles(self._schema)
        validation = Validation(
            self._schema,
            introspection=settings.introspection,
            suggestions=settings.suggestions,
        )
        self._documents = DocumentCache(
            validation,
            SchemaPrices(self._schema),
            Deprecations(self._schema),
            max_characters=settings.max_query_characters,
            max_tokens=settings.max_query_tokens,
        )

    async def __call__(
        self, request: GraphQLRequest, caller: Principal, context: Context, stats: RequestStats
    ) -> Answer:
        """The answer to a request, whose figures are noted on the way.

        Raises:
            RequestError: where it may not do what it asks for.
        """
        try:
            document = self._documents.read(request.query)
        except GraphQLError as error:
            return Answer({"errors": [format_document_error(error, Code.GRAPHQL_PARSE_FAILED)]})
        except RequestError as error:
            return Answer({"errors": [format_request_error(error)]})
        operation = get_operation_ast(document.ast, request.operation)
        price = Price(0)
        if operation:
            stats.kind = operation.operation.value
            stats.operation = operation.name.value if operation.name else None
            caller.require_role(self._requirements.get_role(document.ast, operation))
            _check_method(request, operation)
            price = document.price(operation, request.variables)
            stats.cost = price.cost
        errors = self._too_complex(price) or document.errors
        if errors:
            return Answer({"errors": errors})
        context.selections = document.selections
        if operation and operation.operation is OperationType.QUERY:
            context.read_only(document.details)
        result = await self._execute(request, document.ast, context)
        content = _content(result, stats.request_id)
        if "data" not in content:
            return Answer(content)
        return Answer(content, document.deprecated(request.operation, request.variables))

    def _too_complex(self, price: Price) -> list[dict[str, Any]]:
        message = _excess(price, self._settings)
        return (
            [format_request_error(RequestError(Code.QUERY_TOO_COMPLEX, message))]
            if message
            else []
        )

    async def _execute(
        self, request: GraphQLRequest, document: DocumentNode, context: Context
    ) -> ExecutionResult:
        result = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation,
            executor_class=self._executor,
            max_coercion_errors=_MAX_COERCION_ERRORS,
            hide_suggestions=not self._settings.suggestions,
        )
        return await result if isawaitable(result) else result


def _excess(price: Price, most: Settings) -> str | None:
    """What there is too much of, if there is."""
    if price.cost > most.max_query_cost:
        return (
            f"The request costs {price.cost}, and {most.max_query_cost} is the maximum: select "
            "fewer fields, or ask for smaller pages."
        )
    for found, maximum, text in (
        (price.depth, most.max_query_depth, "nests fields {} deep"),
        (price.aliases, most.max_query_aliases, "has {} aliases"),
    ):
        if found > maximum:
            return f"The request {text.format(found)}, and {maximum} is the maximum."
    return None


def _check_method(request: GraphQLRequest, operation: OperationDefinitionNode) -> None:
    """Refuse a mutation that came by GET, which promises to change nothing."""
    if request.reads_only and operation.operation is not OperationType.QUERY:
        raise post_required("Mutations")


def _content(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors = [format_execution_error(error, request_id) for error in result.errors or ()]
    if result.data is None and all(error.path is None for error in result.errors or ()):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}
