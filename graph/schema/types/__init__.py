"""The GraphQL types, one file per type or group of types."""
