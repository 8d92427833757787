"""What the registry costs, measured beside a Node server and plain boto3: see README.md."""
