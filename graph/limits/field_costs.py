"""The cost of each field: its own work, and the repetitions of what is selected below it.

A unit is about 5 µs of the server's CPU: the time of one field of one object, and of what goes
with it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from graph.limits.input_values import count_possible_errors
from graph.limits.introspection_sizes import INTROSPECTION_COST, measure_introspection
from graph.limits.lineage_price import EDGE_COST, EDGE_FIELDS, WALKS, price_walk
from graph.limits.listing_price import count_facet_values, is_listing, price_listing
from graph.limits.price_terms import Terms

Arguments = Mapping[str, Any]
Rule = Callable[[Arguments, Terms], Terms]
"""Returns what a field costs for one object, of its coerced arguments and its selections."""

LOAD_COST = 10
"""Of an artifact that is loaded by its id, its name or its URL."""
MUTATION_COST = 200
"""Of a mutation: a transaction, and reading what it changes."""
INPUT_COST = 20
"""Of each artifact that a mutation writes, besides its values."""
PAGE_OF_ITEMS = frozenset({"nodes", "edges"})
MAX_LINKS = 90
"""The references of a model, of all kinds together."""
LINK_FIELDS = frozenset({"datasets", "codes", "baseModels"})

_LOADS = {
    "Query": {"artifact", "artifactExists", "code", "dataset", "deletionImpact", "model"}
    | {"node"},
    "Model": {"baseModel", "code", "dataset"},
    "Change": {"artifact"},
    "DeletionImpact": {"successor"},
}
"""Fields that load an artifact for each of their objects, by type."""
_COSTS: Mapping[str, Mapping[str, float]] = {
    "Query": {"changeCursor": 50},
    "DependentModelConnection": {"totalCount": 300},
    "Reference": dict.fromkeys(("artifact", "changedSince", "originalArtifact", "state"), 4),
    **{name: {"*": -0.5} for name in ("LineageEdge", "Property", "LicenseUse", "FacetValue")},
}
"""Fields that take longer than others, by type, `*` for all: `totalCount` reads up to 10,000
references. Those of a reference share what they load; some types are read in no time."""
_LENGTHS = {
    "RegisterArtifactsPayload": {"userErrors": 1},
    "Model": {"properties": 32, "references": MAX_LINKS},
    "Dataset": {"properties": 32},
    "Code": {"properties": 32},
    "Change": {"fields": 12},
    "LineagePath": {"artifacts": 21, "edges": 20},
    "LicenseUse": {"artifacts": 1},
}
"""The maximum lengths of plain lists. An artifact is in the list of one license only."""
_VALUE_LENGTHS = {"tags": 100, "field": 5, "urlPrefixes": 20}
"""The maximum lengths of lists of scalars."""
_VALUES_OF_COST = 10
"""The scalars of a list that take as long as a field."""
_ITEM_FIELDS = {
    "ChangeFeed": {"changes"},
    "Facet": {"values"},
    "LineageGraph": {"nodes"},
    "LineagePaths": {"paths"},
    "Provenance": {"licenses"},
    "RegisterArtifactsPayload": {"results"},
}
"""Lists with an item for each of the page that their object is, besides connections."""


class _Page(NamedTuple):
    """A field with as many items as its argument `first` asks for."""

    default: int
    maximum: int
    cost: float
    item_cost: float
    filter_cost: float = 0
    """Of a filter, for which up to 1,000 changes are read and passed over."""


_PAGES = {
    ("Query", "changes"): _Page(100, 1_000, 500, 5, 6_000),
    ("Query", "recentChanges"): _Page(20, 100, 500, 5, 3_000),
    **{(each, "history"): _Page(20, 100, 20, 5) for each in ("Model", "Dataset", "Code")},
    **{
        field: _Page(20, 100, 20, LOAD_COST)
        for field in (
            ("Model", "derivedModels"),
            ("Dataset", "models"),
            ("Code", "models"),
            ("DeletionImpact", "models"),
        )
    },
}


_EVENT_COST = 20
"""Of an event of a subscription, besides its changes."""


def is_page_or_walk(parent: GraphQLObjectType, name: str, field: GraphQLField) -> bool:
    """Return whether a field is a list with pages, or walks over references."""
    is_walk = name in WALKS.get(parent.name, ())
    return is_listing(field) or is_walk or (parent.name, name) in _PAGES


class FieldCosts:
    """Knows the costs of the fields of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._introspection_sizes = measure_introspection(schema)

    def get_rule(self, parent: GraphQLObjectType, name: str, field: GraphQLField) -> Rule:
        """Return what determines the cost of a field of an object type."""
        if parent in (self._schema.mutation_type, self._schema.subscription_type):
            is_mutation = parent is self._schema.mutation_type
            return _price_mutation if is_mutation else _price_event
        if name.startswith("__") or parent.name.startswith("__"):
            return self._get_introspection_rule(name)
        if is_listing(field):
            return price_listing
        if name in WALKS.get(parent.name, ()):
            return lambda arguments, inner: price_walk(name, arguments, inner)
        if page := _PAGES.get((parent.name, name)):
            return lambda arguments, inner: _price_page(page, arguments, inner)
        return _get_special_rule(parent, name) or _get_plain_rule(parent, name, field)

    def _get_introspection_rule(self, name: str) -> Rule:
        length = self._introspection_sizes.get(name, 1)
        cost = INTROSPECTION_COST if name in ("__schema", "__type") else 1
        return lambda _, inner: Terms(once=cost * (1 + length * inner.once))


def read_link_count(arguments: Arguments) -> int:
    """Return how many links of one kind a field returns at most."""
    return _read_size(arguments.get("first"), MAX_LINKS, MAX_LINKS)


def _get_special_rule(parent: GraphQLObjectType, name: str) -> Rule | None:
    """Return the rule of a field that its parents repeat in their own way, if it is one."""
    if name == "userErrors" and parent.name != "RegisterArtifactsPayload":
        return lambda _, inner: Terms(errors=1 + inner.once)
    if name in EDGE_FIELDS.get(parent.name, ()):
        return lambda _, inner: Terms(edges=EDGE_COST + inner.once)
    is_of_page = name in PAGE_OF_ITEMS and "pageInfo" in parent.fields
    if is_of_page or name in _ITEM_FIELDS.get(parent.name, ()):
        return lambda _, inner: Terms(items=1 + inner.once, errors=inner.errors)
    if "facets" in parent.fields:
        return _LISTING_RULES.get(name)
    return _price_nodes if (parent.name, name) == ("Query", "nodes") else None


def _get_plain_rule(parent: GraphQLObjectType, name: str, field: GraphQLField) -> Rule:
    """Return the rule of a field whose cost does not depend on its arguments."""
    costs = _COSTS.get(parent.name, {})
    cost = 1.0 + costs.get(name, costs.get("*", 0))
    if name in _LOADS.get(parent.name, ()):
        cost += LOAD_COST
    if not is_list_type(get_nullable_type(field.type)):
        return lambda _, inner: Terms(once=cost + inner.once)
    if is_leaf_type(get_named_type(field.type)):
        cost += _VALUE_LENGTHS.get(name, 0) / _VALUES_OF_COST
        return lambda _arguments, _inner: Terms(once=cost)
    length = _LENGTHS.get(parent.name, {}).get(name, 1)
    return lambda _, inner: Terms(once=cost + length * (1 + inner.once))


def _price_page(page: _Page, arguments: Arguments, inner: Terms) -> Terms:
    size = _read_size(arguments.get("first"), page.default, page.maximum)
    cost = page.cost + (page.filter_cost if arguments.get("filter") else 0)
    return Terms(once=cost + inner.once + size * (page.item_cost + inner.items))


def _price_event(arguments: Arguments, inner: Terms) -> Terms:
    """Return what an event costs: a read of it is a page of the query of the same name."""
    page = _PAGES["Query", "changes"]
    reads = page.cost + (page.filter_cost if arguments.get("filter") else 0)
    items = page.item_cost + inner.items
    return Terms(once=_EVENT_COST + inner.once, items=items, reads=reads)


def _price_nodes(arguments: Arguments, inner: Terms) -> Terms:
    return Terms(once=len(arguments["ids"]) * (LOAD_COST + 1 + inner.once))


def _price_count(_arguments: Arguments, _inner: Terms) -> Terms:
    return Terms(once=1, counts=1)


def _price_facets(arguments: Arguments, inner: Terms) -> Terms:
    facets, values = count_facet_values(arguments.get("by"))
    return Terms(once=1 + facets * (1 + inner.once) + values * inner.items, facets=facets)


def _price_mutation(arguments: Arguments, inner: Terms) -> Terms:
    inputs = arguments.get("inputs")
    size = max(1, len(inputs)) if isinstance(inputs, list) else 1
    values = count_possible_errors(arguments)
    cost = MUTATION_COST + INPUT_COST * size + values + inner.once + size * inner.items
    return Terms(once=cost + values * inner.errors)


_LISTING_RULES: Mapping[str, Rule] = {"totalCount": _price_count, "facets": _price_facets}
"""The fields of pages of listings for which the store counts."""


def _read_size(first: object, default: int, maximum: int) -> int:
    """Return the size of a page; one out of range is an error, whatever it costs."""
    return min(max(1, first), maximum) if isinstance(first, int) else default
