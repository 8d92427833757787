"""The failures of an execution, and the errors and nulls in the response that they lead to."""

import asyncio
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, located_error

from graph.engine.deferred import Deferred
from graph.engine.objects import Level, Places
from graph.engine.plan import FieldPlan, Selection
from graph.engine.type_plan import Kind, TypePlan


class Failures:
    """Collects failures while fields are executed, in any order.

    Afterwards it walks through the places that have some, in the order in which graphql-core
    executes fields, so that the same errors are reported: a failure where null is not allowed
    ends the walk through its object or list.
    """

    def __init__(self) -> None:
        self.errors: list[GraphQLError] = []
        self._causes: dict[tuple[int, str | int], Exception] = {}
        self._containers: dict[int, Any] = {}
        """The containers with failures, kept so that no other object has their ids."""
        self._fields: set[FieldPlan | None] = set()
        """The fields with failures, and those above them."""
        self._dead: set[int] = set()
        self._levels: list[Level] = []
        self._types: dict[int, GraphQLObjectType] = {}
        self._located: dict[FieldPlan, GraphQLError] = {}

    def __bool__(self) -> bool:
        return bool(self._causes)

    def add(self, places: Places, index: int, cause: Exception) -> None:
        """Note that a value could not be completed."""
        container = places.containers[index]
        self._containers[id(container)] = container
        self._causes[id(container), places.keys[index]] = cause
        self._bury(places, index)
        field: FieldPlan | None = places.field
        while field is not None and field not in self._fields:
            self._fields.add(field)
            field = field.parent

    def is_unneeded(self, places: Places, index: int) -> bool:
        """Tell whether a task is for a part of the response that is null in any case.

        Batches of loaders, which other parts of it may need too, are not stopped.
        """
        if isinstance(places.values, Deferred):
            return False
        if not isinstance(places.values[index], asyncio.Future):
            return False
        place: tuple[Places, int] | None = places, index
        while place:
            if id(place[0].containers[place[1]]) in self._dead:
                return True
            place = place[0].get_parent(place[1])
        return False

    def _bury(self, places: Places, index: int) -> None:
        """Note the containers that are null because of a null."""
        place: tuple[Places, int] | None = places, index
        while place and place[0].type.is_non_null:
            container = place[0].containers[place[1]]
            self._containers[id(container)] = container
            self._dead.add(id(container))
            place = place[0].get_parent(place[1])

    @property
    def have_nulled(self) -> bool:
        """True if an object or a list is null because of a failure in it."""
        return bool(self._dead)

    def add_level(self, level: Level) -> None:
        """Note objects whose type the type of their field does not tell."""
        self._levels.append(level)

    def settle(self, fields: Iterable[FieldPlan], data: dict[str, Any]) -> bool:
        """Report the errors of root fields, and put null where they lead to it.

        Return whether the data remain, that is, no root field is null that must not be.
        """
        if not self._causes:
            return True
        self._types = {
            id(result): level.selection.object_type
            for level in self._levels
            for result in level.results
        }
        error = self._settle_fields(fields, data, [])
        if error:
            self.errors.append(error)
        return error is None

    def _settle_fields(
        self, fields: Iterable[FieldPlan], result: dict[str, Any], path: list[str | int]
    ) -> GraphQLError | None:
        """Return the error of a field that must not be null, which makes the object null."""
        for field in fields:
            if field in self._fields:
                error = self._settle_place(field, field.type, result, field.key, path)
                if error:
                    return error
        return None

    def _settle_place(
        self,
        field: FieldPlan,
        field_type: TypePlan,
        container: Any,  # noqa: ANN401 - a dict or a list
        key: str | int,
        path: list[str | int],
    ) -> GraphQLError | None:
        """Return the error of a place that must not be null, which makes its container null."""
        path = [*path, key]
        error = self._settle_value(field, field_type, container[key], path)
        cause = self._causes.get((id(container), key))
        if error is None and cause is not None:
            error = self._locate(cause, field, path)
        if error is None or field_type.is_non_null:
            return error
        container[key] = None
        self.errors.append(error)
        return None

    def _settle_value(
        self,
        field: FieldPlan,
        field_type: TypePlan,
        value: Any,  # noqa: ANN401 - part of a response
        path: list[str | int],
    ) -> GraphQLError | None:
        if value is None or field_type.kind is Kind.LEAF:
            return None
        if field_type.item is not None:
            for index in range(len(value)):
                error = self._settle_place(field, field_type.item, value, index, path)
                if error:
                    return error
            return None
        return self._settle_fields(self._select(field, field_type, value).fields, value, path)

    def _select(
        self,
        field: FieldPlan,
        field_type: TypePlan,
        value: dict[str, Any],
    ) -> Selection:
        is_object = field_type.kind is Kind.OBJECT
        return field.select(field_type.type if is_object else self._types[id(value)])

    def _locate(
        self, cause: Exception, field: FieldPlan, path: list[str | int]
    ) -> GraphQLError:
        """Return the error of a field.

        Each GraphQLError looks for its lines in the document; those of a field are the same.
        """
        known = self._located.get(field)
        if known is None or isinstance(cause, GraphQLError):
            error = located_error(cause, list(field.nodes), path)
            if not isinstance(cause, GraphQLError):
                self._located[field] = error
            return error
        error = located_error(cause, None, path)
        error.nodes, error.source = known.nodes, known.source
        error.positions, error.locations = known.positions, known.locations
        return error
