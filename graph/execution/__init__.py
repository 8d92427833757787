"""The pipeline of a GraphQL request: parse, authorise, price, validate, execute."""
