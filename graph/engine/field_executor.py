"""Executes the fields of objects as graphql-core does, with less work for what is ready."""

from collections.abc import Awaitable, Iterable, Sequence
from functools import partial
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfoHelpers,
    Undefined,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    GroupedFieldSet,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.engine.direct_resolvers import direct_resolver
from graph.engine.resolve_info import LazyResolveInfo
from graph.engine.selections import Branch, Selections, Step, Stretch
from graph.loading.awaitables import default_is_awaitable, is_awaitable, waited_for

_NO_VARIABLES = VariableValues({}, {})


class FieldExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, which reads the leaves of an object in one pass.

    A page of 100 models has 1,300 of them, and none needs its own call, coroutine or task.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_awaitable is default_is_awaitable:
            self.is_awaitable = is_awaitable
        kept = getattr(self.context_value, "selections", None)
        if kept is None:
            self._selections = self._unknown(self.variable_values)
        elif (key := id(self.operation)) in kept:
            self._selections = kept[key]
        else:
            self._selections = kept[key] = self._unknown(_NO_VARIABLES)

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """What resolvers may be given; kept, it would keep all that the request has read."""
        return GraphQLResolveInfoHelpers(
            gather=self.gather_async_work, track=self.track_async_work
        )

    @async_helpers.setter
    def async_helpers(self, _: GraphQLResolveInfoHelpers) -> None:
        """Keep none: in a cycle with the executor it would wait for the garbage collector."""

    def _unknown(self, variables: VariableValues) -> Selections:
        """The operation's selections; they hold on to nothing else of a request."""
        collect = partial(
            collect_subfields,
            self.schema,
            self.fragments,
            variables,
            self.operation,
            hide_suggestions=self.hide_suggestions,
        )
        return Selections(self.schema, collect)

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields:
        """The fields that are selected below a field."""
        return self._selections.collected(return_type, field_details_list)

    def execute_root_grouped_field_set(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """The fields of the operation, which are the same for all that execute it."""
        selected = self._selections.root(grouped_field_set)
        return super().execute_root_grouped_field_set(
            root_type, root_value, selected, serially, position_context
        )

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """The fields of an object: leaves at once, others in graphql-core's way."""
        stretches = self._selections.stretches(
            parent_type, grouped_field_set, leaves=not self.middleware_manager
        )
        return self._execute(parent_type, source_value, path, stretches, position_context)

    def _execute(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        path: Path | None,
        stretches: Iterable[Stretch],
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        results: dict[str, Any] = {}
        waiting: list[str] = []
        try:
            for leaves, steps in stretches:
                if leaves is None or not leaves.read_into(results, source):
                    what = parent_type, source, path, steps, position_context
                    self._execute_steps(*what, results, waiting)
        except Exception:
            if waiting:
                self.settle_in_background([results[name] for name in waiting])
            raise
        return waited_for(results, waiting) if waiting else results

    def _execute_steps(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        path: Path | None,
        steps: Sequence[Step],
        position_context: Any,
        results: dict[str, Any],
        waiting: list[str],
    ) -> None:
        for name, details, leaf, branch in steps:
            value = Undefined if leaf is None else leaf(source)
            if value is Undefined:
                at = Path(path, name, parent_type.name)
                value = (
                    self._execute_branch(branch, parent_type, source, at, position_context)
                    if branch
                    else self.execute_field(parent_type, source, details, at, position_context)
                )
                if value is Undefined:
                    continue
                if type(value) is not dict and self.is_awaitable(value):
                    waiting.append(name)
            results[name] = value

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        """A field: without arguments and middleware there is less to prepare."""
        field = self.schema.get_field(parent_type, field_details_list[0].node.name.value)
        resolve = direct_resolver(field) if field and not self.middleware_manager else None
        if field is None or resolve is None:
            return super().execute_field(
                parent_type, source, field_details_list, path, position_context
            )
        branch = Branch(self._selections, field, field_details_list, resolve)
        return self._execute_branch(branch, parent_type, source, path, position_context)

    def _execute_branch(
        self,
        branch: Branch,
        parent_type: GraphQLObjectType,
        source: Any,
        path: Path,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        info: Any = LazyResolveInfo(self, branch.field, branch.details, parent_type, path)
        what = branch.field.type, branch.details, info, path
        try:
            result = branch.resolve(source, info)
            stretches = branch.stretches(result) if position_context is None else None
            if stretches is not None:
                completed = self._execute(branch.of, result, path, stretches, None)
            elif self.is_awaitable(result):
                return self.complete_awaitable_value(*what, result, position_context)
            else:
                completed = self.complete_value(*what, result, position_context)
        except Exception as error:  # noqa: BLE001 - the field's error, as in graphql-core
            self.handle_field_error(error, branch.field.type, branch.details, path)
            return None
        if type(completed) is not dict and self.is_awaitable(completed):
            return self._guarded(completed, branch.field.type, branch.details, path)
        return completed

    async def _guarded(
        self,
        completed: Awaitable[Any],
        return_type: GraphQLOutputType,
        details: FieldDetailsList,
        path: Path,
    ) -> Any:
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 - the field's error, as in graphql-core
            self.handle_field_error(error, return_type, details, path)
            return None
