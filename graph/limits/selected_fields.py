"""The fields that a selection set selects of an object type, whatever its directives say."""

from collections.abc import Iterator

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
)

from graph.engine.selection import applies_to
from graph.limits.document_work import Fragments


class SelectedFields:
    """The selected fields of one valid document."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments) -> None:
        self._schema = schema
        self._fragments = fragments

    def find(
        self, selection_set: SelectionSetNode, object_type: GraphQLObjectType
    ) -> Iterator[FieldNode]:
        """Yield the fields, each as often as it is written; those of a fragment once."""
        visited = set[str]()
        remaining = [selection_set]
        while remaining:
            for node in remaining.pop().selections:
                if isinstance(node, FieldNode):
                    yield node
                    continue
                fragment: InlineFragmentNode | FragmentDefinitionNode | None = None
                if isinstance(node, InlineFragmentNode):
                    fragment = node
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                    visited.add(node.name.value)
                    fragment = self._fragments.get(node.name.value)
                if fragment and applies_to(fragment, object_type, self._schema):
                    remaining.append(fragment.selection_set)
