"""The pipeline of a GraphQL request: parse, authorise, price, validate, execute."""

from collections.abc import Mapping
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
from graph.execution.document_cache import Document, DocumentCache
from graph.execution.validation import Validator
from graph.limits.price import SchemaPrices
from graph.limits.price_sums import Price
from graph.schema.build import core_schema
from graph.settings import Settings
from graph.telemetry.request_stats import RequestStats

_MAX_COERCION_ERRORS = 10


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL request, independent of how HTTP carried it."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    is_read_only: bool = False
    """Refuse mutations, as for requests by GET."""


class Pipeline:
    """Executes requests against one schema."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self._schema = core_schema(schema)
        self._executor = schema.execution_context_class
        self._settings = settings
        self._required_roles = RequiredRoles(self._schema)
        validator = Validator(
            self._schema,
            introspection=settings.introspection,
            suggestions=settings.suggestions,
        )
        self._documents = DocumentCache(
            validator,
            SchemaPrices(self._schema),
            max_characters=settings.max_query_characters,
            max_tokens=settings.max_query_tokens,
        )

    async def __call__(
        self,
        request: GraphQLRequest,
        principal: Principal,
        context: Context,
        stats: RequestStats,
    ) -> dict[str, Any]:
        """Return the response to a request; one without `data` was not executed.

        Raises:
            RequestError: The principal lacks the role that the operation requires, or the
                operation is a mutation and the request is read-only.
        """
        try:
            document = self._documents.get_or_parse(request.query)
        except GraphQLError as error:
            return {"errors": [format_document_error(error, Code.GRAPHQL_PARSE_FAILED)]}
        except RequestError as error:
            return {"errors": [format_request_error(error)]}
        operation = get_operation_ast(document.ast, request.operation_name)
        price = Price(0)
        if operation:
            stats.kind = operation.operation.value
            stats.operation = operation.name.value if operation.name else None
            self._authorise(request, document, operation, principal)
            price = document.price(operation, request.variables)
            stats.cost = price.cost
        if errors := _check_price(price, self._settings) or document.errors:
            return {"errors": errors}
        _prepare_context(context, document, operation)
        result = await self._execute(request, document.ast, context)
        return _to_content(result, stats.request_id)

    def _authorise(
        self,
        request: GraphQLRequest,
        document: Document,
        operation: OperationDefinitionNode,
        principal: Principal,
    ) -> None:
        """Check the principal's role, and that a read-only request has no mutation."""
        principal.require_role(self._required_roles.get_role(document.ast, operation))
        if request.is_read_only and operation.operation is not OperationType.QUERY:
            raise post_required("Mutations")

    async def _execute(
        self, request: GraphQLRequest, document: DocumentNode, context: Context
    ) -> ExecutionResult:
        result = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            executor_class=self._executor,
            max_coercion_errors=_MAX_COERCION_ERRORS,
            hide_suggestions=not self._settings.suggestions,
        )
        return await result if isawaitable(result) else result


def _check_price(price: Price, settings: Settings) -> list[dict[str, Any]]:
    """Return the error of an operation that exceeds a limit, formatted; else nothing."""
    message = _describe_excess(price, settings)
    if message is None:
        return []
    return [format_request_error(RequestError(Code.QUERY_TOO_COMPLEX, message))]


def _describe_excess(price: Price, settings: Settings) -> str | None:
    """Return which limit an operation exceeds, and by what; None if it keeps all limits."""
    if price.cost > settings.max_query_cost:
        return (
            f"The request costs {price.cost}, and {settings.max_query_cost} is the maximum: "
            "select fewer fields, or ask for smaller pages."
        )
    for actual, maximum, text in (
        (price.depth, settings.max_query_depth, "nests fields {} deep"),
        (price.aliases, settings.max_query_aliases, "has {} aliases"),
    ):
        if actual > maximum:
            return f"The request {text.format(actual)}, and {maximum} is the maximum."
    return None


def _prepare_context(
    context: Context, document: Document, operation: OperationDefinitionNode | None
) -> None:
    """Give the resolvers what is known of the document: its selections and projection."""
    context.selections = document.selections
    if operation and operation.operation is OperationType.QUERY:
        context.set_projection(document.projection)


def _to_content(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    """Return the response to an executed request; without `data` if execution never began."""
    errors = [format_execution_error(error, request_id) for error in result.errors or ()]
    if result.data is None and all(error.path is None for error in result.errors or ()):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}
