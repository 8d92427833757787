"""The GraphQL types, one file per type."""
