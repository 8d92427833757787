"""The selections of an operation, worked out once for all objects.

Selections that depend on no variables are cached with their document, for all requests that
send it: working them out takes a third of the time of a small query.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_nullable_type
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    GroupedFieldSet,
)

from graph.engine.direct_resolvers import (
    get_attribute_path,
    get_direct_resolver,
    get_object_class,
    get_strawberry_field,
)
from graph.engine.leaves import (
    LeafGroup,
    LeafReader,
    create_leaf_reader,
    get_unconverted_type,
)
from graph.loading.reference_resolution import LINK_TARGETS, GetTargets
from storage.artifacts.records import Target

FieldPlan: TypeAlias = "tuple[str, FieldDetailsList, LeafReader | None, DirectField | None]"
"""A field's key in the response, its nodes, and how to execute it if not by graphql-core."""
FieldGroup: TypeAlias = tuple[LeafGroup | None, list[FieldPlan]]
"""Adjacent fields; the first member reads them all at once if they are leaves of one type."""
CollectSubfields: TypeAlias = Callable[[GraphQLObjectType, FieldDetailsList], CollectedFields]
"""Collects the fields selected below a field whose value is of an object type."""


class DirectField:
    """A field with a direct resolver, and the fields selected below it."""

    __slots__ = (
        "_groups",
        "_object_class",
        "_selections",
        "details",
        "field",
        "resolve",
        "value_type",
    )

    def __init__(
        self,
        selections: "Selections",
        field: GraphQLField,
        details: FieldDetailsList,
        resolve: Callable[..., Any],
    ) -> None:
        self.field = field
        self.details = details
        self.resolve = resolve
        value_type: Any = get_nullable_type(field.type)
        is_object = isinstance(value_type, GraphQLObjectType)
        self.value_type = value_type
        self._object_class = get_object_class(value_type) if is_object else None
        self._selections = selections
        self._groups: list[FieldGroup] | None = None

    def get_subfield_groups(self, value: object) -> list[FieldGroup] | None:
        """Return the field groups below a value; None if it is not of the type's own class."""
        if type(value) is not self._object_class:
            return None
        if self._groups is None:
            self._groups = self._selections.get_subfield_groups(self.value_type, self.details)
        return self._groups


class Selections:
    """The selections of one operation.

    They are cached by the id of a graphql-core list or dict. The cache keeps that object too:
    otherwise its id could be reused.
    """

    def __init__(self, schema: GraphQLSchema, collect: CollectSubfields) -> None:
        self._schema = schema
        self._collect = collect
        self._root_fields: GroupedFieldSet | None = None
        self._subfields: dict[Any, tuple[FieldDetailsList, CollectedFields]] = {}
        self._groups: dict[int, tuple[GroupedFieldSet, list[FieldGroup]]] = {}
        self._link_targets: dict[int, tuple[FieldDetailsList, list[GetTargets]]] = {}

    def get_root_fields(self, collected: GroupedFieldSet) -> GroupedFieldSet:
        """Return the root fields of the operation: those that were collected first."""
        if self._root_fields is None:
            self._root_fields = collected
        return self._root_fields

    def collect_subfields(
        self, object_type: GraphQLObjectType, details: FieldDetailsList
    ) -> CollectedFields:
        """Return the fields selected below a field whose value is of an object type."""
        cached = self._subfields.get((object_type, id(details)))
        if cached is None:
            cached = details, self._collect(object_type, details)
            self._subfields[object_type, id(details)] = cached
        return cached[1]

    def get_field_groups(
        self, object_type: GraphQLObjectType, selected: GroupedFieldSet, *, read_leaves: bool
    ) -> list[FieldGroup]:
        """Return the fields of an object in their order; `read_leaves` permits leaf readers."""
        cached = self._groups.get(id(selected))
        if cached is None:
            fields = dict(self._iterate_fields(object_type, selected)) if read_leaves else {}
            groups = list(self._group_fields(selected, fields))
            cached = self._groups[id(selected)] = selected, groups
        return cached[1]

    def get_subfield_groups(
        self, object_type: GraphQLObjectType, details: FieldDetailsList
    ) -> list[FieldGroup] | None:
        """Return the field groups below a field; None if some of them are deferred."""
        selected, deferred, *_ = self.collect_subfields(object_type, details)
        if deferred:
            return None
        return self.get_field_groups(object_type, selected, read_leaves=True)

    def get_link_targets(
        self, object_type: object, details: FieldDetailsList
    ) -> list[GetTargets]:
        """Return functions that return the targets of the links selected below a field."""
        if not isinstance(object_type, GraphQLObjectType):
            return []
        cached = self._link_targets.get(id(details))
        if cached is None:
            selected = self.collect_subfields(object_type, details)[0]
            fields = self._iterate_fields(object_type, selected)
            links = [
                link for key, field in fields for link in self._find_links(field, selected[key])
            ]
            cached = self._link_targets[id(details)] = details, links
        return cached[1]

    def _find_links(self, field: GraphQLField, details: FieldDetailsList) -> list[GetTargets]:
        """Return the link of a field, or those below it if it is an attribute."""
        strawberry_field = get_strawberry_field(field)
        if strawberry_field is None:
            return []
        if link := strawberry_field.metadata.get(LINK_TARGETS):
            return [link]
        if (path := get_attribute_path(field)) is None:
            return []
        links = self.get_link_targets(get_nullable_type(field.type), details)
        return [_get_targets_at(attrgetter(path), link) for link in links]

    def _group_fields(
        self, selected: GroupedFieldSet, fields: Mapping[str, GraphQLField]
    ) -> Iterator[FieldGroup]:
        def get_value_type(key: str) -> type | None:
            return get_unconverted_type(fields[key]) if key in fields else None

        for value_type, group in groupby(selected, get_value_type):
            keys = list(group)
            leaves = (
                LeafGroup(value_type, {key: fields[key] for key in keys})
                if value_type and len(keys) > 1
                else None
            )
            yield leaves, [self._plan_field(k, selected[k], fields.get(k)) for k in keys]

    def _plan_field(
        self, key: str, details: FieldDetailsList, field: GraphQLField | None
    ) -> FieldPlan:
        if field is None:
            return key, details, None, None
        resolve = get_direct_resolver(field, details[0].node)
        direct = None if resolve is None else DirectField(self, field, details, resolve)
        return key, details, create_leaf_reader(field), direct

    def _iterate_fields(
        self, object_type: GraphQLObjectType, selected: GroupedFieldSet
    ) -> Iterator[tuple[str, GraphQLField]]:
        for key, details in selected.items():
            field = self._schema.get_field(object_type, details[0].node.name.value)
            if field is not None:
                yield key, field


def _get_targets_at(read: Callable[[Any], Any], link: GetTargets) -> GetTargets:
    """Return a function that reads an attribute and returns the link's targets of its value."""

    def get_targets(source: object) -> Iterable[Target]:
        return link(read(source))

    return get_targets
