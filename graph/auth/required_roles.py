"""The role that an operation requires, read from its root fields before it runs."""

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graph.auth.roles import Role, highest_role

ROLE = "role"
"""The key of a mutation's required role in the metadata of its Strawberry field."""


class RequiredRoles:
    """The roles that the operations of a schema require."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._roles = _read_declared_roles(schema)

    def get_role(self, document: DocumentNode, operation: OperationDefinitionNode) -> Role:
        """Return the role that an operation of a document requires."""
        if operation.operation is not OperationType.MUTATION:
            return Role.READ
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        names = _iterate_root_fields(operation.selection_set, fragments)
        # Unknown fields are rejected later, by validation, and only for callers who may write.
        roles = [self._roles.get(name, Role.WRITE) for name in names]
        return highest_role([Role.WRITE, *roles])


def _read_declared_roles(schema: GraphQLSchema) -> Mapping[str, Role]:
    """Return the declared role of every mutation.

    Raises:
        TypeError: A mutation declares no role.
    """
    roles = {}
    for name, field in (schema.mutation_type.fields if schema.mutation_type else {}).items():
        definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        role = definition.metadata.get(ROLE)
        if not isinstance(role, Role):
            raise TypeError(f"the mutation {name} does not declare the role that it requires")
        roles[name] = role
    return roles


def _iterate_root_fields(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    """Yield the names of an operation's root fields, visiting each fragment once."""
    remaining, visited = [selection_set], set[str]()
    while remaining:
        for node in remaining.pop().selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                remaining.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                if fragment := fragments.get(node.name.value):
                    remaining.append(fragment.selection_set)
