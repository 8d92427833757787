"""The health check of a container: ask the server whether it is alive.

`python -m graph.healthcheck [PORT]` exits with 0 if it is, and otherwise prints the reason and
exits with 1. It needs nothing but Python, so that the image needs no curl.
"""

import sys
from http.client import HTTPConnection, HTTPException

_DEFAULT_PORT = 8000
_TIMEOUT_SECONDS = 3.0
_OK = 200


def find_problem(port: int) -> str | None:
    """Return why the server on a local port is not alive, or None if it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/livez")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"/livez on port {port} did not answer: {type(error).__name__}"
    finally:
        connection.close()
    return None if status == _OK else f"/livez on port {port} answered {status}, not {_OK}"


if __name__ == "__main__":
    sys.exit(find_problem(int(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT_PORT))
