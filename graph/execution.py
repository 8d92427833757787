"""Executes a request: parse, price, validate, run; whatever happens becomes an answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from inspect import isawaitable
from typing import Any, TypeVar

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.auth.callers import Caller
from graph.auth.operations import Requirements
from graph.context import Context
from graph.cost import price
from graph.deprecations import Deprecations
from graph.errors import Code, RequestError, presented, refused, rejected
from graph.request import GraphQLRequest
from graph.schema import core

_T = TypeVar("_T")

_RULES = (*specified_rules, OneOfInputValidationRule)
_CACHED_DOCUMENTS = 256
_MAX_CACHED_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to; without `data` it was refused before it ran."""

    content: dict[str, Any]
    cost: int = 0
    deprecations: Sequence[Mapping[str, Any]] = ()


class Execution:
    """Executes requests of one schema."""

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        max_cost: int,
        max_tokens: int,
        introspection: bool,
        suggestions: bool,
    ) -> None:
        self._schema = core(schema)
        self._executor = schema.execution_context_class
        self._max_cost = max_cost
        self._hide_suggestions = not suggestions
        self._rules = _RULES if introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self._requirements = Requirements(self._schema)
        self._parse = _remembering(
            partial(parse, max_lexical_tokens=max_tokens, max_comments=max_tokens)
        )
        self._validate = _remembering(self._validated)
        deprecations = Deprecations(self._schema)
        self._deprecated = _remembering(lambda query: deprecations.among(self._parse(query)))

    async def __call__(
        self, request: GraphQLRequest, caller: Caller, context: Context, request_id: str
    ) -> Answer:
        """The answer to a request.

        Raises:
            RequestError: where it may not do what it asks for.
        """
        try:
            document = self._parse(request.query)
        except GraphQLError as error:
            return Answer({"errors": [rejected(error, Code.GRAPHQL_PARSE_FAILED)]})
        operation = get_operation_ast(document, request.operation)
        if operation:
            caller.require(self._requirements.of(document, operation))
            _check_method(request, operation)
        cost = self._price(document, operation, request)
        errors = self._too_complex(cost) or self._validate(request.query)
        if errors:
            return Answer({"errors": errors}, cost)
        content = _content(await self._execute(request, document, context), request_id)
        if "data" not in content:
            return Answer(content, cost)
        used = self._deprecated(request.query)(request.operation, request.variables)
        return Answer(content, cost, used)

    def _price(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode | None,
        request: GraphQLRequest,
    ) -> int:
        if operation is None:
            return 0
        return price(self._schema, document, operation, request.variables)

    def _too_complex(self, cost: int) -> list[dict[str, Any]]:
        if cost <= self._max_cost:
            return []
        message = (
            f"The request costs {cost}, and {self._max_cost} is the maximum: select fewer "
            "fields, or ask for smaller pages."
        )
        return [refused(RequestError(Code.QUERY_TOO_COMPLEX, message))]

    def _validated(self, query: str) -> list[dict[str, Any]]:
        errors = validate(
            self._schema,
            self._parse(query),
            self._rules,
            hide_suggestions=self._hide_suggestions,
        )
        return [rejected(error, Code.GRAPHQL_VALIDATION_FAILED) for error in errors]

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
            hide_suggestions=self._hide_suggestions,
        )
        return await result if isawaitable(result) else result


def _check_method(request: GraphQLRequest, operation: OperationDefinitionNode) -> None:
    """Refuse a mutation that came by GET, which promises to change nothing."""
    if request.reads_only and operation.operation is not OperationType.QUERY:
        message = "Only queries can be sent with GET; use POST."
        raise RequestError(Code.BAD_USER_INPUT, message, {"allow": "POST"}, status=405)


def _content(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors = [presented(error, request_id) for error in result.errors or ()]
    if result.data is None and all(error.path is None for error in result.errors or ()):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}


def _remembering(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """The function, its results kept for the documents that clients send again and again."""
    remembered = lru_cache(_CACHED_DOCUMENTS)(function)

    def choose(query: str) -> _T:
        return (remembered if len(query) <= _MAX_CACHED_CHARACTERS else function)(query)

    return choose
