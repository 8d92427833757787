"""Plans an operation: which fields of which types it asks for, worked out once per document."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.execution import VariableValues, default_field_resolver

from graph.engine.selection import FieldCollector
from graph.engine.type_plan import Kind, TypePlan

COLUMN = "column"
"""Extension key of fields: a function that returns the values for a sequence of objects."""
DIRECT = "direct"
"""Extension key of fields: a function of the info and the coerced arguments of a field, which
returns a function of each object."""
BATCH = "batch"
"""Extension key of fields: the same, but it returns a function of all objects of a level, which
returns their values or a deferred list of them; an error in it is the error of its object. In
Strawberry's metadata: that function, which takes the objects and what the resolver takes."""

Column: TypeAlias = Callable[[Sequence[Any]], list[Any]]
Bind: TypeAlias = Callable[[Any, dict[str, Any]], Callable[[Any], Any]]
"""Binds a function of an object, or of all objects, to a field's info and arguments."""


class FieldPlan:
    """A field that is selected of an object type, and what is selected below it."""

    __slots__ = (
        "_plan",
        "_selections",
        "bind",
        "bind_batch",
        "column",
        "definition",
        "has_arguments",
        "key",
        "name",
        "nodes",
        "parent",
        "parent_type",
        "resolve",
        "type",
    )

    def __init__(  # noqa: PLR0917 - all of them are what a field is
        self,
        plan: "Plan",
        parent: "FieldPlan | None",
        parent_type: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        definition: GraphQLField,
    ) -> None:
        self.key = key
        self.nodes = nodes
        self.name: str = nodes[0].name.value
        self.definition = definition
        self.parent = parent
        """The field whose values have this field; None for a root field."""
        self.parent_type = parent_type
        self.type = TypePlan(definition.type)
        self.resolve = definition.resolve or default_field_resolver
        self.has_arguments = bool(definition.args or nodes[0].arguments)
        self.column = _find_column(definition, self.name, parent_type)
        self.bind: Bind | None = definition.extensions.get(DIRECT)
        self.bind_batch: Bind | None = definition.extensions.get(BATCH)
        self._plan = plan
        self._selections: dict[GraphQLObjectType, Selection] = {}

    def select(self, object_type: GraphQLObjectType) -> "Selection":
        """Return what is selected below this field of objects of a type.

        Raises:
            GraphQLError: A directive there has an invalid argument.
        """
        selection = self._selections.get(object_type)
        if selection is None:
            sets = [node.selection_set for node in self.nodes if node.selection_set]
            selection = self._plan.select(self, object_type, sets)
            self._selections[object_type] = selection
        return selection


class Selection:
    """The fields that are selected of an object, in the order of the response."""

    __slots__ = ("attributes", "attributes_size", "fields", "object_type", "others", "template")

    def __init__(self, object_type: GraphQLObjectType, fields: list[FieldPlan]) -> None:
        self.object_type = object_type
        self.fields = fields
        self.attributes: list[tuple[FieldPlan, Column]] = []
        """The scalars and enums that are read of objects at next to no cost."""
        self.others: list[FieldPlan] = []
        for field in fields:
            if field.column and field.type.kind is Kind.LEAF:
                self.attributes.append((field, field.column))
            else:
                self.others.append(field)
        self.attributes_size = sum(len(field.key) for field, _ in self.attributes)
        """The characters of their keys."""
        self.template: dict[str, Any] = dict.fromkeys(field.key for field in fields)
        """The response of such an object, with null for each field."""


class Plan:
    """An operation of a document, for certain values of the variables of its directives.

    It may be used by several executions at the same time. What an operation selects of a type
    is worked out when the first object of that type appears.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.operation = operation
        self._collector = FieldCollector(schema, fragments, variables)
        self._root: Selection | None = None

    def select_root(self) -> Selection:
        """Return the root fields.

        Raises:
            GraphQLError: The schema has no such operations, or a directive at the root has an
                invalid argument.
        """
        if self._root is None:
            root_type = self.schema.get_root_type(self.operation.operation)
            if root_type is None:
                kind = self.operation.operation.value
                message = f"Schema is not configured to execute {kind} operation."
                raise GraphQLError(message, self.operation)
            self._root = self.select(None, root_type, [self.operation.selection_set])
        return self._root

    def select(
        self,
        parent: FieldPlan | None,
        object_type: GraphQLObjectType,
        selection_sets: Iterable[SelectionSetNode],
    ) -> Selection:
        """Return what selection sets select of an object type; fields it lacks are left out."""
        collected = self._collector.collect(object_type, selection_sets)
        fields = []
        for key, nodes in collected.items():
            definition = self.schema.get_field(object_type, nodes[0].name.value)
            if definition:
                fields.append(FieldPlan(self, parent, object_type, key, nodes, definition))
        return Selection(object_type, fields)


def plan_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
) -> Plan:
    """Return the plan of a valid document's operation, for coerced variables.

    It can be used for all variables with the same `get_plan_key`.
    """
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    return Plan(schema, fragments, operation, variables)


def keep_plan_variables(names: Iterable[str], variables: VariableValues) -> VariableValues:
    """Return only the variables that a plan depends on: the others may be large."""
    sources, coerced = variables
    return VariableValues(
        {name: sources[name] for name in names if name in sources},
        {name: coerced[name] for name in names if name in coerced},
    )


def get_plan_key(names: Iterable[str], variables: VariableValues) -> Hashable:
    """Return what a plan depends on: the values of variables, from `get_plan_variables`."""
    coerced = variables.coerced
    return tuple((name in coerced, coerced.get(name)) for name in names)


def _find_column(
    definition: GraphQLField, name: str, parent_type: GraphQLObjectType
) -> Column | None:
    if name == "__typename":
        type_name = parent_type.name
        return lambda objects: [type_name] * len(objects)
    column: Column | None = definition.extensions.get(COLUMN)
    return column
