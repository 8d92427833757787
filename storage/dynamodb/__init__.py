"""The store for more than one machine: one DynamoDB table, partition key only."""
