"""The encoding of artifacts as DynamoDB items."""
