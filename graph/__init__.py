"""The registry's GraphQL API over HTTP."""
