"""What is known of the selections of an operation: worked out once, for all objects.

Where they are up to no variables they are kept with their document, for all that send it: to
work them out takes a third of the time of a small query.
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

from graph.engine.direct_resolvers import attribute, class_of, definition, direct_resolver
from graph.engine.leaves import Leaf, Leaves, as_it_is, leaf
from graph.loading.reference_resolution import LINKS, Links
from storage.artifacts.records import Target

Step: TypeAlias = "tuple[str, FieldDetailsList, Leaf | None, Branch | None]"
Stretch: TypeAlias = tuple[Leaves | None, list[Step]]
"""Fields next to each other, and how to read them if they are leaves that go together."""


Collect: TypeAlias = Callable[[GraphQLObjectType, FieldDetailsList], CollectedFields]
"""Finds which fields are selected below a field, where it is of a type."""


class Branch:
    """A field with a direct resolver, and what is selected of it if it is one object."""

    __slots__ = ("_selections", "_shows", "_stretches", "details", "field", "of", "resolve")

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
        self.of: Any = get_nullable_type(field.type)
        self._shows = class_of(self.of) if isinstance(self.of, GraphQLObjectType) else None
        self._selections = selections
        self._stretches: list[Stretch] | None = None

    def stretches(self, value: object) -> list[Stretch] | None:
        """What is selected of a value that is of the type's own class; None of another."""
        if type(value) is not self._shows:
            return None
        if self._stretches is None:
            self._stretches = self._selections.below(self.of, self.details)
        return self._stretches


class Selections:
    """The selections of one operation, by the id of what stands for them, which is kept."""

    def __init__(self, schema: GraphQLSchema, collect: Collect) -> None:
        self._schema = schema
        self._collect = collect
        self._root: GroupedFieldSet | None = None
        self._collected: dict[Any, tuple[FieldDetailsList, CollectedFields]] = {}
        self._stretches: dict[int, tuple[GroupedFieldSet, list[Stretch]]] = {}
        self._links: dict[int, tuple[FieldDetailsList, list[Links]]] = {}

    def root(self, selected: GroupedFieldSet) -> GroupedFieldSet:
        """The fields of the operation itself: those that were collected first."""
        if self._root is None:
            self._root = selected
        return self._root

    def collected(self, of: GraphQLObjectType, details: FieldDetailsList) -> CollectedFields:
        """The fields that are selected below a field, where it is of a type."""
        known = self._collected.get((of, id(details)))
        if known is None:
            known = details, self._collect(of, details)
            self._collected[of, id(details)] = known
        return known[1]

    def stretches(
        self, of: GraphQLObjectType, selected: GroupedFieldSet, *, leaves: bool
    ) -> list[Stretch]:
        """The fields of an object in their order; `leaves` tells whether any may be read."""
        known = self._stretches.get(id(selected))
        if known is None:
            fields = dict(self._fields(of, selected)) if leaves else {}
            stretches = list(self._in_stretches(selected, fields))
            known = self._stretches[id(selected)] = selected, stretches
        return known[1]

    def below(self, of: GraphQLObjectType, details: FieldDetailsList) -> list[Stretch] | None:
        """What is selected below a field that is of a type; None where some is deferred."""
        selected, deferred, *_ = self.collected(of, details)
        return None if deferred else self.stretches(of, selected, leaves=True)

    def links(self, of: object, details: FieldDetailsList) -> list[Links]:
        """What the links that are selected of each object of a list will ask for."""
        if not isinstance(of, GraphQLObjectType):
            return []
        known = self._links.get(id(details))
        if known is None:
            selected = self.collected(of, details)[0]
            fields = self._fields(of, selected)
            links = [link for n, field in fields for link in self._below(field, selected[n])]
            known = self._links[id(details)] = details, links
        return known[1]

    def _below(self, field: GraphQLField, details: FieldDetailsList) -> list[Links]:
        defined = definition(field)
        if defined is None:
            return []
        if links := defined.metadata.get(LINKS):
            return [links]
        if (path := attribute(field)) is None:
            return []
        below = self.links(get_nullable_type(field.type), details)
        return [_through(attrgetter(path), links) for links in below]

    def _in_stretches(
        self, selected: GroupedFieldSet, fields: Mapping[str, GraphQLField]
    ) -> Iterator[Stretch]:
        def kind(name: str) -> type | None:
            return as_it_is(fields[name]) if name in fields else None

        for same, group in groupby(selected, kind):
            names = list(group)
            send_all = {n: fields[n] for n in names} if same and len(names) > 1 else None
            leaves = Leaves(same, send_all) if same and send_all else None
            yield leaves, [self._step(n, selected[n], fields.get(n)) for n in names]

    def _step(self, name: str, details: FieldDetailsList, field: GraphQLField | None) -> Step:
        if field is None:
            return name, details, None, None
        return name, details, leaf(field), self._branch(field, details)

    def _branch(self, field: GraphQLField, details: FieldDetailsList) -> Branch | None:
        resolve = direct_resolver(field)
        return None if resolve is None else Branch(self, field, details, resolve)

    def _fields(
        self, of: GraphQLObjectType, selected: GroupedFieldSet
    ) -> Iterator[tuple[str, GraphQLField]]:
        for name, details in selected.items():
            field = self._schema.get_field(of, details[0].node.name.value)
            if field is not None:
                yield name, field


def _through(read: Callable[[Any], Any], links: Links) -> Links:
    def targets(item: object) -> Iterable[Target]:
        return links(read(item))

    return targets
