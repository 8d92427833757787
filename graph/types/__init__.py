"""The GraphQL types, one family a file."""
