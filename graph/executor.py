"""Executes operations exactly as graphql-core does, with less work for what is ready."""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Sequence
from datetime import datetime
from functools import partial
from types import CoroutineType
from typing import Any, TypeGuard

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import AwaitableOrValue, Path, gather_with_cancel
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField

from graph.links import LINKS, Links
from graph.resolvers import class_of, definition, reader
from storage.records import Target

_AS_THEY_ARE = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
"""Leaves whose values, when they are of just this type, are their own result."""

Leaf = Callable[[object], Any]
"""Reads a field and completes it; Undefined where that must go graphql-core's own way."""
Step = tuple[str, Leaf | None, FieldDetailsList]


_SIMPLE = frozenset({str, bool, int, float, datetime})
_AWAITABLE: dict[type, bool] = {}


def is_awaitable(value: object) -> TypeGuard[Awaitable[Any]]:
    """Whether `await` takes a value, which is up to its type; asked 2,000 times for a page."""
    of = type(value)
    if of not in _AWAITABLE:
        _AWAITABLE[of] = hasattr(of, "__await__")
    return _AWAITABLE[of]


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, which reads leaves in one pass and the links of a list at once.

    A page of 100 models with 200 links has 1,500 leaves: in one pass they take a tenth of
    the time. Its links are ready when the models are completed, so that none of them needs a
    coroutine and a task of its own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - graphql-core's own
        super().__init__(*args, **kwargs)
        self.is_awaitable = is_awaitable
        self._steps: dict[int, tuple[GroupedFieldSet, list[Step]]] = {}
        self._links: dict[tuple[object, int], tuple[FieldDetailsList, tuple[Links, ...]]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,  # noqa: ANN401 - whatever a resolver gave
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,  # noqa: ANN401 - graphql-core's own
    ) -> AwaitableOrValue[dict[str, Any]]:
        """The fields of an object: leaves that are ready at once, others as graphql-core does."""
        results: dict[str, Any] = {}
        waiting: list[str] = []
        try:
            for name, leaf, details in self._steps_of(parent_type, grouped_field_set):
                value = Undefined if leaf is None else leaf(source_value)
                if value is Undefined:
                    at = Path(path, name, parent_type.name)
                    value = self.execute_field(
                        parent_type, source_value, details, at, position_context
                    )
                    if value is Undefined:
                        continue
                    if self.is_awaitable(value):
                        waiting.append(name)
                results[name] = value
        except Exception:
            if waiting:
                self.settle_in_background([results[name] for name in waiting])
            raise
        return _waited_for(results, waiting) if waiting else results

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,  # noqa: ANN401 - whatever a resolver gave
        position_context: Any,  # noqa: ANN401 - graphql-core's own
    ) -> AwaitableOrValue[Any]:
        """A value completed: an object that is of its type's own class has no more to pass."""
        of = return_type.of_type if isinstance(return_type, GraphQLNonNull) else return_type
        if isinstance(of, GraphQLObjectType) and type(result) is class_of(of):
            fields, deferred, _ = self.collect_subfields(of, field_details_list)
            if not deferred:
                return self.execute_fields(of, result, path, fields, None)
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,  # noqa: ANN401 - whatever a resolver gave
        position_context: Any,  # noqa: ANN401 - graphql-core's own
    ) -> AwaitableOrValue[list[Any]]:
        """The items of a list, completed once all that they link to has been read."""
        complete = super().complete_list_value
        arguments = return_type, field_details_list, info, path, result, position_context
        links = self._links_of(get_nullable_type(return_type.of_type), field_details_list)
        if not links or not isinstance(result, list | tuple):
            return complete(*arguments)
        wanted = [target for of in links for item in result for target in of(item)]
        reading = self.context_value.loaders.artifact_by_target.begin(wanted)
        if reading is None:
            return complete(*arguments)

        async def completed() -> list[Any]:
            await reading
            items = complete(*arguments)
            return items if isinstance(items, list) else await items

        return completed()

    def complete_awaitable_value(  # type: ignore[override] # execute_field takes values, too
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo,
        path: Path,
        result: Awaitable[Any],
        position_context: Any,  # noqa: ANN401 - graphql-core's own
    ) -> AwaitableOrValue[Any]:
        """What a coroutine comes to: at once, if it ends without waiting for anything."""
        arguments = return_type, field_details_list, info, path
        if not isinstance(result, CoroutineType):
            return super().complete_awaitable_value(*arguments, result, position_context)
        try:
            awaited = result.send(None)
        except StopIteration as returned:
            completed = self.complete_value(*arguments, returned.value, position_context)
            return self._guarded(*arguments, completed) if self.is_awaitable(completed) else completed
        begun = _Begun(result, awaited)
        return super().complete_awaitable_value(*arguments, begun, position_context)

    async def _guarded(self, return_type, details, _, path, completed: Awaitable[Any]) -> Any:
        try:
            return await completed
        except Exception as error:
            self.handle_field_error(error, return_type, details, path)
            return None

    def _steps_of(self, parent_type: GraphQLObjectType, fields: GroupedFieldSet) -> list[Step]:
        known = self._steps.get(id(fields))
        if known is None:
            steps = [
                (name, self._leaf(parent_type, details), details)
                for name, details in fields.items()
            ]
            # With the fields themselves, so that their id stays theirs.
            known = self._steps[id(fields)] = fields, steps
        return known[1]

    def _leaf(self, parent_type: GraphQLObjectType, details: FieldDetailsList) -> Leaf | None:
        field = self.schema.get_field(parent_type, details[0].node.name.value)
        if field is None or self.middleware_manager:
            return None
        return leaf(field)

    def _links_of(self, of: object, details: FieldDetailsList) -> tuple[Links, ...]:
        """What the selected links of each object of a list will ask for."""
        if not is_object_type(of):
            return ()
        known = self._links.get((of, id(details)))
        if known is None:
            selected = self.collect_subfields(of, details)[0]
            links = tuple(
                link
                for below in selected.values()
                for link in self._links_below(of, below)
            )
            known = self._links[of, id(details)] = details, links
        return known[1]

    def _links_below(self, of: GraphQLObjectType, details: FieldDetailsList) -> Sequence[Links]:
        field = self.schema.get_field(of, details[0].node.name.value)
        strawberry_field = field and definition(field)
        if field is None or strawberry_field is None:
            return ()
        if links := strawberry_field.metadata.get(LINKS):
            return (links,)
        read = reader(field)
        if read is None:
            return ()
        below = self._links_of(get_nullable_type(field.type), details)
        return [_through(read, links) for links in below]


class _Begun:
    """A coroutine that was begun, and waits."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: object) -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        awaited = self._awaited
        while True:
            try:
                sent = yield awaited
            except BaseException as error:
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, sent)
            try:
                awaited = step()
            except StopIteration as returned:
                return returned.value


def leaf(field: GraphQLField) -> Leaf | None:
    """How a field is read and completed that is an attribute and a leaf; None for others."""
    of = get_nullable_type(field.type)
    read = reader(field)
    if read is None or not is_leaf_type(of):
        return None
    as_it_is, complete = _AS_THEY_ARE.get(of), of.coerce_output_value
    nothing = Undefined if is_non_null_type(field.type) else None

    def read_leaf(source: object) -> Any:  # noqa: ANN401 - whatever the leaf's type is
        try:
            value = read(source)
            if type(value) is as_it_is:
                return value
            if value is None:
                return nothing
            if type(value) not in _SIMPLE and (
                isinstance(value, Exception) or is_awaitable(value)
            ):
                return Undefined
            completed = complete(value)
        except Exception:  # noqa: BLE001 - graphql-core meets it again and reports it
            return Undefined
        return Undefined if completed is None else completed

    return read_leaf


def _through(read: Callable[[Any], Any], links: Links) -> Links:
    def targets(item: Any) -> Iterable[Target]:  # noqa: ANN401 - an edge, say
        return links(read(item))

    return targets


async def _waited_for(results: dict[str, Any], waiting: Sequence[str]) -> dict[str, Any]:
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
    else:
        values = await gather_with_cancel(*(results[name] for name in waiting))
        results.update(zip(waiting, values, strict=True))
    return results
