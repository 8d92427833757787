"""Asks the server of this container whether it lives; images need no other program for it.

`python -m graph.healthcheck [PORT]` ends with 0 if it does, and with 1 and the reason if not.
"""

import sys
from http.client import HTTPConnection, HTTPException

_PORT = 8000
_SECONDS = 3.0
_OK = 200


def why_not(port: int) -> str | None:
    """Why the server on a port of this machine cannot be called alive; None if it can."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/livez")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"/livez on port {port} does not answer: {type(error).__name__}"
    finally:
        connection.close()
    return None if status == _OK else f"/livez on port {port} answers {status}"


if __name__ == "__main__":
    sys.exit(why_not(int(sys.argv[1]) if len(sys.argv) > 1 else _PORT))
