"""The GraphQL schema: its types, queries and mutations."""
