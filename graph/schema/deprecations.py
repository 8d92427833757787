"""Which deprecated elements a request uses, as `extensions.deprecations` tells it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Protocol

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    GraphQLType,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_operation_ast,
    type_from_ast,
    visit,
)

Find = Callable[[str | None, Mapping[str, Any]], list[dict[str, Any]]]
"""Finds what an operation of a document uses, given its name and variables."""
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


class Element(Protocol):
    """A field, an argument, an input field or a value of an enum."""

    deprecation_reason: str | None


@dataclass(frozen=True, slots=True)
class Deprecation:
    """An element that clients should stop using."""

    element: str
    """Its schema coordinate, such as `Model.dataset` or `Query.models(first:)`."""
    reason: str

    @property
    def removal(self) -> date | None:
        """When it will be removed: the date that its reason names."""
        found = _DATE.search(self.reason)
        try:
            return date.fromisoformat(found[0]) if found else None
        except ValueError:
            return None

    def told(self) -> dict[str, Any]:
        """What a response says of it."""
        return {"element": self.element, "reason": self.reason, "removal": self.removal}


class Deprecations:
    """The deprecated elements of a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        # By identity, for elements have no hash.
        self._of = {
            id(element): Deprecation(coordinate, element.deprecation_reason)
            for coordinate, element in _elements(schema)
            if element.deprecation_reason is not None
        }

    def __iter__(self) -> Iterator[Deprecation]:
        return iter(self._of.values())

    def among(self, document: DocumentNode) -> Find:
        """What a valid document uses; to be kept with it, for an operation is walked once."""
        written = cache(lambda name: self._written(document, name))

        def find(name: str | None, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
            operation = get_operation_ast(document, name) if self._of else None
            if operation is None:
                return []
            used = written(name) | self._given(operation, variables)
            found = (self._of[element] for element in used & self._of.keys())
            return [deprecation.told() for deprecation in sorted(found, key=_by_element)]

        return find

    def _written(self, document: DocumentNode, name: str | None) -> set[int]:
        """The elements that an operation says, or a fragment within it."""
        types = TypeInfo(self._schema)
        uses = _Uses(types)
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        if operation := get_operation_ast(document, name):
            visit(operation, TypeInfoVisitor(types, uses))
        while left := uses.fragments & fragments.keys():
            visit(fragments.pop(left.pop()), TypeInfoVisitor(types, uses))
        return uses.elements

    def _given(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> set[int]:
        """The elements that the values of variables say."""
        return {
            id(element)
            for definition in operation.variable_definitions or ()
            for element in _in_value(
                type_from_ast(self._schema, definition.type),
                variables.get(definition.variable.name.value),
            )
        }


class _Uses(Visitor):
    """Notes what it comes by."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.elements: set[int] = set()
        self.fragments: set[str] = set()

    def enter_field(self, _: FieldNode, *__: object) -> None:
        self.elements.add(id(self._types.get_field_def()))

    def enter_argument(self, _: ArgumentNode, *__: object) -> None:
        self.elements.add(id(self._types.get_argument()))

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        of = get_named_type(self._types.get_parent_input_type())
        if isinstance(of, GraphQLInputObjectType):
            self.elements.add(id(of.fields.get(node.name.value)))

    def enter_enum_value(self, _: EnumValueNode, *__: object) -> None:
        self.elements.add(id(self._types.get_enum_value()))

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.fragments.add(node.name.value)


def _elements(schema: GraphQLSchema) -> Iterator[tuple[str, Element]]:
    """Everything that can be deprecated, with its coordinate."""
    for name, of in schema.type_map.items():
        members = of.values if isinstance(of, GraphQLEnumType) else getattr(of, "fields", {})
        for member_name, member in members.items():
            yield f"{name}.{member_name}", member
            for argument_name, argument in getattr(member, "args", {}).items():
                yield f"{name}.{member_name}({argument_name}:)", argument


def _in_value(of: GraphQLType | None, value: object) -> Iterator[object]:
    """The elements that a valid value of an input type says."""
    named = get_named_type(of)
    if isinstance(value, list):
        for item in value:
            yield from _in_value(named, item)
    elif isinstance(named, GraphQLInputObjectType) and isinstance(value, dict):
        for name, field_value in value.items():
            yield named.fields[name]
            yield from _in_value(named.fields[name].type, field_value)
    elif isinstance(named, GraphQLEnumType) and isinstance(value, str):
        yield named.values[value]


def _by_element(deprecation: Deprecation) -> str:
    return deprecation.element
