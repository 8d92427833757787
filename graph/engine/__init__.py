"""GraphQL execution: graphql-core's executor, reading links in batches."""
