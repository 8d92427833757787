"""The values that schemathesis, which loads this file, sends for the scalar URL."""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

schemathesis.graphql.scalar(
    "URL", (st.just("https://example.org/") | st.text()).map(nodes.String)
)
