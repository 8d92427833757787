"""Collects the fields that a document selects of an object, in the order of the response."""

from collections.abc import Iterable, Mapping

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_directive_values,
    is_abstract_type,
    visit,
)
from graphql.execution import VariableValues

_CONDITIONS = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}


class FieldCollector:
    """Collects fields of one document, for one value of the variables of its directives."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def collect(
        self, object_type: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """Return the nodes of each field of an object, by the field's key in the response.

        Raises:
            GraphQLError: A directive has an invalid argument.
        """
        fields: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in selection_sets:
            self._visit(object_type, selection_set, fields, visited)
        return fields

    def _visit(
        self,
        object_type: GraphQLObjectType,
        selection_set: SelectionSetNode,
        fields: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        for node in selection_set.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                fields.setdefault(key, []).append(node)
                continue
            fragment = self._find_fragment(node, visited)
            if fragment and applies_to(fragment, object_type, self._schema):
                if isinstance(fragment, FragmentDefinitionNode):
                    visited.add(fragment.name.value)
                self._visit(object_type, fragment.selection_set, fields, visited)

    def _is_included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return include is None or bool(include["if"])

    def _find_fragment(
        self, node: SelectionNode, visited: set[str]
    ) -> InlineFragmentNode | FragmentDefinitionNode | None:
        """Return an inline fragment, or the named one if it was not visited."""
        if isinstance(node, InlineFragmentNode):
            return node
        name: str = node.name.value  # type: ignore[attr-defined] # no other nodes are left
        return None if name in visited else self._fragments.get(name)


def applies_to(
    fragment: InlineFragmentNode | FragmentDefinitionNode,
    object_type: GraphQLObjectType,
    schema: GraphQLSchema,
) -> bool:
    """Tell whether a fragment selects of objects of a type."""
    if not fragment.type_condition:
        return True
    condition = schema.get_type(fragment.type_condition.name.value)
    if condition is object_type:
        return True
    return is_abstract_type(condition) and schema.is_sub_type(condition, object_type)


def get_plan_variables(document: DocumentNode) -> tuple[str, ...]:
    """Return the names of the variables on which the plans of a document depend.

    They are the ones in its @skip and @include.
    """
    finder = _ConditionFinder()
    visit(document, finder)
    return tuple(sorted(finder.names))


class _ConditionFinder(Visitor):
    """Finds the variables of conditions in a document."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        """Note the variables of a condition."""
        if node.name.value in _CONDITIONS:
            values = (argument.value for argument in node.arguments or ())
            self.names |= {v.name.value for v in values if isinstance(v, VariableNode)}
