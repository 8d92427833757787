"""The limits on graphql-core's validation are set where graphql-core reads them."""

import pytest
from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged

from graph.execution.validation import set_constant


def test_graphql_core_has_the_limits_that_this_server_sets() -> None:
    assert overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET == 10_000
    assert validation_context.MAX_FRAGMENT_WORK == 2_000


def test_a_constant_that_a_library_does_not_have_is_an_error() -> None:
    message = "graphql.validation.validation_context has no constant MAX_WORK"
    with pytest.raises(AttributeError, match=message):
        set_constant(validation_context, "MAX_WORK", 1)

    assert not hasattr(validation_context, "MAX_WORK")
