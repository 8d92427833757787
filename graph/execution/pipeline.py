"""The pipeline of a GraphQL request: parse, validate, authorise, coerce, price, execute."""

from typing import Any, cast

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    get_variable_values,
)
from graphql.execution import VariableValues

from graph.auth.authenticator import Principal
from graph.auth.roles import Role
from graph.context import Context
from graph.engine.arguments import CoercedArguments
from graph.errors import (
    Code,
    RequestError,
    format_document_error,
    format_request_error,
)
from graph.execution.authorization import Authorization
from graph.execution.cpu_thread import CpuThread
from graph.execution.document_cache import Document, DocumentCache
from graph.execution.executors import EXECUTORS, Execution
from graph.execution.graphql_request import GraphQLRequest
from graph.execution.prepared_variables import Prepared, make_key
from graph.execution.rejections import NotExecutedError, rejections
from graph.execution.results import to_content
from graph.execution.subscription import Charge, EventExecutor, Subscription
from graph.execution.trusted_documents import load_trusted_documents
from graph.execution.validation import Validator
from graph.execution.variable_errors import format_variable_error
from graph.limits.budget import BudgetExceededError
from graph.limits.input_values import check_variables
from graph.limits.price_limits import check_price
from graph.schema.build import core_schema
from graph.settings import Settings
from graph.telemetry.request_stats import RequestStats

_Content = dict[str, Any]

_MAX_COERCION_ERRORS = 10
_MAX_COERCED_AT_ONCE = 1_000
"""Values of variables that are coerced at once: it takes at most 10 ms."""
_VALUES_OF_COST = 2
"""Values of variables that take as long to coerce as a field takes."""
_MAX_REPEATED = 50
"""Values of variables that may be sent again, so that it is worth to look for them."""


class Pipeline:
    """Executes requests against one schema."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self._schema = core_schema(schema)
        self._settings = settings
        self._authorization = Authorization(self._schema)
        self._execute_operation = EXECUTORS[settings.executor](self._schema)
        self._event_executor = EventExecutor(self._schema, self._execute_operation, settings)
        self._cpu_thread = CpuThread()
        self._documents = DocumentCache(
            self._schema,
            Validator(
                self._schema,
                introspection=settings.introspection,
                suggestions=settings.suggestions,
            ),
            self._cpu_thread,
            max_characters=settings.max_query_characters,
            max_tokens=settings.max_query_tokens,
        )
        self._trusted_documents = load_trusted_documents(settings, self._documents.parse)

    async def __call__(
        self,
        request: GraphQLRequest,
        principal: Principal,
        context: Context,
        stats: RequestStats,
        charge: Charge,
    ) -> _Content | Subscription:
        """Return the response to a request; one without `data` was not executed.

        A subscription is returned as it is, to be executed for each of its events. `charge` is
        called with the price of each part of the work before it is done.

        Raises:
            RequestError: The principal or the request may not have the operation, or it is not
                done in time.
        """
        try:
            execution = await self._prepare(request, principal, context, stats, charge)
        except NotExecutedError as error:
            return {"errors": error.errors}
        await charge(stats.cost)
        if execution.operation.operation is OperationType.SUBSCRIPTION:
            context.resume_after = request.resume_after
            return Subscription(self._event_executor, execution)
        if execution.operation.operation is OperationType.QUERY:
            context.set_projection(execution.document.projection)
        return await self._execute(execution, stats.request_id)

    async def _prepare(
        self,
        request: GraphQLRequest,
        principal: Principal,
        context: Context,
        stats: RequestStats,
        charge: Charge,
    ) -> Execution:
        """Return the request, ready to be executed, and note its price in the statistics.

        Raises:
            NotExecutedError: It is not valid, or exceeds a limit.
            RequestError: The principal may not execute it, or the request may not have it, or
                the caller's requests have cost too much.
        """
        document = await self._get_document(self._find_text(request, principal), charge)
        operation = get_operation_ast(document.ast, request.operation_name)
        if operation:
            name = operation.name.value if operation.name else None
            stats.record_operation(operation.operation.value, name)
            # Before the errors of the document are told, and before it takes more work.
            self._authorization.authorize(
                document.ast,
                operation,
                principal,
                is_read_only=request.is_read_only,
                accepts_events=request.accepts_events,
            )
        if document.errors:
            principal.require_role(Role.READ)  # they tell about the schema
            raise NotExecutedError(document.errors)
        if operation is None:
            raise NotExecutedError(self._find_operation_errors(request, document))
        await context.budget.pause()
        with rejections():
            values = check_variables(request.variables)
        await charge(values // _VALUES_OF_COST, "Reading the variables")
        with rejections():
            arguments, price = await self._price(request, document, operation, values)
            stats.cost = price.cost
            check_price(price, self._settings)
        return Execution(document, operation, request.variables, arguments, context, price)

    def _find_text(self, request: GraphQLRequest, principal: Principal) -> str:
        try:
            text = self._trusted_documents.get_text(request.query, request.document_id)
        except RequestError as error:
            principal.require_role(Role.READ)
            raise NotExecutedError([format_request_error(error)]) from None
        self._authorization.check_stranger(text, request.operation_name, principal)
        return text

    async def _get_document(self, text: str, charge: Charge) -> Document:
        price = min(self._documents.price(text), self._settings.max_query_cost)
        await charge(price, "Reading the document")
        try:
            with rejections():
                return await self._documents.get_or_parse(text)
        except GraphQLError as error:
            formatted = format_document_error(error, Code.GRAPHQL_PARSE_FAILED)
            raise NotExecutedError([formatted]) from None

    def _find_operation_errors(
        self, request: GraphQLRequest, document: Document
    ) -> list[_Content]:
        """Return the error of a request that names no operation of its document."""
        result = execute(self._schema, document.ast, operation_name=request.operation_name)
        errors = cast("ExecutionResult", result).errors or ()
        return [format_document_error(error, Code.BAD_USER_INPUT) for error in errors]

    async def _coerce(
        self, request: GraphQLRequest, operation: OperationDefinitionNode, values: int
    ) -> VariableValues:
        """Return the coerced variables.

        Raises:
            NotExecutedError: They do not have their types.
        """
        variables = await self._cpu_thread.run(
            values > _MAX_COERCED_AT_ONCE,
            get_variable_values,
            self._schema,
            operation.variable_definitions or (),
            dict(request.variables),
            max_errors=_MAX_COERCION_ERRORS,
            hide_suggestions=not self._settings.suggestions,
        )
        if isinstance(variables, list):
            raise NotExecutedError([format_variable_error(error) for error in variables])
        return variables

    async def _price(
        self,
        request: GraphQLRequest,
        document: Document,
        operation: OperationDefinitionNode,
        values: int,
    ) -> Prepared:
        """Return the coerced arguments and the price of a request with so many values.

        Raises:
            NotExecutedError: The variables do not have their types.
        """
        name = operation.name.value if operation.name else None
        key = make_key(name, request.variables) if values <= _MAX_REPEATED else None
        prepared = document.prepared.get(key) if key else None
        if prepared is None:
            arguments = CoercedArguments(await self._coerce(request, operation, values))
            price = await self._cpu_thread.run(
                document.is_long, lambda: document.get_price(operation)(arguments)
            )
            prepared = Prepared(arguments, price)
            if key:
                document.prepared.keep(key, prepared)
        return prepared

    async def _execute(self, execution: Execution, request_id: str) -> _Content:
        try:
            result = await self._execute_operation(execution)
        except BudgetExceededError as error:
            if error.code is Code.DEADLINE_EXCEEDED:
                raise
            return {"errors": [format_request_error(error)]}
        return to_content(result, request_id)
