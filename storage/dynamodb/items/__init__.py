"""How artifacts are encoded as DynamoDB items."""
