"""Completes values as graphql-core does, and reads the links of a list at once."""

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

from graph.engine.direct_resolvers import class_of
from graph.engine.field_executor import FieldExecutor
from graph.engine.selections import Stretch
from graph.loading.awaitables import waited_for

_T = TypeVar("_T")
_Info: TypeAlias = GraphQLResolveInfo[Any]


class Executor(FieldExecutor):
    """graphql-core's executor, for which links are ready when they are asked for.

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
        """A value completed: an object that is of its type's own class has no more to pass."""
        of = return_type.of_type if isinstance(return_type, GraphQLNonNull) else return_type
        if not isinstance(of, GraphQLObjectType) or type(result) is not class_of(of):
            return super().complete_value(
                return_type, field_details_list, info, path, result, position_context
            )
        complete = partial(
            self.collect_and_execute_subfields,
            of,
            field_details_list,
            path,
            result,
            position_context,
        )
        return self._linked(of, field_details_list, [result], complete)

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: _Info,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        """The items of a list, completed once all that they link to has been read."""
        what = return_type, field_details_list, info, path, result, position_context
        if not isinstance(result, list):
            return super().complete_list_value(*what)
        of = get_nullable_type(return_type.of_type)
        complete = partial(super().complete_list_value, *what)
        if isinstance(of, GraphQLObjectType) and {*map(type, result)} == {class_of(of)}:
            stretches = self._below_each(of, field_details_list, path, position_context)
            if stretches is not None:
                complete = partial(
                    self._complete_objects,
                    of,
                    stretches,
                    return_type.of_type,
                    field_details_list,
                    path,
                    result,
                )
        return self._linked(of, field_details_list, result, complete)

    def _below_each(
        self,
        of: GraphQLObjectType,
        details: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Sequence[Stretch] | None:
        """What is selected of each object of a list; None where graphql-core is to find out."""
        if position_context is not None or self.middleware_manager:
            return None
        if self.get_stream_usage(details, path):
            return None
        return self._selections.below(of, details)

    def _complete_objects(
        self,
        of: GraphQLObjectType,
        stretches: Sequence[Stretch],
        item_type: GraphQLOutputType,
        details: FieldDetailsList,
        path: Path,
        objects: Sequence[Any],
    ) -> AwaitableOrValue[list[Any]]:
        results: list[Any] = []
        waiting: list[int] = []
        try:
            for index, each in enumerate(objects):
                at = Path(path, index, None)
                try:
                    value = self._execute(of, each, at, stretches, None)
                except Exception as error:  # noqa: BLE001 - the item's error, as in graphql-core
                    self.handle_field_error(error, item_type, details, at)
                    value = None
                if type(value) is not dict and self.is_awaitable(value):
                    value = self._guarded(value, item_type, details, at)
                    waiting.append(index)
                results.append(value)
        except Exception:
            if waiting:
                self.settle_in_background([results[index] for index in waiting])
            raise
        return waited_for(results, waiting) if waiting else results

    def _linked(
        self,
        of: object,
        field_details_list: FieldDetailsList,
        objects: Sequence[Any],
        complete: Callable[[], AwaitableOrValue[_T]],
    ) -> AwaitableOrValue[_T]:
        """What is completed once all that some objects of a type link to has been read."""
        links = self._selections.links(of, field_details_list)
        if not links:
            return complete()
        try:
            wanted = [target for link in links for each in objects for target in link(each)]
        except Exception:  # noqa: BLE001 - graphql-core meets it again and reports it
            return complete()
        reading = self.context_value.loaders.artifact_by_target.begin(wanted)
        if reading is None:
            return complete()

        return self._completed_after(reading, complete)

    async def _completed_after(
        self, reading: Awaitable[None], complete: Callable[[], AwaitableOrValue[Any]]
    ) -> Any:
        await reading
        completed = complete()
        return await completed if self.is_awaitable(completed) else completed
