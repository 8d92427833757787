"""The coerced arguments of fields, worked out once for the price and the execution."""

from typing import Any

from graphql import FieldNode, GraphQLField, get_argument_values
from graphql.execution import VariableValues


class CoercedArguments:
    """Coerces the arguments of the fields of one document, for certain variables."""

    def __init__(self, variables: VariableValues) -> None:
        self.variables = variables
        self._values: dict[tuple[int, int], dict[str, Any]] = {}
        """By field and node, which the schema and the document keep."""

    def get(self, definition: GraphQLField, node: FieldNode) -> dict[str, Any]:
        """Return the arguments of a field, which must not be changed.

        Raises:
            GraphQLError: They are not valid.
        """
        key = id(definition), id(node)
        values = self._values.get(key)
        if values is None:
            values = get_argument_values(definition, node, self.variables)
            self._values[key] = values
        return values
