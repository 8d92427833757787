"""Repeats a list of DynamoDB calls with plain boto3.

The first line of its input is a JSON list of calls. Each line after that is a number: the calls
are made that many times, one after the other, and a JSON list of the seconds of each time is
printed.
"""

import json
import sys
import time

import boto3
from botocore import xform_name


def main() -> None:
    """Read the calls, and repeat them until the input ends."""
    client = boto3.client("dynamodb")
    calls = [
        (getattr(client, xform_name(operation)), parameters)
        for operation, parameters in json.loads(input())
    ]
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            started = time.perf_counter()
            for call, parameters in calls:
                call(**parameters)
            seconds.append(time.perf_counter() - started)
        sys.stdout.write(json.dumps(seconds) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
