"""Authorization of operations: which of them a principal may execute."""

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
)

from graph.auth.authenticator import Principal
from graph.auth.required_roles import RequiredRoles
from graph.auth.roles import Role
from graph.errors import events_required, post_required

MAX_CHARACTERS = 1_000
"""Of a document of a caller without a role."""
_MAX_TOKENS = 300


class Authorization:
    """Knows the roles that the operations of a schema require."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._required_roles = RequiredRoles(schema)

    def check_stranger(
        self, text: str, operation_name: str | None, principal: Principal
    ) -> None:
        """Check that a principal has a role, or that its operation is short and needs none.

        This comes before the document is validated: strangers get no work done.

        Raises:
            RequestError: It has none and needs one.
        """
        if not principal.role.covers(Role.READ) and not self._needs_none(text, operation_name):
            principal.require_role(Role.READ)

    def authorize(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        principal: Principal,
        *,
        is_read_only: bool,
        accepts_events: bool,
    ) -> None:
        """Check the principal's role, and that the request may have such an operation.

        Raises:
            RequestError: The principal may not execute the operation, or not in this way.
        """
        principal.require_role(self._required_roles.get_role(document, operation))
        if is_read_only and operation.operation is OperationType.MUTATION:
            raise post_required("Mutations")
        if operation.operation is OperationType.SUBSCRIPTION and not accepts_events:
            raise events_required()

    def _needs_none(self, text: str, operation_name: str | None) -> bool:
        if len(text) > MAX_CHARACTERS:
            return False
        try:
            document = parse(text, max_lexical_tokens=_MAX_TOKENS, max_comments=_MAX_TOKENS)
        except GraphQLError:
            return False
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return False
        return self._required_roles.get_role(document, operation) is Role.NONE
