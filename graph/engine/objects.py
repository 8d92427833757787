"""The objects of one level of a response, and the places in it that are to be filled."""

from collections.abc import Sequence
from typing import Any

from graphql import ResponsePath

from graph.engine.deferred import Deferred
from graph.engine.plan import FieldPlan, Selection
from graph.engine.type_plan import TypePlan


class Level:
    """Objects of one type with the same selected fields, which are resolved together."""

    __slots__ = ("objects", "places", "results", "rows", "selection")

    def __init__(
        self,
        selection: Selection,
        objects: Sequence[Any],
        results: list[dict[str, Any]],
        places: "Places | None" = None,
        rows: Sequence[int] = (),
    ) -> None:
        self.selection = selection
        self.objects = objects
        self.results = results
        """The response of each object."""
        self.places = places
        """The places of the responses in the whole response; None for the root."""
        self.rows = rows

    @property
    def is_root(self) -> bool:
        """True for the root object."""
        return self.places is None

    def get_path(self, index: int) -> ResponsePath | None:
        """Return the path of an object; None for the root."""
        return None if self.places is None else self.places.get_path(self.rows[index])


class Places:
    """Places in the response for values of one field, or for items of its lists, of one type.

    The place of a value is a key of a container: of the response of an object, or of a list.
    """

    __slots__ = ("containers", "field", "keys", "origin", "rows", "type", "values")

    def __init__(  # noqa: PLR0917 - they are made often, and keywords take time
        self,
        field: FieldPlan,
        field_type: TypePlan,
        origin: "Level | Places",
        rows: Sequence[int],
        containers: list[Any],
        keys: Sequence[str | int],
        values: "list[Any] | Deferred[list[Any]]",
    ) -> None:
        self.field = field
        self.type = field_type
        self.origin = origin
        self.rows = rows
        """The index, in the origin, of the object or the list that each value is part of."""
        self.containers = containers
        self.keys = keys
        self.values: Any = values
        """The resolved value of each place, not completed yet; deferred for all of a batch."""

    def take(self, indexes: Sequence[int], values: list[Any]) -> "Places":
        """Return some of the places, with these values."""
        rows, containers, keys = self.rows, self.containers, self.keys
        if len(indexes) == len(rows) and indexes == list(range(len(rows))):
            return Places(self.field, self.type, self.origin, rows, containers, keys, values)
        return Places(
            self.field,
            self.type,
            self.origin,
            [rows[i] for i in indexes],
            [containers[i] for i in indexes],
            [keys[i] for i in indexes],
            values,
        )

    def get_path(self, index: int) -> ResponsePath:
        """Return the path of a place."""
        is_field = isinstance(self.origin, Level)
        type_name = self.field.parent_type.name if is_field else None
        return ResponsePath(self.origin.get_path(self.rows[index]), self.keys[index], type_name)

    def get_parent(self, index: int) -> "tuple[Places, int] | None":
        """Return the place of the container that a place is in; None for the whole response."""
        row = self.rows[index]
        if isinstance(self.origin, Places):
            return self.origin, row
        level = self.origin
        return None if level.places is None else (level.places, level.rows[row])

    def get_field_path(self, index: int) -> ResponsePath:
        """Return the path of the field whose value, or part of it, has a place."""
        places = self
        while isinstance(places.origin, Places):
            places, index = places.origin, places.rows[index]
        return places.get_path(index)

    @property
    def is_needed(self) -> bool:
        """True if these are needed even after the budget of a mutation is exceeded."""
        return self.type.is_non_null or self.is_at_root

    @property
    def is_at_root(self) -> bool:
        """True for the values of a root field."""
        return isinstance(self.origin, Level) and self.origin.is_root
