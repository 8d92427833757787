"""The rule that variables in the place of a field of a oneOf input must not be nullable."""

from typing import Any

from graphql import (
    GraphQLError,
    NonNullTypeNode,
    OperationDefinitionNode,
    ValidationRule,
    get_named_type,
    is_input_object_type,
    is_non_null_type,
)


class OneOfVariablesRule(ValidationRule):
    """Reports nullable variables in oneOf inputs that must not be null themselves.

    graphql-core, which validates all else about oneOf inputs, overlooks these: its rule
    VariablesInAllowedPosition only knows the input object if its type is nullable.
    https://spec.graphql.org/September2025/#sec-All-Variable-Usages-Are-Allowed
    """

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:  # noqa: ANN401 - the visitor's
        """Look at all variables of an operation, with those of its fragments."""
        nullable = {
            definition.variable.name.value
            for definition in operation.variable_definitions or ()
            if not isinstance(definition.type, NonNullTypeNode)
        }
        for usage in self.context.get_recursive_variable_usages(operation):
            name, parent = usage.node.name.value, usage.parent_type
            if name not in nullable or not is_non_null_type(parent):
                continue
            type_ = get_named_type(parent)
            if is_input_object_type(type_) and type_.is_one_of:
                message = f"Variable '${name}' must not be nullable in the input '{type_}'."
                self.report_error(GraphQLError(message, usage.node))
