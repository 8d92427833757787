"""Benchmarks of the registry beside a Node.js server and plain boto3: see README.md."""
