"""The rules that documents must keep, and how much work may go into checking them."""

from typing import Any

from graphql import DocumentNode, GraphQLSchema, specified_rules, validate
from graphql.validation import NoSchemaIntrospectionCustomRule, validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.errors import Code, RequestError, format_document_error, format_request_error

_MAX_ERRORS = 5
# Large queries that people write spend less than 100 of either; graphql-core's own budgets are
# a second of work. They can be set for all of a process only.
overlapping.MAX_COMPLEXITY_BUDGET = 10_000
validation_context.MAX_FRAGMENT_WORK = 2_000

_TOO_MUCH_WORK = format_request_error(
    RequestError(
        Code.QUERY_TOO_COMPLEX,
        "The document takes too much work to check: repeat fewer fields and fragments.",
    )
)


class Validation:
    """Validates the documents of one schema."""

    def __init__(
        self, schema: GraphQLSchema, *, introspection: bool, suggestions: bool
    ) -> None:
        self._schema = schema
        self._hide_suggestions = not suggestions
        forbidden = () if introspection else (NoSchemaIntrospectionCustomRule,)
        self._rules = (*specified_rules, OneOfInputValidationRule, *forbidden)

    def __call__(self, document: DocumentNode) -> list[dict[str, Any]]:
        """What is wrong with a document, as the response carries it."""
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=_MAX_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )
        if errors and isinstance(errors[-1], ValidationAbortedError):
            del errors[-1]
            if len(errors) < _MAX_ERRORS:
                return [_TOO_MUCH_WORK]
        return [
            format_document_error(error, Code.GRAPHQL_VALIDATION_FAILED) for error in errors
        ]
