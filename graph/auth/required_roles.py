"""The role that an operation requires, read from its root fields before it runs."""

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graph.auth.roles import Role, highest_role

ROLE = "role"
"""The key of a root field's required role in the metadata of its Strawberry field."""


class RequiredRoles:
    """The roles that the operations of a schema require."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._roles = {
            OperationType.QUERY: _read_roles(schema.query_type),
            OperationType.MUTATION: _read_roles(schema.mutation_type),
            OperationType.SUBSCRIPTION: {},
        }
        _check_mutations(schema, self._roles[OperationType.MUTATION])

    def get_role(self, document: DocumentNode, operation: OperationDefinitionNode) -> Role:
        """Return the role that an operation of a document requires.

        A mutation always requires WRITE. Another operation requires READ, unless all of its
        fields need less; `__typename` alone is no such field.
        """
        is_mutation = operation.operation is OperationType.MUTATION
        roles = self._roles[operation.operation]
        default = Role.WRITE if is_mutation else Role.READ
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        names = _iterate_root_fields(operation.selection_set, fragments)
        # Unknown fields are rejected later, by validation, and only for callers who may write.
        required = [roles.get(name, default) for name in names if name != "__typename"]
        return highest_role(required) if required else default


def _read_roles(root: GraphQLObjectType | None) -> Mapping[str, Role]:
    """Return the roles that fields of a root type declare."""
    roles = {}
    for name, field in (root.fields if root else {}).items():
        definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        if isinstance(role := definition.metadata.get(ROLE), Role):
            roles[name] = role
    return roles


def _check_mutations(schema: GraphQLSchema, roles: Mapping[str, Role]) -> None:
    """Check that every mutation declares a role that may write.

    Raises:
        TypeError: One does not.
    """
    for name in schema.mutation_type.fields if schema.mutation_type else ():
        if not roles.get(name, Role.NONE).covers(Role.WRITE):
            raise TypeError(f"the mutation {name} does not declare the role that it requires")


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
