"""Completes values: serialises leaves, and finds the objects whose fields come next."""

from collections import deque
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, cast

from graphql import GraphQLError, GraphQLObjectType, Undefined

from graph.engine.budget import Meter
from graph.engine.deferred import Deferred, read
from graph.engine.failures import Failures
from graph.engine.leaves import LeafError, estimate_size, measure_serialised, serialise
from graph.engine.objects import Level, Places
from graph.engine.pending import Pending, collect
from graph.engine.runtime_types import RuntimeTypes, Typed
from graph.engine.type_plan import Kind, TypePlan
from graph.engine.values import is_awaitable, is_list, is_plain

_LEVEL_SIZE = 500
"""The most objects that are resolved together, so that a field does not take too long."""


class Completer:
    """Completes the values of one execution; `levels` receives the objects that it finds."""

    def __init__(
        self, failures: Failures, pending: Pending, meter: Meter, types: RuntimeTypes
    ) -> None:
        self.levels: deque[Level] = deque()
        self._failures = failures
        self._pending = pending
        self._meter = meter
        self._types = types

    def complete(self, places: Places) -> None:
        """Put values into their places, or wait for them.

        Raises:
            BudgetError: The request ends here.
        """
        if not all(map(is_plain, set(map(type, places.values)))):
            places = self._take_plain(places)
        if not places.values:
            return
        if places.type.kind is Kind.LEAF:
            self._complete_leaves(places)
        elif self._meter.stopped_by and not places.is_needed:
            self.fail_all(places, self._meter.stopped_by)
        elif places.type.kind is Kind.LIST:
            self._complete_lists(places)
        else:
            self._complete_objects(places)

    def complete_batch(self, places: Places, batch: Deferred[list[Any]]) -> None:
        """Put the values of a batch into their places as soon as they are there.

        Raises:
            BudgetError: The request ends here.
        """
        found = read(batch)
        if isinstance(found, Exception):
            self.fail_all(places, found)
        elif isinstance(found, Deferred):
            self._pending.add_batch(places, found)
        else:
            places.values = found
            self.complete(places)

    def fail(self, places: Places, index: int, error: Exception) -> None:
        """Note the error of a value.

        Raises:
            BudgetError: The request ends here.
        """
        self._failures.add(places, index, error)
        self._meter.add_error(error, len(places.field.nodes))

    def fail_all(self, places: Places, error: Exception) -> None:
        """Note an error of all places."""
        for index in range(len(places.rows)):
            self.fail(places, index, error)

    def _take_plain(self, places: Places) -> Places:
        """Wait for values that are not there yet; return the others, without the errors."""
        indexes: list[int] = []
        errors: list[int] = []
        values = places.values
        for index, value in enumerate(values):
            found = read(value) if isinstance(value, Deferred) else value
            values[index] = found
            if isinstance(found, Exception):
                errors.append(index)
            elif isinstance(found, Deferred):
                self._pending.add(places, [index], found.batch)
            elif is_awaitable(found):
                is_write = self._meter.goes_on and places.is_at_root
                self._pending.start(places, index, found, keep=is_write)
            else:
                indexes.append(index)
        for index in errors:
            self.fail(places, index, values[index])
        return places.take(indexes, [values[index] for index in indexes])

    def _complete_leaves(self, places: Places) -> None:
        values = serialise(places.type, places.values)
        for index, value in enumerate(values):
            if type(value) is LeafError:
                self.fail(places, index, value.error or _create_null_error(places))
            else:
                places.containers[index][places.keys[index]] = value
        self._meter.add_values(len(values), estimate_size(values))

    def _complete_lists(self, places: Places) -> None:
        item_type: Any = places.type.item
        is_leaf = item_type.kind is Kind.LEAF
        if is_leaf and self._put_lists(places, item_type):
            return
        rows: list[int] = []
        keys: list[int] = []
        containers: list[Any] = []
        items: list[Any] = []
        for index, value in enumerate(places.values):
            listed = self._list(places, index, value)
            if listed is None:
                continue
            count = len(listed)
            result = [None] * count
            rows += repeat(index, count)
            keys += range(count)
            containers += repeat(result, count)
            items += listed
            places.containers[index][places.keys[index]] = result
        if items:
            item_places = Places(places.field, item_type, places, rows, containers, keys, items)
            self.complete(item_places)

    def _put_lists(self, places: Places, item_type: TypePlan) -> bool:
        """Put lists of scalars or enums into their places, if they are serialised already."""
        if not set(map(type, places.values)) <= {list, tuple}:
            return False
        leaves = list(chain.from_iterable(places.values))
        size = measure_serialised(item_type, leaves)
        if size is None:
            return False
        values = zip(places.containers, places.keys, places.values, strict=True)
        for container, key, value in values:
            container[key] = list(value)
        self._meter.add_values(len(leaves), size)
        return True

    def _list(self, places: Places, index: int, value: Any) -> Sequence[Any] | None:  # noqa: ANN401 - any value
        """Return the items of a list; None if it is null, not there yet, or not a list."""
        if type(value) is list or type(value) is tuple:
            return value
        if value is None or value is Undefined:
            self._complete_null(places, index)
        elif hasattr(value, "__aiter__"):
            self._pending.start(places, index, collect(value))
        elif is_list(value):
            items: list[Any] = []
            try:
                items.extend(value)
            except Exception as error:  # noqa: BLE001 - the field's error, after those of items
                self.fail(places, index, error)
            return items
        else:
            field = f"{places.field.parent_type}.{places.field.name}"
            message = f"Expected Iterable, but did not find one for field '{field}'."
            self.fail(places, index, GraphQLError(message))
        return None

    def _complete_objects(self, places: Places) -> None:
        plan, values = places.type, places.values
        if plan.object_class and set(map(type, values)) == {plan.object_class}:
            self._add_levels(places, plan.type, range(len(values)))
            return
        indexes: dict[GraphQLObjectType, list[int]] = {}
        for index, value in enumerate(values):
            if value is None or value is Undefined:
                self._complete_null(places, index)
            elif object_type := self._find_type(places, index, value):
                indexes.setdefault(object_type, []).append(index)
        for object_type, found in indexes.items():
            self._add_levels(places, object_type, found)

    def _find_type(
        self,
        places: Places,
        index: int,
        value: Any,  # noqa: ANN401 - any value
    ) -> GraphQLObjectType | None:
        """Return the type of an object; None if it failed or is not there yet."""
        plan = places.type
        if name := plan.types_by_class.get(type(value)):
            return self._types.get_type(name)
        if type(value) is Typed:
            places.values[index] = value.value
            return value.object_type
        if type(value) is plan.object_class:
            return cast(GraphQLObjectType, plan.type)
        try:
            found = self._types.find(places, index)
        except Exception as error:  # noqa: BLE001 - the field's error
            self.fail(places, index, error)
            return None
        if isinstance(found, GraphQLObjectType):
            return found
        self._pending.start(places, index, found)
        return None

    def _add_levels(
        self, places: Places, object_type: GraphQLObjectType, indexes: Sequence[int]
    ) -> None:
        """Put the responses of objects into their places, to be filled later."""
        try:
            selection = places.field.select(object_type)
        except GraphQLError as error:
            self.fail_all(places.take(indexes, []), error)
            return
        copy = selection.template.copy
        for start in range(0, len(indexes), _LEVEL_SIZE):
            rows = indexes[start : start + _LEVEL_SIZE]
            results = [copy() for _ in rows]
            for index, result in zip(rows, results, strict=True):
                places.containers[index][places.keys[index]] = result
            level = Level(selection, [places.values[i] for i in rows], results, places, rows)
            self.levels.append(level)
            if places.type.kind is Kind.ABSTRACT:
                self._failures.add_level(level)

    def _complete_null(self, places: Places, index: int) -> None:
        if places.type.is_non_null:
            self.fail(places, index, _create_null_error(places))


def _create_null_error(places: Places) -> TypeError:
    field = places.field
    return TypeError(
        f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
    )
