"""Validation of documents, with a limit on the work that it may take."""

from typing import Any

from graphql import DocumentNode, GraphQLSchema, specified_rules, validate
from graphql.validation import NoSchemaIntrospectionCustomRule, validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.dependencies import require_attributes
from graph.errors import Code, RequestError, format_document_error, format_request_error

_MAX_ERRORS = 5

_TOO_MUCH_WORK = format_request_error(
    RequestError(
        Code.QUERY_TOO_COMPLEX,
        "The document takes too much work to check: repeat fewer fields and fragments.",
    )
)


class Validator:
    """Validates documents against one schema."""

    def __init__(
        self, schema: GraphQLSchema, *, introspection: bool, suggestions: bool
    ) -> None:
        self._schema = schema
        self._hide_suggestions = not suggestions
        forbidden = () if introspection else (NoSchemaIntrospectionCustomRule,)
        self._rules = (*specified_rules, OneOfInputValidationRule, *forbidden)

    def validate(self, document: DocumentNode) -> list[dict[str, Any]]:
        """Return the errors of a document, formatted for the response."""
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


# graphql-core's own budgets allow a second of work; large queries that people write need less
# than 100 of either. The budgets are constants of its modules, so they hold for the process.
require_attributes(overlapping_fields_can_be_merged, ["MAX_COMPLEXITY_BUDGET"], "graphql-core")
require_attributes(validation_context, ["MAX_FRAGMENT_WORK"], "graphql-core")
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000
validation_context.MAX_FRAGMENT_WORK = 2_000
