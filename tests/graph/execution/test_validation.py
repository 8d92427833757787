"""The limits on graphql-core's validation are set where graphql-core reads them."""

from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged

import graph.execution.validation  # noqa: F401 - sets them


def test_graphql_core_has_the_limits_that_this_server_sets() -> None:
    assert overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET == 10_000
    assert validation_context.MAX_FRAGMENT_WORK == 2_000
