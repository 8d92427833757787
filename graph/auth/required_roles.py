"""Which role an operation needs, read off its root fields before it runs."""

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

from graph.auth.roles import Role, greatest

ROLE = "role"
"""Where the definition of a mutation keeps the role that it needs."""


class RequiredRoles:
    """What the operations of a schema need."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._roles = _declared(schema)

    def of(self, document: DocumentNode, operation: OperationDefinitionNode) -> Role:
        """The role that an operation of a document needs."""
        if operation.operation is not OperationType.MUTATION:
            return Role.READ
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        names = _root_fields(operation.selection_set, fragments)
        # What the schema does not have is refused by validation, to those who may write.
        return greatest({Role.WRITE, *(self._roles.get(name, Role.WRITE) for name in names)})


def _declared(schema: GraphQLSchema) -> Mapping[str, Role]:
    """The role of every mutation.

    Raises:
        TypeError: where one declares none.
    """
    roles = {}
    for name, field in (schema.mutation_type.fields if schema.mutation_type else {}).items():
        definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        role = definition.metadata.get(ROLE)
        if not isinstance(role, Role):
            raise TypeError(f"the mutation {name} does not declare which role it needs")
        roles[name] = role
    return roles


def _root_fields(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    """The names of an operation's root fields, each fragment entered once."""
    left, entered = [selected], set[str]()
    while left:
        for node in left.pop().selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                left.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in entered:
                entered.add(node.name.value)
                if fragment := fragments.get(node.name.value):
                    left.append(fragment.selection_set)
