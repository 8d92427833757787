"""Validation of documents."""

from typing import Any

from graphql import DocumentNode, GraphQLSchema, specified_rules, validate
from graphql.validation import NoSchemaIntrospectionCustomRule

from graph.errors import Code, RequestError, format_document_error, format_request_error
from graph.execution.one_of_variables import OneOfVariablesRule
from graph.limits.document_work import check_document

_MAX_ERRORS = 5


class Validator:
    """Validates documents against one schema."""

    def __init__(
        self, schema: GraphQLSchema, *, introspection: bool, suggestions: bool
    ) -> None:
        self._schema = schema
        self._hide_suggestions = not suggestions
        forbidden = () if introspection else (NoSchemaIntrospectionCustomRule,)
        self._rules = (*specified_rules, OneOfVariablesRule, *forbidden)

    def validate(self, text: str, document: DocumentNode) -> list[dict[str, Any]]:
        """Return the errors of a document, formatted for the response.

        One that would take too much work is not validated.
        """
        try:
            check_document(text, document)
        except RequestError as error:
            return [format_request_error(error)]
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=_MAX_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )
        return [
            format_document_error(error, Code.GRAPHQL_VALIDATION_FAILED)
            for error in errors[:_MAX_ERRORS]
        ]
