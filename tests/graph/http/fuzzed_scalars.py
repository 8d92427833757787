"""What schemathesis, which loads this, is to send where the schema says URL."""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

schemathesis.graphql.scalar(
    "URL", (st.just("https://example.org/") | st.text()).map(nodes.String)
)
