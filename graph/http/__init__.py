"""GraphQL over HTTP: the endpoint, its middleware and the server protocol."""
