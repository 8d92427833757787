"""GraphiQL, served by ourselves."""
