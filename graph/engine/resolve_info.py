"""What resolvers are told of their field, made where it is asked for."""

from typing import Any

from graphql import GraphQLField
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList


class LazyResolveInfo:
    """A field's GraphQLResolveInfo, made when more is asked of it than the context."""

    __slots__ = ("_details", "_executor", "_field", "_of", "context")

    def __init__(
        self,
        executor: Executor[Any],
        field: GraphQLField,
        details: FieldDetailsList,
        *of: Any,  # noqa: ANN401 - the type that has the field, and its path
    ) -> None:
        self.context = executor.context_value
        self._executor = executor
        self._field = field
        self._details = details
        self._of = of

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the info's
        """What the info says."""
        nodes = [each.node for each in self._details]
        made = self._executor.build_resolve_info(self._field, nodes, *self._of)
        return getattr(made, name)
