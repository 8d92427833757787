"""Calls to DynamoDB: batching, sending, retries and errors."""
