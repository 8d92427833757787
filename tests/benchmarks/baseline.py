"""Makes DynamoDB calls by plain boto3, with nothing around them, as often as it is told.

The first line of its input is JSON, a list of calls; each line after that is how many times
to make them all, one after the other, and is answered by the seconds that each time took.
"""

import json
import sys
import time

import boto3
from botocore import xform_name


def main() -> None:
    """Read the calls, then make them until the input ends."""
    client = boto3.client("dynamodb")
    calls = [(getattr(client, xform_name(of)), given) for of, given in json.loads(input())]
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            begun = time.perf_counter()
            for make, parameters in calls:
                make(**parameters)
            seconds.append(time.perf_counter() - begun)
        sys.stdout.write(json.dumps(seconds) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
