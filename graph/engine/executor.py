"""Completes objects and lists as graphql-core does, and prefetches the links below them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_nullable_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path

from graph.engine.direct_resolvers import get_object_class
from graph.engine.field_executor import FieldExecutor
from graph.engine.selections import FieldGroup
from graph.loading.awaitables import await_results

_T = TypeVar("_T")
_Info: TypeAlias = GraphQLResolveInfo[Any]


class Executor(FieldExecutor):
    """graphql-core's executor, which reads the links of objects before it completes them.

    A page of 100 models with 200 links takes less than a third of the time.
    """

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: _Info,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        """Complete a value; an object of its type's own class needs no further checks."""
        value_type: Any = (
            return_type.of_type if isinstance(return_type, GraphQLNonNull) else return_type
        )
        is_object = isinstance(value_type, GraphQLObjectType)
        if not is_object or type(result) is not get_object_class(value_type):
            return super().complete_value(
                return_type, field_details_list, info, path, result, position_context
            )
        complete = partial(
            self.collect_and_execute_subfields,
            value_type,
            field_details_list,
            path,
            result,
            position_context,
        )
        return self._prefetch_links(value_type, field_details_list, [result], complete)

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: _Info,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        """Complete the items of a list after all their links have been read."""
        args = return_type, field_details_list, info, path, result, position_context
        if not isinstance(result, list):
            return super().complete_list_value(*args)
        item_type: Any = get_nullable_type(return_type.of_type)
        complete = partial(super().complete_list_value, *args)
        is_object = isinstance(item_type, GraphQLObjectType)
        if is_object and {*map(type, result)} == {get_object_class(item_type)}:
            groups = self._get_item_groups(
                item_type, field_details_list, path, position_context
            )
            if groups is not None:
                complete = partial(
                    self._complete_objects,
                    item_type,
                    groups,
                    return_type.of_type,
                    field_details_list,
                    path,
                    result,
                )
        return self._prefetch_links(item_type, field_details_list, result, complete)

    def _get_item_groups(
        self,
        item_type: GraphQLObjectType,
        details: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Sequence[FieldGroup] | None:
        """Return the field groups of a list's items; None to leave the list to graphql-core."""
        if position_context is not None or self.middleware_manager:
            return None
        if self.get_stream_usage(details, path):
            return None
        return self._selections.get_subfield_groups(item_type, details)

    def _complete_objects(
        self,
        object_type: GraphQLObjectType,
        groups: Sequence[FieldGroup],
        item_type: GraphQLOutputType,
        details: FieldDetailsList,
        path: Path,
        objects: Sequence[Any],
    ) -> AwaitableOrValue[list[Any]]:
        """Complete the objects of a list; `item_type` says whether an item may be null."""
        results: list[Any] = []
        awaitable_indices: list[int] = []
        try:
            for index, source in enumerate(objects):
                at = Path(path, index, None)
                try:
                    value = self._execute_groups(object_type, source, at, groups, None)
                except Exception as error:  # noqa: BLE001 - the item's error, as in graphql-core
                    self.handle_field_error(error, item_type, details, at)
                    value = None
                if type(value) is not dict and self.is_awaitable(value):
                    value = self._await_completed(value, item_type, details, at)
                    awaitable_indices.append(index)
                results.append(value)
        except Exception:
            if awaitable_indices:
                self.settle_in_background([results[index] for index in awaitable_indices])
            raise
        return await_results(results, awaitable_indices) if awaitable_indices else results

    def _prefetch_links(
        self,
        object_type: object,
        details: FieldDetailsList,
        objects: Sequence[Any],
        complete: Callable[[], AwaitableOrValue[_T]],
    ) -> AwaitableOrValue[_T]:
        """Call `complete` after the links selected of some objects have been read."""
        links = self._selections.get_link_targets(object_type, details)
        if not links:
            return complete()
        try:
            targets = [
                target
                for get_targets in links
                for each in objects
                for target in get_targets(each)
            ]
        except Exception:  # noqa: BLE001 - graphql-core raises it again and reports it
            return complete()
        prefetch = self.context_value.loaders.artifact_by_target.prefetch(targets)
        return complete() if prefetch is None else self._complete_after(prefetch, complete)

    async def _complete_after(
        self, prefetch: Awaitable[None], complete: Callable[[], AwaitableOrValue[Any]]
    ) -> Any:
        await prefetch
        completed = complete()
        return await completed if self.is_awaitable(completed) else completed
