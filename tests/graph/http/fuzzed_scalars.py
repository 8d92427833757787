"""Values of the scalar URL and checks of answers for schemathesis, which loads this file."""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

schemathesis.graphql.scalar(
    "URL", (st.just("https://example.org/") | st.text()).map(nodes.String)
)


_CLIENT_ERRORS = {
    "BAD_USER_INPUT",
    "CURSOR_EXPIRED",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "INVALID_CURSOR",
    "QUERY_TOO_COMPLEX",
}


@schemathesis.check
def no_internal_error(
    _context: schemathesis.CheckContext,
    response: schemathesis.Response,
    _case: Any,
) -> None:
    """Fail for answers by which the server says that it failed, not the client."""
    codes = {e["extensions"]["code"] for e in response.json().get("errors", ())}
    assert response.status_code < 500
    assert codes <= _CLIENT_ERRORS, codes
