"""The GraphQL schema: its queries, mutations and types."""
