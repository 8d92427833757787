"""Calls to DynamoDB: batching, signing, retries and errors."""
